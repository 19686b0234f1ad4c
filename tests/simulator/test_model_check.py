"""The model check: every order of events in small worlds, and that it can fail."""

from dataclasses import replace

import pytest

from nightlight.engine.decide import Decision, run
from nightlight.engine.effects import CancelPending, Purpose, TellCaller
from nightlight.engine.events import (
    Acknowledged,
    AcknowledgementExpired,
    Declined,
    Event,
    TimerEvent,
)
from nightlight.engine.facts import Facts
from nightlight.engine.state import Alert, AlertStatus
from nightlight.simulator.model import SIGHTS, Check, Rules, main, world_of

TRANSITIONS = {2: 600_000, 3: 500_000}
ALL = sum(TRANSITIONS.values())


@pytest.mark.parametrize("responders", [2, 3])
def test_no_order_of_events_breaks_a_promise(responders: int, capsys: pytest.CaptureFixture[str]) -> None:
    result = Check(world_of(responders)).run(TRANSITIONS[responders])

    with capsys.disabled():
        print(f"\nmodel check, {result}")  # noqa: T201  (what was walked belongs in every record of a run)
    assert not result.violation, str(result)
    assert result.transitions >= TRANSITIONS[responders]
    assert result.statuses == set(AlertStatus)
    assert result.sights == set(SIGHTS)
    assert result.ways_out > 0


def test_a_million_transitions_are_walked() -> None:
    assert ALL >= 1_000_000


# ------------------------------------------------------------------ planted faults


def a_yes_ends_the_call(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    decision = run(alert, event, facts)
    if isinstance(event, Acknowledged) and decision.alert.status is AlertStatus.ACKNOWLEDGED:
        over = replace(decision.alert, status=AlertStatus.RESOLVED, timer=None, hold=None, ahead=())
        return replace(decision, alert=over)
    return decision


def a_late_timer_counts(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    if isinstance(event, TimerEvent) and alert is not None and alert.timer is not None:
        event = replace(event, generation=alert.timer.generation)
    return run(alert, event, facts)


def a_hold_stops_nothing(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    decision = run(alert, event, facts)
    kept = tuple(
        effect
        for effect in decision.effects
        if not (
            isinstance(effect, CancelPending) and Purpose.ASK in effect.purposes and effect.person is None
        )
    )
    return replace(decision, effects=kept)


def a_quiet_taker_is_forgotten(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    if isinstance(event, AcknowledgementExpired) and alert is not None:
        return Decision(alert=alert)
    return run(alert, event, facts)


def the_last_no_is_not_noticed(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """The answer is kept, and the step goes on waiting for nobody."""
    decision = run(alert, event, facts)
    if isinstance(event, Declined) and alert is not None and alert.current and decision.alert != alert:
        kept = replace(alert, asks=decision.alert.asks[: len(alert.asks)])
        return replace(decision, alert=kept, effects=())
    return decision


def ana_hears_of_a_yes_too_early(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    decision = run(alert, event, facts)
    if alert is None or alert.status is not AlertStatus.TRIGGERED:
        return decision
    told = tuple(e for e in decision.effects if isinstance(e, TellCaller))
    open_again = replace(alert, message=decision.alert.message)
    return replace(decision, alert=open_again) if told and decision.alert.hold else decision


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (a_yes_ends_the_call, "it ended by itself"),
        (a_late_timer_counts, "a late or doubled timer changed something"),
        (a_hold_stops_nothing, "is still planned"),
        (a_quiet_taker_is_forgotten, "nobody is ever asked again"),
        (the_last_no_is_not_noticed, "a step goes on and nobody in it can answer any more"),
        (ana_hears_of_a_yes_too_early, "and nobody has"),
    ],
)
def test_a_planted_fault_is_found_and_told_as_a_story(rules: Rules, words: str) -> None:
    result = Check(world_of(2), rules).run(200_000)

    assert words in result.violation
    assert result.story[0] == "Ana calls"
    assert len(result.story) <= 6
    assert "The story that leads there" in str(result)


def test_it_runs_by_hand_and_prints_for_people_and_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--transitions", "2000", "--responders", "3"]) == 0
    assert "every promise kept" in capsys.readouterr().out

    assert main(["--transitions", "2000", "--json"]) == 0
    assert '"violations": 0' in capsys.readouterr().out
