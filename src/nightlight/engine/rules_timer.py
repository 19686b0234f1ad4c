"""The rules of the table for what time brings: waits that end, rounds, a taker or a pair gone quiet."""

from dataclasses import replace
from datetime import timedelta

from nightlight.engine import holding, ladder, telling
from nightlight.engine.draft import Draft
from nightlight.engine.effects import News, TimerKind, What
from nightlight.engine.events import (
    AcknowledgementExpired,
    ContactDue,
    LadderRanOut,
    ResponderAvailable,
    RoundDue,
    StepTimedOut,
    TimerEvent,
    WaitInterrupted,
)
from nightlight.engine.state import AlertStatus

CONTACT_EVERY = timedelta(minutes=60)


def is_current(draft: Draft, event: TimerEvent, kind: TimerKind) -> bool:
    """Whether the timer behind *event* still stands. Timers fire late, and twice; neither skips anyone."""
    timer = draft.alert.timer
    return timer is not None and timer.kind is kind and timer.generation == event.generation


def step_timed_out(draft: Draft, event: StepTimedOut) -> None:
    """T, E: the step had its wait; the next one begins. Its asks stay open."""
    if is_current(draft, event, TimerKind.STEP):
        ladder.begin_next_step(draft)


def ladder_ran_out(draft: Draft, event: LadderRanOut) -> None:
    """T, E: everyone was tried. The caller and the host hear of it the first time."""
    alert = draft.alert
    if alert.current is not None or alert.ahead or alert.rung != event.rung:
        return
    first_time = draft.alert.status is AlertStatus.TRIGGERED
    draft.enter(AlertStatus.EXHAUSTED)
    ladder.pause_until_next_round(draft)
    if first_time:
        draft.record(What.EXHAUSTED)
        telling.tell_caller(draft, News.ALL_TRIED)
        telling.tell_host(draft, News.ALL_TRIED)


def round_due(draft: Draft, event: RoundDue) -> None:
    """E: the pause is over."""
    if is_current(draft, event, TimerKind.ROUND):
        ladder.begin_round(draft, draft.alert.round + 1)


def responder_available(draft: Draft, event: ResponderAvailable) -> None:
    """E: somebody the last round could not ask can be asked now."""
    if event.person in ladder.newly_available(draft.alert, draft.facts):
        ladder.round_now(draft)


def wait_interrupted(draft: Draft, _event: WaitInterrupted) -> None:
    """T, E, A, C: the wait that somebody was given is given again, in full (rule 12).

    A pause between rounds is nobody's: it ends when it would have. A morning hour stays that hour.
    """
    timer, hold = draft.alert.timer, draft.alert.hold
    assert timer is not None
    length = timer.length
    still_ahead = timer.left(draft.now)
    if timer.kind is TimerKind.ROUND:
        length = still_ahead
    elif timer.kind is TimerKind.CONTACT and timer.length > CONTACT_EVERY:
        length = max(still_ahead, CONTACT_EVERY)
    draft.set_timer(timer.kind, length)
    if hold is not None and timer.kind is TimerKind.ACKNOWLEDGEMENT:
        # Where the clock was set back, the limit must not lie a day ahead.
        limit = min(hold.limit_at, draft.now + holding.HELD_MAX)
        draft.change(hold=replace(hold, limit_at=max(limit, draft.now + length)))


def acknowledgement_expired(draft: Draft, event: AcknowledgementExpired) -> None:
    """A: the taker went quiet. Others are asked, and the caller knows."""
    if not is_current(draft, event, TimerKind.ACKNOWLEDGEMENT):
        return
    taker = draft.alert.taker
    draft.record(What.EXPIRED, taker)
    holding.resume(draft)
    telling.tell_caller(draft, News.WENT_QUIET, about=taker)


def contact_due(draft: Draft, event: ContactDue) -> None:
    """C: ask both; when neither says a word by the next time, go on gently and tell the host."""
    if not is_current(draft, event, TimerKind.CONTACT):
        return
    contact = draft.alert.contact
    assert contact is not None
    if not contact.asked:
        ask_both(draft, CONTACT_EVERY)
        return
    draft.record(What.EXPIRED, draft.alert.taker, "contact")
    draft.change(gently=True)
    telling.tell_host(draft, News.CONTACT_LOST)
    holding.resume(draft)


def ask_both(draft: Draft, next_time: timedelta) -> None:
    """Ask caller and taker whether they are still in touch, and wait *next_time* for a word."""
    contact = draft.alert.contact
    assert contact is not None
    draft.change(contact=replace(contact, asked=True))
    telling.tell_taker(draft, News.STILL_IN_TOUCH)
    telling.tell_caller(draft, News.STILL_IN_TOUCH)
    draft.set_timer(TimerKind.CONTACT, next_time)
