"""Somebody checked in; somebody did not. Stop 2 of the road, for agreed signs of life.

From a door (a tap, a text, a key on the phone, a machine) or from `worker.waker` when one is due; what follows
is `engine.checkin`'s to say, and is kept in one transaction with the window it is about: a reminder, a quiet
word, a call of the circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import structlog
from django.db import InterfaceError, OperationalError

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
from nightlight.engine.policy import EscalationPolicy, PolicyError
from nightlight.engine.state import AlertStatus
from nightlight.intake.channels import kinds_on
from nightlight.intake.windows import window_after, windows_since
from nightlight.store import check_in_words, check_ins
from nightlight.store.advance import advance_within, raise_within
from nightlight.store.check_ins import Missed, Schedule
from nightlight.store.local_time import local_date
from nightlight.store.policies import policy_of, without_ladder
from nightlight.store.races import LostRace, racing

STEPS_MAX = 400
"""Windows that are over at one look: more than a year of them waits for the next look."""
BROKEN_AGAIN_AFTER = timedelta(minutes=1)
"""What broke is looked at again so much later; `doctor` names it."""

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
    """Let happen what is due about *check_in*; looking twice changes nothing.

    One that breaks is put off for a minute, and then tried again for ever: it must not take the turn of others.
    """
    try:
        racing(partial(_look, check_in, now))
    except (OperationalError, InterfaceError, LostRace):
        raise  # The database is away, or another was first: it is due still.
    except Exception as error:  # noqa: BLE001
        _log.error("check-in broke", check_in=check_in, error=type(error).__name__)
        racing(partial(check_ins.put_off, check_in, now + BROKEN_AGAIN_AFTER))


def _look(check_in: str, now: datetime) -> None:
    found = check_ins.locked(check_in)
    if found is not None and found[0].is_on:
        schedule, window = found
        _go_on(schedule, window or _first(schedule, now), now)


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
        window = window_after(schedule, done.window)
    assert window is not None
    check_ins.keep_window(schedule.id, window, now)
    return window


def _facts(schedule: Schedule, window: Window, now: datetime) -> WindowFacts:
    at_deadline = window.deadline is not None and now >= window.deadline
    return WindowFacts(
        now=now,
        grace=schedule.grace,
        paused=_why_paused(schedule, window) if window.has_begun or now >= window.due else None,
        # Also those whose channel is off: it is not the person's silence that we cannot remind them.
        ways=check_in_words.own_ways(schedule.person) if at_deadline else 0,
        was_reached=not at_deadline or check_in_words.reminders_reached(schedule.id, window.began),
    )


def _why_paused(schedule: Schedule, window: Window) -> Excuse | None:
    """A pause excuses a window whose time already runs at once, see `pause`; one switch stops all at any time."""
    is_ahead = not window.has_begun
    if is_ahead and schedule.paused_until is not None and window.due < schedule.paused_until:
        return schedule.pause
    return Excuse.QUIET if schedule.is_quiet else None


def interrupt(check_in: str, now: datetime) -> None:
    """After an outage of ours, or a clock that was set: its time, if it runs, begins anew (rule 12)."""

    def give_time_again() -> None:
        schedule, window = check_ins.locked(check_in) or (None, None)
        if schedule is not None and window is not None and window.has_begun:
            # Looked at now, so that the reminders begin anew as well.
            check_ins.keep_window(check_in, interrupted(window, now, schedule.grace), now)

    racing(give_time_again)


# ---------------------------------------------------------------------------------------------- windows


def _first(schedule: Schedule, now: datetime, since: date | None = None) -> Window | None:
    """The first window that is still ahead; those of today, or from *since* on, that lie behind are excused, once.

    *since* is the local date that was to come next: whoever flies over it is asked for it no more.
    """
    today = local_date(now, schedule.zone)
    for window in windows_since(schedule, min(since, today) if since else today):
        if window.due > now:
            return window
        check_ins.end_window(schedule.id, window, Came.EXCUSED, now, why=Excuse.CHANGED)
    return None


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


def _call(schedule: Schedule, now: datetime) -> str:
    """Call the circle, or join the call that is open; its id."""
    event = AlertRaised(
        person=PersonId(schedule.person), need=schedule.need, by=RaisedBy.CHECK_IN, policy=_ladder(schedule)
    )
    return raise_within(event, now=now, channels_on=kinds_on()).alert_id


def _ladder(schedule: Schedule) -> EscalationPolicy:
    """There is always one: nobody stands before a page here who could be told that there is none."""
    try:
        policy = policy_of(schedule.person)
    except PolicyError as error:
        policy = None
        _log.error("a ladder cannot be climbed", check_in=schedule.id, error=str(error))
    return policy or without_ladder(schedule.person)


# ---------------------------------------------------------------------------------------------- coming


def take(check_in: str, how: How, by: By, now: datetime) -> Taken | None:
    """A sign of life: for the window that runs or is near, and for misses before it. None: no such check-in.

    *how* NOT_OK sets nothing in motion, and ends nothing either: what a miss began goes on until the person
    says otherwise.
    """
    return racing(lambda: _take(check_ins.locked(check_in), how, by, now))


def take_from_machine(key: str, now: datetime) -> Taken | None:
    """A lamp, a door or a script with *key* gave a sign of life. None: no check-in has this key."""
    return racing(lambda: _take(check_ins.locked_of_machine(key), How.OK, By.MACHINE, now))


def take_from_person(person: str, how: How, by: By, now: datetime) -> Sequence[Taken]:
    """*person* gave a sign of life without saying for which: it counts for every one that it may count for."""
    taken = (take(check_in, how, by, now) for check_in in check_ins.of_person(person))
    return [each for each in taken if each is not None and (each.made or each.was_late or each.open_call)]


def _take(found: tuple[Schedule, Window | None] | None, how: How, by: By, now: datetime) -> Taken | None:
    if found is None:
        return None
    schedule, window = found
    made = window is not None and counts(window, now)
    missed = check_ins.missed_of(schedule.id, now)
    if window is not None and made:
        window = _make(schedule, window, how, by, now)
    ended, still_open = _make_good(schedule, missed, how, now)
    return Taken(
        made=made,
        next_due=window.due if window is not None else None,
        was_late=bool(missed),
        ended_call=ended,
        open_call=still_open,
    )


def _make(schedule: Schedule, window: Window, how: How, by: By, now: datetime) -> Window | None:
    """*window* is made, and so are those after it that are due as well; the one that then comes."""
    if window.has_begun:
        check_in_words.call_off_reminders(schedule.id, now)
    if schedule.is_noted:
        check_in_words.tell_made(schedule, now, kinds_on())
    following: Window | None = window
    for _ in range(STEPS_MAX):
        assert following is not None
        check_ins.end_window(schedule.id, following, Came.MADE, now, how=how, by=by)
        following = window_after(schedule, following)
        if following is None or following.due > now:
            break
    return _go_on(schedule, following, now)


def _make_good(schedule: Schedule, missed: Sequence[Missed], how: How, now: datetime) -> tuple[bool, str]:
    """After a miss: whether the call it alone had raised is over, and else which one goes on."""
    calls = dict.fromkeys(each.alert for each in missed if each.alert is not None)
    still_open = [call for call in calls if check_ins.is_open(call)]
    if missed and how is How.OK:
        check_ins.note_late((each.window for each in missed), now)
        # What it says is past: the page says who was told.
        check_in_words.call_off_reminders(schedule.id, now)
        told = check_in_words.call_off_words_of(schedule.id, missed, now)
        check_in_words.tell_came(schedule, told, now, kinds_on())
        ended = [call for call in still_open if _is_ended(call, now)]
        return bool(ended), next((call for call in still_open if call not in ended), "")
    return False, next(iter(still_open), "")


def _is_ended(call: str, now: datetime) -> bool:
    """End *call* if the miss alone began it and is all there is to it; whether it is over now."""
    if check_in_words.person_spoke(call):
        return False
    event = Resolved(by=EndedBy.LATE_CHECK_IN)
    return advance_within(call, event, now=now, channels_on=kinds_on()).status is AlertStatus.RESOLVED


# ----------------------------------------------------------------------------------- the person's wishes


def switch_on(check_in: str, now: datetime) -> None:
    """The person switches it on; the first one is the next that lies ahead."""

    def both() -> None:
        check_ins.note_change(check_in, now)
        switch_on_within(check_in, now)

    racing(both)


def switch_on_within(check_in: str, now: datetime) -> None:
    """It is on from now, inside a transaction the caller has open: the host's word that the person agreed."""
    schedule, _ = check_ins.locked(check_in) or (None, None)
    if schedule is not None and not schedule.is_on:
        check_ins.switch_on(check_in, now)
        _plan_anew(check_in, now)


