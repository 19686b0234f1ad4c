"""Faults planted into what is said to people when nobody knows whether a commit was kept."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from django.db import OperationalError

from nightlight.simulator.mutating import mutant
from nightlight.store import advance
from nightlight.store.races import racing


@mutant
def a_broken_commit_counts_as_kept() -> AbstractContextManager[Any]:
    """A commit that broke is taken for one that was kept: the caller is told that their call went out."""

    def heedless(step: Callable[[], Any]) -> Any:
        done: list[Any] = []

        def noted() -> Any:
            done.append(step())
            return done[-1]

        try:
            return racing(noted)
        except OperationalError:
            if not done:
                raise
            return done[-1]

    return patch.object(advance, "racing", heedless)
