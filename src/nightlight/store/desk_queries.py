"""What the host's desk reads besides the calls: how the channels fare, whom nobody can reach, what waits.

A handful of queries, however many calls and circles there are. Nothing is opened, and nothing changes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Prefetch, Q

from nightlight.store.consent import NeverContacted, consents, is_within_hours, usable_ways
from nightlight.store.models import (
    Circle,
    ContactMethod,
    KeptReply,
    LadderPlace,
    Membership,
    NeverContact,
    Notification,
    NotificationStatus,
    Person,
)

USE_WITHIN = timedelta(hours=24)
"""How far back the share of messages that went out looks."""

_GONE_OUT = (NotificationStatus.ACCEPTED, NotificationStatus.DELIVERED)
_TRIED = (*_GONE_OUT, NotificationStatus.QUEUED, NotificationStatus.FAILED, NotificationStatus.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class ChannelUse:
    """How a channel fared: of *tried* messages in 24 hours, *gone_out* were accepted or arrived."""

    tried: int
    gone_out: int
    last_out: datetime | None
    """When a message last went out, however long ago."""


@dataclass(frozen=True, kw_only=True)
class Withdrawn:
    """A way that ended."""

    name: str
    channel: str
    at: datetime
    why: str


def channel_use(now: datetime) -> Mapping[str, ChannelUse]:
    """How every channel fared that was ever used, by its kind."""
    lately = Q(settled_at__gte=now - USE_WITHIN)
    rows = (
        Notification.objects.filter(status__in=_TRIED)
        .values("channel")
        .annotate(
            tried=Count("pk", filter=lately),
            gone_out=Count("pk", filter=lately & Q(status__in=_GONE_OUT)),
            last_out=Max("sent_at", filter=Q(status__in=_GONE_OUT)),
        )
    )
    return {
        row["channel"]: ChannelUse(tried=row["tried"], gone_out=row["gone_out"], last_out=row["last_out"])
        for row in rows.order_by()
    }


def ways_withdrawn(since: datetime) -> list[Withdrawn]:
    """Ways that ended since *since*, the latest first."""
    rows = ContactMethod.objects.filter(ended_at__gte=since).select_related("person").order_by("-ended_at")
    return [
        Withdrawn(name=row.person.name, channel=row.channel, at=row.ended_at, why=row.ended_why)
        for row in rows
        if row.ended_at is not None
    ]


def kept_words_of(alerts: Collection[str]) -> Mapping[str, int]:
    """How many people's words are kept for whoever has each of these calls, where there are any."""
    rows = KeptReply.objects.filter(alert_id__in=alerts).values_list("alert_id")
    return dict(rows.annotate(Count("person", distinct=True)).order_by())


def callers_nobody_can_be_asked_for(now: datetime, channels_on: frozenset[str]) -> list[str]:
    """Names of those on whose whole ladder nobody could be asked at this moment, with no need to wake anyone."""
    members = (
        Membership.objects.filter(ended_at=None).select_related("person").prefetch_related("person__ways")
    )
    circles = (
        Circle.objects.filter(import_undone_at=None, ladder__isnull=False)
        .distinct()
        .select_related("person")
        .prefetch_related(Prefetch("memberships", queryset=members))
        .order_by("person_id")
    )
    places = _people_on_ladders()
    with_a_list = set(NeverContact.objects.values_list("circle_id", flat=True))
    nobody = NeverContacted(Circle(pk=""))
    return [
        circle.person.name
        for circle in circles
        if not any(
            _could_be_asked(member, now, channels_on, never)
            for never in [NeverContacted(circle) if circle.pk in with_a_list else nobody]
            for member in circle.memberships.all()
            if (circle.pk, member.person_id) in places
        )
    ]


def _people_on_ladders() -> set[tuple[str, str]]:
    return set(LadderPlace.objects.values_list("step__circle_id", "person_id"))


def _could_be_asked(
    member: Membership, now: datetime, channels_on: frozenset[str], never: NeverContacted
) -> bool:
    ways = member.person.ways.all()
    return (
        consents(member, now)
        and is_within_hours(member.hours_from, member.hours_until, now, member.person.time_zone)
        and not never.has_person(member.person_id, ways)
        and bool(usable_ways(ways, never, channels_on))
    )


def time_zone_of_most_callers() -> str:
    """The time zone most of those live in who may call; UTC while there is nobody."""
    rows = Person.objects.filter(circle__isnull=False).values_list("time_zone")
    found = rows.annotate(people=Count("pk")).order_by("-people", "time_zone").first()
    return str(found[0]) if found else "UTC"
