"""The rules of the table for what the caller says, and for ending a call."""

from datetime import timedelta

from nightlight.engine import holding, ladder, rules_circle, telling
from nightlight.engine.draft import Draft
from nightlight.engine.effects import News, Purpose, ScheduleFollowUps, TimerKind, What
from nightlight.engine.events import (
    AlertRaised,
    ContactMade,
    EndedBy,
    NeedChanged,
    RaisedBy,
    Resolved,
    StillNeeded,
)
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need, is_more_urgent, serves
from nightlight.engine.policy import EndPolicy
from nightlight.engine.rules_timer import CONTACT_EVERY, ask_both
from nightlight.engine.state import Alert, AlertStatus, Contact, End

CONTACT_SOON = timedelta(minutes=10)
"""How soon both are asked when a check-in is missed while they are said to be in touch."""
ASK_AGAIN_MAX = timedelta(hours=16)
"""The furthest morning hour a caller may choose to be asked at."""


def joined(draft: Draft, event: AlertRaised) -> None:
    """T, E: one open call per person; the new wish joins it, and the more urgent need counts."""
    _join(draft, event)
    if is_more_urgent(event.need, draft.alert.need):
        _change_need(draft, event.need)
    elif event.by is RaisedBy.CALLER and draft.alert.status is AlertStatus.EXHAUSTED:
        ladder.round_now(draft)


def joined_while_held(draft: Draft, event: AlertRaised) -> None:
    """A, C: the caller's own call opens the ladder again; one that was agreed beforehand does not."""
    _join(draft, event)
    more_urgent = is_more_urgent(event.need, draft.alert.need)
    if event.by is RaisedBy.CALLER:
        if more_urgent:
            _set_need(draft, event.need)
        _open_again_for_caller(draft, everyone=event.need is Need.DANGER)
        return
    if more_urgent:
        need_changed_while_held(draft, NeedChanged(need=event.need))
    if draft.alert.status is AlertStatus.ACKNOWLEDGED:
        telling.tell_taker(draft, News.CHECK_IN_JOINED)
    elif draft.alert.status is AlertStatus.IN_CONTACT:
        ask_both(draft, CONTACT_SOON)


def _join(draft: Draft, event: AlertRaised) -> None:
    if event.by not in draft.alert.causes:
        draft.change(causes=(*draft.alert.causes, event.by))
    if event.by is RaisedBy.CALLER:
        draft.change(gently=False)
    draft.record(What.JOINED, detail=event.by.value)


def contact_made(draft: Draft, event: ContactMade) -> None:
    """The caller's word makes IN_CONTACT; a member's word is at most a yes that holds longer."""
    if event.by_caller:
        _in_contact(draft, event)
    elif draft.alert.is_working:
        rules_circle.said_yes(draft, event)
    elif event.person != draft.alert.taker:
        draft.refused = rules_circle.NOT_THE_TAKER
    elif draft.alert.status is AlertStatus.ACKNOWLEDGED:
        rules_circle.claim_contact(draft)
    else:
        rules_circle.word_of_taker(draft)


def _in_contact(draft: Draft, event: ContactMade) -> None:
    person = event.person
    named = person if person is not None and not draft.facts.member(person).removed else None
    holding.be_in_contact(draft, named)
    draft.enter(AlertStatus.IN_CONTACT)
    draft.change(contact=Contact(caller_word_at=draft.now), gently=False)
    draft.record(What.IN_CONTACT, draft.alert.taker)
    length = CONTACT_EVERY
    if event.ask_again_at is not None:
        length = min(max(event.ask_again_at - draft.now, CONTACT_EVERY), ASK_AGAIN_MAX)
    draft.set_timer(TimerKind.CONTACT, length)


def still_needed(draft: Draft, _event: StillNeeded) -> None:
    """T: already working on it. E: a round now."""
    draft.change(gently=False)
    ladder.round_now(draft)


