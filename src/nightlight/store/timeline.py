"""The timeline: what happened to a call, in order, for people. Append-only."""

from collections.abc import Iterable
from datetime import datetime

from nightlight.engine.effects import Entry, What
from nightlight.store import many
from nightlight.store.models import Notification, TimelineEntry

DETAIL_CHARACTERS_MAX = 500


def write(alert_id: str, entries: Iterable[Entry], at: datetime) -> None:
    """Append what a decision recorded."""
    TimelineEntry.objects.bulk_create(
        TimelineEntry(
            alert_id=alert_id,
            at=at,
            what=entry.what,
            who=entry.who or "",
            detail=entry.detail[:DETAIL_CHARACTERS_MAX],
        )
        for entry in entries
    )


def write_delivery(row: Notification, what: What, at: datetime, detail: str = "") -> None:
    """Append what became of one message; `detail` says which kind of message it was, and why."""
    _line(row, what, at, detail).save(force_insert=True)


def write_deliveries(rows: Iterable[Notification], what: What, at: datetime) -> None:
    """Append what became of several messages, which is the same for all."""
    lines = [(row.alert_id, at, what.value, row.person_id or "", row.channel, row.purpose) for row in rows]
    many.insert(TimelineEntry, ("alert_id", "at", "what", "who", "channel", "detail"), lines)


def _line(row: Notification, what: What, at: datetime, detail: str = "") -> TimelineEntry:
    return TimelineEntry(
        alert_id=row.alert_id,
        at=at,
        what=what,
        who=row.person_id or "",
        channel=row.channel,
        detail=(f"{row.purpose}:{detail}" if detail else row.purpose)[:DETAIL_CHARACTERS_MAX],
    )
