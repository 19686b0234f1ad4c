"""What `doctor` looks at in the database: what is stuck, what no key opens, and whether commits last."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, models
from django.db.models import Case, Count, F, Max, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Left

from nightlight.engine.effects import TimerKind
from nightlight.engine.state import AlertStatus
from nightlight.store import sealing
from nightlight.store.models import (
    Alert,
    Circle,
    ContactMethod,
    EventRow,
    Heartbeat,
    Host,
    NeverContact,
    Notification,
    NotificationStatus,
)
from nightlight.store.resealing import COLUMNS, Column
from nightlight.store.sealing import FINGERPRINT_LENGTH, UnreadableError, unseal

OVERDUE_AFTER = timedelta(seconds=5)
"""A timer this late, while a worker lives, is stuck (the first invariant)."""
FAR_AHEAD = timedelta(minutes=60)
LEASE_STUCK_AFTER = timedelta(seconds=10)
"""A lapsed lease is settled in the next round; one left this long is stuck."""
PLANNED_STUCK_AFTER = timedelta(seconds=30)
"""Longer than the hands of a channel are full when every provider is waited for as long as may be."""

Finding = tuple[str, str]
"""An id, and what is wrong, as a code word."""


def broken_calls(now: datetime, *, worker_lives: bool) -> list[Finding]:
    """The first invariant, as one query: open calls without exactly one live timer that will go off in time.

    Calls that are set aside, or held since a backup was put back, have rules of their own.
    """
    kind_known = Q(timer_kind__in=[kind.value for kind in TimerKind])
    never = Q(timer_kind=None) | Q(timer_due=None) | ~kind_known
    ahead = Q(timer_due__gt=now + FAR_AHEAD + OVERDUE_AFTER) & Q(
        timer_due__gt=F("timer_length") + (now + OVERDUE_AFTER)
    )
    overdue = Q(timer_due__lt=now - OVERDUE_AFTER) if worker_lives else Q(pk__in=[])
    why = Case(
        When(never, then=Value("no_timer")),
        When(ahead, then=Value("timer_too_far_ahead")),
        When(overdue, then=Value("timer_overdue")),
        output_field=TextField(),
    )
    rows = _open().filter(never | ahead | overdue, poisoned_at=None, waits_for_host=False)
    return list(rows.annotate(why=why).values_list("pk", "why").order_by("pk"))


def _open() -> QuerySet[Alert]:
    return Alert.objects.exclude(status=AlertStatus.RESOLVED)


def open_calls() -> int:
    """How many calls are open."""
    return _open().count()


def set_aside() -> list[Finding]:
    """Calls on which a rule of ours broke, and the kind of fault."""
    return list(_open().exclude(poisoned_at=None).values_list("pk", "poison_why").order_by("pk"))


def held() -> list[str]:
    """Calls that wait for the host since a backup was put back."""
    return list(_open().filter(waits_for_host=True).values_list("pk", flat=True).order_by("pk"))


def lapsed_leases(now: datetime) -> list[str]:
    """Messages that a sender took, whose time is over, and that nobody settled."""
    rows = Notification.objects.filter(
        status=NotificationStatus.LEASED, lease_until__lt=now - LEASE_STUCK_AFTER
    )
    return list(rows.values_list("pk", flat=True).order_by("pk"))


def overdue_messages(now: datetime, channels_on: frozenset[str]) -> list[str]:
    """Messages that should have gone out, by channels that are on, and were not even taken up."""
    rows = _waiting(now).filter(channel__in=channels_on)
    return list(rows.values_list("pk", flat=True).order_by("pk"))


def messages_by_status() -> Mapping[str, int]:
    """How many messages there are in each status."""
    return dict(Notification.objects.values_list("status").annotate(Count("pk")).order_by("status"))


def messages_for_channels_off(now: datetime, channels_on: frozenset[str]) -> Mapping[str, int]:
    """How many messages are due by each channel that is off; the worker passes over them, by the next way."""
    rows = _waiting(now).exclude(channel__in=channels_on).exclude(alert__status=AlertStatus.RESOLVED)
    return dict(rows.values_list("channel").annotate(Count("pk")).order_by("channel"))


def _waiting(now: datetime) -> QuerySet[Notification]:
    return Notification.objects.filter(
        status=NotificationStatus.PLANNED, due__lt=now - PLANNED_STUCK_AFTER, alert__waits_for_host=False
    )


def is_busy(now: datetime) -> bool:
    """Whether something is due at *now*, or is being sent."""
    to_send = Q(status=NotificationStatus.PLANNED, due__lte=now, alert__waits_for_host=False)
    return (
        Notification.objects.filter(to_send | Q(status=NotificationStatus.LEASED)).exists()
        or _open().filter(timer_due__lte=now, waits_for_host=False).exists()
    )


def latest_record() -> datetime | None:
    """The latest moment anything was recorded at; in the future, a clock was set back."""
    event = EventRow.objects.aggregate(at=Max("at"))["at"]
    beat = Heartbeat.objects.aggregate(at=Max("at"))["at"]
    return max(filter(None, (event, beat)), default=None)


def anybody_to_reach() -> bool:
    """Whether there is any way to anybody."""
    return ContactMethod.objects.filter(ended_at=None).exists()


def host_can_be_told() -> bool:
    """Whether whoever runs the service gave a way to be told."""
    return Host.objects.exclude(ways_sealed="").exists()


@dataclass(frozen=True, kw_only=True)
class KeyUse:
    """How many texts and hashes were made with which key."""

    newest: int
    older: int
    """Still readable; `migrate` and `serve` make them anew."""
    unknown: tuple[Finding, ...]
    """Table and column, and how many rows no key opens."""


def key_use() -> KeyUse:
    """Hold everything made with a host key, by its fingerprint, against the keys in use."""
    newest, older = sealing.newest_fingerprint(), sealing.older_fingerprints()
    total: Counter[str] = Counter()
    unknown = []
    for column in COLUMNS:
        for fingerprint, rows in _rows_by_key(column):
            total[fingerprint] += rows
            if fingerprint != newest and fingerprint not in older and column.field.endswith("_sealed"):
                unknown.append((f"{column.model._meta.db_table}.{column.field}", str(rows)))
    return KeyUse(
        newest=total[newest], older=sum(total[fingerprint] for fingerprint in older), unknown=tuple(unknown)
    )


def _rows_by_key(column: Column) -> Iterable[tuple[str, int]]:
    rows = column.model._default_manager.exclude(**{column.field: ""})
    by_key = rows.annotate(fingerprint=Left(column.field, FINGERPRINT_LENGTH)).values("fingerprint")
    return [(each["fingerprint"], each["rows"]) for each in by_key.annotate(rows=Count("pk"))]


def unreadable_addresses() -> list[str]:
    """Rows needed to reach somebody that do not open, although a key with their fingerprint is there."""
    found = []
    sealed: tuple[tuple[type[models.Model], str], ...] = (
        (ContactMethod, "address_sealed"),
        (NeverContact, "address_sealed"),
        (Circle, "reach_sealed"),
        (Host, "ways_sealed"),
    )
    for model, field in sealed:
        rows = model._default_manager.exclude(**{field: ""}).values_list("pk", field).order_by("pk")
        for pk, text in rows.iterator():
            try:
                unseal(text)
            except UnreadableError:
                found.append(f"{model._meta.db_table} {pk}")
    return found


def durability_faults() -> list[str]:
    """Why a commit might not survive a power cut; empty when all is as it should be."""
    if connection.vendor == "postgresql":
        return _postgresql_faults()
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    found = {name: _pragma(name) for name in wanted}
    return [f"{name} is {found[name]}, not {wanted[name]}" for name in wanted if found[name] != wanted[name]]


def _pragma(name: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return cursor.fetchone()[0]


def _postgresql_faults() -> list[str]:
    names = ("fsync", "full_page_writes", "synchronous_commit", "synchronous_standby_names")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(['current_setting(%s)'] * len(names))}", names)
        found = dict(zip(names, cursor.fetchone(), strict=True))
    faults = [f"{name} is off" for name in ("fsync", "full_page_writes") if found[name] == "off"]
    # With standbys, only these two wait until one of them has it on its own disk.
    enough = ("on", "remote_apply") if found["synchronous_standby_names"] else ("on", "remote_apply", "local")
    if found["synchronous_commit"] not in enough:
        faults.append(f"synchronous_commit is {found['synchronous_commit']}, not on")
    return faults
