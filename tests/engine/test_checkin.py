"""One window of one check-in: in whatever order it is looked at, however the clock is set, whatever we slept through."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nightlight.engine.checkin import (
    GRACE_MAX,
    GRACE_MIN,
    LATE_LOOK_MAX,
    REMINDERS,
    Do,
    Excuse,
    Step,
    Window,
    WindowFacts,
    begun,
    counts,
    interrupted,
    step,
)

DUE = datetime(2026, 11, 21, 21, tzinfo=UTC)
AHEAD = Window(on=date(2026, 11, 21), due=DUE, next_due=DUE + timedelta(days=1))
GRACE = timedelta(minutes=40)

graces = st.integers(int(GRACE_MIN.total_seconds()), int(GRACE_MAX.total_seconds())).map(
    lambda seconds: timedelta(seconds=seconds)
)
minutes = st.integers(-2000, 2000).map(lambda count: timedelta(minutes=count))


def look(window: Window, at: timedelta, **facts: object) -> Step:
    """What follows *at* so long after it was due."""
    return step(window, WindowFacts(now=DUE + at, grace=GRACE, **facts))  # type: ignore[arg-type]


def after(*looks: timedelta) -> Step:
    """The last of several looks at one window, each on time for what the one before asked for."""
    window, done = AHEAD, look(AHEAD, looks[0])
    for at in looks:
        done = look(window, at)
        window = done.window
    return done


def test_a_window_takes_its_course() -> None:
    minute = timedelta(minutes=1)
    assert look(AHEAD, -minute).do is Do.WAIT
    first = after(timedelta())
    assert (first.do, first.looks_at) == (Do.REMIND, DUE + GRACE / 2)
    second = after(timedelta(), GRACE / 2)
    assert (second.do, second.looks_at) == (Do.REMIND, DUE + GRACE)
    assert after(timedelta(), GRACE / 2, GRACE - minute).do is Do.WAIT
    assert after(timedelta(), GRACE / 2, GRACE).do is Do.MISS


def test_nobody_else_hears_before_both_reminders_went_out() -> None:
    # The look for the second one was held up until after the end of the time.
    late = after(timedelta(), GRACE + timedelta(minutes=1))
    assert late.do is Do.REMIND
    assert late.window.deadline == DUE + GRACE + timedelta(minutes=1) + GRACE / 2
    assert look(late.window, GRACE + timedelta(minutes=2)).do is Do.WAIT


def test_what_we_are_late_with_by_a_moment_only_keeps_its_time() -> None:
    second = after(timedelta(), GRACE / 2 + LATE_LOOK_MAX)
    assert second.window.deadline == DUE + GRACE


def test_one_switch_also_stops_a_window_whose_time_runs() -> None:
    window = after(timedelta(), GRACE / 2).window
    done = look(window, GRACE, paused=Excuse.QUIET)
    assert (done.do, done.excuse) == (Do.EXCUSE, Excuse.QUIET)


def test_where_no_reminder_got_through_it_has_its_time_once_more_and_not_twice() -> None:
    window = after(timedelta(), GRACE / 2).window
    again = look(window, GRACE, was_reached=False)
    assert (again.do, again.window.deadline) == (Do.REMIND, DUE + 2 * GRACE)
    second = look(again.window, 3 * GRACE / 2, was_reached=False)
    assert look(second.window, 2 * GRACE, was_reached=False).do is Do.MISS


def test_whoever_has_no_way_at_all_is_not_waited_for_twice() -> None:
    window = after(timedelta(), GRACE / 2).window
    assert look(window, GRACE, was_reached=False, ways=0).do is Do.MISS


@given(grace=graces, looks=st.lists(minutes, max_size=30))
def test_nothing_is_missed_without_two_reminders_and_the_full_time(
    grace: timedelta, looks: list[timedelta]
) -> None:
    # Looks in any order are a clock that somebody sets, forwards and back.
    window, began = AHEAD, None
    for at in looks:
        done = step(window, WindowFacts(now=DUE + at, grace=grace))
        if done.do is Do.EXCUSE:
            assert done.excuse is Excuse.OUTAGE
            assert DUE + at >= DUE + timedelta(days=1)
            return
        if done.do is Do.MISS:
            assert window.reminded == REMINDERS
            assert began is not None
            assert window.deadline is not None
            assert DUE + at >= window.deadline
            return
        if not window.has_begun and done.window.has_begun:
            began = DUE + at
        window = done.window
        if window.deadline is not None:
            assert window.deadline - (DUE + at) <= grace, "no wait is longer than what was agreed"
        assert done.looks_at is not None


@given(grace=graces, gaps=st.lists(st.integers(0, 3000), min_size=1, max_size=30))
def test_on_a_clock_that_only_goes_forward_every_miss_comes_after_the_full_time(
    grace: timedelta, gaps: list[int]
) -> None:
    window, now, begin = AHEAD, DUE - timedelta(hours=1), None
    for gap in gaps:
        now += timedelta(seconds=gap)
        done = step(window, WindowFacts(now=now, grace=grace))
        if done.do is Do.MISS:
            assert begin is not None
            assert now - begin >= grace - LATE_LOOK_MAX
            return
        if done.do is Do.EXCUSE:
            return
        if begin is None and done.window.has_begun:
            begin = now
        window = done.window


@given(grace=graces, at=minutes, now=minutes)
def test_an_outage_gives_the_full_time_again_and_changes_nothing_that_has_not_begun(
    grace: timedelta, at: timedelta, now: timedelta
) -> None:
    assert interrupted(AHEAD, DUE + now, grace) == AHEAD
    window = replace(begun(AHEAD, DUE + at, grace), reminded=2)
    again = interrupted(window, DUE + now, grace)
    assert (again.deadline, again.reminded) == (DUE + now + grace, 0)


@given(grace=graces, at=minutes)
def test_looking_twice_changes_nothing(grace: timedelta, at: timedelta) -> None:
    facts = WindowFacts(now=DUE + at, grace=grace)
    once = step(AHEAD, facts)
    if once.do in (Do.MISS, Do.EXCUSE):
        return
    twice = step(once.window, facts)
    assert twice.do is Do.WAIT
    assert twice.window == once.window
    assert twice.looks_at == once.looks_at


def test_a_sign_of_life_counts_from_six_hours_before_and_as_long_as_it_runs() -> None:
    assert not counts(AHEAD, DUE - timedelta(hours=6, seconds=1))
    assert counts(AHEAD, DUE - timedelta(hours=6))
    assert counts(begun(AHEAD, DUE, GRACE), DUE + timedelta(days=3))