def still_needed_while_held(draft: Draft, _event: StillNeeded) -> None:
    """A, C: the ladder opens again, others first."""
    _open_again_for_caller(draft, everyone=False)


def _open_again_for_caller(draft: Draft, *, everyone: bool) -> None:
    """Other seconds are asked first; who had it is kept as a second for after them."""
    holding.resume(draft, keep_taker=not everyone, everyone=everyone)


def need_changed(draft: Draft, event: NeedChanged) -> None:
    """T: steps to come are filtered by the new need. E: a round now. Danger: everyone at once."""
    draft.change(gently=False)
    if event.need is not draft.alert.need:
        _change_need(draft, event.need)


def _change_need(draft: Draft, need: Need) -> None:
    _set_need(draft, need)
    if need is Need.DANGER and not draft.alert.between_rounds:
        ladder.ask_everyone_at_once(draft)
    else:
        ladder.round_now(draft)


def _set_need(draft: Draft, need: Need) -> None:
    if is_more_urgent(need, draft.alert.need):
        draft.change(urgent_since=draft.now)
    draft.change(need=need)
    draft.record(What.NEED_CHANGED, detail=need.value)


def need_changed_while_held(draft: Draft, event: NeedChanged) -> None:
    """A, C: the taker is told; if they did not offer it, or it is danger, the ladder opens again."""
    if event.need is draft.alert.need:
        return
    _set_need(draft, event.need)
    taker = draft.alert.taker
    if event.need is Need.DANGER:
        holding.resume(draft, everyone=True)
    elif taker is None or not serves(draft.facts.member(taker).offers, event.need):
        holding.resume(draft)
    else:
        telling.tell_taker(draft, News.NEED_CHANGED)


def resolved(draft: Draft, event: Resolved) -> None:
    """Any open status: over, if who says so may; everyone who was told hears it."""
    draft.refused = why_not_end(draft, event)
    if draft.refused:
        return
    draft.enter(AlertStatus.RESOLVED)
    draft.cancel(*Purpose)
    telling.tell_all_clear(draft)
    draft.record(What.RESOLVED, event.person, event.reason or event.by.value)
    if event.by is not EndedBy.CALLER:
        telling.tell_caller(draft, News.OVER)
    _schedule_follow_ups(draft, event)
    draft.change(
        timer=None,
        current=None,
        ahead=(),
        pause_left=None,
        hold=None,
        contact=None,
        seconds=(),
        end=End(at=draft.now, by=event.by, person=event.person, reason=event.reason),
    )


def _schedule_follow_ups(draft: Draft, event: Resolved) -> None:
    """Days follow a call, whoever ended it; only a check-in that came late, and woke nobody who helped, was none."""
    alert = draft.alert
    had_it = tuple(dict.fromkeys((*_taker(alert), *(held.person for held in reversed(alert.held)))))
    if event.by is EndedBy.LATE_CHECK_IN and not had_it:
        return
    others = dict.fromkeys((*alert.seconds, *alert.everyone))
    draft.do(ScheduleFollowUps(had_it=had_it, others=tuple(p for p in others if p not in had_it)))


def _taker(alert: Alert) -> tuple[PersonId, ...]:
    return (alert.taker,) if alert.taker is not None else ()


def why_not_end(draft: Draft, event: Resolved) -> str:
    """Why *event* may not end the call, as a code word; empty when it may (rule 8)."""
    alert = draft.alert
    if event.by is EndedBy.CALLER:
        return ""
    if event.by is EndedBy.HOST:
        return "" if event.reason.strip() else "a_reason_is_needed"
    if event.by is EndedBy.LATE_CHECK_IN:
        only = all(cause is RaisedBy.CHECK_IN for cause in alert.causes)
        return "" if only else "raised_for_another_reason_too"
    allowed = alert.policy.end is EndPolicy.CALLER_OR_TAKER
    confirmed = alert.status is AlertStatus.IN_CONTACT and event.person == alert.taker
    return "" if allowed and confirmed and event.person is not None else "only_the_caller_ends_it"
