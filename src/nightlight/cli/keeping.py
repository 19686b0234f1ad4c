"""Keeping a copy, and putting one back."""

import fcntl
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nightlight import config
from nightlight.cli.calls import SILENT_AFTER
from nightlight.cli.django_setup import data_option, load_django, prepare, uses_data
from nightlight.cli.failures import Failure
from nightlight.cli.output import clock_time, say
from nightlight.cli.serve import LOCK_NAME

if TYPE_CHECKING:
    from nightlight.store.backup import HeldCall
    from nightlight.store.backup_file import Account

STANDARD = "-"
YOUNG = timedelta(minutes=10)
"""Whoever called this short a time before the copy is put back is asked before anything else."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@data_option
def backup(file: Path, data: Path | None) -> None:
    """Write a copy of the database to FILE, a new file, or to standard output when it is -.

    It may be taken while everything runs, of SQLite and of PostgreSQL, and either takes back what the
    other wrote. The key is not in it.

    Example: nightlight backup /backup/nightlight-2026-11-21
    """
    _ready_to_copy(data)
    from nightlight.store.backup import write_backup
    from nightlight.store.backup_file import BackupError

    try:
        if str(file) == STANDARD:
            with tempfile.TemporaryDirectory(prefix=".backup-", dir=_room()) as folder:
                copy = Path(folder) / "copy"
                account = write_backup(copy, _progress())
                with copy.open("rb") as written:
                    shutil.copyfileobj(written, sys.stdout.buffer)
                sys.stdout.buffer.flush()
        else:
            account = write_backup(file, _progress())
    except (BackupError, FileNotFoundError, PermissionError) as error:
        raise Failure(_why(error)) from error
    say(f"copied: {_content(account)}")
    say(f"the key is not in it: keep a copy of {_where_the_key_is()} in another place than this backup")


def _ready_to_copy(data: Path | None) -> None:
    """Be ready to read the database and to change nothing in it: on SQLite it may be an earlier version's."""
    load_django(data)
    settings = config.current()
    if settings.uses_postgresql:
        prepare(data)
    elif not settings.database_file.exists():
        raise Failure(f"there is no database in {settings.data}; name its directory with --data")


def _content(account: "Account") -> str:
    rows = account.rows
    return (
        f"{sum(rows.values()):,} rows of {len(rows)} tables, among them {rows.get('circle', 0):,} circles"
        f" and {rows.get('alert', 0):,} calls"
    )


def _room() -> Path | None:
    """Where a whole copy may lie for a while: beside the database, or where the machine keeps such things."""
    return None if config.current().uses_postgresql else config.current().data


def _progress() -> Callable[[str, int, int], None]:
    """For long work: on a terminal one line that grows, else a line now and then."""
    last = time.monotonic()
    every = 0.5 if sys.stderr.isatty() else 10.0

    def seen(what: str, done: int, of: int) -> None:
        nonlocal last
        if time.monotonic() - last < every:
            return
        last = time.monotonic()
        words = f"{done:,} of {of:,} {what}" if of else f"{done:,} {what}"
        click.echo(f"\r{words} " if sys.stderr.isatty() else words, err=True, nl=not sys.stderr.isatty())

    return seen


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename} cannot be used ({error.strerror}); name a file in a directory that can be"
    return str(error)


def _where_the_key_is() -> str:
    settings = config.current()
    return "NIGHTLIGHT_KEY" if settings.keys else str(settings.key_file)


@click.command()
@click.argument(
    "file", required=False, type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), metavar="[FILE]"
)
@click.option("--continue", "go_on", is_flag=True, help="Let the calls that are held go on.")
@uses_data
def restore(file: Path | None, go_on: bool) -> None:
    """Put a backup back into an empty data directory or database, or let what it holds go on.

    It may be of SQLite or of PostgreSQL. Calls that were open in FILE are held: nobody in them is asked
    until `restore --continue`. Ask their callers first; much may have happened since.

    Example: nightlight restore /backup/nightlight-2026-11-21
    """
    if file is None and not go_on:
        raise Failure("name the backup to put back, or write --continue to let held calls go on")
    if file is not None:
        with _nothing_running():
            _put_back(file)
    if go_on:
        _let_go_on()


@contextmanager
def _nothing_running() -> Iterator[None]:
    """Have the database alone: on SQLite hold the directory as `serve` does. Raises `Failure` when something runs."""
    from nightlight.store.backup import others_at_work
    from nightlight.store.dbclock import database_now
    from nightlight.store.heartbeats import last_beat

    settings = config.current()
    with _serve_lock():
        if others_at_work():
            raise Failure("something of Nightlight is connected to this database; stop it, and try again")
        beat = last_beat()
        if beat is not None and database_now() - beat < SILENT_AFTER:
            where = "this database" if settings.uses_postgresql else str(settings.data)
            raise Failure(f"a worker ran on {where} a minute ago; stop it, wait, and try again")
        yield


@contextmanager
def _serve_lock() -> Iterator[None]:
    if config.current().uses_postgresql:
        yield
        return
    data = config.current().data
    lock = os.open(data / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Failure(f"`nightlight serve` runs on {data}; stop it, and try again") from None
    finally:
        os.close(lock)


def _put_back(file: Path) -> None:
    from nightlight.store.backup import put_back
    from nightlight.store.backup_file import BackupError

    try:
        if str(file) == STANDARD:
            with tempfile.TemporaryDirectory(prefix=".restore-", dir=_room()) as folder:
                copy = Path(folder) / "copy"
                with copy.open("wb") as written:
                    shutil.copyfileobj(sys.stdin.buffer, written)
                calls = put_back(copy, _room(), _progress())
        else:
            calls = put_back(file, _room(), _progress())
    except BackupError as error:
        raise Failure(str(error)) from error
    say("the backup is back; what happened after it was made is not in it: answers, stops, people who left")
    say("whoever was erased since then is in it again: erase them once more, before anything goes on")
    _say_what_no_key_opens()
    _say_who_is_held(calls)


def _say_what_no_key_opens() -> None:
    from nightlight.store.health import key_use

    if key_use().unknown:
        say(
            f"no key here opens the addresses in it, so nobody can be reached: put the key it was made with into"
            f" {_where_the_key_is()}, then look with `nightlight doctor`"
        )


def _say_who_is_held(calls: list["HeldCall"]) -> None:
    from zoneinfo import ZoneInfo

    from nightlight.store.dbclock import database_now
    from nightlight.store.standing import time_zone_of

    now = database_now()
    # The youngest first: there somebody may still sit and wait.
    for call in reversed(calls):
        zone = time_zone_of(call.person) or ZoneInfo("UTC")
        first = "ask now, before anything else" if now - call.raised_at < YOUNG else "ask"
        say(f"held: call {call.alert} of {call.person}, from {clock_time(call.raised_at, zone)}; {first}")
    if calls:
        say("when you have asked, end those that are over with `nightlight resolve`, and then run")
        say("`nightlight restore --continue`: the others go on, every wait with its full time")


def _let_go_on() -> None:
    from nightlight.intake.channels import kinds_on
    from nightlight.store.backup import held_calls, release
    from nightlight.store.dbclock import database_now
    from nightlight.store.withdrawals import Moment

    held = held_calls()
    for alert in held:
        release(alert, Moment(now=database_now(), channels_on=kinds_on()))
    say(f"{len(held)} held calls go on" if held else "no call is held")
