"""A rule of ours that breaks its word, for the tests of rule 13."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import pytest

from nightlight.engine.decide import run
from nightlight.engine.events import Event
from nightlight.store import advance as write_path


class Breaks(Protocol):
    """A rule breaks on everything, or on these kinds of event alone, for as long as the block lasts."""

    def __call__(self, *kinds: type[Event]) -> AbstractContextManager[None]: ...


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Breaks:
    """Breaks a rule for as long as a block lasts."""

    @contextmanager
    def breaks(*kinds: type[Event]) -> Iterator[None]:
        def breaking(alert: Any, event: Event, facts: Any) -> Any:
            if not kinds or isinstance(event, kinds):
                raise AssertionError("a rule of ours broke its word")
            return run(alert, event, facts)

        with monkeypatch.context() as patched:
            patched.setattr(write_path, "run", breaking)
            yield

    return breaks
