"""Transactions that may meet another one on the same rows, and are then tried again whole.

Everywhere the alert's row is locked before any row that belongs to it, so that two transactions
wait for one another in one order only.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import OperationalError, connection, transaction

RACES_MAX = 5
"""A lost race is run again this often."""

TURN_SECONDS = 5
"""As long as SQLite itself waits for whoever writes."""

# SQLite has one writer, and lets the others look again now and then; threads of one process take turns.
_turn = threading.Lock()

# Deadlock detected, serialisation failure: PostgreSQL's own words for a race we lost.
_LOST_STATES = ("40P01", "40001")

_Result = TypeVar("_Result")


class LostRace(Exception):
    """Somebody else changed the alert between our reading and our writing it."""


def racing(step: Callable[[], _Result]) -> _Result:
    """Run *step* in a transaction of its own; a race it loses is run again. Raises `LostRace` at last."""
    with _in_turn():
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


@contextmanager
def _in_turn() -> Iterator[None]:
    """Wait for this process's other writers; not for ever, for it is SQLite that keeps writers apart."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    is_ours = _turn.acquire(timeout=TURN_SECONDS)
    try:
        yield
    finally:
        if is_ours:
            _turn.release()
