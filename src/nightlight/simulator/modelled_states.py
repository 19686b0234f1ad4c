"""Which states of the modelled world the rules cannot tell apart."""

from datetime import datetime, timedelta

from nightlight.engine.asking import REST_AFTER_NO
from nightlight.engine.events import RaisedBy
from nightlight.engine.holding import UNDO_WITHIN
from nightlight.engine.ladder import ALL_AT_ONCE_FROM_ROUND, ROUND_NOW_GAP
from nightlight.engine.rules_circle import TAKER_ALONE_MAX
from nightlight.engine.state import Alert, AlertStatus, Answer, Ask
from nightlight.simulator.modelled_senders import NOBODY, State

_A_MOMENT = timedelta(seconds=1)
_NO_TIME = timedelta(0)
_AHEAD = timedelta(hours=2)
"""What lies further ahead than this, or began longer ago, is not told apart: only a clock that was set does it."""
_OVER = hash("over")


def fingerprint(state: State) -> int:
    """Return a number that two states share only when the rules cannot tell them apart.

    Times count from now, and only as far as some rule looks; serial numbers count by their order;
    of a call that is over nothing counts but what a worker still has in hand. The two workers are alike: which of them it is does not count.
    """
    alert, now = state.alert, state.now
    if alert.status is AlertStatus.RESOLVED:
        in_hand = tuple(state.people[one.person].rows[one.way] for one in state.leases)
        return hash((_OVER, _leases(state), in_hand)) if state.leases else _OVER
    timer = alert.timer
    return hash(
        (
            alert.status,
            alert.need,
            all(cause is RaisedBy.CHECK_IN for cause in alert.causes),
            min(alert.round, ALL_AT_ONCE_FROM_ROUND),
            tuple((s.people, s.wait, s.fair, s.left) for s in alert.ahead),
            (alert.current.people, alert.current.wait) if alert.current else None,
            alert.pause_left,
            (timer.kind, max(timer.due - now, _NO_TIME), timer.length) if timer else None,
            (alert.ran_out, alert.gently),
            _hold(alert, now),
            tuple(sorted((a.person, _ask(a, alert, now)) for a in alert.asks)),
            alert.seconds,
            tuple(sorted((h.person, h.time) for h in alert.held)),
            alert.undone,
            alert.unavailable,
            _age(alert.round_now_at, now, ROUND_NOW_GAP),
            tuple(p[1:] for p in state.people),
            _order(state),
            _leases(state),
        )
    )


def _hold(alert: Alert, now: datetime) -> tuple[object, ...] | None:
    hold, contact = alert.hold, alert.contact
    if hold is None:
        return None
    if contact is not None:
        word = _age(contact.caller_word_at, now, TAKER_ALONE_MAX + _A_MOMENT)
        return hold.taker, hold.told, word, contact.asked
    began, left = _age(hold.began_at, now, _AHEAD), max(hold.limit_at - now, -_A_MOMENT)
    return hold.taker, hold.told, began, left, hold.renewals


def _ask(ask: Ask, alert: Alert, now: datetime) -> tuple[object, ...]:
    if ask.answer is None or ask.answered_at is None:
        return ("", 0)
    if ask.answer is Answer.YES:
        return ("yes", ask.message == 0, _age(ask.answered_at, now, UNDO_WITHIN + _A_MOMENT))
    before_urgent = alert.urgent_since is not None and ask.answered_at < alert.urgent_since
    return ("no", ask.message == 0, _age(ask.answered_at, now, REST_AFTER_NO), before_urgent)


def _age(then: datetime | None, now: datetime, longest: timedelta) -> timedelta:
    return longest if then is None else max(min(now - then, longest), -_AHEAD)


def _order(state: State) -> tuple[int, ...]:
    """Who was asked before whom, for fair steps."""
    messages = sorted({p.message for p in state.people})
    return tuple(messages.index(p.message) for p in state.people)


def _leases(state: State) -> tuple[object, ...]:
    """What is in whose hands; of an ask that another has replaced, only that it is an old one."""
    if not state.leases:
        return ()
    people = state.people
    return tuple(
        sorted(
            (one.person, one.way, one.message == people[one.person].message, one.worker == NOBODY, *one[4:])
            for one in state.leases
        )
    )
