"""Working the ladder: steps, rounds, and the pause between rounds.

No function here picks a status. When the steps have run out, the decision's `then` is
`LadderRanOut`, whichever event brought it about, so that the table stays the only truth.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from nightlight.engine.asking import (
    HAS_OWN_CALL,
    NOT_AVAILABLE,
    ask,
    askable,
    free_among,
    is_open,
    ladder_people,
    why_not_asked,
)
from nightlight.engine.availability import may_be_asked
from nightlight.engine.draft import Draft
from nightlight.engine.effects import TimerKind, What
from nightlight.engine.events import LadderRanOut
from nightlight.engine.facts import Facts
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need
from nightlight.engine.state import Alert, PlannedStep

ROUND_NOW_GAP = timedelta(minutes=5)
"""A round out of turn comes no sooner than this after the last one began; danger excepted."""
ALL_AT_ONCE_FROM_ROUND = 3


def begin_round(draft: Draft, number: int) -> None:
    """Begin round *number*: the ladder from the bottom, or everyone at once."""
    draft.change(
        round=number,
        ahead=_steps_of_round(draft, number),
        current=None,
        pause_left=None,
        held=(),
        undone=frozenset(),
        unavailable=frozenset(),
    )
    if number > 1:
        draft.record(What.ROUND_BEGAN, detail=str(number))
    begin_next_step(draft)


def round_now(draft: Draft) -> None:
    """Begin the next round out of turn, if the ladder is between rounds and none did so just now."""
    if may_round_now(draft.alert, draft.now):
        draft.change(round_now_at=draft.now)
        begin_round(draft, draft.alert.round + 1)


def may_round_now(alert: Alert, now: datetime) -> bool:
    """Whether a round out of turn may begin at this instant."""
    if not alert.between_rounds:
        return False
    if alert.need is Need.DANGER or alert.round_now_at is None:
        return True
    # A clock set back must not forbid it until it has caught up.
    return not timedelta(0) <= now - alert.round_now_at < ROUND_NOW_GAP


def ask_everyone_at_once(draft: Draft) -> None:
    """Danger: everyone who may be woken is asked now, whatever step the ladder stood at."""
    draft.change(ahead=(_everyone_step(draft),), current=None, pause_left=None)
    begin_next_step(draft)


def _everyone_step(draft: Draft) -> PlannedStep:
    longest = max(step.wait for step in draft.alert.policy.steps)
    return PlannedStep(people=ladder_people(draft.alert, draft.facts), wait=longest)


def _steps_of_round(draft: Draft, number: int) -> tuple[PlannedStep, ...]:
    alert = draft.alert
    if number >= ALL_AT_ONCE_FROM_ROUND or alert.need is Need.DANGER:
        return (_everyone_step(draft),)
    steps = tuple(PlannedStep(people=s.ask, wait=s.wait, fair=s.fair) for s in alert.policy.steps)
    # Whoever was put on the ladder after the call was raised is asked from the next round on.
    added = draft.facts.added if number > 1 else ()
    return (*steps, PlannedStep(people=added, wait=steps[-1].wait)) if added else steps


def begin_next_step(draft: Draft) -> None:
    """Begin the next step with somebody in it; an empty one costs no time. At the end, say so."""
    draft.change(current=None)
    while draft.alert.ahead:
        step, *rest = draft.alert.ahead
        draft.change(ahead=tuple(rest))
        began = _begin(draft, step) if step.left is None else _go_on_with(draft, step, step.left)
        if began:
            return
    if draft.alert.pause_left is not None:
        left = draft.alert.pause_left
        draft.change(pause_left=None)
        draft.set_timer(TimerKind.ROUND, left)
        return
    draft.then = LadderRanOut(rung=draft.alert.rung)


def _begin(draft: Draft, step: PlannedStep) -> bool:
    people = askable(draft.alert, draft.facts, step.people)
    if not (people and step.fair):
        _note_who_is_passed_over(draft, tuple(p for p in step.people if p not in people))
    if not people:
        return False
    if step.fair:
        people = (_least_lately_asked(draft, people),)
        rest = tuple(p for p in step.people if p not in people)
        if rest:
            draft.change(ahead=(replace(step, people=rest), *draft.alert.ahead))
    draft.change(rung=draft.alert.rung + 1, current=replace(step, people=people, fair=False))
    for person in people:
        ask(draft, person)
    draft.set_timer(TimerKind.STEP, step.wait)
    return True


def _note_who_is_passed_over(draft: Draft, people: tuple[PersonId, ...]) -> None:
    """Leave a reason for everyone whose step begins without them; of a fair step, at its end."""
    for person in people:
        if draft.facts.member(person).removed:
            continue
        why = why_not_asked(draft.alert, draft.facts, person)
        draft.record(What.SKIPPED, person, why)
        if why in (NOT_AVAILABLE, HAS_OWN_CALL):
            draft.change(unavailable=draft.alert.unavailable | {person})


def _go_on_with(draft: Draft, step: PlannedStep, left: timedelta) -> bool:
    """Go on with a step a hold interrupted, with what was left of its wait."""
    if not any(is_open(draft.alert, draft.facts, p) for p in step.people):
        return False
    draft.change(current=replace(step, left=None))
    draft.set_timer(TimerKind.STEP, left)
    return True


def _least_lately_asked(draft: Draft, people: tuple[PersonId, ...]) -> PersonId:
    def lately(person: PersonId) -> tuple[bool, float]:
        asked = draft.facts.member(person).last_asked_at
        return (asked is not None, asked.timestamp() if asked else 0.0)

    return min(people, key=lately)


def end_step_if_nobody_is_left(draft: Draft) -> None:
    """Move on at once when everyone in the step under way declined, failed or is gone."""
    current = draft.alert.current
    if current is None or not draft.alert.is_working:
        return
    if not any(is_open(draft.alert, draft.facts, p) for p in current.people):
        begin_next_step(draft)


def interrupt(draft: Draft) -> None:
    """Someone took it: keep the place and what was left of the wait, for when the ladder goes on."""
    alert = draft.alert
    left = alert.timer.left(draft.now) if alert.timer else timedelta(0)
    if alert.current is not None:
        draft.change(ahead=(replace(alert.current, left=left), *alert.ahead), current=None)
    else:
        draft.change(pause_left=left)


def pause_until_next_round(draft: Draft) -> None:
    """Everyone was tried: note who could not be asked, and wait for the next round."""
    alert = draft.alert
    people = ladder_people(alert, draft.facts)
    not_now = {
        person
        for person in people
        if not may_be_asked(draft.facts.member(person), alert.need, gently=alert.gently)
        or draft.facts.member(person).has_open_alert
    }
    draft.change(current=None, ran_out=True, unavailable=alert.unavailable | not_now)
    draft.set_timer(TimerKind.ROUND, alert.policy.gap_before(alert.round + 1))


def newly_available(alert: Alert, facts: Facts) -> tuple[PersonId, ...]:
    """Whom the last round could not ask and the next one could, when it may begin at this instant.

    The worker asks this of calls that wait between rounds, and brings a `ResponderAvailable`.
    """
    if not may_round_now(alert, facts.now):
        return ()
    return tuple(
        person
        for person in free_among(alert, facts, ladder_people(alert, facts))
        if person in alert.unavailable and not facts.member(person).has_open_alert
    )