def switch_off(check_in: str, now: datetime) -> None:
    """The person switches it off, at once; what a miss began before goes on until they say otherwise."""

    def both() -> None:
        switch_off_within(check_in, now)
        check_ins.note_change(check_in, now)

    racing(both)


def switch_off_within(check_in: str, now: datetime) -> None:
    """The same inside a transaction the caller has open, and not as a word of the person."""
    _excuse_running(check_in, Excuse.CHANGED, now)
    check_ins.switch_off(check_in)
    check_in_words.call_off_reminders(check_in, now)


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
    """Inside the transaction in which the person changed it: what is ahead is planned anew; what runs, runs on."""
    check_ins.note_change(check_in, now)
    replan(check_in, now)


def replan(check_in: str, now: datetime) -> None:
    """The same for a change that was not the person's own."""
    schedule, window = check_ins.locked(check_in) or (None, None)
    if schedule is None or not schedule.is_on:
        return
    check_ins.note_plan(check_in)
    if window is None or not window.has_begun:
        _plan_anew(check_in, now, window.on if window is not None else None)
        return
    following = window_after(schedule, window)
    check_ins.keep_next_due(check_in, following.due if following else None)


def moved(person: str, now: datetime) -> None:
    """Inside the transaction in which *person* changed their time zone: every check-in of theirs moves along."""
    check_ins.note_move(person, now)
    move_along(person, now)


def move_along(person: str, now: datetime) -> None:
    """The same where somebody else wrote down where they are."""
    for check_in in check_ins.of_person(person):
        replan(check_in, now)


def _plan_anew(check_in: str, now: datetime, since: date | None = None) -> None:
    schedule, _ = check_ins.locked(check_in) or (None, None)
    if schedule is not None and schedule.is_on:
        _go_on(schedule, _first(schedule, now, since), now)


def _excuse_running(check_in: str, why: Excuse, now: datetime) -> bool:
    """Excuse the window whose time runs, if there is one; whether there was."""
    _, window = check_ins.locked(check_in) or (None, None)
    if window is None or not window.has_begun:
        return False
    check_ins.end_window(check_in, window, Came.EXCUSED, now, why=why)
    check_in_words.call_off_reminders(check_in, now)
    return True
