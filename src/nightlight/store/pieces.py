"""Long work in short transactions, so that nobody's call waits for the database."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import transaction

from nightlight import clock
from nightlight.store.advance import RACES_MAX, LostRace

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
        results += _piece_after_races(actions[len(results) :], keep=keep)
    return results


def _piece_after_races(actions: Sequence[Callable[[], Result]], *, keep: bool) -> list[Result]:
    for _ in range(RACES_MAX - 1):
        try:
            return _piece(actions, keep=keep)
        except LostRace:
            continue
    return _piece(actions, keep=keep)


def _piece(actions: Sequence[Callable[[], Result]], *, keep: bool) -> list[Result]:
    results: list[Result] = []
    began = clock.boottime()
    with transaction.atomic():
        for action in actions:
            results.append(action())
            if clock.boottime() - began > PIECE_SECONDS:
                break
        if not keep:
            transaction.set_rollback(True)
    return results
