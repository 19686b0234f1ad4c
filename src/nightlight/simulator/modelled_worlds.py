"""The worlds the model check walks through."""

from datetime import timedelta

from nightlight.engine.ids import PersonId
from nightlight.engine.policy import EscalationPolicy, EscalationStep
from nightlight.simulator.modelled_moves import World
from nightlight.simulator.modelled_senders import Shell

SAM, BO, KIT = PersonId("sam"), PersonId("bo"), PersonId("kit")


def world_of(responders: int, shell: type[Shell] = Shell) -> World:
    """Return a ladder of two steps for 2 or 3 *responders* with two ways each, served by *shell*."""
    five, ten = timedelta(minutes=5), timedelta(minutes=10)
    second = EscalationStep(ask=(BO,), wait=ten)
    if responders == 3:
        second = EscalationStep(ask=(BO, KIT), wait=ten, fair=True)
    names = (SAM, BO, KIT)[:responders]
    return World(
        names=names,
        # The longest pause from the start, so that every pause is alike.
        policy=EscalationPolicy(
            steps=(EscalationStep(ask=(SAM,), wait=five), second), repeat_after=timedelta(minutes=60)
        ),
        shell=shell(names),
        wakeable=frozenset({SAM}),
    )
