"""Practice: somebody of the circle is asked to tap, by every way of theirs, and each tap proves its way.

It is practice and says so. It keeps to everybody's hours, and waits while a call is open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from nightlight.chance import new_id
from nightlight.store.consent import NeverContacted, consents, usable_ways
from nightlight.store.models import Circle, ContactMethod, Drill, Membership
from nightlight.store.notices import NoticePurpose, tell_way
from nightlight.store.notices_send_checks import has_open_call
from nightlight.store.proofs import proven_lately
from nightlight.store.quiet import quiet_ones
from nightlight.store.races import racing

DRILL_EVERY = timedelta(hours=1)
"""Nobody is asked to practise for one circle more often."""
MONTH = timedelta(days=30)


class WhyNot(StrEnum):
    """Why somebody cannot be asked to practise now."""

    NO_WAY = "no_way"
    NOT_AGREED = "not_agreed"
    """Paused, or what they agreed to ran out."""
    CALL_OPEN = "call_open"
    JUST_ASKED = "just_asked"


@dataclass(frozen=True, kw_only=True)
class WayProof:
    """How well a way of somebody is proven; not where it leads."""

    channel: str
    proven_at: datetime | None
    is_lately: bool


@dataclass(frozen=True, kw_only=True)
class Practised:
    """One member, and their practice with the one whose circle it is."""

    person: str
    name: str
    ways: tuple[WayProof, ...]
    asked_at: datetime | None
    answered_at: datetime | None
    """When the latest practice was answered."""
    why_not: WhyNot | None
    """Why they cannot be asked now; None when they can."""


@dataclass(frozen=True, kw_only=True)
class PracticeView:
    """What the page about practice shows."""

    members: tuple[Practised, ...]
    is_monthly: bool
    next_at: datetime | None
    """When all are asked by themselves; None when that is not switched on."""


# -------------------------------------------------------------------------------------------- asking


def begin_drill(circle: str, person: str, now: datetime, channels_on: frozenset[str]) -> str | None:
    """Ask *person* to practise by each of their ways; the drill's id, or None when they cannot be asked now."""
    return racing(lambda: _begin(circle, [person], now, channels_on).get(person))


def begin_all(circle: str, now: datetime, channels_on: frozenset[str]) -> int:
    """Ask everybody of the circle who can be asked now; how many those are."""
    return racing(lambda: _begin_all(circle, now, channels_on))


def _begin_all(circle: str, now: datetime, channels_on: frozenset[str]) -> int:
    everybody = Membership.objects.filter(circle=circle, ended_at=None).values_list("person_id", flat=True)
    begun = _begin(circle, list(everybody), now, channels_on)
    if begun:
        Circle.objects.filter(pk=circle).update(practised_at=now)
    return len(begun)


def _begin(circle: str, people: list[str], now: datetime, channels_on: frozenset[str]) -> Mapping[str, str]:
    """The drill of each of *people* who could be asked."""
    # Two presses at once must not both begin.
    owner = Circle.objects.select_for_update().filter(pk=circle).first()
    if owner is None:
        return {}
    begun = {}
    # What is switched off is not begun either: nobody is to be told that something went out.
    quiet = quiet_ones([circle, *people])
    for standing in _standings(owner, now, channels_on) if circle not in quiet else ():
        if standing.membership.person_id in quiet:
            continue
        if standing.membership.person_id in people and standing.why_not is None:
            drill = Drill.objects.create(
                id=new_id(), circle=owner, person=standing.membership.person, began_at=now
            )
            for way in standing.usable:
                tell_way(NoticePurpose.PRACTICE, way, now, circle=circle, drill=drill.pk)
            begun[standing.membership.person_id] = drill.pk
    return begun


def set_monthly(circle: str, now: datetime, *, on: bool) -> None:
    """Let all be asked once a month by themselves, or no more. The first time is a month from now."""
    Circle.objects.filter(pk=circle).exclude(practise_monthly=on).update(
        practise_monthly=on, practised_at=now
    )


