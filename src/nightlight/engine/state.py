"""An alert as the rules see it: what is under way, who was asked, who has it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from nightlight.engine.effects import TimerKind
from nightlight.engine.events import EndedBy, RaisedBy
from nightlight.engine.ids import AlertId, PersonId
from nightlight.engine.needs import Need
from nightlight.engine.policy import EscalationPolicy


class AlertStatus(StrEnum):
    """Where a call stands. Nothing leaves RESOLVED."""

    TRIGGERED = "triggered"
    """Working the ladder."""
    EXHAUSTED = "exhausted"
    """Everyone was tried and the caller was told; further rounds run."""
    ACKNOWLEDGED = "acknowledged"
    """Someone has it; the caller has not confirmed contact."""
    IN_CONTACT = "in_contact"
    """The caller said so."""
    RESOLVED = "resolved"
    """Over."""


class Answer(StrEnum):
    """What a person last said to an ask."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, kw_only=True)
class Ask:
    """The last time one person was asked in this call, and what they said."""

    person: PersonId
    message: int
    """Serial of the message that carried it; 0 when they answered without having been asked."""
    rung: int
    round: int
    asked_at: datetime
    wished: bool = False
    answer: Answer | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PlannedStep:
    """A step of this round: still to come, or under way when its people were asked."""

    people: tuple[PersonId, ...]
    wait: timedelta
    fair: bool = False
    left: timedelta | None = None
    """What was left of its wait when a hold interrupted it; going on with it asks nobody anew."""


@dataclass(frozen=True, kw_only=True)
class Timer:
    """The one ladder timer of an open alert. `length` is how long it was set for."""

    kind: TimerKind
    due: datetime
    generation: int
    length: timedelta

    def left(self, now: datetime) -> timedelta:
        """What is left of it at *now*: nothing once it is due, and never more than it was set for."""
        # A clock that was set back must not make a wait longer than it is.
        return min(max(self.due - now, timedelta(0)), self.length)


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Someone has it, from one yes until it is given up, expires, or the call is over."""

    number: int
    taker: PersonId | None
    """None when the caller says they are in touch without saying with whom."""
    began_at: datetime
    limit_at: datetime
    """Without the caller's word the taker holds no longer than this (rule 6)."""
    renewals: int = 0
    claimed: bool = False
    """The taker says they are in touch; the caller has been asked."""
    told: frozenset[PersonId] = frozenset()
    """For whom a message that someone has it was made in this hold; there is never a second one."""


@dataclass(frozen=True, kw_only=True)
class Contact:
    """The caller confirmed that somebody is with them."""

    caller_word_at: datetime
    asked: bool = False
    """Both were asked, and neither has said a word since."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """How long one taker has held this call in this round."""

    person: PersonId
    time: timedelta


@dataclass(frozen=True, kw_only=True)
class End:
    """How the call ended."""

    at: datetime
    by: EndedBy
    person: PersonId | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One call, whole. The ladder in `policy` is frozen; consent is not here at all."""

    id: AlertId
    person: PersonId
    need: Need
    status: AlertStatus
    causes: tuple[RaisedBy, ...]
    policy: EscalationPolicy
    raised_at: datetime
    round: int = 1
    rung: int = 0
    """Steps begun so far, over all rounds."""
    ahead: tuple[PlannedStep, ...] = ()
    current: PlannedStep | None = None
    """The step under way; None between two rounds and while someone has it."""
    pause_left: timedelta | None = None
    """A pause between rounds that a hold interrupted, to be gone on with."""
    timer: Timer | None = None
    ran_out: bool = False
    """Everyone was tried at least once."""
    gently: bool = False
    """Working again only because two people in touch fell silent: within hours, nobody woken."""
    holds: int = 0
    hold: Hold | None = None
    contact: Contact | None = None
    asks: tuple[Ask, ...] = ()
    """One per person, in the order of their first ask."""
    seconds: tuple[PersonId, ...] = ()
    held: tuple[Held, ...] = ()
    undone: frozenset[PersonId] = frozenset()
    """Who took an answer back in this round."""
    unavailable: frozenset[PersonId] = frozenset()
    """On the ladder, and not available when their step of this round began or when it ran out."""
    urgent_since: datetime | None = None
    """When the need last became more urgent: a no from before it does not rest anyone."""
    round_now_at: datetime | None = None
    """When a round last began out of turn."""
    message: int = 0
    """Serial of the last message sent out on behalf of this call."""
    caller_message: int = 0
    """Serial of the last news to the caller; whatever was said before it is no longer the truth."""
    end: End | None = None

    @property
    def taker(self) -> PersonId | None:
        """Who has it, if anyone."""
        return self.hold.taker if self.hold else None

    @property
    def is_working(self) -> bool:
        """Whether the ladder is being worked, or waits for its next round."""
        return self.status in (AlertStatus.TRIGGERED, AlertStatus.EXHAUSTED)

    @property
    def between_rounds(self) -> bool:
        """Whether everyone was tried and the next round has not begun."""
        return self.status is AlertStatus.EXHAUSTED and self.current is None

    @property
    def everyone(self) -> tuple[PersonId, ...]:
        """Everyone this call may involve: on the frozen ladder or asked since, each once."""
        return tuple(dict.fromkeys((*self.policy.people, *(a.person for a in self.asks))))

    def ask_of(self, person: PersonId) -> Ask | None:
        """The last ask of *person* in this call, or None."""
        return next((ask for ask in self.asks if ask.person == person), None)
