"""What can happen to an alert. Events are past tense; every status meets every one of them.

Stop 2 of the road: `intake` makes one of these of whatever came in at the door.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nightlight.engine.effects import Purpose
from nightlight.engine.ids import ContactMethodId, NotificationId, PersonId
from nightlight.engine.needs import Need
from nightlight.engine.policy import EscalationPolicy


class RaisedBy(StrEnum):
    """What brought a call: the caller's own wish, or something agreed beforehand."""

    CALLER = "caller"
    CHECK_IN = "check_in"
    MACHINE = "machine"


class EndedBy(StrEnum):
    """Who wants to end a call. Whether they may is rule 8."""

    CALLER = "caller"
    TAKER = "taker"
    HOST = "host"
    LATE_CHECK_IN = "late_check_in"


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to one alert."""


@dataclass(frozen=True, kw_only=True)
class AlertRaised(Event):
    """Somebody called, or something agreed beforehand called for them."""

    person: PersonId
    need: Need
    by: RaisedBy
    policy: EscalationPolicy


@dataclass(frozen=True, kw_only=True)
class TimerEvent(Event):
    """The ladder timer came due. A late or doubled one is known by its generation."""

    generation: int


@dataclass(frozen=True, kw_only=True)
class StepTimedOut(TimerEvent):
    """Nobody in the step answered in its wait."""


@dataclass(frozen=True, kw_only=True)
class RoundDue(TimerEvent):
    """The pause between two rounds is over."""


@dataclass(frozen=True, kw_only=True)
class AcknowledgementExpired(TimerEvent):
    """The taker went quiet."""


@dataclass(frozen=True, kw_only=True)
class ContactDue(TimerEvent):
    """Time to ask both whether they are still in touch."""


@dataclass(frozen=True, kw_only=True)
class LadderRanOut(Event):
    """Everyone was tried. Comes only as the `then` of another event."""

    rung: int


@dataclass(frozen=True, kw_only=True)
class WaitInterrupted(Event):
    """An outage of ours, or a clock set back, swallowed part of the wait that was running (rule 12)."""


@dataclass(frozen=True, kw_only=True)
class ResponderAvailable(Event):
    """Somebody on the ladder who was not available has become so."""

    person: PersonId


@dataclass(frozen=True, kw_only=True)
class Acknowledged(Event):
    """Somebody said "I've got this"."""

    person: PersonId


@dataclass(frozen=True, kw_only=True)
class AcknowledgementRenewed(Event):
    """The taker asked for more time."""

    person: PersonId
    used: int | None = None
    """How often they had asked already on the page it was pressed on: two presses of one page are one."""


@dataclass(frozen=True, kw_only=True)
class Declined(Event):
    """Somebody said "I can't right now"."""

    person: PersonId


@dataclass(frozen=True, kw_only=True)
class HandedOn(Event):
    """Somebody who said yes hands the call on."""

    person: PersonId


@dataclass(frozen=True, kw_only=True)
class AnswerUndone(Event):
    """Somebody takes their last answer back, within two minutes of giving it."""

    person: PersonId


@dataclass(frozen=True, kw_only=True)
class DeliveryEvent(Event):
    """What came of one notification, as far as the ladder must know."""

    notification: NotificationId
    person: PersonId
    contact_method: ContactMethodId
    purpose: Purpose
    message: int
    hold: int


@dataclass(frozen=True, kw_only=True)
class DeliveryFailed(DeliveryEvent):
    """A try was not accepted. `final` when nothing more will be tried by this way."""

    final: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class DeliveryUnknown(DeliveryEvent):
    """It may or may not have gone out: a lapsed lease, a timeout, a message a gateway only queued."""


@dataclass(frozen=True, kw_only=True)
class ContactMethodWithdrawn(Event):
    """A way to reach somebody is gone: they sent STOP, or it bounced for good."""

    person: PersonId
    contact_method: ContactMethodId


@dataclass(frozen=True, kw_only=True)
class ContactMade(Event):
    """Somebody says that the caller and a member are in touch. Only the caller's word counts fully."""

    by_caller: bool
    person: PersonId | None = None
    """By the caller: with whom, or None. By a member: who says so."""
    ask_again_at: datetime | None = None
    """By the caller: the morning hour at which to ask again, instead of hourly."""


@dataclass(frozen=True, kw_only=True)
class StillNeeded(Event):
    """The caller still needs someone."""


@dataclass(frozen=True, kw_only=True)
class NeedChanged(Event):
    """The caller needs something else now."""

    need: Need


@dataclass(frozen=True, kw_only=True)
class ResponderRemoved(Event):
    """Somebody left the circle, was taken out of it, or must never be contacted."""

    person: PersonId


@dataclass(frozen=True, kw_only=True)
class Resolved(Event):
    """Somebody says it is over."""

    by: EndedBy
    person: PersonId | None = None
    reason: str = ""
