"""A throw-away PostgreSQL."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.processes import MissingServer, Server, folder, free_port

OWNER = "postgres"


def programs() -> Path:
    """The folder of the newest installed version's programs."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not found:
        raise MissingServer("PostgreSQL is not installed; as root: apt-get install postgresql")
    return max(found, key=lambda path: int(re.sub(r"\D", "", path.parent.name)))


def make_database(data: Path, user: str | None) -> None:
    """Make the files of an empty server in *data*, which belong to *user*; anybody of this machine may come in."""
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user, user)
    subprocess.run(
        [
            *(str(programs() / "initdb"), "-D", str(data), "-A", "trust", "-U", OWNER),
            *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=data.parent,
        user=user,
        group=user,
        extra_groups=[] if user else None,
    )


@contextmanager
def postgres(*, durable: bool = False, settings: tuple[str, ...] = ()) -> Iterator[str]:
    """A fresh server; gives the URL of an empty database. Root runs it as the user postgres.

    *durable* writes through to the disk, as a real one does; *settings* are `name=value`.
    """
    own = programs()
    user = OWNER if os.geteuid() == 0 else None
    with folder("postgres") as home:
        data, port = home / "data", free_port()
        if user:
            shutil.chown(home, user, user)
        make_database(data, user)
        options = [f"unix_socket_directories={home}", "listen_addresses=127.0.0.1", f"port={port}"]
        options += [*(() if durable else ("fsync=off", "full_page_writes=off")), *settings]
        server = Server(
            [
                str(own / "postgres"),
                "-D",
                str(data),
                *(part for option in options for part in ("-c", option)),
            ],
            log=home / "log",
            user=user,
            cwd=home,
            # Fast: sessions are broken off, and the data is left whole.
            stop_signal=signal.SIGINT,
        )
        is_ready = [str(own / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        try:
            server.ready(lambda: subprocess.run(is_ready, check=False).returncode == 0, "PostgreSQL")
            yield f"postgresql://{OWNER}@127.0.0.1:{port}/postgres"
        finally:
            server.stop()