def circles_due(now: datetime) -> list[str]:
    """Circles whose month of practice is over and where no call is open."""
    monthly = Circle.objects.filter(practise_monthly=True).order_by("pk")
    due = [circle.pk for circle in monthly if _is_due(circle, now)]
    quiet = quiet_ones(due)
    return [circle for circle in due if circle not in quiet and not has_open_call(circle)]


def _is_due(circle: Circle, now: datetime) -> bool:
    return circle.practised_at is None or circle.practised_at + MONTH <= now


def begin_monthly(circle: str, now: datetime, channels_on: frozenset[str]) -> int:
    """The monthly practice of a circle, unless another worker began it; how many were asked."""
    return racing(lambda: _begin_monthly(circle, now, channels_on))


def _begin_monthly(circle: str, now: datetime, channels_on: frozenset[str]) -> int:
    row = Circle.objects.select_for_update().filter(pk=circle, practise_monthly=True).first()
    if row is None or not _is_due(row, now) or has_open_call(circle):
        return 0
    # Also when nobody could be asked: the next month comes.
    Circle.objects.filter(pk=circle).update(practised_at=now)
    return _begin_all(circle, now, channels_on)


# -------------------------------------------------------------------------------------------- looking


@dataclass(frozen=True, kw_only=True)
class _Standing:
    """One member as they stand now."""

    membership: Membership
    ways: tuple[ContactMethod, ...]
    usable: tuple[ContactMethod, ...]
    latest: Drill | None
    why_not: WhyNot | None


def practice_of(circle: str, now: datetime, channels_on: frozenset[str]) -> PracticeView:
    """Who of the circle was asked, when, and which of their ways are proven since when."""
    row = Circle.objects.filter(pk=circle).first()
    if row is None:
        return PracticeView(members=(), is_monthly=False, next_at=None)
    standings = _standings(row, now, channels_on)
    lately = proven_lately((way for each in standings for way in each.ways), now)
    members = tuple(
        Practised(
            person=each.membership.person_id,
            name=each.membership.person.name,
            ways=tuple(
                WayProof(channel=way.channel, proven_at=way.proven_at, is_lately=way.pk in lately)
                for way in each.ways
            ),
            asked_at=each.latest.began_at if each.latest else None,
            answered_at=each.latest.answered_at if each.latest else None,
            why_not=each.why_not,
        )
        for each in standings
    )
    next_at = max((row.practised_at or now) + MONTH, now) if row.practise_monthly else None
    return PracticeView(members=members, is_monthly=row.practise_monthly, next_at=next_at)


def _standings(circle: Circle, now: datetime, channels_on: frozenset[str]) -> list[_Standing]:
    never = NeverContacted(circle)
    memberships = circle.memberships.filter(ended_at=None, agreed_on__isnull=False)
    drills: dict[str, Drill] = {drill.person_id: drill for drill in circle.drills.order_by("began_at", "pk")}
    is_open = has_open_call(circle.pk)
    standings = []
    for membership in memberships.select_related("person").order_by("position", "pk"):
        ways = list(ContactMethod.objects.filter(person_id=membership.person_id).order_by("position", "pk"))
        if never.has_person(membership.person_id, ways):
            continue
        usable = usable_ways(ways, never, channels_on)
        latest = drills.get(membership.person_id)
        if not usable:
            why_not = WhyNot.NO_WAY
        elif not consents(membership, now):
            why_not = WhyNot.NOT_AGREED
        elif is_open:
            why_not = WhyNot.CALL_OPEN
        elif latest is not None and latest.began_at <= now < latest.began_at + DRILL_EVERY:
            why_not = WhyNot.JUST_ASKED
        else:
            why_not = None
        live = tuple(way for way in ways if way.ended_at is None)
        standings.append(
            _Standing(membership=membership, ways=live, usable=usable, latest=latest, why_not=why_not)
        )
    return standings
