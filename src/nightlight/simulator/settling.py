"""The world written into the tables: people, ways, circles, ladders and the host."""

import json
from datetime import date, datetime, timedelta

from nightlight.simulator.scenario import NAMES, Arranged, Resident, Scenario
from nightlight.store.models import (
    Circle,
    ContactMethod,
    Host,
    LadderPlace,
    LadderStep,
    Membership,
    Person,
)
from nightlight.store.sealing import ADDRESS, look_up_hash, seal

HOST_NAME = "Harbour House"
HOST_ADDRESS = "desk@example.org"


def settle_in(scenario: Scenario) -> None:
    """Write down the world of *scenario*."""
    for resident in scenario.people.values():
        _resident(resident, scenario.start)
    for arranged in scenario.circles:
        _circle(arranged)
    ways = [{"channel": "smtp", "to": HOST_ADDRESS}] if scenario.host_has_ways else []
    Host.objects.create(name=HOST_NAME, ways_sealed=seal(json.dumps(ways)))


def _resident(resident: Resident, now: datetime) -> None:
    person = Person.objects.create(
        id=resident.id, name=NAMES[resident.id], time_zone=resident.zone, language="en", created_at=now
    )
    ContactMethod.objects.bulk_create(
        ContactMethod(
            id=way.id,
            person=person,
            channel=way.channel,
            address_sealed=seal(way.address),
            address_hash=look_up_hash(way.address, ADDRESS),
            after=way.after,
            position=position,
            proven_at=now - timedelta(days=1),
        )
        for position, way in enumerate(resident.ways)
    )


def _circle(arranged: Arranged) -> None:
    circle = Circle.objects.create(
        person_id=arranged.caller,
        repeat_after=arranged.repeat_after,
        acknowledgement_expires=arranged.acknowledgement_expires,
        end=arranged.ends,
        tell_caller=arranged.tell_caller,
    )
    Membership.objects.bulk_create(
        Membership(
            circle=circle,
            person_id=member.person,
            position=position,
            agreed_on=date(2025, 11, 1),
            agreed_until=member.agreed_until,
            offers=list(member.offers),
            wake_me=member.wake_me,
            hours_from=member.hours[0] if member.hours else None,
            hours_until=member.hours[1] if member.hours else None,
        )
        for position, member in enumerate(arranged.members)
    )
    for position, step in enumerate(arranged.ladder):
        row = LadderStep.objects.create(circle=circle, position=position, wait=step.wait, fair=step.fair)
        LadderPlace.objects.bulk_create(
            LadderPlace(step=row, person_id=person, position=place)
            for place, person in enumerate(step.people)
        )
