"""The people of the years, written into the tables with their circles and their check-ins."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from nightlight.simulator.years_people import MEMBERS, NAMES, Agreed, Inhabitant
from nightlight.store.models import (
    CheckIn,
    Circle,
    ContactMethod,
    LadderPlace,
    LadderStep,
    Membership,
    Person,
)
from nightlight.store.sealing import ADDRESS, look_up_hash, seal

AGREED_UNTIL = date(2045, 1, 1)


def settle_in(people: Iterable[Inhabitant], now: datetime) -> None:
    """Write down *people*, those who stand by them, and what was agreed."""
    for number, member in enumerate(MEMBERS):
        _person(member, "UTC", number, now)
    for number, person in enumerate(people):
        _person(person.id, person.zone, len(MEMBERS) + number, now)
        circle = _circle(person.id)
        for agreed in person.check_ins:
            _check_in(circle, agreed, now)


def _person(person: str, zone: str, number: int, now: datetime) -> None:
    row = Person.objects.create(id=person, name=NAMES[person], time_zone=zone, language="en", created_at=now)
    for place, (channel, address) in enumerate(
        (("sms", f"+4477009001{number:02}"), ("smtp", f"{person}@example.org"))
    ):
        ContactMethod.objects.create(
            id=f"{person}-{channel}",
            person=row,
            channel=channel,
            address_sealed=seal(address),
            address_hash=look_up_hash(address, ADDRESS),
            after=timedelta(0),
            position=place,
            proven_at=now - timedelta(days=1),
        )


def _circle(person: str) -> Circle:
    circle = Circle.objects.create(
        person_id=person,
        repeat_after=timedelta(hours=2),
        acknowledgement_expires=timedelta(minutes=15),
        end="caller",
        tell_caller=True,
    )
    step = LadderStep.objects.create(circle=circle, position=0, wait=timedelta(minutes=30), fair=False)
    for place, member in enumerate(MEMBERS):
        Membership.objects.create(
            circle=circle,
            person_id=member,
            position=place,
            agreed_on=date(2023, 11, 1),
            agreed_until=AGREED_UNTIL,
            offers=["talk", "come", "company", "stay"],
            wake_me=True,
        )
        LadderPlace.objects.create(step=step, person_id=member, position=place)
    return circle


def _check_in(circle: Circle, agreed: Agreed, now: datetime) -> None:
    row = CheckIn.objects.create(
        id=agreed.id,
        circle=circle,
        key=agreed.id,
        rule=agreed.rule,
        at=agreed.at,
        starts_on=agreed.starts_on,
        grace=agreed.grace,
        on_miss=agreed.on_miss,
        created_at=now,
    )
    row.told.set(Person.objects.filter(pk__in=agreed.told))
    row.noted.set(Person.objects.filter(pk__in=agreed.noted))
