"""The numbers at the foot of every page: the emergency number, and the lines where a human answers.

The last ones read are remembered, because they are needed most when the database is away.
"""

import re
from dataclasses import dataclass

from django.db import Error as DatabaseTrouble

from nightlight.store.page_queries import HostView, host_view

FOOT_LINES_MAX = 2
"""Beside the emergency number."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line where a human answers. `dial` is what a telephone can dial, or empty."""

    name: str
    number: str
    dial: str
    hours: str

    @property
    def label(self) -> str:
        """Who answers, and when."""
        return ", ".join(filter(None, (self.name, self.hours)))


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What the foot of a page shows."""

    host: str = ""
    emergency: str = ""
    emergency_dial: str = ""
    lines: tuple[Line, ...] = ()

    @property
    def first(self) -> tuple[Line, ...]:
        """The lines at the foot of every page, in the host's order; the foot stays small."""
        return self.lines[:FOOT_LINES_MAX]

    @property
    def more(self) -> bool:
        """Whether there are lines that the foot has no room for."""
        return len(self.lines) > FOOT_LINES_MAX


class _Remembered:
    """The numbers read last in this process."""

    numbers = Numbers()


def numbers() -> Numbers:
    """The host's numbers; those read last when the database is away."""
    try:
        _Remembered.numbers = _of(host_view())
    except DatabaseTrouble:
        return _Remembered.numbers
    return _Remembered.numbers


def remembered() -> Numbers:
    """The numbers read last, without asking the database."""
    return _Remembered.numbers


def dial(number: str) -> str:
    """What of *number* can be dialled: "116 123" gives "116123"; empty when it is no number."""
    digits = re.sub(r"[\s().\-/]", "", number)
    return digits if re.fullmatch(r"\+?[0-9*#]+", digits) else ""


def _of(host: HostView) -> Numbers:
    return Numbers(
        host=host.name,
        emergency=host.emergency_number,
        emergency_dial=dial(host.emergency_number),
        lines=tuple(
            Line(name=line.name, number=line.number, dial=dial(line.number), hours=line.hours)
            for line in host.lines
        ),
    )
