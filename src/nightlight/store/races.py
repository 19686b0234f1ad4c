"""Transactions that may meet another one on the same rows, and are then tried again whole.

Everywhere the alert's row is locked before any row that belongs to it, so that two transactions
wait for one another in one order only.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from django.db import OperationalError, connection, transaction

RACES_MAX = 5
"""A lost race is run again this often."""

TURN_SECONDS = 5
"""As long as SQLite itself waits for whoever writes."""

LOOK_AGAIN_MS = 8
"""SQLite looks again after 1, 2 and 5 ms, and then ever more rarely."""

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
                with _begun():
                    return step()
            except LostRace:
                continue
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in _LOST_STATES:
                    raise
        with _begun():
            return step()


@contextmanager
def _begun() -> Iterator[None]:
    """A transaction of its own, begun as soon as nobody else of this machine writes."""
    with ExitStack() as begun:
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            _begin_soon(begun)
        else:
            begun.enter_context(transaction.atomic())
        yield


def _begin_soon(begun: ExitStack) -> None:
    """Begin a transaction on SQLite, and look often whether it can. Raises OperationalError in the end.

    SQLite by itself comes to look ten times a second: beside a worker that sends very much and writes on
    and on, somebody who calls may find the database taken each time.
    """
    until = time.monotonic() + TURN_SECONDS
    _wait_for_writers(LOOK_AGAIN_MS)
    try:
        while True:
            try:
                begun.enter_context(transaction.atomic())
            except OperationalError:
                if time.monotonic() > until:
                    raise
            else:
                return
    finally:
        _wait_for_writers(TURN_SECONDS * 1000)


def _wait_for_writers(milliseconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout={milliseconds}")


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
