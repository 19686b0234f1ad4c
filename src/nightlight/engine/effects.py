"""What must now be done about an alert. Effects are imperative; the store carries them out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nightlight.engine.ids import ContactMethodId, PersonId


class Purpose(StrEnum):
    """Why a notification goes out. Each has its own words and its own end of life."""

    ASK = "ask"
    STAND_DOWN = "stand_down"
    REOPENED = "reopened"
    ALL_CLEAR = "all_clear"
    TAKER_NEWS = "taker_news"
    CALLER_NEWS = "caller_news"
    HOST_NEWS = "host_news"
    TEXT_BACK = "text_back"


class News(StrEnum):
    """What a message other than an ask says."""

    SOMEONE_HAS_IT = "someone_has_it"
    OPEN_AGAIN = "open_again"
    OVER = "over"
    NEED_CHANGED = "need_changed"
    CHECK_IN_JOINED = "check_in_joined"
    STILL_IN_TOUCH = "still_in_touch"
    WENT_QUIET = "went_quiet"
    ALL_TRIED = "all_tried"
    CONTACT_LOST = "contact_lost"
    IN_TROUBLE = "in_trouble"
    PROVIDER_REFUSES_US = "provider_refuses_us"
    PROMISE_OPEN = "promise_open"
    """Somebody said what they would do after a call, and nobody can do it now."""


class TimerKind(StrEnum):
    """The four ladder timers; an open alert has exactly one."""

    STEP = "step_timed_out"
    ROUND = "round_due"
    ACKNOWLEDGEMENT = "acknowledgement_expired"
    CONTACT = "contact_due"


class What(StrEnum):
    """The lines of a timeline (design §8); promised to the outside."""

    RAISED = "raised"
    JOINED = "joined"
    ASKED = "asked"
    ACCEPTED = "accepted"
    QUEUED = "queued"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    ACKNOWLEDGED = "acknowledged"
    DECLINED = "declined"
    RENEWED = "renewed"
    EXPIRED = "expired"
    IN_CONTACT = "in_contact"
    HANDED_ON = "handed_on"
    NEED_CHANGED = "need_changed"
    REMOVED = "removed"
    EXHAUSTED = "exhausted"
    ROUND_BEGAN = "round_began"
    STOOD_DOWN = "stood_down"
    REOPENED = "reopened"
    RESOLVED = "resolved"
    CALLER_TOLD = "caller_told"
    HOST_TOLD = "host_told"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line for the timeline. `detail` is a code word or, for an end by the host, the reason given."""

    what: What
    who: PersonId | None = None
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class PlannedWay:
    """One way of one message, and when it goes out; None waits until it is brought forward."""

    contact_method: ContactMethodId
    due: datetime | None


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Something that must be done because of a decision."""


@dataclass(frozen=True, kw_only=True)
class Notify(Effect):
    """Ask a person. Said again for the same `message`, it revives the ways that never went out."""

    person: PersonId
    message: int
    rung: int
    ways: tuple[PlannedWay, ...]
    first: bool
    """The first asks of a call go before everything else (rule 11)."""
    again: bool
    """This person was asked before in this call; the words say so."""
    wished: bool
    """Nobody offered the need, so the words say what was wished (rule 9)."""


@dataclass(frozen=True, kw_only=True)
class StandDown(Effect):
    """Tell a member, by the way that got through, something that asks nothing new of them."""

    person: PersonId
    purpose: Purpose
    news: News
    message: int
    hold: int
    ways: tuple[PlannedWay, ...]


@dataclass(frozen=True, kw_only=True)
class TellCaller(Effect):
    """Tell the caller by their own ways; the page tells them in any case."""

    news: News
    message: int
    hold: int
    about: PersonId | None = None


@dataclass(frozen=True, kw_only=True)
class TellHost(Effect):
    """Tell whoever runs the service."""

    news: News
    message: int
    hold: int


@dataclass(frozen=True, kw_only=True)
class BringForward(Effect):
    """The next way of this message that has not gone out goes now. What was cancelled stays so."""

    message: int


@dataclass(frozen=True, kw_only=True)
class CancelPending(Effect):
    """What has not gone out, for these purposes, does not go out; of one person, or of everyone."""

    purposes: frozenset[Purpose]
    person: PersonId | None = None


@dataclass(frozen=True, kw_only=True)
class SetTimer(Effect):
    """The ladder timer now stands so. It lives on the alert's own row."""

    kind: TimerKind
    due: datetime
    generation: int


@dataclass(frozen=True, kw_only=True)
class ScheduleFollowUps(Effect):
    """The call is over: short notes follow for the person, and a question for whoever had it."""

    had_it: tuple[PersonId, ...]
    """Who had it in this call, the last of them first."""
    others: tuple[PersonId, ...]
    """Everyone else the notes could be signed by: the seconds first, then by the ladder."""
