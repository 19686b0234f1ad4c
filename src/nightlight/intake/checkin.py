"""Somebody checked in; somebody did not. Stop 2 of the road, for agreed signs of life.

From a door (a tap, a text, a key on the phone, a machine) or from `worker.waker` when one is due; what follows
is `engine.checkin`'s to say, and is kept in one transaction with the window it is about: a reminder, a quiet
word, a call of the circle.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from nightlight.engine.checkin import (
    By,
    Came,
    Do,
    Excuse,
    How,
    OnMiss,
    Window,
    WindowFacts,
    counts,
    interrupted,
    step,
)
from nightlight.engine.events import AlertRaised, EndedBy, RaisedBy, Resolved
from nightlight.engine.ids import PersonId
from nightlight.engine.policy import PolicyError
from nightlight.intake.channels import kinds_on
from nightlight.intake.recurrence import windows_after
from nightlight.store import check_in_words, check_ins
from nightlight.store.advance import advance_within, raise_within
from nightlight.store.check_ins import Missed, Schedule
from nightlight.store.local_time import local_date
from nightlight.store.policies import policy_of
from nightlight.store.races import racing

STEPS_MAX = 400
"""Windows that are over at one look: more than a year of them waits for the next look."""

_log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a sign of life did."""

    made: bool
    """It was one for a window; otherwise there is nothing to check in for just now."""
    next_due: datetime | None
    """When the next one is due; None while it is off."""
    was_late: bool = False
    """After a miss."""
    ended_call: bool = False
    """The call that the miss alone had raised is over."""
    open_call: str = ""
    """A call that the miss raised or joined, and that goes on."""


# ------------------------------------------------------------------------------------------ what is due


def look(check_in: str, now: datetime) -> None:
    """Let happen what is due about *check_in*; looking twice changes nothing."""
    racing(partial(_look, check_in, now))


def _look(check_in: str, now: datetime) -> None:
    row = check_ins.lock(check_in)
    if row is None:
        return
    schedule = check_ins.schedule_of(row)
    if not schedule.is_on:
        return
    _go_on(schedule, check_ins.window_of(row) or _first(schedule, now), now)


def _go_on(schedule: Schedule, window: Window | None, now: datetime) -> Window | None:
    """Take *window*, and those after it, as far as they have come; the one that then runs or waits."""
    for _ in range(STEPS_MAX):
        if window is None:
            # A rule that names no date any more; `check_rule` lets none in.
            check_ins.switch_off(schedule.id)
            return None
        done = step(window, _facts(schedule, window, now))
        if done.do in (Do.WAIT, Do.REMIND):
            assert done.looks_at is not None
            check_ins.keep_window(schedule.id, done.window, done.looks_at)
            if done.do is Do.REMIND:
                check_in_words.remind(schedule, done.window, now, kinds_on())
            return done.window
        if done.do is Do.EXCUSE:
            check_ins.end_window(schedule.id, done.window, Came.EXCUSED, now, why=done.excuse)
        else:
            _miss(schedule, done.window, now)
        window = _after(schedule, done.window)
    assert window is not None
    check_ins.keep_window(schedule.id, window, now)
    return window


def _facts(schedule: Schedule, window: Window, now: datetime) -> WindowFacts:
    at_deadline = window.deadline is not None and now >= window.deadline
    return WindowFacts(
        now=now,
        grace=schedule.grace,
        paused=_why_paused(schedule, window) if now >= window.due and not window.has_begun else None,
        ways=len(check_in_words.ways(schedule, kinds_on())) if at_deadline else 0,
        was_reached=not at_deadline or check_ins.reminders_reached(schedule.id, window.began),
    )


def _why_paused(schedule: Schedule, window: Window) -> Excuse | None:
    if schedule.paused_until is not None and window.due < schedule.paused_until:
        return schedule.pause
    return Excuse.QUIET if check_ins.is_quiet(schedule.person) else None


def interrupt(check_in: str, now: datetime) -> None:
    """After an outage of ours, or a clock that was set: its time, if it runs, begins anew (rule 12)."""

    def give_time_again() -> None:
        row = check_ins.lock(check_in)
        window = check_ins.window_of(row) if row is not None else None
        if row is None or window is None or not window.has_begun:
            return
        schedule = check_ins.schedule_of(row)
        # Looked at now, so that the reminders begin anew as well.
        check_ins.keep_window(check_in, interrupted(window, now, schedule.grace), now)

    racing(give_time_again)


