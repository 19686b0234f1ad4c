"""The one switch: every scheduled message of a person at once, and who switched it when, on record.

Switched by the person it stops what goes to them and what is about their circle. Switched by the host, it
stops as well what only speaks of them, in anybody's circle: after a death nothing goes out in their name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q, QuerySet

from nightlight.store.models import Notice, Person, Quiet
from nightlight.store.notices import SCHEDULED, call_off
from nightlight.store.sealing import opened, seal

REASON_MAX = 300
RECORDS_SHOWN = 10


class QuietBy(StrEnum):
    """Who switched it."""

    PERSON = "person"
    TEXT = "text"
    HOST = "host"
    COMMAND = "command"


OF_THE_HOST = (QuietBy.HOST, QuietBy.COMMAND)


@dataclass(frozen=True, kw_only=True)
class QuietView:
    """One time that everything was switched off."""

    person: str
    name: str
    since: datetime
    by: str
    reason: str
    ended_at: datetime | None
    ended_by: str


def begin(person: str, by: QuietBy, now: datetime, *, reason: str = "") -> bool:
    """Switch everything scheduled off; whether it was on until now. Inside the caller's transaction.

    The host's word is put above the person's own: its record says so, and stops more.
    """
    Person.objects.select_for_update().get(pk=person)
    before = Quiet.objects.filter(person_id=person, ended_at=None).first()
    if before is not None and (before.by in OF_THE_HOST or by not in OF_THE_HOST):
        return False
    if before is not None:
        end(person, by, now)
    Quiet.objects.create(
        person_id=person, since=now, by=by, reason_sealed=seal(reason[:REASON_MAX]) if reason else ""
    )
    call_off(Notice.objects.filter(_of(person, by), purpose__in=SCHEDULED), now, "quiet")
    return True


def _of(person: str, by: QuietBy) -> Q:
    found = Q(circle_id=person) | Q(person_id=person)
    return found | Q(about_id=person) if by in OF_THE_HOST else found


def end(person: str, by: QuietBy, now: datetime) -> bool:
    """Take it back; whether there was something to take back. What was not sent meanwhile is not made up for."""
    return bool(Quiet.objects.filter(person_id=person, ended_at=None).update(ended_at=now, ended_by=by))


def stops(row: Notice) -> bool:
    """Whether somebody switched off what *row*, a scheduled message, is about."""
    on = Quiet.objects.filter(ended_at=None)
    theirs = Q(person_id__in=[row.circle_id, row.person_id])
    return on.filter(theirs | Q(person_id=row.about_id, by__in=OF_THE_HOST)).exists()


def quiet_ones(people: Iterable[str]) -> set[str]:
    """Which of *people* have everything scheduled switched off."""
    rows = Quiet.objects.filter(person_id__in=list(people), ended_at=None)
    return set(rows.values_list("person_id", flat=True))


def quiet_of(person: str) -> QuietView | None:
    """Since when and by whom everything of *person* is switched off, or None."""
    return next(iter(_views(Quiet.objects.filter(person_id=person, ended_at=None))), None)


def record_of(person: str) -> tuple[QuietView, ...]:
    """When it was switched, and by whom, the latest first."""
    return _views(Quiet.objects.filter(person_id=person))


def all_quiet() -> tuple[QuietView, ...]:
    """Everybody for whom everything is switched off now, for the host."""
    return _views(Quiet.objects.filter(ended_at=None), limit=None)


def _views(rows: QuerySet[Quiet], limit: int | None = RECORDS_SHOWN) -> tuple[QuietView, ...]:
    return tuple(
        QuietView(
            person=row.person_id,
            name=row.person.name,
            since=row.since,
            by=row.by,
            reason=opened(row.reason_sealed),
            ended_at=row.ended_at,
            ended_by=row.ended_by,
        )
        for row in rows.select_related("person").order_by("-since", "-pk")[:limit]
    )
