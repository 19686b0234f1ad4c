"""Virtual time: a clock that can be set and drifts, and an agenda of what happens when.

Nothing here looks at the machine's clock: an hour passes as fast as what happens in it can be done.
"""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

Action = Callable[[], object]


class VirtualClock:
    """A wall clock that somebody may set, beside the time that really passed."""

    def __init__(self, start: datetime, *, drift: float = 0.0) -> None:
        """It shows *start* at first, and gains *drift* seconds in each second (0.001: one in 1,000)."""
        self.passed = 0.0
        """Seconds that really passed."""
        self._start = start
        self._drift = drift
        self._set_by = timedelta(0)

    def now(self) -> datetime:
        """What the wall clock shows."""
        return self._start + timedelta(seconds=self.passed * (1 + self._drift)) + self._set_by

    def boottime(self) -> float:
        """Seconds that really passed."""
        return self.passed

    def set_by(self, step: timedelta) -> None:
        """Somebody sets the wall clock forward, or back."""
        self._set_by += step

    def put_right(self) -> None:
        """The wall clock shows the true time again, and keeps it."""
        self._drift, self._set_by = 0.0, timedelta(0)


class Agenda:
    """What is to happen, in the order of time; what is due at once happens in the order it was put down."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._entries: list[tuple[float, int, Action]] = []
        self._number = count()

    def after(self, seconds: float, action: Action) -> None:
        """Let *action* happen so many seconds from now."""
        entry = (self._clock.passed + max(seconds, 0.0), next(self._number), action)
        heapq.heappush(self._entries, entry)

    def next_action(self, until: float) -> Action | None:
        """Let time pass to the next action that is due by *until*, and give it; None when there is none."""
        if not self._entries or self._entries[0][0] > until:
            self._clock.passed = max(self._clock.passed, until)
            return None
        at, _, action = heapq.heappop(self._entries)
        self._clock.passed = max(self._clock.passed, at)
        return action
