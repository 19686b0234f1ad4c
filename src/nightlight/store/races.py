"""Transactions that may meet another one on the same rows, and are then tried again whole.

Everywhere the alert's row is locked before any row that belongs to it, so that two transactions
wait for one another in one order only.
"""

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, transaction

RACES_MAX = 5
"""A lost race is run again this often."""

# Deadlock detected, serialisation failure: PostgreSQL's own words for a race we lost.
_LOST_STATES = ("40P01", "40001")

_Result = TypeVar("_Result")


class LostRace(Exception):
    """Somebody else changed the alert between our reading and our writing it."""


def racing(step: Callable[[], _Result]) -> _Result:
    """Run *step* in a transaction of its own; a race it loses is run again. Raises `LostRace` at last."""
    for _ in range(RACES_MAX - 1):
        try:
            with transaction.atomic():
                return step()
        except LostRace:
            continue
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in _LOST_STATES:
                raise
    with transaction.atomic():
        return step()
