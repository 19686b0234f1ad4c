"""When a check-in is due, late, missed. Pure: what now follows from the window and the time.

The local date and the instant of each window come from `intake.recurrence`. A window is made, excused or
missed, once and for ever; and a silence that may be ours is never taken for the person's (rule 12).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

EARLY = timedelta(hours=6)
"""So long before it is due a sign of life counts for it already."""
LATE_LOOK_MAX = timedelta(seconds=60)
"""Looked at later than this, it was our outage (rule 12), and its time begins when we are there again."""
GRACE_MIN, GRACE_DEFAULT, GRACE_MAX = timedelta(minutes=5), timedelta(minutes=45), timedelta(hours=12)
REMINDERS = 2
"""On two ways, before anybody else hears (requirement 29)."""


class OnMiss(StrEnum):
    """What the person chose that a miss means."""

    REMIND = "remind"
    """Nobody but themself hears of it."""
    TELL = "tell"
    """Those they chose are told, quietly."""
    CALL = "call"
    """Their circle is called."""


class Came(StrEnum):
    """What became of a window."""

    MADE = "made"
    EXCUSED = "excused"
    MISSED = "missed"


class How(StrEnum):
    """What the person said of themself."""

    OK = "ok"
    NOT_OK = "not_ok"
    """A sign of life like any other, and nothing else follows (requirement 54)."""


class By(StrEnum):
    """Which door a check-in came in by."""

    PAGE = "page"
    TEXT = "text"
    PHONE = "phone"
    MACHINE = "machine"


class Excuse(StrEnum):
    """Why a window asked nothing of anybody."""

    AWAY = "away"
    PHONE = "phone"
    """The person said that their phone may be dead."""
    OUTAGE = "outage"
    """It came and went while we were away."""
    CHANGED = "changed"
    """The person changed the time, or where they are, and it lay in the past."""
    QUIET = "quiet"
    """Everything was switched off."""


class Do(StrEnum):
    """What is to be done about a window now."""

    WAIT = "wait"
    REMIND = "remind"
    EXCUSE = "excuse"
    MISS = "miss"


@dataclass(frozen=True, kw_only=True)
class Window:
    """One local date of one check-in, and how far it has come."""

    on: date
    due: datetime
    next_due: datetime | None
    """When the window after it is due; None after the last."""
    began: datetime | None = None
    deadline: datetime | None = None
    """Set when it begins, never before."""
    reminded: int = 0
    was_extended: bool = False

    @property
    def has_begun(self) -> bool:
        """Whether its time runs."""
        return self.began is not None and self.deadline is not None


@dataclass(frozen=True, kw_only=True)
class WindowFacts:
    """What a window cannot know of itself."""

    now: datetime
    grace: timedelta
    paused: Excuse | None = None
    """Why the person is not asked just now, if so; also once its time runs."""
    ways: int = REMINDERS
    """By how many ways they can be reminded."""
    was_reached: bool = True
    """Whether any reminder of this window was handed to a provider."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What to do, the window after it, and when to look again (None: the window is over)."""

    do: Do
    window: Window
    looks_at: datetime | None
    excuse: Excuse | None = None


def step(window: Window, facts: WindowFacts) -> Step:
    """What follows for *window* at this moment. Looking twice, or too early, changes nothing."""
    if not window.has_begun and facts.now < window.due:
        return Step(do=Do.WAIT, window=window, looks_at=window.due)
    if facts.paused is not None:
        return Step(do=Do.EXCUSE, window=window, looks_at=None, excuse=facts.paused)
    if not window.has_begun:
        return _begin(window, facts)
    window = _not_longer_than_grace(window, facts)
    assert window.deadline is not None
    if window.reminded < REMINDERS:
        return _reminding(window, facts)
    if facts.now >= window.deadline:
        return _at_deadline(window, facts)
    return Step(do=Do.WAIT, window=window, looks_at=window.deadline)


def _begin(window: Window, facts: WindowFacts) -> Step:
    if window.next_due is not None and window.next_due <= facts.now:
        # More than one came while we were away: only the latest is asked for.
        return Step(do=Do.EXCUSE, window=window, looks_at=None, excuse=Excuse.OUTAGE)
    was_late = facts.now - window.due > LATE_LOOK_MAX
    return _remind(begun(window, facts.now if was_late else window.due, facts.grace))


def _reminding(window: Window, facts: WindowFacts) -> Step:
    """Nobody else hears before both reminders went out; one that we are late with takes nothing from the time."""
    assert window.began is not None
    assert window.deadline is not None
    at = window.began if window.reminded == 0 else _second_at(window)
    if facts.now < at:
        return Step(do=Do.WAIT, window=window, looks_at=at)
    if facts.now - at > LATE_LOOK_MAX:
        began = facts.now if window.reminded == 0 else window.began
        window = replace(window, began=began, deadline=facts.now + (window.deadline - at))
    return _remind(window)


def begun(window: Window, at: datetime, grace: timedelta) -> Window:
    """*window* with its full time from *at* on."""
    return replace(window, began=at, deadline=at + grace, reminded=0)


def interrupted(window: Window, now: datetime, grace: timedelta) -> Window:
    """*window* after an outage of ours, or a clock that was set: what had begun has its full time again."""
    return begun(window, now, grace) if window.has_begun else window


def _not_longer_than_grace(window: Window, facts: WindowFacts) -> Window:
    """After a clock was set back, a wait is never longer than what was agreed."""
    assert window.deadline is not None
    if window.deadline - facts.now <= facts.grace:
        return window
    return replace(window, began=facts.now, deadline=facts.now + facts.grace)


def _at_deadline(window: Window, facts: WindowFacts) -> Step:
    if facts.ways and not facts.was_reached and not window.was_extended:
        # Nobody could be reminded, so for once the silence may be ours.
        again = replace(begun(window, facts.now, facts.grace), was_extended=True)
        return _remind(again)
    return Step(do=Do.MISS, window=window, looks_at=None)


def _remind(window: Window) -> Step:
    after = replace(window, reminded=window.reminded + 1)
    return Step(do=Do.REMIND, window=after, looks_at=_next_look(after))


def _next_look(window: Window) -> datetime | None:
    return window.deadline if window.reminded >= REMINDERS else _second_at(window)


def _second_at(window: Window) -> datetime:
    """Half of the time is left when the second reminder goes out."""
    assert window.began is not None
    assert window.deadline is not None
    return window.began + (window.deadline - window.began) / 2


def counts(window: Window, now: datetime) -> bool:
    """Whether a sign of life at *now* is one for *window*: it has begun, or is due before long."""
    return window.has_begun or now >= window.due - EARLY
