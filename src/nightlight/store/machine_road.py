"""The short road of a check-in that a machine makes long before anybody is reminded: one read, one commit.

In plain SQL, as a host may have very many lamps and doors, and building the queries of the long road costs
several times what the database does for them. Only on PostgreSQL, which writes two tables in one statement.
Whatever is out of the ordinary takes the long road, `intake.checkin`, behind the lock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from django.db import connection

from nightlight.engine.checkin import By, Came, How, Window
from nightlight.store.check_ins import LATE_MAX
from nightlight.store.sealing import token_hash

if TYPE_CHECKING:
    import psycopg

PREPARED_AFTER = 5
"""A statement that a connection used so often is read and planned by the server no more."""
_READ = """
SELECT c.id, c.version, c.rule, c.at, c.starts_on, p.time_zone, c.window_on, c.window_due, c.next_due,
    c.window_began IS NOT NULL OR c.reminded > 0
    OR EXISTS (SELECT 1 FROM check_in_noted n WHERE n.checkin_id = c.id)
    OR EXISTS (
        SELECT 1 FROM check_in_window w
        WHERE w.check_in_id = c.id AND w.came = %s AND w.late_at IS NULL AND w.ended_at > %s
    )
FROM check_in c JOIN person p ON p.id = c.circle_id
WHERE c.machine_hash = %s
"""
_WRITE = """
WITH made AS (
    UPDATE check_in SET last_on = window_on, window_on = %s, window_due = %s, next_due = %s, looks_at = %s
    WHERE id = %s AND version = %s AND window_on = %s AND window_due = %s AND window_began IS NULL
    RETURNING id
)
INSERT INTO check_in_window (check_in_id, local_date, due, ended_at, came, how, "by", why)
SELECT id, %s, %s, %s, %s, %s, %s, '' FROM made
"""


@dataclass(frozen=True, kw_only=True)
class Idle:
    """A check-in as it stood when it was read, without any lock."""

    id: str
    version: int
    rule: str
    at: time
    starts_on: date
    zone: str
    window: Window | None
    """Not begun; None while it is off."""


def is_there() -> bool:
    """Whether this database has the road."""
    return connection.vendor == "postgresql"


def idle_of(key: str, now: datetime) -> Idle | None:
    """The check-in of *key* as it stands; None when there is none, or when there is more to it than a window ahead."""
    with _cursor() as cursor:
        row = cursor.execute(
            _READ, [Came.MISSED.value, now - LATE_MAX, token_hash(key)], prepare=True
        ).fetchone()
    if row is None or row[-1]:
        return None
    check_in, version, rule, at, starts_on, zone, on, due, next_due, _ = row
    window = Window(on=on, due=due, next_due=next_due) if on is not None else None
    return Idle(id=check_in, version=version, rule=rule, at=at, starts_on=starts_on, zone=zone, window=window)


def make(idle: Idle, window: Window, following: Window, now: datetime) -> bool:
    """Write down that *window* was made, and that *following* comes; False when *idle* is not so any more."""
    ahead: list[date | datetime | str | int | None]
    ahead = [following.on, following.due, following.next_due, following.due]
    as_read: list[date | datetime | str | int | None]
    as_read = [idle.id, idle.version, window.on, window.due]
    over: list[date | datetime | str | int | None]
    over = [window.on, window.due, now, Came.MADE.value, How.OK.value, By.MACHINE.value]
    with _cursor() as cursor:
        return bool(cursor.execute(_WRITE, ahead + as_read + over, prepare=True).rowcount == 1)


@contextmanager
def _cursor() -> "Iterator[psycopg.Cursor[tuple[Any, ...]]]":
    """The driver's own cursor on Django's connection: the server reads and plans each statement once.

    That is half of what a check-in costs the server; through Django's cursor it would do so every time.
    """
    # A host on SQLite need not load it.
    import psycopg  # noqa: PLC0415

    connection.ensure_connection()
    # Django's own cursors prepare nothing whatever this says; unset, the driver prepares nothing at all.
    connection.connection.prepare_threshold = PREPARED_AFTER
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        yield cursor
