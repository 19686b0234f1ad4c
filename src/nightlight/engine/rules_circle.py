"""The rules of the table for what members and providers say: answers, deliveries, leaving."""

from dataclasses import replace
from datetime import timedelta

from nightlight.engine import holding, ladder, telling
from nightlight.engine.asking import go_on_asking
from nightlight.engine.draft import Draft
from nightlight.engine.effects import BringForward, News, Purpose, TimerKind, What
from nightlight.engine.events import (
    Acknowledged,
    AcknowledgementRenewed,
    AnswerUndone,
    ContactMade,
    ContactMethodWithdrawn,
    Declined,
    DeliveryFailed,
    DeliveryUnknown,
    HandedOn,
    ResponderRemoved,
)
from nightlight.engine.ids import PersonId
from nightlight.engine.rules_timer import CONTACT_EVERY
from nightlight.engine.state import AlertStatus, Answer

TIME_USED_UP = "time_used_up"
TOO_LATE_TO_UNDO = "too_late_to_undo"
NOT_THE_TAKER = "not_the_taker"
ALREADY = "already"
TAKER_ALONE_MAX = timedelta(hours=12)
"""Without a word from the caller, the taker's own word keeps contact no longer than this."""


def said_yes(draft: Draft, event: Acknowledged | AcknowledgementRenewed | ContactMade) -> None:
    """T, E: the first yes wins, unless this person's time in this round is used up."""
    person = _who(event)
    if _refuse_unknown(draft, person):
        return
    if not holding.may_still_hold(draft.alert, person):
        _note_and_thank(draft, person)
        ladder.end_step_if_nobody_is_left(draft)
        return
    draft.record(What.ACKNOWLEDGED, person)
    draft.enter(AlertStatus.ACKNOWLEDGED)
    holding.take(draft, person)


def _note_and_thank(draft: Draft, person: PersonId) -> None:
    """A yes of somebody whose time in this round is used up: it holds nothing, and they are left in peace."""
    draft.refused = TIME_USED_UP
    ask = draft.alert.ask_of(person)
    if ask is not None and ask.answer is Answer.YES:
        return
    holding.note_answer(draft, person, Answer.YES)
    draft.cancel(Purpose.ASK, Purpose.REOPENED, person=person)
    draft.record(What.ACKNOWLEDGED, person, TIME_USED_UP)


def said_yes_as_well(draft: Draft, event: Acknowledged) -> None:
    """A, C: someone has it already, and the yes is kept; or, in contact with nobody named, they have it."""
    alert, person = draft.alert, event.person
    if person == alert.taker or _refuse_unknown(draft, person):
        return
    if alert.status is AlertStatus.IN_CONTACT and alert.taker is None:
        holding.note_answer(draft, person, Answer.YES)
        holding.pass_to(draft, person)
        draft.record(What.ACKNOWLEDGED, person)
    elif not holding.may_still_hold(alert, person):
        _note_and_thank(draft, person)
    elif person not in alert.seconds:
        draft.record(What.ACKNOWLEDGED, person, "second")
        holding.keep_as_second(draft, person)


def renewed(draft: Draft, event: AcknowledgementRenewed) -> None:
    """A: the taker needs more time; nobody else has any to renew."""
    alert = draft.alert
    assert alert.hold is not None
    if event.person != alert.taker:
        draft.refused = NOT_THE_TAKER
    elif event.used is not None and event.used != alert.hold.renewals:
        draft.refused = ALREADY
    elif alert.hold.renewals >= holding.RENEWALS_MAX:
        draft.refused = "renewed_three_times"
    else:
        draft.change(hold=replace(alert.hold, renewals=alert.hold.renewals + 1))
        holding.extend_hold(draft, alert.policy.acknowledgement_expires)
        draft.record(What.RENEWED, event.person)


def declined(draft: Draft, event: Declined | HandedOn) -> None:
    """T, E, and by another in A, C: "I can't right now" moves on at once."""
    if not _refuse_unknown(draft, event.person):
        holding.decline(draft, event.person)


def declined_while_held(draft: Draft, event: Declined | HandedOn) -> None:
    """A, C: by the taker the ladder goes on; by another it is noted."""
    if event.person == draft.alert.taker:
        _give_up(draft, event.person)
    else:
        declined(draft, event)


def _give_up(draft: Draft, taker: PersonId) -> None:
    holding.note_answer(draft, taker, Answer.NO)
    draft.record(What.HANDED_ON, taker)
    holding.resume(draft, by_taker=True)
    telling.tell_caller(draft, News.OPEN_AGAIN, about=taker)


def undone(draft: Draft, event: AnswerUndone) -> None:
    """T, E: a no taken back within two minutes opens the ask again; a yes has nothing left to undo."""
    if _undoes_no(draft, event):
        go_on_asking(draft, event.person)


