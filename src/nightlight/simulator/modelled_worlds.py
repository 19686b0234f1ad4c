"""The worlds the model check walks through."""

from datetime import timedelta

from nightlight.engine.ids import PersonId
from nightlight.engine.policy import EscalationPolicy, EscalationStep
from nightlight.simulator.modelled_moves import World
from nightlight.simulator.modelled_senders import Shell

SAM, BO, KIT = PersonId("sam"), PersonId("bo"), PersonId("kit")


LONG = 3
"""So many steps has the longer ladder: one person in each."""
WORLDS = {"two": (2, 2), "fair": (3, 2), "long": (3, LONG)}
"""By name: how many people, and how many steps."""


def world_of(responders: int, shell: type[Shell] = Shell, *, steps: int = 2) -> World:
    """Return a ladder of *steps* for 2 or 3 *responders* with two ways each, served by *shell*.

    With three people on two steps the second is a fair one; on three steps each has one of their own.
    """
    five, ten = timedelta(minutes=5), timedelta(minutes=10)
    names = (SAM, BO, KIT)[:responders]
    ladder = [EscalationStep(ask=(SAM,), wait=five), EscalationStep(ask=(BO,), wait=ten)]
    if steps == LONG:
        ladder.append(EscalationStep(ask=(KIT,), wait=ten))
    elif responders == len((SAM, BO, KIT)):
        ladder[1] = EscalationStep(ask=(BO, KIT), wait=ten, fair=True)
    return World(
        names=names,
        # The longest pause from the start, so that every pause is alike.
        policy=EscalationPolicy(steps=tuple(ladder), repeat_after=timedelta(minutes=60)),
        shell=shell(names),
        wakeable=frozenset({SAM}),
    )


def world_named(name: str) -> World:
    """Return the world that `WORLDS` has under *name*."""
    responders, steps = WORLDS[name]
    return world_of(responders, steps=steps)
