"""A yes, and what becomes of it: it holds the call, it does not end it (rules 4 to 6)."""

from dataclasses import replace
from datetime import datetime, timedelta

from nightlight.engine.asking import go_on_asking_everyone
from nightlight.engine.draft import Draft
from nightlight.engine.effects import News, Purpose, TimerKind, What
from nightlight.engine.ids import PersonId
from nightlight.engine.ladder import (
    ask_everyone_at_once,
    begin_next_step,
    end_step_if_nobody_is_left,
    interrupt,
)
from nightlight.engine.state import Alert, AlertStatus, Answer, Ask, Held, Hold, PlannedStep
from nightlight.engine.telling import stand_down, stand_everyone_down, tell_caller, tell_open_again

RENEWALS_MAX = 3
CLAIMED_HOLD = timedelta(minutes=30)
"""How long "I'm with them" by the taker holds without the caller's word."""
HELD_MAX = timedelta(minutes=60)
"""Without the caller's word, one taker holds a call no longer than this in one round."""
UNDO_WITHIN = timedelta(minutes=2)


def time_held(alert: Alert, person: PersonId) -> timedelta:
    """How long *person* has already held this call in this round."""
    return sum((held.time for held in alert.held if held.person == person), timedelta(0))


def may_still_hold(alert: Alert, person: PersonId) -> bool:
    """Whether a yes of *person* still holds the call in this round."""
    return time_held(alert, person) < HELD_MAX


def note_answer(draft: Draft, person: PersonId, answer: Answer | None) -> None:
    """Keep what *person* last said; someone who was never asked gets an ask of their own to hold it."""
    alert = draft.alert
    ask = alert.ask_of(person) or Ask(
        person=person, message=0, rung=alert.rung, round=alert.round, asked_at=draft.now
    )
    if answer is None and ask.message == 0:
        # Never asked, and now without an answer: there is nothing to keep, and nothing to go on with.
        draft.change(asks=tuple(other for other in alert.asks if other.person != person))
        return
    draft.put_ask(replace(ask, answer=answer, answered_at=draft.now if answer else None))


def said_yes(alert: Alert, person: PersonId) -> bool:
    """Whether the last answer of *person* is a yes."""
    ask = alert.ask_of(person)
    return ask is not None and ask.answer is Answer.YES


def take(draft: Draft, person: PersonId) -> None:
    """*person* has it now. The ladder stands still where it is."""
    note_answer(draft, person, Answer.YES)
    interrupt(draft)
    _begin_hold(draft, person)
    length = min(draft.alert.policy.acknowledgement_expires, HELD_MAX - time_held(draft.alert, person))
    draft.set_timer(TimerKind.ACKNOWLEDGEMENT, length)
    tell_caller(draft, News.SOMEONE_HAS_IT, about=person)


def _begin_hold(draft: Draft, person: PersonId | None) -> None:
    """Begin a hold: nothing more is asked, and everyone who was reached may rest."""
    number = draft.alert.holds + 1
    used = time_held(draft.alert, person) if person is not None else timedelta(0)
    draft.change(
        holds=number,
        hold=Hold(number=number, taker=person, began_at=draft.now, limit_at=draft.now + HELD_MAX - used),
        seconds=tuple(p for p in draft.alert.seconds if p != person),
        gently=False,
    )
    draft.cancel(Purpose.ASK, Purpose.REOPENED)
    stand_everyone_down(draft)


def be_in_contact(draft: Draft, person: PersonId | None) -> None:
    """The caller says they are in touch, with *person* or with somebody they do not name."""
    alert = draft.alert
    former = alert.taker
    taker = person if person is not None else former
    if alert.hold is None:
        interrupt(draft)
        _begin_hold(draft, taker)
    elif taker is not None and taker != former:
        pass_to(draft, taker)


def pass_to(draft: Draft, person: PersonId) -> None:
    """*person* has it from now on in the same hold; whoever had it is kept as a second."""
    hold = draft.alert.hold
    assert hold is not None
    drop_second(draft, person)
    draft.change(hold=replace(hold, taker=person))
    if hold.taker is None:
        return
    if said_yes(draft.alert, hold.taker):
        draft.change(seconds=(*draft.alert.seconds, hold.taker))
    stand_down(draft, hold.taker)


