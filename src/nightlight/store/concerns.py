"""A supporter thinks of the person and says so, to the person alone. It raises no call, and nobody else hears of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from nightlight.store.models import Concern

SHOWN_FOR = timedelta(days=3)


class ConcernAnswer(StrEnum):
    """What the person made of it."""

    THANKS = "thanks"
    """They saw it and are grateful; the supporter hears that."""
    LET_BE = "let_be"
    """Nobody hears anything."""


@dataclass(frozen=True, kw_only=True)
class ConcernView:
    """Somebody is thinking of the person."""

    id: str
    who: str
    name: str
    at: datetime


def open_concerns(person: str, now: datetime) -> tuple[ConcernView, ...]:
    """Who said lately that they are thinking of *person*, and has no answer; the newest first."""
    rows = Concern.objects.filter(circle_id=person, answered_at=None, at__gt=now - SHOWN_FOR)
    rows = rows.filter(person__memberships__circle_id=person, person__memberships__ended_at=None)
    return tuple(
        ConcernView(id=row.pk, who=row.person_id, name=row.person.name, at=row.at)
        for row in rows.select_related("person").order_by("-at")
    )


def answer_concern(person: str, concern: str, answer: ConcernAnswer, now: datetime) -> str | None:
    """*person* answers with one tap; id of whom it answers, or None when there was nothing to answer."""
    row = Concern.objects.filter(pk=concern, circle_id=person, answered_at=None).first()
    if row is None:
        return None
    Concern.objects.filter(pk=row.pk).update(answered_at=now, answer=answer)
    return row.person_id
