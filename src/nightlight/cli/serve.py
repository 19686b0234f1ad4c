"""`nightlight serve`: web and worker on one machine, kept running. It imports no Django itself."""

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import click

from nightlight import config
from nightlight.cli.children import Child, GaveUp, Supervisor
from nightlight.cli.listening import LISTEN_DEFAULT, Address, CannotListen, bind, shown

LOCK_NAME = "serve.lock"


def web_command(descriptor: int) -> list[str]:
    """The command that serves pages on a socket it inherits."""
    return [sys.executable, "-m", "nightlight.web.server", str(descriptor)]


def worker_command() -> list[str]:
    """The command that runs one worker."""
    return [sys.executable, "-m", "nightlight.cli.main", "worker"]


@click.command()
@click.option(
    "--listen", type=Address(), default=LISTEN_DEFAULT, show_default=True, help="Where pages are served."
)
@click.option("--data", type=click.Path(path_type=Path), help="Directory of the database and the key.")
def serve(listen: tuple[str, int], data: Path | None) -> None:
    """Serve pages and work calls, on this machine.

    Both parts are kept running; a part that ends is started again.

    Example: nightlight serve --listen 127.0.0.1:8000 --data ./data
    """
    sys.exit(run(listen, data))


def run(listen: tuple[str, int], data: Path | None) -> int:
    """Serve until told to stop; the exit code."""
    try:
        settings = config.load(data=data)
        config.prepare_data(settings)
        # On PostgreSQL `migrate`, which comes next, first sees whether other machines have a key already.
        if not settings.uses_postgresql:
            config.host_keys(settings)
        lock = _lock(settings.data)
        listening = bind(listen)
    except (config.SettingError, CannotListen, AlreadyServed) as error:
        return _say(str(error), 2)
    environ = config.child_environ(settings)
    if not _is_up_to_date(settings.database_file):
        migrated = subprocess.run(
            [sys.executable, "-m", "nightlight.cli.main", "migrate"], env=environ, check=False
        ).returncode
        if migrated:
            return migrated
    children = (
        Child(name="web", command=web_command(listening.fileno()), pass_fds=(listening.fileno(),)),
        Child(name="worker", command=worker_command()),
    )
    supervisor = Supervisor(children, environ)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stop())
    _say(f"pages at {shown(listening)} · data in {settings.data}", 0)
    try:
        supervisor.run()
    except GaveUp as error:
        return _say(str(error), error.code)
    finally:
        os.close(lock)
    return 0


def _is_up_to_date(database: Path) -> bool:
    """Whether every migration of this version was run, as the database itself says; without Django."""
    if not database.exists():
        return False
    known = {path.stem for path in Path(str(files("nightlight.store.migrations"))).glob("[0-9]*.py")}
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as reading:
            rows = reading.execute("SELECT name FROM django_migrations WHERE app = 'store'")
            return known <= {name for (name,) in rows}
    except sqlite3.Error:
        # `migrate` will say what is wrong with it.
        return False


class AlreadyServed(Exception):
    """Another `serve` uses this directory; the message says so, and what would be right."""


def _lock(data: Path) -> int:
    """Take the directory for this `serve`; the lock goes with the process, so none is ever stale."""
    descriptor = os.open(data / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise AlreadyServed(
            f"another nightlight serve uses {data}; stop it, or give this one another directory with --data"
        ) from None
    return descriptor


def _say(message: str, code: int) -> int:
    click.echo(f"nightlight serve: {message}", err=True)
    return code
