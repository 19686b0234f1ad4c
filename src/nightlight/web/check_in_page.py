"""What is said of a check-in: how it stands now, and what happens when no word comes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nightlight.channels.registry import page_word
from nightlight.engine.checkin import EARLY, counts
from nightlight.intake.channels import kinds_on
from nightlight.store.check_in_queries import (
    CheckInView,
    check_ins_of,
    choosable,
    is_latest_not_ok,
    reminder_kinds,
)
from nightlight.store.check_ins import is_quiet
from nightlight.web.check_in_form import DAILY, day_names, weekdays_of


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """One reminder that is still to come."""

    at: datetime
    word: str
    """For the kind of way: text, email. Empty when there is none."""


@dataclass(frozen=True, kw_only=True)
class Stand:
    """One check-in at one moment."""

    it: CheckInView
    state: str
    """`off`, `silent` (nobody heard of the person since one was missed), `asking`, `soon`, `paused`, `waiting`, or
    `quiet` (everything was switched off by the one switch)."""
    days: tuple[str, ...]
    """Names of the days of the week; empty when it is not about those."""
    is_daily: bool
    told: tuple[str, ...]
    """Names of those who are told when no word comes."""
    noted: tuple[str, ...]
    due: datetime | None
    """When the next one is due, or the one that is asked for now was."""
    until: datetime | None
    """When the time of that one is over."""
    opens: datetime | None
    """From when on a word counts for it."""
    reminders: tuple[Reminder, ...]
    minutes: int
    is_near: bool
    """A word counts already for the one that is next."""
    may_tell: bool
    """The person said lately that it is not so good, and may let somebody know."""

    @property
    def takes(self) -> bool:
        """Whether there is something to check in for."""
        return self.state in ("silent", "asking", "soon")


def stand_of(view: CheckInView, person: str, now: datetime) -> Stand:
    """How *view*, a check-in of *person*, stands at *now*."""
    names = {each.person: each.name for each in choosable(person)}
    window = view.window
    due = window.due if window else None
    began = (window.began or window.due) if window else None
    until = (window.deadline or window.due + view.grace) if window else None
    return Stand(
        it=view,
        state=_state(view, now, is_quiet=is_quiet(person)),
        days=tuple(day_names(weekdays_of(view.rule))),
        is_daily=view.rule == DAILY,
        told=tuple(names[each] for each in view.told if each in names),
        noted=tuple(names[each] for each in view.noted if each in names),
        due=due,
        until=until,
        opens=due - EARLY if due else None,
        reminders=_reminders(began, until, reminder_words(person, view.remind), now),
        minutes=int(view.grace / timedelta(minutes=1)),
        is_near=view.is_on and window is not None and counts(window, now),
        may_tell=is_latest_not_ok(view, now),
    )


def stands_of(person: str, now: datetime) -> list[Stand]:
    """Every check-in of *person*, by its time."""
    return [stand_of(view, person, now) for view in check_ins_of(person, now)]


def _state(view: CheckInView, now: datetime, *, is_quiet: bool) -> str:
    if view.silence is not None:
        return "silent"
    if not view.is_on or view.window is None:
        return "off"
    if is_quiet:
        return "quiet"
    if view.window.has_begun:
        return "asking"
    if view.paused_until is not None and view.window.due < view.paused_until:
        return "paused"
    return "soon" if counts(view.window, now) else "waiting"


def reminder_words(person: str, remind: Sequence[str]) -> list[str]:
    """The words for the ways by which *person* is reminded, the first and the second time."""
    kinds = reminder_kinds(person, remind, kinds_on())
    return [page_word(kind) for kind in (kinds[:1] + (kinds[1:2] or kinds[:1]))]


def _reminders(
    began: datetime | None,
    until: datetime | None,
    words: Iterable[str],
    now: datetime,
) -> tuple[Reminder, ...]:
    if began is None or until is None:
        return ()
    both = zip((began, began + (until - began) / 2), words, strict=False)
    return tuple(Reminder(at=at, word=word) for at, word in both if at > now)
