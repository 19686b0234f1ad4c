"""The way out: when nothing more goes wrong and only time passes, everybody who can be asked is asked."""

from collections.abc import Callable
from typing import Protocol

from nightlight.engine.effects import Effect, Notify
from nightlight.engine.events import Event
from nightlight.engine.facts import Facts
from nightlight.engine.state import Alert, AlertStatus
from nightlight.simulator.modelled_moves import TIMER_EVENTS, World, time_passed
from nightlight.simulator.modelled_outbox import ARRIVED, At, put_row
from nightlight.simulator.modelled_senders import Lease, State

TIMERS_TO_AN_ASK_MAX = 12
"""From anywhere, so many timers at most until somebody who can be asked is asked."""


class Decided(Protocol):
    """A decision, as far as it is looked at here."""

    @property
    def alert(self) -> Alert: ...
    @property
    def effects(self) -> tuple[Effect, ...]: ...


Rules = Callable[[Alert | None, Event, Facts], Decided]


def dead_end(world: World, rules: Rules, state: State) -> str:
    """Say what never happens any more from *state* when nothing but time passes; empty when all is well."""
    settled = _workers_finish(world, rules, state)
    if settled is None:
        return "a message whose worker died stays in its hands for ever"
    if not leads_to_an_ask(world, rules, settled):
        return "nobody is ever asked again, though somebody could be"
    return ""


def _decided(
    world: World, rules: Rules, state: State, event: Event | None
) -> tuple[State, tuple[Effect, ...]]:
    if event is None:
        return state, ()
    decision = rules(state.alert, event, world.facts(state.people, state.now))
    new_hold = decision.alert.holds != state.alert.holds
    people = world.shell.carry_out(state.people, decision.effects, new_hold=new_hold)
    return state._replace(alert=decision.alert, people=people), decision.effects


def _workers_finish(world: World, rules: Rules, state: State) -> State | None:
    """Every lease that is out runs out, and a worker that was fenced off dies; None when one is left."""
    for _ in state.leases:
        held: Lease | None = next((lease for lease in state.leases if not lease.fenced), None)
        if held is None:
            break
        state, event = world.shell.lapsed(state, held)
        state, _ = _decided(world, rules, state, event)
    if any(not lease.fenced for lease in state.leases):
        return None
    return state._replace(leases=())


def _all_arrive(state: State) -> State:
    people = list(state.people)
    for i, who in enumerate(people):
        for number, row in enumerate(who.rows):
            if row.at is At.PLANNED:
                people[i] = put_row(people[i], number, ARRIVED)
    return state._replace(people=tuple(people))


def leads_to_an_ask(world: World, rules: Rules, state: State) -> bool:
    """Whether, when nothing but timers happens from *state*, somebody who can be asked is asked."""
    if state.alert.status is AlertStatus.RESOLVED or not _somebody_can_be_asked(world, state):
        return True
    for _ in range(TIMERS_TO_AN_ASK_MAX):
        timer = state.alert.timer
        if timer is None:
            return False
        event = world.shell.sees_the_clock(state)
        if event is None:
            state = time_passed(world.shell, _all_arrive(state), max(timer.due, state.now))
            event = TIMER_EVENTS[timer.kind](generation=timer.generation)
        state, effects = _decided(world, rules, state, event)
        if any(isinstance(effect, Notify) for effect in effects):
            return True
    return False


def _somebody_can_be_asked(world: World, state: State) -> bool:
    return any(
        who.available and not who.removed and not all(who.gone)
        for name, who in zip(world.names, state.people, strict=True)
        if name in world.policy.people
    )