# ---------------------------------------------------------------------------------------------- windows


def _windows(schedule: Schedule, now: datetime) -> Iterator[Window]:
    """Those after the last that is over, and none from before today."""
    yesterday = local_date(now, schedule.zone) - timedelta(days=1)
    after = max(schedule.last_on, yesterday) if schedule.last_on else yesterday
    found = windows_after(schedule.rule, schedule.starts_on, schedule.at, schedule.zone, after)
    before = next(found, None)
    while before is not None:
        following = next(found, None)
        yield Window(on=before[0], due=before[1], next_due=following[1] if following else None)
        before = following


def _first(schedule: Schedule, now: datetime) -> Window | None:
    """The first window that is still ahead; those of today that lie behind are excused, once."""
    for window in _windows(schedule, now):
        if window.due > now:
            return window
        check_ins.end_window(schedule.id, window, Came.EXCUSED, now, why=Excuse.CHANGED)
    return None


def _after(schedule: Schedule, window: Window) -> Window | None:
    """The window that follows *window*, whether or not its time has come already."""
    found = windows_after(schedule.rule, schedule.starts_on, schedule.at, schedule.zone, window.on)
    following = next(found, None)
    if following is None:
        return None
    later = next(found, None)
    return Window(on=following[0], due=following[1], next_due=later[1] if later else None)


# ------------------------------------------------------------------------------------------- not coming


def _miss(schedule: Schedule, window: Window, now: datetime) -> None:
    """Exactly what was chosen, and nothing beside it."""
    missed = check_ins.end_window(schedule.id, window, Came.MISSED, now)
    alert: str | None = None
    told: tuple[str, ...] = ()
    if schedule.on_miss is OnMiss.CALL:
        alert = _call(schedule, now)
    elif schedule.on_miss is OnMiss.TELL:
        told = check_in_words.tell_missed(schedule, now, kinds_on())
    check_ins.note_consequence(missed, alert, told)
    # With the truth behind its link: who was told, if anybody, and how to take it back.
    check_in_words.tell_person_of_miss(schedule, now, kinds_on())


def _call(schedule: Schedule, now: datetime) -> str | None:
    """Call the circle, or join the call that is open; its id."""
    try:
        policy = policy_of(schedule.person)
    except PolicyError:
        policy = None
    if policy is None:
        _log.error("nobody to call after a missed check-in", check_in=schedule.id)
        return None
    event = AlertRaised(
        person=PersonId(schedule.person), need=schedule.need, by=RaisedBy.CHECK_IN, policy=policy
    )
    return raise_within(event, now=now, channels_on=kinds_on()).alert_id


# ---------------------------------------------------------------------------------------------- coming


def take(check_in: str, how: How, by: By, now: datetime) -> Taken | None:
    """A sign of life: for the window that runs or is near, and for misses before it. None: no such check-in.

    *how* NOT_OK sets nothing in motion, and ends nothing either: what a miss began goes on until the person
    says otherwise.
    """
    return racing(partial(_take, check_in, how, by, now))


def take_from_machine(key: str, now: datetime) -> Taken | None:
    """A lamp, a door or a script with *key* gave a sign of life. None: no check-in has this key."""
    check_in = check_ins.with_machine_key(key)
    return take(check_in, How.OK, By.MACHINE, now) if check_in else None


def take_from_person(person: str, how: How, by: By, now: datetime) -> Sequence[Taken]:
    """*person* gave a sign of life without saying for which: it counts for every one that it may count for."""
    taken = (take(check_in, how, by, now) for check_in in check_ins.of_person(person))
    return [each for each in taken if each is not None and (each.made or each.was_late or each.open_call)]


def _take(check_in: str, how: How, by: By, now: datetime) -> Taken | None:
    row = check_ins.lock(check_in)
    if row is None:
        return None
    schedule = check_ins.schedule_of(row)
    window = check_ins.window_of(row)
    made = window is not None and counts(window, now)
    missed = check_ins.missed_of(check_in, now)
    if window is not None and made:
        check_ins.end_window(check_in, window, Came.MADE, now, how=how, by=by)
        check_ins.call_off_reminders(check_in, now)
        check_in_words.tell_made(schedule, now, kinds_on())
        window = _go_on(schedule, _after(schedule, window), now)
    ended, still_open = _make_good(schedule, missed, how, now)
    return Taken(
        made=made,
        next_due=window.due if window is not None else None,
        was_late=bool(missed),
        ended_call=ended,
        open_call=still_open,
    )


