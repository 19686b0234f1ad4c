"""A PostgreSQL database to measure on: of a server that is given, or of a throw-away one, and gone afterwards."""

import os
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from nightlight.bench.processes import (
    STOP_WITHIN_SECONDS,
    TOLD_CHARACTERS_MAX,
    BenchFailed,
    Start,
    folder,
    free_port,
    wait_until,
)

OWNER = "postgres"
"""Who a throw-away server runs as when we are root, which it refuses."""
PROGRAMS = Path("/usr/lib/postgresql")
SETTINGS = ("shared_buffers=1GB", "max_wal_size=4GB")
"""As a host of millions of check-ins gives them; PostgreSQL's own are for a very small machine.

A quarter of the memory is what its manual advises to begin with. With less log between two checkpoints, one
that the making of rows brought about could fall into what is measured.
"""
_WITHOUT = "name a server with --postgresql URL, or leave PostgreSQL out with --database sqlite"


@contextmanager
def database(server: str) -> Iterator[str]:
    """The URL of an empty database on *server*, dropped with the block. Raises `BenchFailed`."""
    name = f"nightlight_bench_{secrets.token_hex(4)}"
    _on(server, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        _on(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _on(server: str, statement: sql.Composed) -> None:
    try:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(statement)
    except psycopg.Error as error:
        # The address may hold a password, so only what the server said is passed on.
        why = (str(error).strip().splitlines() or [type(error).__name__])[0].rpartition("failed: ")[2]
        raise BenchFailed(f"the server of --postgresql cannot be used ({why}); {_WITHOUT}") from None


@contextmanager
def throw_away_server(start: Start) -> Iterator[str]:
    """The URL of a fresh server with `SETTINGS`, and otherwise PostgreSQL's own, so with fsync. Raises `BenchFailed`."""
    programs = _programs()
    user = OWNER if os.geteuid() == 0 else None
    with folder() as home:
        data, port = home / "data", free_port()
        data.mkdir(mode=0o700)
        if user:
            shutil.chown(home, user, user)
            shutil.chown(data, user, user)
        # Another user's process would not end with us unless it asks for that itself.
        as_user = ["setpriv", "--pdeathsig=INT", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--"]
        as_user = as_user if user else []
        made = subprocess.run(
            [
                *(*as_user, str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", OWNER),
                *("-E", "UTF8", "--locale=C.UTF-8"),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=home,
        )
        if made.returncode:
            raise BenchFailed(
                f"no PostgreSQL could be made ({made.stderr.strip()[-TOLD_CHARACTERS_MAX:]}); {_WITHOUT}"
            )
        ours = (f"unix_socket_directories={home}", "listen_addresses=127.0.0.1", f"port={port}")
        command = [*as_user, str(programs / "postgres"), "-D", str(data)]
        options = [part for option in (*SETTINGS, *ours) for part in ("-c", option)]
        server = start([*command, *options], {}, home / "log")
        url = f"postgresql://{OWNER}@127.0.0.1:{port}/postgres"
        try:
            wait_until(lambda: server.poll() is not None or _answers(url), "PostgreSQL")
            if server.poll() is not None:
                raise BenchFailed(
                    f"PostgreSQL did not start ({(home / 'log').read_text()[-TOLD_CHARACTERS_MAX:]}); {_WITHOUT}"
                )
            yield url
        finally:
            # Fast: sessions are broken off.
            server.send_signal(signal.SIGINT)
            server.wait(STOP_WITHIN_SECONDS)


def _programs() -> Path:
    """The folder of the newest installed version's programs."""
    found = [path.parent for path in PROGRAMS.glob("*/bin/initdb")]
    if not found:
        raise BenchFailed(
            f"PostgreSQL is not installed under {PROGRAMS} (on Debian: apt-get install postgresql); {_WITHOUT}"
        )
    return max(found, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0))


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=1).close()
    except psycopg.Error:
        return False
    return True
