"""Messages outside calls in the hands of a simulated process: sent step by step, by the real `worker.noticing`.

Anything else of this world may happen between two steps, and the process may die at any of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from django.db import Error

from nightlight import config
from nightlight.engine.retries import Outcome
from nightlight.intake import channels
from nightlight.simulator import database
from nightlight.simulator.agenda import VirtualClock
from nightlight.store import notices_due, notices_send
from nightlight.store.dbclock import DatabaseClock
from nightlight.store.notices_send import NoticeClaim
from nightlight.worker.noticing import THREADS_PER_CHANNEL, Noticer
from nightlight.worker.points import Point, Step

DUES = """
    UNION ALL SELECT MIN(looks_at) FROM check_in
    UNION ALL SELECT MIN(due) FROM notice WHERE status = 'planned'
    UNION ALL SELECT MIN(lease_until) FROM notice WHERE status = 'leased'
"""
"""The moments for which something is written down beside calls, as SQLite keeps them."""
_UNSENT = "SELECT 1 FROM notice WHERE status IN ('planned', 'leased') LIMIT 1"
"""Without one, a look would find nothing to do: asked first, because most looks are made in vain."""


class Watching(Protocol):
    """What follows every step."""

    def dies_now(self) -> bool:
        """Whether the process whose step this is dies just before it."""
        ...

    def note(self, goal: str) -> None:
        """Something worth counting happened."""
        ...

    def look(self) -> None:
        """Hold what is kept against what is promised."""
        ...

    def took(self, claimed: NoticeClaim) -> float:
        """How long the provider took for what was sent last."""
        ...


class Process(Protocol):
    """The process whose hands these are."""

    clock: VirtualClock

    @property
    def watching(self) -> Watching:
        """What follows its steps."""
        ...

    def soon(self, seconds: float, action: Callable[[], None]) -> None:
        """Let *action* happen, unless the process has died until then."""
        ...

    def pause(self) -> float:
        """Seconds until its next step."""
        ...

    def die(self, seconds: float | None = None) -> None:
        """`kill -9`."""
        ...


@dataclass
class NoticeDelivery:
    """One claimed message outside calls."""

    claimed: NoticeClaim
    step: Step
    looked_at: float
    """When it was last asked whether it may be sent, in seconds that had really passed."""
    point: Point | None = None


class NoticeHands:
    """What one process does for messages outside calls; everything in here is lost when it dies."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._noticer: Noticer | None = None
        self.deliveries: list[NoticeDelivery] = []

    def begin(self) -> None:
        """The process starts, with nothing in memory."""
        settings = config.current()
        self.deliveries = []
        self._noticer = Noticer(
            channels.switched_on(),
            DatabaseClock(),
            base_url=settings.base_url,
            service_name=settings.name,
            on_free=lambda: None,
        )

    def round(self) -> Iterator[Point]:
        """One look, yielding at every commit, as `Noticer.round` does it; what is claimed is sent beside it."""
        if not database.look(_UNSENT):
            return
        now = self._process.clock.now()
        providers = {kind: len(own) for kind, own in channels.switched_on().items()}
        notices_due.bring_nearer(now)
        for lapsed in notices_send.lapsed(now):
            notices_send.settle(
                lapsed, Outcome.UNKNOWN, now, providers=providers.get(lapsed.channel, 1), reason="lapsed"
            )
            self._process.watching.note("the lease of a word outside calls lapsed")
            yield Point.ADVANCED
        busy = [delivery.claimed.channel for delivery in self.deliveries]
        slots = {kind: THREADS_PER_CHANNEL - busy.count(kind) for kind in providers}
        for claimed in notices_send.claim(now, slots, providers):
            self._take_on(claimed)
            yield Point.CLAIMED

    def _take_on(self, claimed: NoticeClaim) -> None:
        assert self._noticer is not None
        delivery = NoticeDelivery(
            claimed=claimed, step=self._noticer.deliver(claimed), looked_at=self._process.clock.passed
        )
        self.deliveries.append(delivery)
        self._process.soon(0.001, lambda: self._step(delivery))

    def _step(self, delivery: NoticeDelivery) -> None:
        process, watching = self._process, self._process.watching
        if watching.dies_now():
            watching.note("killed with a word outside calls in hand")
            process.die()
            return
        if delivery.point is Point.CLAIMED:
            delivery.looked_at = process.clock.passed
        try:
            delivery.point = next(delivery.step)
        except StopIteration:
            self.deliveries.remove(delivery)
        # As in a thread of the real one: the lease lapses, and it is taken up again.
        except Error:
            watching.note("a delivery met a database that was away")
            self.deliveries.remove(delivery)
        else:
            took = watching.took(delivery.claimed) if delivery.point is Point.SENT else 0.0
            process.soon(took + process.pause(), lambda: self._step(delivery))
        watching.look()
