"""Whether a planned message still says what is true, read from its alert's row.

Asked in the transaction that leases it, and again before it is tried once more: what was true when
it was planned may be untrue by now, and "someone has it" would then silence a person for nothing.
A document that no rule can read (a poisoned alert's) forbids nothing: then the row's columns decide.
"""

from typing import Any

from nightlight.engine.effects import Purpose
from nightlight.engine.state import AlertStatus
from nightlight.store.models import Alert, Notification

PLAIN_ASK = -1
"""Serial of every plain ask of a poisoned alert. Serials of the rules count up from 1."""

_WORKING = (AlertStatus.TRIGGERED, AlertStatus.EXHAUSTED)
_HELD = (AlertStatus.ACKNOWLEDGED, AlertStatus.IN_CONTACT)


def is_wanted(row: Notification, alert: Alert) -> bool:
    """Whether *row* is still to be sent: the ask open, the news still news."""
    if row.purpose == Purpose.ASK:
        return _ask_is_open(row, alert)
    return _is_still_news(row, alert)


def is_set_aside(alert: Alert) -> bool:
    """Whether the alert is poisoned: a rule of ours broke on it, and it waits for its next try."""
    return alert.poison_next_at is not None


def _ask_is_open(row: Notification, alert: Alert) -> bool:
    ask = _ask_of(row.person_id, alert)
    if ask is not None and ask.get("answer"):
        return False
    if row.message == PLAIN_ASK and is_set_aside(alert):
        return alert.status != AlertStatus.RESOLVED
    if alert.status not in _WORKING:
        return False
    if row.message == PLAIN_ASK:
        # The alert is well again; who was asked by the rules needs no plain ask any more.
        return ask is None
    return ask is None or ask.get("message") == row.message


def _ask_of(person: str | None, alert: Alert) -> dict[str, Any] | None:
    asks = _document(alert).get("asks")
    known = asks if isinstance(asks, list) else []
    return next((ask for ask in known if isinstance(ask, dict) and ask.get("person") == person), None)


def _is_still_news(row: Notification, alert: Alert) -> bool:
    document = _document(alert)
    same_hold = bool(document.get("holds", row.hold) == row.hold)
    match row.purpose:
        case Purpose.STAND_DOWN:
            return alert.status in _HELD and same_hold
        case Purpose.TAKER_NEWS:
            hold = document.get("hold")
            taker = hold.get("taker") if isinstance(hold, dict) else row.person_id
            return alert.status in _HELD and same_hold and bool(taker == row.person_id)
        case Purpose.REOPENED:
            return alert.status in _WORKING and same_hold
        case Purpose.ALL_CLEAR:
            return alert.status == AlertStatus.RESOLVED
        case Purpose.CALLER_NEWS if row.message < 0:
            return is_set_aside(alert)
        case Purpose.CALLER_NEWS:
            return bool(document.get("caller_message", row.message) == row.message)
        case _:
            return True


def _document(alert: Alert) -> dict[str, Any]:
    return alert.state if isinstance(alert.state, dict) else {}
