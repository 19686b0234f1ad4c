"""Whoever had a call is asked the next day how they are, offered a rest, a line, somebody to talk to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from django.db.models import QuerySet

from nightlight.store.consent import is_never_contacted
from nightlight.store.models import AfterHelping, Membership
from nightlight.store.notices import NoticePurpose, tell_person, ways_to_tell
from nightlight.store.races import racing
from nightlight.store.supporting import link_in_message
from nightlight.store.words_back import RING_ME, Word, write_back

SHOWN_FOR = timedelta(days=7)
MUCH = 3
"""So many calls within `MUCH_WITHIN` are a lot to carry, whoever they were for."""
MUCH_WITHIN = timedelta(days=30)


class How(StrEnum):
    """What they said."""

    FINE = "fine"
    A_LOT = "a_lot"


@dataclass(frozen=True, kw_only=True)
class Question:
    """How somebody is after a call they had."""

    id: int
    circle: str
    """Name of the one whose call it was."""
    membership: int
    answer: str
    wants_host: bool


def due(now: datetime, limit: int) -> list[int]:
    """Those who are to be asked now, the longest due first."""
    rows = AfterHelping.objects.filter(asked_at=None, due__lte=now).order_by("due", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def ask(helped: int, now: datetime, channels_on: frozenset[str]) -> None:
    """Ask them once how they are; their own page asks too."""
    racing(partial(_ask, helped, now, channels_on))


def _ask(helped: int, now: datetime, channels_on: frozenset[str]) -> None:
    row = AfterHelping.objects.select_for_update().filter(pk=helped, asked_at=None).first()
    if row is None:
        return
    AfterHelping.objects.filter(pk=helped).update(asked_at=now)
    if _membership(row) is not None and ways_to_tell(row.person_id, channels_on).exists():
        token = link_in_message(row.person_id, now)
        tell_person(
            NoticePurpose.HOW_ARE_YOU, row.person_id, now, channels_on, circle=row.circle_id, token=token
        )


def _membership(row: AfterHelping) -> int | None:
    if is_never_contacted(row.circle_id, row.person_id):
        return None
    rows = Membership.objects.filter(circle_id=row.circle_id, person_id=row.person_id, ended_at=None)
    return rows.values_list("pk", flat=True).first()


def _lately(person: str, now: datetime) -> QuerySet[AfterHelping]:
    return AfterHelping.objects.filter(person_id=person, asked_at__gt=now - SHOWN_FOR)


def question_for(person: str, now: datetime) -> Question | None:
    """The latest question to *person* that is not a week old, and what they said; None when there is none."""
    rows = _lately(person, now).select_related("circle__person").order_by("-asked_at", "-pk")
    for row in rows:
        membership = _membership(row)
        if membership is not None:
            return Question(
                id=row.pk,
                circle=row.circle.person.name,
                membership=membership,
                answer=row.answer,
                wants_host=row.wants_host_at is not None,
            )
    return None


def say(person: str, question: int, how: How, now: datetime) -> bool:
    """They said how they are; nobody is told. Whether there was such a question."""
    return bool(_lately(person, now).filter(pk=question).update(answer=how, answered_at=now))


def ask_host_to_ring(person: str, question: int, now: datetime, channels_on: frozenset[str]) -> bool:
    """They would like somebody of the host's to get in touch; it stays at the desk until somebody did."""

    def both() -> bool:
        row = _lately(person, now).select_for_update().filter(pk=question).first()
        if row is None:
            return False
        if row.wants_host_at is None:
            AfterHelping.objects.filter(pk=row.pk).update(wants_host_at=now, host_did_at=None)
            word = Word(circle=row.circle_id, writer=person, text="", channel=RING_ME)
            write_back(word, now, channels_on)
        return True

    return racing(both)


def carries_much(person: str, now: datetime) -> bool:
    """Whether *person* had several calls within a month. Nobody is shown a count."""
    return AfterHelping.objects.filter(person_id=person, due__gt=now - MUCH_WITHIN).count() >= MUCH
