"""What was promised, as rows and as the pages show it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from django.db.models import Q, QuerySet

from nightlight.store.arranged import call_off_for, changed, is_in, lock_call
from nightlight.store.models import Promise
from nightlight.store.notices import NoticePurpose
from nightlight.store.sealing import opened

WORDS_MAX = 200
OPEN_MAX = 5
"""So many at a time for one person: more is not kept in mind, and nobody needs it."""
AHEAD_MAX = timedelta(days=14)
REMINDED_BEFORE = timedelta(minutes=30)
NO_WORD_AFTER = timedelta(hours=3)
SECONDS_HAVE = timedelta(hours=1)
"""Those who said they would be second are asked first, for this long."""
OTHERS_HAVE = timedelta(hours=3)
LATER = timedelta(hours=1)
"""Somebody who was asked may not be disturbed yet: then it is looked at again after this."""
SHOWN_AFTER = timedelta(days=2)
"""What became of it stays on the pages for this long."""


class What(StrEnum):
    """What is promised."""

    MORNING = "morning"
    RING = "ring"
    OWN = "own"
    """In their own words."""


class Stage(IntEnum):
    """How far it has come; kept in `Promise.reminded`."""

    WAITS = 0
    REMINDED = 1
    ASKED = 2
    """Its time has come: did it work out?"""
    LOOKING = 3
    """Those who were second in the call are asked to take it over."""
    LOOKING_WIDER = 4
    """Everybody else is, too."""


class Ended(StrEnum):
    """What became of it."""

    KEPT = "kept"
    LET_GO = "let_go"
    NOBODY = "nobody"


IS_LOOKING = (Stage.LOOKING, Stage.LOOKING_WIDER)


@dataclass(frozen=True, kw_only=True)
class Promised:
    """What somebody says they will do."""

    what: What
    due: datetime
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class PromiseView:
    """One promise, as the pages show it."""

    id: str
    circle: str
    """Id of the one it was made to."""
    owner: str
    """Name of the one it was made to."""
    person: str
    """Id of whoever has it, or of whom no word came; empty when they said they cannot."""
    name: str
    what: str
    words: str
    due: datetime
    is_asked: bool
    """Its time has come, and whoever has it was asked how it went."""
    is_looking: bool
    """Somebody else is looked for."""
    ended: str


def locked(promise: str) -> Promise | None:
    """The open promise, with its call's row locked before its own."""
    known = Promise.objects.filter(pk=promise).values_list("alert_id", flat=True).first()
    lock_call(known)
    rows = Promise.objects.select_for_update(of=("self",)).select_related("alert")
    return rows.filter(pk=promise, ended_at=None).first()


def end(row: Promise, why: Ended, now: datetime) -> None:
    """It is over, and what was written down about it is not sent any more."""
    Promise.objects.filter(pk=row.pk).update(ended_at=now, ended_why=why, looks_at=None)
    changed(row.alert_id)
    hush(row, now)


def hush(row: Promise, now: datetime) -> None:
    """Questions that did not go out yet ask for nothing any more."""
    stop_asking(row, now)
    if row.person_id and not _others(row).filter(person_id=row.person_id).exists():
        call_off_for((NoticePurpose.PROMISE,), row.circle_id, now, row.person_id)


def stop_asking(row: Promise, now: datetime) -> None:
    """Nobody is asked any more to take it over, unless the same question stands for another promise."""
    if not _others(row).filter(reminded__in=IS_LOOKING).exists():
        call_off_for((NoticePurpose.PROMISE_OPEN,), row.circle_id, now)


def _others(row: Promise) -> QuerySet[Promise]:
    return Promise.objects.filter(circle_id=row.circle_id, ended_at=None).exclude(pk=row.pk)


# ---------------------------------------------------------------------------------------------- reading


def promises_of(owner: str, now: datetime) -> tuple[PromiseView, ...]:
    """What was promised to *owner*: what is open, and for two days what nobody could do."""
    lately = Q(ended_at__gt=now - SHOWN_AFTER, ended_why=Ended.NOBODY)
    return _views(Promise.objects.filter(Q(ended_at=None) | lately, circle_id=owner))


def promises_in(alert: str) -> tuple[PromiseView, ...]:
    """What was promised in one call and was not let go."""
    return _views(Promise.objects.filter(alert_id=alert).exclude(ended_why=Ended.LET_GO))


def promises_by(person: str) -> tuple[PromiseView, ...]:
    """What *person* has promised to those in whose circles they are."""
    rows = Promise.objects.filter(person_id=person, ended_at=None)
    return tuple(view for view in _views(rows) if is_in(view.circle, person))


def asked_of(person: str) -> tuple[PromiseView, ...]:
    """What *person* is asked to take over."""
    rows = Promise.objects.filter(asked=person, ended_at=None, reminded__in=IS_LOOKING)
    open_to_them = rows.exclude(declined=person).exclude(person_id=person)
    return tuple(view for view in _views(open_to_them) if is_in(view.circle, person))


def _views(rows: QuerySet[Promise]) -> tuple[PromiseView, ...]:
    return tuple(_view(row) for row in rows.select_related("person", "circle__person"))


def _view(row: Promise) -> PromiseView:
    return PromiseView(
        id=row.pk,
        circle=row.circle_id,
        owner=row.circle.person.name,
        person=row.person_id or "",
        name=row.person.name if row.person else "",
        what=row.what,
        words=opened(row.words_sealed),
        due=row.due,
        is_asked=row.reminded == Stage.ASKED,
        is_looking=row.reminded in IS_LOOKING and row.ended_at is None,
        ended=row.ended_why,
    )
