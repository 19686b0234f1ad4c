"""What `GET /metrics` tells: counts and ages, from the rows alone, so that every process says the same.

A dozen queries, however many calls and circles there are. Nothing is opened, nothing changes, and
nothing here says who: only kinds of channel, states and outcomes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q

from nightlight.engine.effects import Purpose
from nightlight.engine.state import AlertStatus
from nightlight.store import health, listener_places
from nightlight.store.check_in_health import CheckInNumbers, measure_check_ins
from nightlight.store.models import Alert, Attempt, EventRow, Heartbeat, Notification, NotificationStatus

LATELY = timedelta(hours=1)
"""How far back outcomes are counted. Rows are erased in time, so a count of all of them would fall, and
whoever reads it as a counter would take the fall for a restart."""
SILENT_AFTER = timedelta(seconds=60)
"""A worker without a full round for this long is late (rule 12)."""
EVENTS_LOOKED_AT = 200
"""Of the newest events, so that a long record costs no more than a short one."""

ASK, NEWS = "ask", "news"
OUTCOMES = (
    NotificationStatus.ACCEPTED,
    NotificationStatus.DELIVERED,
    NotificationStatus.QUEUED,
    NotificationStatus.FAILED,
    NotificationStatus.UNKNOWN,
    NotificationStatus.SKIPPED,
)
"""What can have come of a message."""

ByChannel = Mapping[tuple[str, str], int]
"""A count for each kind of channel and one more word."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the service that leaves a sign of life."""

    name: str
    age: timedelta
    """Since its last full round."""
    round: timedelta
    """How long that round took."""


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """Everything measured at one moment."""

    calls: Mapping[str, int]
    """Open ones, by status."""
    set_aside: int
    held: int
    stuck: int
    """Open ones that break the first invariant: no timer that will go off in time."""
    lapsed: int
    """Messages taken up and never settled."""
    waiting: ByChannel
    """Due and not sent, by channel and whether it is an ask or news."""
    oldest_due: Mapping[str, timedelta]
    """How long the oldest has been due: of asks, of news, and of timers of calls; nothing due, no entry."""
    messages: ByChannel
    """Settled lately, by channel and what is known of them."""
    attempts: Mapping[tuple[str, str, str], int]
    """Ended lately, by channel, provider as it stands in the record, and outcome."""
    parts: tuple[Part, ...]
    clock_ahead: timedelta
    """How far in the future something was recorded: then the clock was set back."""
    durability_faults: int
    lines: Mapping[str, timedelta | None]
    """Since each line on which we listen last worked, by its name; None for one that never did."""
    check_ins: CheckInNumbers


def measure(now: datetime) -> Numbers:
    """Look at everything as it is at *now*. Raises what a database that is away raises."""
    calls, set_aside, held, timer_due = _calls()
    waiting, oldest_due = _waiting(now)
    beats = list(Heartbeat.objects.order_by("name"))
    parts = _parts(beats, now)
    if timer_due is not None and timer_due < now:
        oldest_due["timer"] = now - timer_due
    lives = any(part.age <= SILENT_AFTER for part in parts)
    return Numbers(
        calls=calls,
        set_aside=set_aside,
        held=held,
        stuck=len(health.broken_calls(now, worker_lives=lives)),
        lapsed=len(health.lapsed_leases(now)),
        waiting=waiting,
        oldest_due=oldest_due,
        messages=_messages(now - LATELY),
        attempts=_attempts(now - LATELY),
        parts=parts,
        clock_ahead=_clock_ahead(beats, now),
        durability_faults=len(health.durability_faults()),
        lines={
            line.name: None if line.heard_at is None else max(now - line.heard_at, timedelta(0))
            for line in listener_places.lines()
        },
        check_ins=measure_check_ins(now),
    )


def _calls() -> tuple[dict[str, int], int, int, datetime | None]:
    """Open calls by status; how many are set aside and held; and when the first timer is due."""
    works = Q(poisoned_at=None, waits_for_host=False)
    rows = (
        Alert.objects.exclude(status=AlertStatus.RESOLVED)
        .values("status")
        .annotate(
            calls=Count("pk"),
            set_aside=Count("pk", filter=~Q(poisoned_at=None)),
            held=Count("pk", filter=Q(waits_for_host=True)),
            due=Min("timer_due", filter=works),
            tried_next=Min("poison_next_at", filter=~Q(poisoned_at=None) & Q(waits_for_host=False)),
        )
        .order_by("status")
    )
    found = list(rows)
    dues = [due for row in found for due in (row["due"], row["tried_next"]) if due is not None]
    return (
        {row["status"]: row["calls"] for row in found},
        sum(row["set_aside"] for row in found),
        sum(row["held"] for row in found),
        min(dues, default=None),
    )


def _waiting(now: datetime) -> tuple[dict[tuple[str, str], int], dict[str, timedelta]]:
    rows = (
        Notification.objects.filter(
            status=NotificationStatus.PLANNED, due__lte=now, alert__waits_for_host=False
        )
        .values("channel", "purpose")
        .annotate(messages=Count("pk"), oldest=Min("due"))
        .order_by("channel", "purpose")
    )
    counts: dict[tuple[str, str], int] = {}
    oldest: dict[str, timedelta] = {}
    for row in rows:
        what = ASK if row["purpose"] == Purpose.ASK else NEWS
        key = (row["channel"], what)
        counts[key] = counts.get(key, 0) + row["messages"]
        oldest[what] = max(oldest.get(what, timedelta(0)), now - row["oldest"])
    return counts, oldest


def _messages(since: datetime) -> dict[tuple[str, str], int]:
    rows = (
        Notification.objects.filter(settled_at__gt=since, status__in=OUTCOMES)
        .values_list("channel", "status")
        .annotate(Count("pk"))
        .order_by("channel", "status")
    )
    return {(channel, status): count for channel, status, count in rows}


def _attempts(since: datetime) -> dict[tuple[str, str, str], int]:
    rows = (
        Attempt.objects.filter(ended_at__gt=since)
        .exclude(outcome="")
        .values_list("notification__channel", "provider", "outcome")
        .annotate(Count("pk"))
        .order_by("notification__channel", "provider", "outcome")
    )
    return {(channel, provider, outcome): count for channel, provider, outcome, count in rows}


def _parts(beats: Iterable[Heartbeat], now: datetime) -> tuple[Part, ...]:
    return tuple(
        Part(
            name=row.name,
            age=max(now - row.at, timedelta(0)),
            round=timedelta(milliseconds=row.round_ms),
        )
        for row in beats
    )


def _clock_ahead(beats: Iterable[Heartbeat], now: datetime) -> timedelta:
    newest = EventRow.objects.order_by("-id").values("at")[:EVENTS_LOOKED_AT]
    recorded: tuple[datetime | None, ...] = (
        max((row["at"] for row in newest), default=None),
        Alert.objects.aggregate(at=Max("raised_at"))["at"],
        *(row.at for row in beats),
    )
    return max([timedelta(0), *(at - now for at in recorded if at is not None)])
