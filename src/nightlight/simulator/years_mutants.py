"""Faults planted by hand into check-ins; the years must find every one, or finding none in them proves nothing."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from nightlight.engine import checkin as rules
from nightlight.engine.checkin import How, OnMiss, Window
from nightlight.intake import checkin, recurrence
from nightlight.intake.windows import window_after
from nightlight.simulator.mutating import Mutant, always
from nightlight.store import check_in_words, check_ins
from nightlight.store.check_ins import Schedule
from nightlight.store.local_time import instant

PLANTED: dict[str, Mutant] = {}

Plant = Callable[[], AbstractContextManager[Any]]


def planted(plant: Plant) -> Plant:
    """Put a maker of a planted fault into the list, under its own name and with its own sentence."""
    PLANTED[plant.__name__] = Mutant(name=plant.__name__, what=plant.__doc__ or "", plant=plant)
    return plant


@planted
@contextmanager
def our_outage_is_their_silence() -> Iterator[None]:
    """After an outage the time of a window is not given again, however late it is looked at."""
    with (
        patch.object(rules, "LATE_LOOK_MAX", timedelta(days=99)),
        patch.object(checkin, "interrupted", lambda window, *_: window),
    ):
        yield


@planted
def one_reminder_is_enough() -> AbstractContextManager[Any]:
    """Only one reminder goes out before somebody else hears."""
    return patch.object(rules, "REMINDERS", 1)


@planted
def both_reminders_by_the_same_way() -> AbstractContextManager[Any]:
    """The second reminder goes by the way of the first."""
    right = check_in_words.remind

    def remind(schedule: Schedule, window: Window, *rest: Any) -> bool:
        return right(schedule, replace(window, reminded=1), *rest)

    return patch.object(check_in_words, "remind", remind)


@planted
def whoever_was_to_be_told_is_called() -> AbstractContextManager[Any]:
    """A miss that was to be told quietly calls the whole circle."""
    right = check_ins.schedule_of

    def schedule_of(row: Any) -> Schedule:
        found = right(row)
        return replace(found, on_miss=OnMiss.CALL) if found.on_miss is OnMiss.TELL else found

    return patch.object(check_ins, "schedule_of", schedule_of)


@planted
def a_miss_calls_nobody() -> AbstractContextManager[Any]:
    """A miss that was to call the circle is noted, and that is all."""
    return patch.object(checkin, "_call", always(None))


@planted
def a_late_word_ends_nothing() -> AbstractContextManager[Any]:
    """Heard of late, the person's circle goes on being called."""
    return patch.object(check_ins, "is_open", always(False))


@planted
def not_ok_ends_a_call() -> AbstractContextManager[Any]:
    """Whoever says late that they are not OK is taken at the opposite of their word."""
    right = checkin._make_good

    def make_good(schedule: Schedule, missed: Any, _how: How, now: datetime) -> Any:
        return right(schedule, missed, How.OK, now)

    return patch.object(checkin, "_make_good", make_good)


@planted
def a_move_is_not_noticed() -> AbstractContextManager[Any]:
    """Whoever travels is asked at the hour of the place they left."""
    return patch.object(checkin, "moved", always(None))


@planted
def the_offset_of_january_holds_all_year() -> AbstractContextManager[Any]:
    """Clocks that are put forward or back are not followed."""

    def fixed(on: date, at: time, zone: str) -> datetime | None:
        january = instant(date(on.year, 1, 1), at, zone)
        if january is None:
            return None
        return january + timedelta(days=(on - date(on.year, 1, 1)).days)

    return patch.object(recurrence, "instant", fixed)


@planted
def a_night_without_that_hour_has_no_window() -> AbstractContextManager[Any]:
    """Where the clock is put forward over the time, the date is left out."""

    def left_out(on: date, at: time, zone: str) -> datetime | None:
        found = instant(on, at, zone)
        if found is None or found.astimezone(ZoneInfo(zone)).time() != at:
            return None
        return found

    return patch.object(recurrence, "instant", left_out)


@planted
def whoever_is_away_is_asked() -> AbstractContextManager[Any]:
    """A pause is forgotten."""
    return patch.object(checkin, "_why_paused", always(None))


@planted
def the_quiet_word_goes_to_everybody() -> AbstractContextManager[Any]:
    """Those who are told of a miss hear each time that it was made, too."""
    right = check_in_words.tell_made

    def tell_made(schedule: Schedule, now: datetime, on: frozenset[str]) -> None:
        right(schedule, now, on)
        check_in_words.tell_missed(schedule, now, on)

    return patch.object(check_in_words, "tell_made", tell_made)


@planted
def an_early_word_is_forgotten() -> AbstractContextManager[Any]:
    """A sign of life before it is due is taken, and the person is missed all the same."""
    return patch.object(rules, "EARLY", timedelta(0))


@planted
def two_days_are_looked_at_as_one() -> AbstractContextManager[Any]:
    """After each window the next date is passed over."""
    right = window_after

    def after(schedule: Schedule, window: Window) -> Window | None:
        following = right(schedule, window)
        return right(schedule, following) if following is not None else None

    return patch.object(checkin, "window_after", after)