def undone_while_held(draft: Draft, event: AnswerUndone) -> None:
    """A, C: a no taken back hears that someone has it; the taker's yes is handed on, a second's dropped."""
    person = event.person
    if _undoes_no(draft, event):
        telling.stand_down(draft, person)
        return
    alert = draft.alert
    said_yes_here = person == alert.taker or person in alert.seconds
    in_contact = alert.status is AlertStatus.IN_CONTACT
    if in_contact or not said_yes_here or not holding.may_undo(alert.ask_of(person), draft.now):
        draft.refused = draft.refused or TOO_LATE_TO_UNDO
        return
    holding.remember_undo(draft, person)
    if person == alert.taker:
        _give_up(draft, person)
    else:
        holding.drop_second(draft, person)
        holding.note_answer(draft, person, None)


def _undoes_no(draft: Draft, event: AnswerUndone) -> bool:
    """Take a no back if *event* is in time to; else say so when there was a no."""
    ask = draft.alert.ask_of(event.person)
    if ask is None or ask.answer is not Answer.NO or draft.facts.member(event.person).removed:
        return False
    if not holding.may_undo(ask, draft.now):
        draft.refused = TOO_LATE_TO_UNDO
        return False
    holding.reopen_ask(draft, event.person)
    return True


def claim_contact(draft: Draft) -> None:
    """A: "I'm with them" by the taker holds longer, and the caller is asked."""
    hold = draft.alert.hold
    assert hold is not None
    draft.change(hold=replace(hold, claimed=True))
    holding.extend_hold(draft, holding.CLAIMED_HOLD)
    draft.record(What.IN_CONTACT, hold.taker, "said_by_taker")


def word_of_taker(draft: Draft) -> None:
    """C: the taker says they are still in touch; without the caller that counts for a time only."""
    contact = draft.alert.contact
    assert contact is not None
    if draft.now - contact.caller_word_at > TAKER_ALONE_MAX:
        draft.refused = "the_caller_must_say"
        return
    draft.record(What.RENEWED, draft.alert.taker, "contact")
    # A morning hour the caller chose is not brought nearer by the taker's word.
    timer = draft.alert.timer
    assert timer is not None
    if contact.asked or timer.due - draft.now < CONTACT_EVERY:
        draft.change(contact=replace(contact, asked=False))
        draft.set_timer(TimerKind.CONTACT, CONTACT_EVERY)


def not_delivered(draft: Draft, event: DeliveryFailed | DeliveryUnknown) -> None:
    """T, E: that person's next way goes now; when nothing is left of the step's last person, it ends."""
    if event.purpose is not Purpose.ASK:
        tell_not_delivered(draft, event)
        return
    ask = draft.alert.ask_of(event.person)
    if ask is None or ask.message != event.message or ask.answer is not None:
        return
    draft.do(BringForward(message=event.message))
    ladder.end_step_if_nobody_is_left(draft)


def tell_not_delivered(draft: Draft, event: DeliveryFailed | DeliveryUnknown) -> None:
    """Any status: news goes by its next way, as long as it is still news."""
    alert = draft.alert
    to_member = event.purpose not in (Purpose.CALLER_NEWS, Purpose.HOST_NEWS)
    if to_member and draft.facts.member(event.person).removed:
        return
    is_news = {
        Purpose.ASK: False,
        Purpose.STAND_DOWN: alert.hold is not None and event.hold == alert.holds,
        Purpose.TAKER_NEWS: alert.taker == event.person and event.hold == alert.holds,
        Purpose.REOPENED: alert.is_working and event.hold == alert.holds,
        Purpose.ALL_CLEAR: alert.status is AlertStatus.RESOLVED,
        Purpose.CALLER_NEWS: event.message == alert.caller_message,
        Purpose.HOST_NEWS: True,
        # A word back by text goes by text or not at all.
        Purpose.TEXT_BACK: False,
    }
    if is_news[event.purpose]:
        draft.do(BringForward(message=event.message))


def way_withdrawn(draft: Draft, event: ContactMethodWithdrawn) -> None:
    """T, E: a way is gone; that person's next way goes now."""
    ask = draft.alert.ask_of(event.person)
    if ask is None or ask.answer is not None or ask.message == 0:
        return
    draft.do(BringForward(message=ask.message))
    ladder.end_step_if_nobody_is_left(draft)


def responder_removed(draft: Draft, event: ResponderRemoved) -> None:
    """T, E: nothing more goes to them; the step ends if they were its last."""
    draft.cancel(*Purpose, person=event.person)
    holding.drop_second(draft, event.person)
    draft.record(What.REMOVED, event.person)
    ladder.end_step_if_nobody_is_left(draft)


def responder_removed_while_held(draft: Draft, event: ResponderRemoved) -> None:
    """A, C: the same; if they had it, the ladder goes on at once and the caller knows."""
    was_taker = event.person == draft.alert.taker
    responder_removed(draft, event)
    if was_taker:
        holding.resume(draft)
        telling.tell_caller(draft, News.OPEN_AGAIN)


def _who(event: Acknowledged | AcknowledgementRenewed | ContactMade) -> PersonId:
    assert event.person is not None
    return event.person


def _refuse_unknown(draft: Draft, person: PersonId) -> bool:
    """Refuse the answer of somebody removed or never to be contacted; of nobody else (rule 5)."""
    if draft.facts.member(person).removed:
        draft.refused = "removed"
        return True
    return False
