"""Long work in short transactions, so that nobody's call waits for the database."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from django.db import transaction

from nightlight import clock
from nightlight.store.races import racing

PIECE_SECONDS = 0.15
"""A transaction takes on no further action after this long; with the one under way it stays below 0.2."""

Result = TypeVar("Result")


def in_pieces(actions: Sequence[Callable[[], Result]], *, keep: bool) -> list[Result]:
    """What each of *actions* returns, done in order, many to a transaction.

    Without *keep* every transaction is rolled back at its end. Each action must therefore bear that
    what those before it wrote is gone; foreign keys are only checked by a commit, which never comes.
    """
    results: list[Result] = []
    while len(results) < len(actions):
        results += racing(partial(_piece, actions[len(results) :], keep=keep))
    return results


def _piece(actions: Sequence[Callable[[], Result]], *, keep: bool) -> list[Result]:
    results: list[Result] = []
    began = clock.boottime()
    for action in actions:
        results.append(action())
        if clock.boottime() - began > PIECE_SECONDS:
            break
    if not keep:
        transaction.set_rollback(True)
    return results
