"""What the pages show besides the call itself. Reading only.

How to reach a caller and the words others sent are opened here, and only the page of somebody who
said yes asks for them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from nightlight.engine.effects import Purpose
from nightlight.engine.ids import PersonId
from nightlight.store.circles_read import reach_of
from nightlight.store.consent import NeverContacted
from nightlight.store.entries import ReachEntry
from nightlight.store.hosts import host, host_ways
from nightlight.store.models import (
    Circle,
    KeptReply,
    LadderPlace,
    LadderStep,
    Notification,
    Person,
    WaitingEvent,
)
from nightlight.store.queries import AlertView
from nightlight.store.sealing import UnreadableError, unseal

_YES_KINDS = frozenset({"Acknowledged", "AcknowledgementRenewed", "ContactMade"})
_NO_KINDS = frozenset({"Declined", "HandedOn"})


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Somebody a page is written for."""

    id: str
    name: str
    time_zone: str
    language: str


@dataclass(frozen=True, kw_only=True)
class CircleView:
    """What a page may need to know of a caller's circle."""

    present: frozenset[PersonId]
    """Members who did not leave and are not on the never-contact list."""
    names: tuple[str, ...] = ()
    """Of those of them whom the ladder asks, in its order."""
    know_each_other: bool
    has_ladder: bool
    is_news: bool = False
    """The host set it up, and the person has not said yet whether that is right."""


@dataclass(frozen=True, kw_only=True)
class KeptWords:
    """Words somebody sent back that were no answer."""

    person: str
    name: str
    at: datetime
    text: str


@dataclass(frozen=True, kw_only=True)
class AskMessage:
    """One message of an ask: by what, how far it came, and what is known of it."""

    person: PersonId
    channel: str
    status: str
    evidence: str
    failed_before: bool
    """A try was not accepted; another may follow."""
    due: datetime | None
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class LineView:
    """A line where a human answers."""

    name: str
    number: str
    hours: str


@dataclass(frozen=True, kw_only=True)
class HostView:
    """What every page shows of the host."""

    name: str = ""
    emergency_number: str = ""
    lines: tuple[LineView, ...] = ()


def reader(person: str) -> Reader | None:
    """The person a page is for, or None."""
    row = Person.objects.filter(pk=person).first()
    if row is None:
        return None
    return Reader(id=row.pk, name=row.name, time_zone=row.time_zone, language=row.language)


def time_zones(people: Collection[str]) -> dict[str, str]:
    """Where *people* live, as the names of time zones, by id."""
    return dict(Person.objects.filter(pk__in=people).values_list("pk", "time_zone"))


def circle_view(person: str) -> CircleView:
    """The circle of *person*; an empty one when they have none."""
    circle = Circle.objects.filter(pk=person).first()
    if circle is None:
        return CircleView(present=frozenset(), know_each_other=False, has_ladder=False)
    never = NeverContacted(circle)
    members = (
        circle.memberships.filter(ended_at=None).select_related("person").prefetch_related("person__ways")
    )
    present = [m for m in members if not never.has_person(m.person_id, m.person.ways.all())]
    names = {m.person_id: m.person.name for m in present}
    places = LadderPlace.objects.filter(step__circle=circle).order_by("step__position", "position")
    asked = dict.fromkeys(places.values_list("person_id", flat=True))
    return CircleView(
        present=frozenset(PersonId(person) for person in names),
        names=tuple(names[person] for person in asked if person in names),
        know_each_other=circle.know_each_other,
        # Whoever took an imported circle back has none.
        has_ladder=circle.import_undone_at is None and LadderStep.objects.filter(circle=circle).exists(),
        is_news=circle.imported_at is not None and circle.import_noticed_at is None,
    )


def reach_of_caller(person: str) -> ReachEntry | None:
    """How *person* can be reached: for whoever said yes, and nobody else."""
    circle = Circle.objects.filter(pk=person).first()
    try:
        return reach_of(circle) if circle else None
    except UnreadableError:
        # The page of somebody who has the call opens even so; `doctor` lists what no key opens.
        return None


def kept_words(alert: str, *, besides: str) -> list[KeptWords]:
    """What people other than *besides* sent back about this call, oldest first."""
    found = []
    for row in KeptReply.objects.filter(alert_id=alert).exclude(person_id=besides).select_related("person"):
        try:
            text = unseal(row.text_sealed)
        except UnreadableError:
            continue
        found.append(KeptWords(person=row.person_id, name=row.person.name, at=row.at, text=text))
    return found


def waiting_answer(alert: str, person: str) -> bool | None:
    """What *person* last said to a poisoned call and is not taken up yet: True for yes, False for no."""
    said = None
    for row in WaitingEvent.objects.filter(
        alert_id=alert, kind__in=_YES_KINDS | _NO_KINDS | {"AnswerUndone"}
    ):
        if row.body.get("person") == person and not row.body.get("by_caller", False):
            said = None if row.kind == "AnswerUndone" else row.kind in _YES_KINDS
    return said


def ask_messages(view: AlertView) -> list[AskMessage]:
    """The messages of everyone's latest ask in this call, in the order they go out.

    Of a broken call also those of the fixed road, which the rules know nothing of.
    """
    latest = [ask.message for ask in view.alert.asks] if view.alert else []
    of_fixed_road = Q(message__lt=0) if view.is_poisoned else Q(pk__in=[])
    rows = Notification.objects.filter(
        Q(message__in=latest) | of_fixed_road, alert_id=view.id, purpose=Purpose.ASK
    )
    return [
        AskMessage(
            person=PersonId(row.person_id or ""),
            channel=row.channel,
            status=row.status,
            evidence=row.evidence,
            failed_before=row.failed_before,
            due=row.due,
            sent_at=row.sent_at,
        )
        for row in rows.order_by("created_at", "message", "position")
    ]


def host_channels() -> frozenset[str]:
    """The channels by which whoever runs the service can be told; none when no key opens their ways."""
    try:
        return frozenset(way["channel"] for way in host_ways(host()))
    except UnreadableError:
        return frozenset()


def host_view() -> HostView:
    """Whoever runs the service, as every page shows them."""
    row = host()
    return HostView(
        name=row.name,
        emergency_number=row.emergency_number,
        lines=tuple(
            LineView(name=line["name"], number=line["number"], hours=line.get("hours") or "")
            for line in row.lines
        ),
    )
