"""Two workers through years: the real rounds and the real sending, killed at any step and started again.

A night is looked at second by second (`simulator.workers`). Here years pass, so between two moments at which
something is due the workers are taken to have looked each second and found nothing.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from random import Random
from typing import Protocol

from django.db import Error

from nightlight.channels.base import Message, Receipt, ReceiptStatus, TemporaryFailure
from nightlight.engine.retries import Outcome
from nightlight.simulator.agenda import VirtualClock
from nightlight.store import heartbeats, notices_due, notices_send
from nightlight.store.dbclock import DatabaseClock
from nightlight.store.letters import Letter
from nightlight.store.outbox import Claim
from nightlight.worker import caring
from nightlight.worker.loop import Worker
from nightlight.worker.noticing import THREADS_PER_CHANNEL, Noticer
from nightlight.worker.points import Point, drive

BEATS_EVERY_SECONDS = 5.0
BOTH_AT_ONCE = 0.15
DEAD_SECONDS = (0.5, 5.0, 20.0, 100.0)
CHANNELS = ("smtp", "sms")


class Watching(Protocol):
    """The world around the workers."""

    clock: VirtualClock
    chance: Random
    kills: float
    """How likely a worker dies at a step."""

    def look(self) -> None:
        """Hold what is kept against what is promised."""
        ...

    def handed(self, channel: str, message: Message) -> None:
        """A provider took a message."""
        ...

    def is_down(self, channel: str) -> bool:
        """Whether the provider of *channel* takes nothing just now."""
        ...

    def unseen(self) -> AbstractContextManager[None]:
        """What is done here meets no fault."""
        ...

    def died(self, seconds: float) -> None:
        """A worker was killed, and comes again after *seconds*."""
        ...


class NoWaiting:
    """What a worker sleeps on; here the agenda does that."""

    def wait(self, seconds: float) -> None:
        """Never called."""
        raise AssertionError(f"a simulated worker never sleeps by itself, not even {seconds} s")

    def wake(self) -> None:
        """There are always more hands than messages."""

    def close(self) -> None:
        """Nothing is held."""


class Postbox:
    """A provider that takes everything, except while it is down."""

    def __init__(self, kind: str, world: Watching) -> None:
        self.kind, self.provider = kind, f"{kind}-1"
        self._world = world

    def send(self, message: Message) -> Receipt:
        """Take *message*. Raises `TemporaryFailure` while the provider is down."""
        if self._world.is_down(self.kind):
            raise TemporaryFailure("busy")
        self._world.handed(self.kind, message)
        return Receipt(status=ReceiptStatus.ACCEPTED, attempt=message.attempt)


class Desk:
    """One worker process, alive or dead."""

    def __init__(self, number: int, world: Watching, channels: Mapping[str, tuple[Postbox, ...]]) -> None:
        self._world = world
        self._number = number
        self._channels = channels
        self._born = 0
        self._claimed: list[tuple[Claim, Letter | None]] = []
        self.worker: Worker | None = None
        self._noticer = Noticer(
            channels,
            DatabaseClock(),
            base_url="https://circle.example.org",
            service_name="Circle",
            on_free=lambda: None,
        )

    def begin(self) -> None:
        """Start the process, with nothing in memory."""
        self._born += 1
        self._claimed = []
        self.worker = Worker(
            DatabaseClock(), NoWaiting(), start=self._take_on, name=f"{self._number}:{self._born}"
        )

    def _take_on(self, claimed: Claim, letter: Letter | None) -> None:
        self._claimed.append((claimed, letter))

    def die(self) -> None:
        """`kill -9`."""
        self.worker, self._claimed = None, []

    def round(self) -> Iterator[Point]:
        """One full round, and what is to be sent, yielding at every commit and every send."""
        assert self.worker is not None
        yield from self.worker.round()
        claimed, self._claimed = self._claimed, []
        for each, letter in claimed:
            assert self.worker is not None
            drive(self.worker.sender.deliver(each, letter=letter))
            self.worker.sender.free(each)
            yield Point.SENT
        now = self._world.clock.now()
        notices_due.bring_nearer(now)
        for lapsed in notices_send.lapsed(now):
            notices_send.settle(lapsed, Outcome.UNKNOWN, now, providers=1, reason="lapsed")
            yield Point.ADVANCED
        slots = dict.fromkeys(CHANNELS, THREADS_PER_CHANNEL)
        providers = {kind: len(own) for kind, own in self._channels.items()}
        for notice in notices_send.claim(now, slots, providers):
            yield from self._noticer.deliver(notice)


class Desks:
    """The workers together."""

    def __init__(self, world: Watching) -> None:
        self._world = world
        self.channels = {kind: (Postbox(kind, world),) for kind in CHANNELS}
        self._desks = [Desk(number, world, self.channels) for number in (1, 2)]
        self._beaten = 0.0

    def begin(self) -> None:
        """Whoever is dead starts."""
        for desk in self._desks:
            if desk.worker is None:
                desk.begin()

    @property
    def is_any_alive(self) -> bool:
        """Whether anybody works."""
        return any(desk.worker is not None for desk in self._desks)

    def kill_all(self) -> None:
        """Everything of ours is down."""
        self.beat()
        for desk in self._desks:
            desk.die()

    def beat(self) -> None:
        """Up to now the idle workers looked each second, and said so."""
        passed = self._world.clock.passed
        if self.is_any_alive and passed - self._beaten > BEATS_EVERY_SECONDS:
            with self._world.unseen():
                heartbeats.beat("idle", 0, self._world.clock.now() - timedelta(seconds=1))
            self._beaten = passed

    def round(self) -> bool:
        """One round of one worker, or of both with their steps mixed; whether the database was away."""
        self.beat()
        self._beaten = self._world.clock.passed
        alive = [desk for desk in self._desks if desk.worker is not None]
        # Most often one is first, and the other finds nothing left.
        if self._world.chance.random() > BOTH_AT_ONCE:
            alive = [self._world.chance.choice(alive)]
        under_way = [(desk, desk.round()) for desk in alive]
        was_away = False
        while under_way:
            at = self._world.chance.randrange(len(under_way))
            desk, steps = under_way[at]
            if self._world.chance.random() < self._world.kills:
                desk.die()
                self._world.died(self._world.chance.choice(DEAD_SECONDS))
                del under_way[at]
                continue
            try:
                next(steps)
            except StopIteration:
                del under_way[at]
            except Error:
                was_away = True
                del under_way[at]
            self._world.look()
        return was_away

    def care(self) -> None:
        """What the days bring, as an idle worker does it."""
        now = self._world.clock.now()
        for care in caring.CARES:
            for one in list(care.due(now, caring.DUE_MAX)):
                care.do(one, now, frozenset(CHANNELS))
