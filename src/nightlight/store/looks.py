"""Whether there is anything to look for: asked first, because most looks of a worker find nothing.

In plain SQL, and with no more in it than an index answers: a worker asks these many times a minute, also
on the road from a call to its first message, and there the building of a query costs more than the query.
What is found is then looked at in full by whoever asked.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from nightlight.engine.state import AlertStatus
from nightlight.store.models import NotificationStatus

_LOOKED_AT_MAX = 100


def channels_with_due(now: datetime, channels: Iterable[str]) -> list[str]:
    """Those of *channels* for which a message may be due, in their order; all of them when very many are."""
    rows = _rows(
        "SELECT channel FROM notification WHERE status = %s AND due <= %s ORDER BY due LIMIT %s",
        NotificationStatus.PLANNED.value,
        now,
        _LOOKED_AT_MAX,
    )
    # What is due the longest may all be of one channel, and must not hide the others.
    if len(rows) == _LOOKED_AT_MAX:
        return list(channels)
    found = {channel for (channel,) in rows}
    return [channel for channel in channels if channel in found]


def is_any_leased() -> bool:
    """Whether any message is in a sender's hands."""
    sql = "SELECT 1 FROM notification WHERE status = %s LIMIT 1"
    return bool(_rows(sql, NotificationStatus.LEASED.value))


def is_any_timer_due(now: datetime) -> bool:
    """Whether the timer of an open call may be due."""
    sql = "SELECT 1 FROM alert WHERE status <> %s AND timer_due <= %s LIMIT 1"
    return bool(_rows(sql, AlertStatus.RESOLVED.value, now))


def is_any_check_in_due(now: datetime) -> bool:
    """Whether a check-in may be due, or late."""
    return bool(_rows("SELECT 1 FROM check_in WHERE looks_at <= %s LIMIT 1", now))


def is_any_poisoned() -> bool:
    """Whether any call waits for another try because a rule broke on it."""
    return bool(_rows("SELECT 1 FROM alert WHERE poison_next_at IS NOT NULL LIMIT 1"))


def _rows(sql: str, *values: str | int | datetime) -> list[tuple[str]]:
    adapted = [
        connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
        for value in values
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, adapted)
        return list(cursor.fetchall())