def keep_as_second(draft: Draft, person: PersonId) -> None:
    """Someone else has it: *person*'s yes is kept for when the call opens again."""
    note_answer(draft, person, Answer.YES)
    if person not in draft.alert.seconds:
        draft.change(seconds=(*draft.alert.seconds, person))
    stand_down(draft, person)


def drop_second(draft: Draft, person: PersonId) -> None:
    """*person* is no second any more."""
    draft.change(seconds=tuple(p for p in draft.alert.seconds if p != person))


def extend_hold(draft: Draft, length: timedelta) -> None:
    """Let the hold run *length* from now, never shorter than it stands, never past its limit."""
    alert = draft.alert
    assert alert.hold is not None
    assert alert.timer is not None
    # Where the clock was set back, the limit must not lie a day ahead.
    limit = min(alert.hold.limit_at, draft.now + HELD_MAX)
    if limit <= draft.now:
        # Overdue, which only an outage of ours or a clock brings about: the timer that stands fires,
        # or is given its time again in full.
        return
    draft.change(hold=replace(alert.hold, limit_at=limit))
    longest = min(length, limit - draft.now)
    draft.set_timer(TimerKind.ACKNOWLEDGEMENT, max(longest, alert.timer.left(draft.now)))


def resume(draft: Draft, *, by_taker: bool = False, keep_taker: bool = False, everyone: bool = False) -> None:
    """Nobody has it any more: seconds are asked, then the ladder goes on where it stood.

    *by_taker*: the taker gave it up themselves. *keep_taker*: they are a second from now on, for
    the next time. *everyone*: it is danger now, so all are asked at once and the place on the
    ladder is forgotten.
    """
    alert = draft.alert
    former = alert.taker
    _count_time_held(draft)
    draft.enter(AlertStatus.EXHAUSTED if alert.ran_out else AlertStatus.TRIGGERED)
    tell_open_again(draft, former, by_taker=by_taker)
    seconds = draft.alert.seconds
    # Whom the caller named without a yes of theirs is nobody's second.
    kept = (former,) if keep_taker and former is not None and said_yes(alert, former) else ()
    draft.change(hold=None, contact=None, seconds=kept)
    if everyone:
        ask_everyone_at_once(draft)
        return
    if seconds:
        _put_seconds_first(draft, seconds)
    begin_next_step(draft)
    go_on_asking_everyone(draft)


def _put_seconds_first(draft: Draft, seconds: tuple[PersonId, ...]) -> None:
    ahead = draft.alert.ahead
    wait = ahead[0].wait if ahead else draft.alert.policy.steps[-1].wait
    # A step that waited for none but these waits for them now; else every hold would leave one more.
    rest = tuple(step for step in ahead if step.left is None or not set(step.people) <= set(seconds))
    draft.change(ahead=(PlannedStep(people=seconds, wait=wait), *rest))


def _count_time_held(draft: Draft) -> None:
    alert = draft.alert
    if alert.hold is None or alert.hold.taker is None or alert.status is not AlertStatus.ACKNOWLEDGED:
        return
    taker = alert.hold.taker
    time = time_held(alert, taker) + max(draft.now - alert.hold.began_at, timedelta(0))
    others = tuple(held for held in alert.held if held.person != taker)
    draft.change(held=(*others, Held(person=taker, time=time)))


def may_undo(ask: Ask | None, now: datetime) -> bool:
    """Whether the answer on *ask* can still be taken back."""
    return (
        ask is not None
        and ask.answer is not None
        and ask.answered_at is not None
        and now - ask.answered_at <= UNDO_WITHIN
    )


def reopen_ask(draft: Draft, person: PersonId) -> None:
    """*person* takes a no back: their ask is open again, as if they had not answered."""
    note_answer(draft, person, None)
    remember_undo(draft, person)


def remember_undo(draft: Draft, person: PersonId) -> None:
    """From now on in this round, stand-downs after a yes of *person* wait two minutes."""
    draft.change(undone=draft.alert.undone | {person})


def decline(draft: Draft, person: PersonId) -> None:
    """*person*, who does not have it, can't right now; the step ends if they were its last."""
    ask = draft.alert.ask_of(person)
    if ask is not None and ask.answer is Answer.NO:
        return
    note_answer(draft, person, Answer.NO)
    draft.cancel(Purpose.ASK, Purpose.REOPENED, person=person)
    drop_second(draft, person)
    draft.record(What.DECLINED, person)
    end_step_if_nobody_is_left(draft)
