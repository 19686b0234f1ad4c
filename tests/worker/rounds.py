"""A worker whose rounds a test calls, on a clock that the test moves."""

import gc
import time
from datetime import datetime, timedelta

from nightlight.store.models import ContactMethod, Notification
from nightlight.worker.loop import Worker
from tests.factories import a_ladder, a_way
from tests.people import ANA, NOON, NUMBERS


class TestClock:
    """A clock that a test moves; the clock nobody can set moves along, unless the test steps this one."""

    __test__ = False

    def __init__(self) -> None:
        self.time = NOON
        self.booted = 1000.0

    def now(self) -> datetime:
        return self.time

    def pass_time(self, **length: float) -> None:
        passed = timedelta(**length)
        self.time += passed
        self.booted += passed.total_seconds()

    def step(self, **length: float) -> None:
        """Somebody sets the clock."""
        self.time += timedelta(**length)


class QuietWakeup:
    """Wakes nobody: these tests call each round themselves."""

    def wait(self, seconds: float) -> None: ...

    def wake(self) -> None: ...

    def close(self) -> None: ...


def a_worker(the_clock: TestClock) -> Worker:
    return Worker(the_clock, QuietWakeup())


def a_circle_with_sample_phones(*people: str, of: str = ANA) -> None:
    a_ladder(tuple(people), of=of)  # type: ignore[arg-type]
    ContactMethod.objects.filter(person_id__in=people, channel="smtp").delete()
    for person in people:
        a_way(person, "sample-text", NUMBERS.get(person, f"+44770090{abs(hash(person)) % 10000:04}"))  # type: ignore[arg-type, call-overload]


def end(*workers: Worker) -> None:
    """Stop them, and let go of the connections their threads had."""
    for worker in workers:
        worker.sender.stop()
    gc.collect()


def settled() -> None:
    """Until nothing is in a sender's hands."""
    for _ in range(500):
        if not Notification.objects.filter(status="leased").exists():
            return
        time.sleep(0.01)
    raise AssertionError("a message stays in a sender's hands")
