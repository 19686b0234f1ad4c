"""People and circles read back as the host's file has them. Secrets are opened here: for the host alone."""

import json
from datetime import date

from django.db.models import Prefetch

from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Offer
from nightlight.engine.policy import EndPolicy, EscalationStep
from nightlight.store.check_in_files import check_in_entries
from nightlight.store.entries import (
    CircleEntry,
    Document,
    HostEntry,
    LineEntry,
    MemberEntry,
    PersonEntry,
    ReachEntry,
    WayEntry,
)
from nightlight.store.hosts import host_ways
from nightlight.store.models import Circle, ContactMethod, Host, LadderStep, Membership, Person
from nightlight.store.sealing import unseal


class NoSuchPerson(LookupError):
    """Nobody has this id."""


def load_document(person: str | None = None) -> Document:
    """Everything an import could bring back: of *person*'s circle, or of all. Raises `NoSuchPerson`.

    What ended is not in it, nor a circle whose import its owner undid, nor a way nobody has proven.
    """
    open_ways = ContactMethod.objects.filter(ended_at=None).exclude(proven_at=None)
    people = Person.objects.order_by("id").prefetch_related(Prefetch("ways", queryset=open_ways))
    circles = Circle.objects.filter(import_undone_at=None).order_by("person_id")
    if person is None:
        row = Host.objects.filter(pk=1).first()
        return Document(
            host=host_entry(row) if row else None,
            people=tuple(map(_person_entry, people)),
            circles=tuple(map(_circle_entry, circles)),
        )
    if not people.filter(pk=person).exists():
        raise NoSuchPerson(person)
    circle = tuple(map(_circle_entry, circles.filter(pk=person)))
    named = {person} | {member.person for entry in circle for member in entry.members}
    return Document(people=tuple(map(_person_entry, people.filter(pk__in=named))), circles=circle)


def host_entry(row: Host) -> HostEntry:
    """The host as a file says it."""
    return HostEntry(
        name=row.name,
        country=row.country,
        emergency_number=row.emergency_number,
        ways=tuple(WayEntry(channel=way["channel"], to=way["to"]) for way in host_ways(row)),
        lines=tuple(
            LineEntry(
                name=line["name"],
                number=line["number"],
                hours=line["hours"],
                checked_on=date.fromisoformat(line["checked_on"]) if line["checked_on"] else None,
            )
            for line in row.lines
        ),
        anyone_may_begin=row.anyone_may_begin,
        adult_age=row.adult_age,
        minors=row.minors,
        minors_approved_by=row.minors_approved_by,
    )


def reach_of(circle: Circle) -> ReachEntry | None:
    """How the caller can be reached, opened: for the taker alone, and for the host's export."""
    return ReachEntry(**json.loads(unseal(circle.reach_sealed))) if circle.reach_sealed else None


def ladder_of(circle: Circle) -> tuple[EscalationStep, ...]:
    """The ladder as it stands today."""
    return tuple(
        EscalationStep(
            ask=tuple(PersonId(place.person_id) for place in step.places.all()),
            wait=step.wait,
            fair=step.fair,
        )
        for step in LadderStep.objects.filter(circle=circle).prefetch_related("places")
    )


def _person_entry(row: Person) -> PersonEntry:
    return PersonEntry(
        id=PersonId(row.pk),
        name=row.name,
        time_zone=row.time_zone,
        language=row.language,
        ways=tuple(
            WayEntry(channel=way.channel, to=unseal(way.address_sealed), after=way.after)
            for way in row.ways.all()
        ),
    )


def _circle_entry(row: Circle) -> CircleEntry:
    members = tuple(map(_member_entry, row.memberships.filter(ended_at=None)))
    present = {member.person for member in members}
    return CircleEntry(
        person=PersonId(row.pk),
        reach=reach_of(row),
        never_contact=_never_contact(row),
        know_each_other=row.know_each_other,
        end=EndPolicy(row.end),
        members=members,
        ladder=tuple(
            EscalationStep(ask=ask, wait=step.wait, fair=step.fair)
            for step in ladder_of(row)
            if (ask := tuple(person for person in step.ask if person in present))
        ),
        repeat_after=row.repeat_after,
        acknowledgement_expires=row.acknowledgement_expires,
        check_ins=check_in_entries(row, present),
    )


def _member_entry(row: Membership) -> MemberEntry:
    return MemberEntry(
        person=PersonId(row.person_id),
        agreed_on=row.agreed_on,
        agreed_until=row.agreed_until,
        offers=tuple(map(Offer, row.offers)),
        wake_me=row.wake_me,
        hours=(row.hours_from, row.hours_until) if row.hours_from and row.hours_until else None,
    )


def _never_contact(circle: Circle) -> tuple[str, ...]:
    """The addresses; of a person who is never contacted, all of theirs: a file knows no other way to say it."""
    addresses: list[str] = []
    for row in circle.never_contact.all():
        sealed = (
            [row.address_sealed]
            if row.address_sealed
            else [way.address_sealed for way in ContactMethod.objects.filter(person=row.person_id)]
        )
        addresses += map(unseal, sealed)
    return tuple(dict.fromkeys(addresses))
