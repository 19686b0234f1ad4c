"""Any history keeps the promises: events drawn at random, in worlds drawn at random."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightlight.engine.decide import run
from nightlight.engine.effects import Notify
from nightlight.engine.ids import PersonId
from nightlight.engine.invariants import broken
from nightlight.engine.policy import EscalationPolicy, EscalationStep
from nightlight.engine.state import AlertStatus
from nightlight.simulator.model import Check
from nightlight.simulator.modelled_moves import World
from nightlight.simulator.modelled_senders import Shell, State
from nightlight.simulator.modelled_way_out import dead_end
from tests.people import BO, KIT, SAM

PEOPLE = (SAM, BO, KIT)
WAITS = st.sampled_from([1, 5, 60, 24 * 60]).map(lambda minutes: timedelta(minutes=minutes))
STEPS = st.builds(
    EscalationStep,
    ask=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True).map(tuple),
    wait=WAITS,
    fair=st.booleans(),
)
WORLDS = st.builds(
    World,
    names=st.just(PEOPLE),
    policy=st.builds(
        EscalationPolicy,
        steps=st.lists(STEPS, min_size=1, max_size=4).map(tuple),
        repeat_after=st.sampled_from([1, 10, 60]).map(lambda minutes: timedelta(minutes=minutes)),
        acknowledgement_expires=st.sampled_from([1, 10, 15]).map(lambda minutes: timedelta(minutes=minutes)),
    ),
    shell=st.just(Shell(PEOPLE)),
    ways=st.integers(min_value=1, max_value=3),
    wakeable=st.frozensets(st.sampled_from(PEOPLE)),
)
HISTORIES = st.lists(st.integers(min_value=0, max_value=10_000), max_size=60)


def histories(world: World, choices: list[int]) -> list[State]:
    """Take one move after another, and check every one; return all states on the way."""
    check = Check(world)
    states = [check.first()]
    for choice in choices:
        state = states[-1]
        moves = list(world.moves(state))
        move = moves[choice % len(moves)]
        after, wrong = check.take(state, move, world.facts(move.to.people, move.to.now))
        assert wrong == "", move.words
        if after is not None:
            assert broken(after.alert) == (), move.words
            states.append(after)
    return states


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(WORLDS, HISTORIES)
def test_any_history_keeps_the_promises(world: World, choices: list[int]) -> None:
    states = histories(world, choices)

    over = [state.alert.status is AlertStatus.RESOLVED for state in states]
    assert over == sorted(over)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(WORLDS, HISTORIES)
def test_from_wherever_a_history_ends_somebody_who_can_be_asked_is_asked(
    world: World, choices: list[int]
) -> None:
    assert dead_end(world, run, histories(world, choices)[-1]) == ""


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(WORLDS, HISTORIES)
def test_the_same_history_is_always_decided_the_same(world: World, choices: list[int]) -> None:
    assert histories(world, choices) == histories(world, choices)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(WORLDS, HISTORIES, st.sampled_from(PEOPLE))
def test_whoever_is_removed_is_never_asked_again(world: World, choices: list[int], person: PersonId) -> None:
    state = histories(world, choices)[-1]
    people = tuple(
        who._replace(removed=True) if name == person else who
        for name, who in zip(world.names, state.people, strict=True)
    )
    for move in world.moves(state._replace(people=people)):
        if move.event is None:
            continue
        decision = run(state.alert, move.event, world.facts(move.to.people, move.to.now))
        assert person not in [effect.person for effect in decision.effects if isinstance(effect, Notify)]
