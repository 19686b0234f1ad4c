"""What the host's page of channels reads: how each kind of way and each provider fared, and the lines we listen on.

A handful of queries, however many messages there are. Nothing is opened, and nothing changes. Only the
record is counted: what was erased since is not in it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Q, Window
from django.db.models.functions import RowNumber

from nightlight.engine.effects import What
from nightlight.engine.retries import Outcome
from nightlight.store.models import (
    Attempt,
    ListenerPlace,
    Notice,
    Notification,
    NotificationStatus,
    TimelineEntry,
)

COUNTED_WITHIN = timedelta(days=30)
"""How far back messages and tries are counted."""

_GONE_OUT = (NotificationStatus.ACCEPTED, NotificationStatus.DELIVERED)
_SETTLED = (*_GONE_OUT, NotificationStatus.QUEUED, NotificationStatus.FAILED, NotificationStatus.UNKNOWN)
_TAKEN = (Outcome.ACCEPTED, Outcome.QUEUED, Outcome.MISSED)
"""The provider did its part; that nobody answered the phone is no fault of it."""
_TROUBLE = (Outcome.TEMPORARY, Outcome.PERMANENT, Outcome.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """The last time something did not go through."""

    at: datetime
    reason: str
    """A code of ours or of the provider."""


@dataclass(frozen=True, kw_only=True)
class KindUse:
    """What is known of the messages of one kind of way, of `COUNTED_WITHIN`."""

    delivered: int = 0
    accepted: int = 0
    """Taken by the provider; whether they arrived nobody said."""
    queued: int = 0
    failed: int = 0
    unknown: int = 0
    last_out: datetime | None = None
    """When one last went out, however long ago."""
    trouble: Trouble | None = None

    @property
    def settled(self) -> int:
        """Of how many this is told."""
        return self.delivered + self.accepted + self.queued + self.failed + self.unknown


@dataclass(frozen=True, kw_only=True)
class ProviderUse:
    """How often one provider was tried within `COUNTED_WITHIN`, and how often it took the message."""

    tried: int
    taken: int
    last_taken: datetime | None
    trouble: Trouble | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line on which we listen."""

    name: str
    heard_at: datetime | None
    """When it last worked."""
    trouble: str
    """Why it does not, as a code; empty when it does."""


@dataclass
class _Counting:
    """One kind of way while its rows are read."""

    counts: Counter[str] = field(default_factory=Counter)
    last_out: list[datetime] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)


def kind_use(now: datetime) -> Mapping[str, KindUse]:
    """How every kind of way fared that was ever used, in calls and outside them."""
    found: dict[str, _Counting] = defaultdict(_Counting)
    lately = Q(settled_at__gte=now - COUNTED_WITHIN)
    calls = Notification.objects.filter(status__in=_SETTLED).values_list("channel", "status")
    outside = Notice.objects.filter(status__in=_SETTLED).values_list("contact_method__channel", "status")
    rows = [
        *calls.annotate(count=Count("pk", filter=lately), last=Max("sent_at")).order_by(),
        *outside.annotate(count=Count("pk", filter=lately), last=Max("settled_at")).order_by(),
    ]
    for channel, status, count, last in rows:
        found[channel].counts[status] += count
        if status in _GONE_OUT and last is not None:
            found[channel].last_out.append(last)
    for channel, trouble in _troubles_of_kinds(now):
        found[channel].troubles.append(trouble)
    return {channel: _use(each) for channel, each in found.items()}


def _use(counted: _Counting) -> KindUse:
    return KindUse(
        **{status.value: counted.counts[status] for status in _SETTLED},
        last_out=max(counted.last_out, default=None),
        trouble=max(counted.troubles, key=lambda trouble: trouble.at, default=None),
    )


def _troubles_of_kinds(now: datetime) -> Iterable[tuple[str, Trouble]]:
    """The latest of each kind: in calls, a later report among them, and outside."""
    since = now - COUNTED_WITHIN
    lines = TimelineEntry.objects.filter(
        what__in=(What.FAILED, What.UNKNOWN, What.QUEUED), at__gte=since
    ).exclude(channel="")
    latest = _latest_of("channel", by="at")
    for line in lines.annotate(place=latest).filter(place=1):
        yield line.channel, Trouble(at=line.at, reason=line.detail.partition(":")[2])
    notices = Notice.objects.filter(
        status__in=(NotificationStatus.FAILED, NotificationStatus.UNKNOWN), settled_at__gte=since
    ).select_related("contact_method")
    latest = _latest_of("contact_method__channel", by="settled_at")
    for notice in notices.annotate(place=latest).filter(place=1):
        if notice.settled_at is not None:
            yield notice.contact_method.channel, Trouble(at=notice.settled_at, reason=notice.reason)


def _latest_of(*columns: str, by: str) -> Window:
    """The place of each row among those with the same *columns*, the latest first."""
    order = [F(by).desc(), F("pk").desc()]
    return Window(RowNumber(), partition_by=[F(column) for column in columns], order_by=order)


def provider_use(now: datetime) -> Mapping[tuple[str, str], ProviderUse]:
    """How each provider fared in calls: by kind of way, and the provider as it stands in the record."""
    ended = Attempt.objects.filter(ended_at__gte=now - COUNTED_WITHIN).exclude(outcome="")
    taken = Q(outcome__in=_TAKEN)
    rows = (
        ended.values_list("notification__channel", "provider")
        .annotate(tried=Count("pk"), took=Count("pk", filter=taken), last=Max("ended_at", filter=taken))
        .order_by()
    )
    latest = _latest_of("notification__channel", "provider", by="ended_at")
    troubles = {
        (channel, provider): Trouble(at=at or now, reason=reason)
        for channel, provider, at, reason in ended.filter(outcome__in=_TROUBLE)
        .annotate(place=latest)
        .filter(place=1)
        .values_list("notification__channel", "provider", "ended_at", "reason")
    }
    return {
        (channel, provider): ProviderUse(
            tried=tried, taken=took, last_taken=last, trouble=troubles.get((channel, provider))
        )
        for channel, provider, tried, took, last in rows
    }


def lines() -> tuple[Line, ...]:
    """Every line on which we ever listened, by name."""
    return tuple(
        Line(name=row.name, heard_at=row.heard_at, trouble=row.trouble)
        for row in ListenerPlace.objects.order_by("name")
    )
