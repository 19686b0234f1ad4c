"""How a model check gets to far places: a beginning that chance alone would rarely find, then chance."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from nightlight.simulator.modelled_sending import Move

FAR_WALK = 40
"""So many events lead to a far place."""
WALK_TIME, WALK_LEAVING = 0.35, 0.05
"""How often on such a walk time passes, and how often somebody may leave."""

_A_LONG_HOLD = ("bo says yes", "bo says they are in touch", "time passes: acknowledgement_expired")
_DIES_AFTER_SENDING = (
    "worker 1 takes up way 1 of sam",
    "worker 1 sends to sam",
    "worker 1 dies just after sending to sam",
    "the lease on way 1 of sam runs out",
)
_FENCED = (
    "worker 1 takes up way 1 of sam",
    "worker 1 hangs, and its lease on way 1 of sam runs out",
    "worker 2 takes up way 1 of sam",
)
_RINGS_IN_VAIN = (
    "way 1 of sam is accepted",
    "way 2 of sam is accepted",
    "way 2 of sam rings, and nobody answers",
    "way 2 of sam is accepted",
)
PRELUDES: tuple[tuple[str, ...], ...] = (
    (),
    # Bo's hour is used up.
    _A_LONG_HOLD * 2,
    # Sam asks for more time as often as anybody may.
    ("sam says yes", *("sam asks for more time",) * 3),
    # Ana was in touch, and neither said a word any more.
    ("bo says yes", "Ana says she is in touch", *("time passes: contact_due",) * 2),
    # The worker dies again and again, each time when the provider has just taken the message.
    _DIES_AFTER_SENDING * 4,
    # One worker hangs, and the other takes its message up.
    _FENCED,
    # Sam's phone rang once in vain, and rings again.
    _RINGS_IN_VAIN,
    # It rings, and its worker has not said so yet.
    ("way 1 of sam is accepted", "worker 1 takes up way 2 of sam", "worker 1 sends to sam"),
    # The clock is set back while Bo has it.
    ("bo says yes", "the clock is set back an hour"),
)
"""How walks to far places begin; what by chance alone takes too long to come about."""

_Step = TypeVar("_Step", bound=tuple[Move, object])


def walk_length(prelude: Sequence[str]) -> int:
    """Return how many moves a walk has that begins with *prelude*.

    After one a few moves by chance are enough: what it led to should still be there.
    """
    return len(prelude) + (FAR_WALK // 10 if prelude else FAR_WALK)


def likely(steps: list[_Step], chance: Random) -> list[_Step]:
    """Choose what a long walk may meet next: now and then time passes, and hardly anybody leaves.

    Removals and stopped ways cannot be taken back; by chance alone the circle would soon be empty.
    """
    lot = chance.random()
    if lot < WALK_TIME:
        passing = [step for step in steps if step[0].words.startswith("time passes")]
        # Until the worker has seen that the clock was set back, no timer fires on time.
        return passing or [step for step in steps if "worker sees that the clock" in step[0].words]
    if lot > 1 - WALK_LEAVING:
        return steps
    return [step for step in steps if "removed" not in step[0].words and "stops" not in step[0].words]
