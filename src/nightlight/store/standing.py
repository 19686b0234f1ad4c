"""How each member of a circle stands at one instant: who could be asked, and why others could not.

For whoever runs the service alone: to others a person who is passed over is "not available".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from nightlight.engine.facts import Facts
from nightlight.engine.needs import Need, Offer, is_urgent, serves
from nightlight.engine.state import Alert, AlertStatus
from nightlight.store.consent import NeverContacted, is_within_hours, usable_ways
from nightlight.store.facts import ladder_people_today, load_facts
from nightlight.store.models import Alert as AlertRow
from nightlight.store.models import Circle, ContactMethod, Membership, Person
from nightlight.store.sealing import unseal

REHEARSAL_ID = "rehearsal"
"""The id of a call that is only imagined; no row has it."""


class WhyNot(StrEnum):
    """Why somebody would not be asked; in the order in which it is looked for."""

    NEVER_CONTACT = "never_contact"
    LEFT = "left"
    NOT_ASKED_YET = "not_asked_yet"
    PAUSED = "paused"
    AGREEMENT_OVER = "agreement_over"
    NO_WAY = "no_way"
    CHANNEL_OFF = "channel_off"
    OUTSIDE_HOURS = "outside_hours"
    NOT_ON_LADDER = "not_on_ladder"
    OFFERS_SOMETHING_ELSE = "offers_something_else"
    OWN_CALL = "own_call"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One member at one instant. `why_not` is None for somebody who could be asked."""

    person: str
    name: str
    why_not: WhyNot | None


def rehearsal_facts(person: str, alert: Alert | None, now: datetime, channels_on: frozenset[str]) -> Facts:
    """What the rules would be told at *now* of a call of *person* that is only imagined."""
    return load_facts(Circle.objects.get(person_id=person), alert, REHEARSAL_ID, now, channels_on)


def standings(person: str, need: Need, now: datetime, channels_on: frozenset[str]) -> list[Standing]:
    """Every member of the circle of *person*, in the circle's order."""
    circle = Circle.objects.get(person_id=person)
    never = NeverContacted(circle)
    ladder = set(ladder_people_today(circle))
    return [
        Standing(
            person=row.person_id,
            name=row.person.name,
            why_not=_why_not_agreed(row, never, now)
            or _why_not_reached(row, never, need, now, channels_on)
            or _why_not_chosen(row, ladder, need),
        )
        for row in circle.memberships.select_related("person").prefetch_related("person__ways")
    ]


def _why_not_agreed(row: Membership, never: NeverContacted, now: datetime) -> WhyNot | None:
    today = now.astimezone(ZoneInfo(row.person.time_zone)).date()
    if never.has_person(row.person_id, row.person.ways.all()):
        return WhyNot.NEVER_CONTACT
    if row.ended_at is not None:
        return WhyNot.LEFT
    if row.agreed_on is None:
        return WhyNot.NOT_ASKED_YET
    if row.paused_until is not None and now < row.paused_until:
        return WhyNot.PAUSED
    if row.agreed_until is not None and row.agreed_until < today:
        return WhyNot.AGREEMENT_OVER
    return None


def _why_not_reached(
    row: Membership, never: NeverContacted, need: Need, now: datetime, channels_on: frozenset[str]
) -> WhyNot | None:
    ways = row.person.ways.all()
    if not usable_ways(ways, never, frozenset(way.channel for way in ways)):
        return WhyNot.NO_WAY
    if not usable_ways(ways, never, channels_on):
        return WhyNot.CHANNEL_OFF
    within = is_within_hours(row.hours_from, row.hours_until, now, row.person.time_zone)
    if not within and not (row.wake_me and is_urgent(need)):
        return WhyNot.OUTSIDE_HOURS
    return None


def _why_not_chosen(row: Membership, ladder: set[str], need: Need) -> WhyNot | None:
    if row.person_id not in ladder:
        return WhyNot.NOT_ON_LADDER
    if not serves(frozenset(Offer(offer) for offer in row.offers), need):
        return WhyNot.OFFERS_SOMETHING_ELSE
    busy = AlertRow.objects.filter(person_id=row.person_id).exclude(status=AlertStatus.RESOLVED)
    return WhyNot.OWN_CALL if busy.exists() else None


def channels_of_ways(person: str) -> Mapping[str, str]:
    """The channel of every way of everybody in the circle of *person*, by the way's id."""
    ways = ContactMethod.objects.filter(person__memberships__circle_id=person)
    return dict(ways.values_list("pk", "channel"))


def time_zone_of(person: str) -> ZoneInfo | None:
    """Where *person* lives, for times that are read by somebody; None when there is no such person."""
    name = Person.objects.filter(pk=person).values_list("time_zone", flat=True).first()
    return ZoneInfo(name) if name else None


@dataclass(frozen=True, kw_only=True)
class OpenWay:
    """One way to a person, opened."""

    channel: str
    to: str


def ways_to_test(person: str, now: datetime, channels_on: frozenset[str]) -> list[OpenWay] | None:
    """The ways by which *person* may be sent a test now; None when there is no such person.

    A test is a message like any other: it goes to those who agreed, for some circle, and to those
    who have a circle of their own.
    """
    row = Person.objects.filter(pk=person).first()
    if row is None:
        return None
    ways = tuple(row.ways.all())
    found: dict[str, ContactMethod] = {}
    for membership in row.memberships.select_related("person", "circle"):
        never = NeverContacted(membership.circle)
        if _why_not_agreed(membership, never, now) is None:
            found |= {way.pk: way for way in usable_ways(ways, never, channels_on)}
    own = Circle.objects.filter(person=row).first()
    if own is not None:
        found |= {way.pk: way for way in usable_ways(ways, NeverContacted(own), channels_on)}
    return [OpenWay(channel=way.channel, to=unseal(way.address_sealed)) for way in ways if way.pk in found]
