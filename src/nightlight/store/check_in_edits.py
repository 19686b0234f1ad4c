"""What a person changes about their check-ins. Everything here runs inside the transaction of `intake.check_in_wishes`."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from nightlight import chance
from nightlight.engine.checkin import OnMiss
from nightlight.engine.needs import Need
from nightlight.store.models import CheckIn, CheckInWindow, Circle, Membership, Person
from nightlight.store.notices import NoticePurpose, tell_person, ways_to_tell
from nightlight.store.supporting import link_in_message

CHECK_INS_MAX = 12
"""So many check-ins one person can have."""
NAME_CHARACTERS_MAX = 60
_ID = re.compile(r"[0-9A-Za-z]{16,64}", re.ASCII)


class TooMany(ValueError):
    """The person has as many check-ins as there can be."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a person wants a check-in to be."""

    name: str
    rule: str
    at: time
    """Local, in the person's zone."""
    grace: timedelta
    remind: Sequence[str]
    on_miss: OnMiss
    need: Need
    told: Collection[str]
    noted: Collection[str]


@dataclass(frozen=True, kw_only=True)
class Press:
    """One press of the last button."""

    once: str
    """Made with the page it stands on: a press that comes twice makes one check-in."""
    today: date
    """The local date from which the rule counts."""
    now: datetime


def create(person: str, plan: Plan, press: Press) -> tuple[str, bool]:
    """Write down a check-in of *person*, which is off; its id, and whether it is new. Raises `TooMany`."""
    Circle.objects.get_or_create(person_id=person)
    # Two tabs at once must not make more than there can be.
    circle = Circle.objects.select_for_update().get(pk=person)
    if circle.check_ins.filter(pk=press.once).exists():
        return press.once, False
    if circle.check_ins.count() >= CHECK_INS_MAX:
        raise TooMany
    is_free = bool(_ID.fullmatch(press.once)) and not CheckIn.objects.filter(pk=press.once).exists()
    check_in = press.once if is_free else chance.new_id()
    row = CheckIn(id=check_in, circle=circle, key=check_in, starts_on=press.today, created_at=press.now)
    _write(row, plan)
    return check_in, True


def change(row: CheckIn, plan: Plan, today: date) -> bool:
    """Write down what *row*, which is locked, is to be from now on; whether its dates or times are others."""
    if row.rule != plan.rule:
        row.starts_on = today
    is_new = (row.rule, row.at) != (plan.rule, plan.at)
    _write(row, plan)
    return is_new


def _write(row: CheckIn, plan: Plan) -> None:
    row.name, row.rule, row.at, row.grace = plan.name, plan.rule, plan.at, plan.grace
    row.remind, row.on_miss, row.need = list(plan.remind), plan.on_miss, plan.need
    row.save()
    members = Membership.objects.filter(circle_id=row.circle_id, ended_at=None, agreed_on__isnull=False)
    agreed = set(members.values_list("person_id", flat=True))
    row.told.set(Person.objects.filter(pk__in=agreed & set(plan.told)))
    row.noted.set(Person.objects.filter(pk__in=agreed & set(plan.noted)))


def remove(check_in: str) -> None:
    """Erase *check_in* with everything of it; what a miss of it began goes on."""
    CheckIn.objects.filter(pk=check_in).delete()


def tell_not_ok(
    window: int, people: Iterable[str], now: datetime, channels_on: frozenset[str]
) -> tuple[str, ...]:
    """Tell *people* that it is not so good, because the person wants them to know; ids of whom we can reach.

    Whoever was told of this window already is not told again.
    """
    row = CheckInWindow.objects.select_for_update(of=("self",)).select_related("check_in").get(pk=window)
    before = set(row.told.values_list("pk", flat=True))
    told = []
    for person in people:
        if person in before or not ways_to_tell(person, channels_on).exists():
            continue
        token = link_in_message(person, now)
        circle = row.check_in.circle_id
        if tell_person(NoticePurpose.SAID_NOT_OK, person, now, channels_on, circle=circle, token=token):
            told.append(person)
    row.told.add(*Person.objects.filter(pk__in=told))
    return tuple(told)
