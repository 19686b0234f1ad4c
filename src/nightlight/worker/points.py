"""The places at which a step of the worker may stop, one at every commit and every send.

A step is a generator that yields one of these at each, never inside a transaction. Production
drives it straight through; a simulation may kill, delay or repeat it at any of them.
"""

from collections.abc import Generator, Iterator
from enum import StrEnum
from typing import TypeVar


class Point(StrEnum):
    """Where a step stands."""

    CLAIMED = "claimed"
    ABOUT_TO_SEND = "about_to_send"
    SENT = "sent"
    SETTLED = "settled"
    ADVANCED = "advanced"


Step = Iterator[Point]
_Outcome = TypeVar("_Outcome")


def outcome_of(step: Generator[Point, None, _Outcome]) -> _Outcome:
    """Run *step* to its end; what it returns."""
    while True:
        try:
            next(step)
        except StopIteration as end:
            outcome: _Outcome = end.value
            return outcome


def drive(step: Step) -> None:
    """Run *step* to its end."""
    for _ in step:
        pass
