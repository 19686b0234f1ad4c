"""A copy of everything while everything runs, and putting one back. The key is in neither.

What is put back has missed what happened since, so no call in it goes on by itself: it waits for
the host. Either database writes the same kind of file, and takes back what the other wrote.
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
from django.db import IntegrityError, OperationalError, connection, connections, models, transaction
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from nightlight.engine.state import AlertStatus
from nightlight.store.advance import go_on, lock_alert
from nightlight.store.backup_file import Account, BackupError, Seen, check, counted, opened, sign, unseen
from nightlight.store.backup_rows import into_postgresql, out_of_postgresql, tables
from nightlight.store.models import Alert, Heartbeat
from nightlight.store.races import racing
from nightlight.store.withdrawals import Moment

BUSY_TRIES_MAX = 20
"""A copy waits this often, a quarter of a second each, for another process to let go of the database."""
LOCK_SECONDS = 5
"""So long PostgreSQL waits for whoever uses our tables."""
DRAFT = "draft"
"""Django's name for the SQLite file that is being made ready."""


@dataclass(frozen=True, kw_only=True)
class HeldCall:
    """One call that was open when the copy was made."""

    alert: str
    person: str
    raised_at: datetime


def write_backup(target: Path, seen: Seen = unseen) -> Account:
    """Copy the database in use to *target*, a new file for its owner alone; what is in it.

    Everything that was acknowledged before this began is in it. Raises `BackupError` when *target* is
    there already or the database is damaged, and OSError when it cannot be written.
    """
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise BackupError(f"{target} is there already; name a new file, or move that one away") from None
    try:
        with _failing_as_os(target):
            if connection.vendor == "postgresql":
                _copy_postgresql(target, seen)
            else:
                _copy_sqlite(target)
            return sign(target, connection.vendor, seen)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _copy_sqlite(target: Path) -> None:
    with closing(sqlite3.connect(target)) as copy:
        # All pages in one step: whoever writes meanwhile neither waits nor is seen.
        _our_connection().backup(copy)
        # One file, without the companions that go with WAL.
        copy.execute("PRAGMA journal_mode = DELETE")


def _our_connection() -> sqlite3.Connection:
    connection.ensure_connection()
    ours = connection.connection
    assert isinstance(ours, sqlite3.Connection)
    return ours


def _copy_postgresql(target: Path, seen: Seen) -> None:
    with as_draft(target) as tables_alone:
        make_tables(tables_alone)
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One moment for all tables, and nobody waits for it.
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        with closing(sqlite3.connect(target)) as draft:
            # What is cut short here is thrown away whole, and what is finished is seen on the disk by `sign`.
            draft.execute("PRAGMA journal_mode = OFF")
            draft.execute("PRAGMA synchronous = OFF")
            out_of_postgresql(draft, seen)


@contextmanager
def as_draft(file: Path) -> Iterator[DatabaseWrapper]:
    """Let Django know the SQLite database *file* as `DRAFT`, in this thread alone."""
    settings = {**connections.settings["default"], "NAME": file, "OPTIONS": {}, "ATOMIC_REQUESTS": False}
    draft = DatabaseWrapper(settings, DRAFT)
    connections[DRAFT] = draft
    try:
        yield draft
    finally:
        draft.close()
        del connections[DRAFT]


def make_tables(draft: DatabaseWrapper) -> None:
    """Make this version's tables in *draft*, as its migrations would, in a tenth of the time."""
    recorder = MigrationRecorder(draft)
    recorder.ensure_schema()
    with draft.schema_editor() as editor:
        for model in _every_table():
            if not model._meta.auto_created:
                editor.create_model(model)
    for app, name in MigrationRecorder(connection).applied_migrations():
        recorder.record_applied(app, name)


def _every_table() -> list[type[models.Model]]:
    return [*tables(), Heartbeat]


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


def holds_anything() -> bool:
    """Whether the database in use holds anything at all besides the worker's sign of life."""
    everything = apps.get_app_config("store").get_models()
    return any(model._default_manager.exists() for model in everything if model is not Heartbeat)


def others_at_work() -> int:
    """How many others of us have a connection to this PostgreSQL database open; 0 on SQLite, which cannot say."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = current_setting('application_name') AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        found: int = cursor.fetchone()[0]
    return found


def put_back(source: Path, room: Path | None = None, seen: Seen = unseen) -> list[HeldCall]:
    """Replace the database in use, which must be empty, by *source*; every open call in it is held.

    The calls that are held, oldest first. *room* is where a draft of it is made ready, brought to this
    version; elsewhere when it is None. Nothing is changed when it raises: `BackupError` for a file that
    is no backup, is damaged, or comes from a later version; OSError for a full disk.
    """
    _refuse_to_overwrite()
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=room) as folder:
        draft_file = Path(folder) / "draft.sqlite3"
        with _failing_as_os(source):
            check(source, seen)
            with closing(sqlite3.connect(draft_file)) as draft, closing(opened(source)) as backup:
                backup.backup(draft)
        with as_draft(draft_file) as older:
            executor = MigrationExecutor(older)
            executor.migrate(executor.loader.graph.leaf_nodes())
        with _failing_as_os(source), closing(sqlite3.connect(draft_file)) as draft:
            calls = _hold_open_calls(draft)
            if connection.vendor == "postgresql":
                _into_postgresql(draft, seen)
            else:
                draft.backup(_our_connection(), progress=_Patience().look)
    connection.close()
    return calls


def _refuse_to_overwrite() -> None:
    if holds_anything():
        raise BackupError(
            "there are people or calls here already; name an empty data directory with --data, or an empty"
            " database in NIGHTLIGHT_DATABASE_URL"
        )


class _Patience:
    """Ends a copy that another process keeps waiting; sqlite3 itself would wait for ever."""

    def __init__(self) -> None:
        self._waits = 0

    def look(self, status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            self._waits += 1
            if self._waits >= BUSY_TRIES_MAX:
                raise BackupError("another process uses this data directory; stop it, then try again")


def _into_postgresql(draft: sqlite3.Connection, seen: Seen) -> None:
    rows = counted(draft)
    try:
        with transaction.atomic():
            _have_all_tables_alone()
            _refuse_to_overwrite()
            into_postgresql(draft, sum(rows.values()), seen)
    except IntegrityError as error:
        # Said at the commit: a row points to one that is not there.
        raise BackupError(
            f"this backup does not hold together ({_first_line(error)}); use an earlier one"
        ) from error
    with connection.cursor() as cursor:
        # Without it, the first questions would be answered by reading everything.
        cursor.execute("ANALYZE")


def _have_all_tables_alone() -> None:
    names = ", ".join(f'"{model._meta.db_table}"' for model in _every_table())
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        try:
            cursor.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
        except OperationalError as error:
            raise BackupError("another process uses this database; stop it, then try again") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _hold_open_calls(draft: sqlite3.Connection) -> list[HeldCall]:
    over = (AlertStatus.RESOLVED.value,)
    with draft:
        draft.execute("UPDATE alert SET waits_for_host = 1 WHERE status <> ?", over)
        # Nobody has worked here yet.
        draft.execute("DELETE FROM heartbeat")
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
