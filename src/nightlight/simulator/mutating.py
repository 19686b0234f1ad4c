"""How a fault is planted: the list of them, and small tools for altering what rules and store do."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from unittest.mock import patch

from nightlight.engine.decide import Decision, run
from nightlight.engine.events import (
    Event,
)
from nightlight.engine.state import Alert
from nightlight.store import advance

DIES_BETWEEN = 0.05
"""How often a process dies between two commits that a planted fault has parted."""

Planted = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One planted fault."""

    name: str
    what: str
    """What it does, in a sentence."""
    plant: Planted


MUTANTS: dict[str, Mutant] = {}


def mutant(plant: Callable[[], Any]) -> Callable[[], Any]:
    """Put a maker of a planted fault into the list, under its own name and with its own sentence."""
    name = plant.__name__
    MUTANTS[name] = Mutant(name=name, what=plant.__doc__ or "", plant=plant)
    return plant


_chance = Random(1)  # noqa: S311  (a planted fault, not a secret)


def begin_anew() -> None:
    """From here on the same chances fall as in a process that has just begun."""
    _chance.seed(1)


def dies_here(often: float = DIES_BETWEEN) -> bool:
    """Whether the process dies between two commits that should have been one."""
    return _chance.random() < often


def always(value: Any) -> Callable[..., Any]:
    """Something that gives *value*, whatever it is asked."""

    def given(*_arguments: Any, **_options: Any) -> Any:
        return value

    return given


def altered(change: Callable[[Decision, Alert | None, Event], Decision]) -> AbstractContextManager[Any]:
    """Let *change* alter what the rules decide."""

    def ruled(alert: Alert | None, event: Event, facts: Any) -> Decision:
        return change(run(alert, event, facts), alert, event)

    return patch.object(advance, "run", ruled)


def without(*kinds: type) -> AbstractContextManager[Any]:
    """Drop every effect of *kinds*."""

    def change(decision: Decision, _alert: Alert | None, _event: Event) -> Decision:
        kept = tuple(effect for effect in decision.effects if not isinstance(effect, kinds))
        return replace(decision, effects=kept)

    return altered(change)


def deaf_to(*kinds: type) -> AbstractContextManager[Any]:
    """Let nothing come of events of *kinds*."""

    def change(decision: Decision, alert: Alert | None, event: Event) -> Decision:
        if alert is None or not isinstance(event, kinds):
            return decision
        return replace(decision, alert=alert, effects=(), entries=())

    return altered(change)
