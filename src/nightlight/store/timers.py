"""Ladder timers that came due, and those a clock or an outage of ours took time from."""

from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from nightlight.engine.effects import TimerKind
from nightlight.engine.events import (
    AcknowledgementExpired,
    ContactDue,
    RoundDue,
    StepTimedOut,
    TimerEvent,
)
from nightlight.engine.state import AlertStatus
from nightlight.store import looks
from nightlight.store.models import Alert as AlertRow

CLOCK_SLACK = timedelta(seconds=2)
"""A timer may seem this much further ahead than its own length without a clock having been set back."""

_EVENTS: dict[TimerKind, type[TimerEvent]] = {
    TimerKind.STEP: StepTimedOut,
    TimerKind.ROUND: RoundDue,
    TimerKind.ACKNOWLEDGEMENT: AcknowledgementExpired,
    TimerKind.CONTACT: ContactDue,
}


def _running() -> QuerySet[AlertRow]:
    """Open alerts that wait for their timer. A poisoned one takes its timer up with its next try."""
    return AlertRow.objects.exclude(status=AlertStatus.RESOLVED).filter(
        timer_due__isnull=False, waits_for_host=False, poison_next_at=None
    )


def due(now: datetime, limit: int) -> list[tuple[str, TimerEvent]]:
    """Alerts whose timer is due and the event each brings, the longest overdue first."""
    if not looks.is_any_timer_due(now):
        return []
    rows = _running().filter(timer_due__lte=now)
    return [(row.pk, _event(row)) for row in rows.order_by("timer_due")[:limit]]


def due_event(row: AlertRow, now: datetime) -> TimerEvent | None:
    """The event of the timer of *row*, or None when it is not due; also of a poisoned alert."""
    is_due = row.timer_due is not None and row.timer_due <= now and row.status != AlertStatus.RESOLVED
    return _event(row) if is_due else None


def _event(row: AlertRow) -> TimerEvent:
    return _EVENTS[TimerKind(row.timer_kind or "")](generation=row.timer_generation)


def too_far_ahead(now: datetime) -> list[str]:
    """Alerts whose timer lies further ahead than it was set for: a clock was set back."""
    rows = _running().filter(timer_due__gt=F("timer_length") + (now + CLOCK_SLACK))
    return list(rows.values_list("pk", flat=True))


def running(now: datetime) -> list[str]:
    """Every alert that waits for something; after an outage each gets its full time again."""
    return list(
        _running().filter(timer_length__gt=timedelta(0), raised_at__lt=now).values_list("pk", flat=True)
    )


def between_rounds() -> list[str]:
    """Alerts that wait for their next round, for which somebody may have become available."""
    return list(_running().filter(timer_kind=TimerKind.ROUND).values_list("pk", flat=True))


def first_due() -> datetime | None:
    """When the next ladder timer is due, or None."""
    return _running().order_by("timer_due").values_list("timer_due", flat=True).first()
