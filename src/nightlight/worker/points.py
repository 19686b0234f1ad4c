"""The places at which a step of the worker may stop, one at every commit and every send.

A step is a generator that yields one of these at each, never inside a transaction. Production
drives it straight through; a simulation may kill, delay or repeat it at any of them.
"""

from collections.abc import Iterator
from enum import StrEnum


class Point(StrEnum):
    """Where a step stands."""

    CLAIMED = "claimed"
    ABOUT_TO_SEND = "about_to_send"
    SENT = "sent"
    SETTLED = "settled"
    ADVANCED = "advanced"


Step = Iterator[Point]


def drive(step: Step) -> None:
    """Run *step* to its end."""
    for _ in step:
        pass
