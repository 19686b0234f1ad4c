"""A copy of the SQLite database while everything runs, and putting one back. The key is in neither.

What is put back has missed what happened since, so no call in it goes on by itself: it waits for
the host. On PostgreSQL its own tools do the copying.
"""

import errno
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from nightlight.engine.state import AlertStatus
from nightlight.store.advance import go_on, lock_alert
from nightlight.store.models import Alert, Heartbeat
from nightlight.store.races import racing
from nightlight.store.withdrawals import Moment

BUSY_TRIES_MAX = 20
"""A copy waits this often, a quarter of a second each, for another process to let go of the database."""


class BackupError(ValueError):
    """A copy cannot be made, or cannot be put back. The message says why, and what would be right."""


@dataclass(frozen=True, kw_only=True)
class HeldCall:
    """One call that was open when the copy was made."""

    alert: str
    person: str
    raised_at: datetime


def write_backup(target: Path) -> None:
    """Copy the database in use to *target*, a new file for its owner alone.

    Raises `BackupError` when *target* is there already, and OSError when it cannot be written.
    """
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise BackupError(f"{target} is there already; name a new file, or move that one away") from None
    try:
        with _failing_as_os(target), closing(sqlite3.connect(target)) as copy:
            _our_connection().backup(copy)
            # One file, without the companions that go with WAL.
            copy.execute("PRAGMA journal_mode = DELETE")
        _sync(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _our_connection() -> sqlite3.Connection:
    if connection.vendor != "sqlite":
        raise BackupError("the database is PostgreSQL; use pg_dump and pg_restore")
    connection.ensure_connection()
    ours = connection.connection
    assert isinstance(ours, sqlite3.Connection)
    return ours


@contextmanager
def _failing_as_os(path: Path) -> Iterator[None]:
    """Let a disk that is full or broken be seen as what it is: the machine's failure, not ours."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, "No space left on device", str(path)) from error
        raise BackupError(f"{path} cannot be used ({error}); name a file that can be") from error


def _sync(path: Path) -> None:
    for each in (path, path.parent):
        descriptor = os.open(each, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def holds_anything() -> bool:
    """Whether the database in use holds anything at all besides the worker's sign of life."""
    everything = apps.get_app_config("store").get_models()
    return any(model._default_manager.exists() for model in everything if model is not Heartbeat)


def put_back(source: Path) -> list[HeldCall]:
    """Replace the database in use, which must be empty, by *source*; every open call in it is held.

    The calls that are held, oldest first. Nothing is changed when it raises: `BackupError` for a file
    that is no backup, is damaged, or comes from a later version; OSError for a full disk.
    """
    ours = _our_connection()
    if holds_anything():
        raise BackupError(
            "there are people or calls in this data directory already; name an empty one with --data"
        )
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=_directory(ours)) as folder:
        draft_file = Path(folder) / "draft.sqlite3"
        with _failing_as_os(source), closing(sqlite3.connect(draft_file)) as draft:
            with closing(_open_backup(source)) as backup:
                backup.backup(draft)
            calls = _hold_open_calls(draft)
            draft.backup(ours, progress=_Patience().look)
    connection.close()
    return calls


def _directory(ours: sqlite3.Connection) -> Path:
    file: str = ours.execute("PRAGMA database_list").fetchone()[2]
    return Path(file).parent


class _Patience:
    """Ends a copy that another process keeps waiting; sqlite3 itself would wait for ever."""

    def __init__(self) -> None:
        self._waits = 0

    def look(self, status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            self._waits += 1
            if self._waits >= BUSY_TRIES_MAX:
                raise BackupError("another process uses this data directory; stop it, then try again")


def _open_backup(source: Path) -> sqlite3.Connection:
    if not source.is_file():
        raise BackupError(f"there is no file {source}; name one that `nightlight backup` wrote")
    backup = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
    try:
        _check(backup, source)
    except BaseException:
        backup.close()
        raise
    return backup


def _check(backup: sqlite3.Connection, source: Path) -> None:
    try:
        # The first look at its pages: what is no database says so here.
        sound = backup.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        done = {row[0] for row in backup.execute("SELECT name FROM django_migrations WHERE app = 'store'")}
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{source} is no backup of Nightlight; name one that was") from error
    if not sound:
        raise BackupError(f"{source} is damaged; use an earlier backup")
    known = {name for app, name in MigrationLoader(None).disk_migrations if app == "store"}
    if done - known:
        raise BackupError(f"{source} was made by a later version; install that version, then try again")


def _hold_open_calls(draft: sqlite3.Connection) -> list[HeldCall]:
    over = (AlertStatus.RESOLVED.value,)
    with draft:
        draft.execute("UPDATE alert SET waits_for_host = 1 WHERE status <> ?", over)
    rows = draft.execute(
        "SELECT id, person_id, raised_at FROM alert WHERE status <> ? ORDER BY raised_at", over
    )
    return [
        HeldCall(alert=alert, person=person, raised_at=datetime.fromisoformat(raised_at).replace(tzinfo=UTC))
        for alert, person, raised_at in rows
    ]


def release(alert: str, moment: Moment) -> bool:
    """Let a held call go on, every wait of it with its full time; whether it was held."""
    return racing(lambda: _release(alert, moment))


def _release(alert: str, moment: Moment) -> bool:
    row = lock_alert(alert)
    if not row.waits_for_host:
        return False
    go_on(row, moment.now, moment.channels_on)
    return True


def held_calls() -> list[str]:
    """Every call that waits for the host, the oldest first."""
    rows = Alert.objects.filter(waits_for_host=True).order_by("raised_at")
    return list(rows.values_list("pk", flat=True))
