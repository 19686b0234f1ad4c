"""What must be true of every alert at every commit, readable from the alert alone.

The model check asks this of every state it reaches, the simulator after every tick, and `doctor` of
what is stored. Each sentence returned says what is wrong, in words for whoever runs the service.
"""

from datetime import datetime, timedelta

from nightlight.engine.effects import TimerKind
from nightlight.engine.holding import RENEWALS_MAX
from nightlight.engine.rules_caller import ASK_AGAIN_MAX
from nightlight.engine.state import Alert, AlertStatus, Answer

TIMER_MAX = timedelta(minutes=60)
"""No open alert is left alone longer than this, or than the wait its own ladder names."""

_HELD = (AlertStatus.ACKNOWLEDGED, AlertStatus.IN_CONTACT)
_TIMER_WHILE_HELD = {
    AlertStatus.ACKNOWLEDGED: TimerKind.ACKNOWLEDGEMENT,
    AlertStatus.IN_CONTACT: TimerKind.CONTACT,
}


def broken(alert: Alert, now: datetime | None = None) -> tuple[str, ...]:
    """Return every invariant that *alert* breaks, in plain words; empty when all is well.

    With *now*, also whether its timer lies further ahead than any timer may.
    """
    if alert.status is AlertStatus.RESOLVED:
        return tuple(_after_the_end(alert))
    return (*_timer(alert, now), *_ladder(alert), *_hold(alert), *_seconds(alert), *_asks(alert))


def _after_the_end(alert: Alert) -> list[str]:
    left = {
        "a timer": alert.timer,
        "a hold": alert.hold,
        "a contact": alert.contact,
        "a step under way": alert.current,
        "steps to come": alert.ahead,
        "a pause": alert.pause_left is not None,
        "seconds": alert.seconds,
    }
    found = [f"it is over and still has {name}" for name, value in left.items() if value]
    if alert.end is None:
        found.append("it is over and nobody knows who ended it")
    return found


def _timer(alert: Alert, now: datetime | None) -> list[str]:
    timer = alert.timer
    if timer is None:
        return ["it is open and has no timer"]
    while_working = TimerKind.ROUND if alert.between_rounds else TimerKind.STEP
    needed = _TIMER_WHILE_HELD.get(alert.status, while_working)
    found = []
    if timer.kind is not needed:
        found.append(f"its timer is {timer.kind.value}, and it needs {needed.value}")
    if timer.length < timedelta(0):
        found.append("its timer was set into the past")
    longest = max(TIMER_MAX, *(step.wait for step in alert.policy.steps))
    if timer.kind is TimerKind.CONTACT:
        longest = ASK_AGAIN_MAX
    if timer.length > longest:
        found.append("its timer is longer than any may be")
    if now is not None and timer.due - now > max(timer.length, TIMER_MAX):
        found.append("its timer lies further ahead than its own length")
    return found


def _ladder(alert: Alert) -> list[str]:
    found = []
    if alert.end is not None:
        found.append("it is open and has an end")
    if alert.is_working and alert.ran_out != (alert.status is AlertStatus.EXHAUSTED):
        found.append("its status does not say whether everyone was tried")
    if alert.status is AlertStatus.TRIGGERED and alert.current is None:
        found.append("it is at work and has no step under way")
    if alert.status in _HELD and alert.current is not None:
        found.append("someone has it and a step is under way")
    if alert.current is not None:
        found += [
            f"{person} is in the step under way and was never asked"
            for person in alert.current.people
            if (ask := alert.ask_of(person)) is None or ask.message == 0
        ]
        if not alert.current.people:
            found.append("the step under way has nobody in it")
    if any(step.left is not None and step.left < timedelta(0) for step in alert.ahead):
        found.append("a step to come has less than nothing left of its wait")
    if alert.pause_left is not None and not alert.ran_out:
        found.append("a pause between rounds is kept before the first round ended")
    return found


def _hold(alert: Alert) -> list[str]:
    found = []
    if (alert.hold is not None) != (alert.status in _HELD):
        found.append("a hold and its status disagree")
    if (alert.contact is not None) != (alert.status is AlertStatus.IN_CONTACT):
        found.append("the caller's word and its status disagree")
    if alert.hold is None:
        return found
    if alert.hold.number != alert.holds:
        found.append("its hold does not bear the last number")
    if alert.gently:
        found.append("someone has it and it is still worked gently")
    if not 0 <= alert.hold.renewals <= RENEWALS_MAX:
        found.append("its hold was renewed too often")
    if alert.status is AlertStatus.ACKNOWLEDGED:
        ask = alert.ask_of(alert.hold.taker) if alert.hold.taker is not None else None
        if ask is None or ask.answer is not Answer.YES:
            found.append("whoever has it did not say yes")
        if alert.timer is not None and alert.timer.due > alert.hold.limit_at:
            found.append("its hold may run past its limit")
    return found


def _seconds(alert: Alert) -> list[str]:
    found = []
    if len(set(alert.seconds)) != len(alert.seconds):
        found.append("somebody is a second twice")
    for person in alert.seconds:
        ask = alert.ask_of(person)
        if person == alert.taker:
            found.append(f"{person} has it and is a second as well")
        if ask is None or ask.answer is not Answer.YES:
            found.append(f"{person} is a second and did not say yes")
    return found


def _asks(alert: Alert) -> list[str]:
    found = []
    if len({ask.person for ask in alert.asks}) != len(alert.asks):
        found.append("somebody has two last asks")
    for ask in alert.asks:
        if (ask.answer is None) != (ask.answered_at is None):
            found.append(f"the answer of {ask.person} and its time disagree")
        if ask.message == 0 and ask.answer is None:
            found.append(f"{ask.person} was neither asked nor answered")
        if ask.message > alert.message or ask.rung > alert.rung or ask.round > alert.round:
            found.append(f"the ask of {ask.person} is newer than the call")
    if alert.caller_message > alert.message:
        found.append("the news to the caller is newer than the call")
    return found
