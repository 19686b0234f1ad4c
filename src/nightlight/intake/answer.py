"""A tap, a text, a word passed on by the host: whose it is, about which call, meaning what. Stop 2 of the road.

Only these are answers. A link that was opened, a report, a phone that was picked up are not.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nightlight.engine.events import (
    Acknowledged,
    AcknowledgementRenewed,
    AnswerUndone,
    ContactMade,
    Declined,
    EndedBy,
    Event,
    HandedOn,
    Resolved,
)
from nightlight.engine.ids import PersonId
from nightlight.intake.channels import kinds_on
from nightlight.store.advance import Advanced, advance


class Saying(StrEnum):
    """What the answer page can post (design §8)."""

    YES = "yes"
    NO = "no"
    RENEW = "renew"
    IN_CONTACT = "in_contact"
    HAND_ON = "hand_on"
    RESOLVE = "resolve"
    UNDO = "undo"


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What became of an answer, for the words that go back."""

    alert: str
    person: str
    saying: Saying
    advanced: Advanced


def say(alert: str, person: str, saying: Saying, now: datetime, *, used: int | None = None) -> Answered:
    """Let *person* say *saying* about the call. Raises `NoSuchAlert`.

    *used* goes with `RENEW`: how often they had asked for more time on the page they pressed it on.
    """
    advanced = advance(alert, _event(PersonId(person), saying, used), now=now, channels_on=kinds_on())
    return Answered(alert=alert, person=person, saying=saying, advanced=advanced)


def _event(person: PersonId, saying: Saying, used: int | None) -> Event:
    match saying:
        case Saying.YES:
            return Acknowledged(person=person)
        case Saying.NO:
            return Declined(person=person)
        case Saying.RENEW:
            return AcknowledgementRenewed(person=person, used=used)
        case Saying.IN_CONTACT:
            return ContactMade(by_caller=False, person=person)
        case Saying.HAND_ON:
            return HandedOn(person=person)
        case Saying.UNDO:
            return AnswerUndone(person=person)
        case Saying.RESOLVE:
            return Resolved(by=EndedBy.TAKER, person=person)