def _make_good(schedule: Schedule, missed: Sequence[Missed], how: How, now: datetime) -> tuple[bool, str]:
    """After a miss: whether the call it alone had raised is over, and else which one goes on."""
    calls = [each.alert for each in missed if each.alert is not None]
    if how is How.NOT_OK:
        return False, next((call for call in calls if check_ins.is_open(call)), "")
    check_ins.note_late((each.window for each in missed), now)
    told = dict.fromkeys(person for each in missed for person in each.told)
    check_in_words.tell_came(schedule, list(told), now, kinds_on())
    ended, still_open = False, ""
    for call in dict.fromkeys(calls):
        if not check_ins.is_open(call):
            continue
        event = Resolved(by=EndedBy.LATE_CHECK_IN)
        advanced = advance_within(call, event, now=now, channels_on=kinds_on())
        ended = ended or not advanced.refused
        still_open = call if advanced.refused else still_open
    return ended, still_open


# ----------------------------------------------------------------------------------- the person's wishes


def switch_on(check_in: str, now: datetime) -> None:
    """The person switches it on; the first one is the next that lies ahead."""

    def both() -> None:
        row = check_ins.lock(check_in)
        if row is not None and row.on_since is None:
            check_ins.switch_on(check_in, now)
            _plan_anew(check_in, now)

    racing(both)


def switch_off(check_in: str, now: datetime) -> None:
    """The person switches it off, at once; what a miss began before goes on until they say otherwise."""

    def both() -> None:
        _excuse_running(check_in, Excuse.CHANGED, now)
        check_ins.switch_off(check_in)
        check_ins.call_off_reminders(check_in, now)

    racing(both)


def pause(check_in: str, why: Excuse, until: datetime, now: datetime) -> None:
    """The person is away, or their phone may be dead: nothing due before *until* asks for anything."""

    def both() -> None:
        check_ins.pause(check_in, why, until)
        if _excuse_running(check_in, why, now):
            _plan_anew(check_in, now)

    racing(both)


def end_pause(check_in: str, now: datetime) -> None:
    """The person is back."""
    racing(partial(check_ins.pause, check_in, None, None))
    look(check_in, now)


def hush(person: str, now: datetime) -> None:
    """Inside the transaction of the one switch: a window whose time runs is nobody's silence from this moment."""
    for check_in in check_ins.of_person(person):
        if _excuse_running(check_in, Excuse.QUIET, now):
            _plan_anew(check_in, now)


def changed(check_in: str, now: datetime) -> None:
    """Inside the transaction that changed its time or rule: what is ahead is planned anew; what runs, runs on."""
    row = check_ins.lock(check_in)
    window = check_ins.window_of(row) if row is not None else None
    if row is None or row.on_since is None:
        return
    if window is None or not window.has_begun:
        _plan_anew(check_in, now)
        return
    following = _after(check_ins.schedule_of(row), window)
    check_ins.keep_next_due(check_in, following.due if following else None)


def moved(person: str, now: datetime) -> None:
    """Inside the transaction that changed the time zone of *person*: every check-in of theirs moves along."""
    for check_in in check_ins.of_person(person):
        changed(check_in, now)


def _plan_anew(check_in: str, now: datetime) -> None:
    row = check_ins.lock(check_in)
    assert row is not None
    schedule = check_ins.schedule_of(row)
    if schedule.is_on:
        _go_on(schedule, _first(schedule, now), now)


def _excuse_running(check_in: str, why: Excuse, now: datetime) -> bool:
    """Excuse the window whose time runs, if there is one; whether there was."""
    row = check_ins.lock(check_in)
    window = check_ins.window_of(row) if row is not None else None
    if window is None or not window.has_begun:
        return False
    check_ins.end_window(check_in, window, Came.EXCUSED, now, why=why)
    check_ins.call_off_reminders(check_in, now)
    return True
