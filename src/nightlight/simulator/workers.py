"""Simulated processes around the real worker: they are killed, held up and started again at any point.

The worker's own steps are run one by one. Between two of them anything else of this world may happen.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Protocol

from django.db import Error

from nightlight.engine.retries import Outcome
from nightlight.simulator import database
from nightlight.simulator.agenda import Agenda, VirtualClock
from nightlight.simulator.noticing import DUES, NoticeHands
from nightlight.simulator.providers import Weather
from nightlight.store.acceptances import Taken, settle_accepted
from nightlight.store.dbclock import DatabaseClock
from nightlight.store.letters import Letter
from nightlight.store.notices_send import NoticeClaim
from nightlight.store.outbox import Claim
from nightlight.worker.loop import AWAY_SECONDS, SLEEP_MIN_SECONDS, Worker
from nightlight.worker.points import Point, Step
from nightlight.worker.settler import Sent

_DUES = """
    SELECT MIN(due) FROM notification WHERE status = 'planned'
    UNION ALL SELECT MIN(lease_until) FROM notification WHERE status = 'leased'
    UNION ALL SELECT MIN(timer_due) FROM alert WHERE status <> 'resolved'
    UNION ALL SELECT MIN(poison_next_at) FROM alert WHERE status <> 'resolved'
"""
"""The moments for which something is written down, as SQLite keeps them."""

BEAT_SECONDS = 45.0
"""An idle worker gives its sign of life this often: often enough that nobody takes it for away."""
IDLE_ROUND_SECONDS = 300.0
"""An idle worker goes a full round at least this often. The real poll is a second; here the moments at
which it would find something are worked out instead, so that idle hours cost next to nothing."""
LONG_OVERDUE_SECONDS = 60.0
STEP_SECONDS = (0.001, 0.02)
HELD_UP_SECONDS = (2.0, 16.0, 40.0, 90.0)
"""Longer than a claim stays fresh, than a lease lasts, and much longer."""
DEAD_SECONDS = (0.5, 5.0, 20.0, 90.0)


class DiesHere(BaseException):
    """A process dies in the middle of a transaction: nothing of it is kept, and nothing catches this."""


class Watching(Protocol):
    """What follows every step, and says which ones the process dies at."""

    def dies_now(self) -> bool:
        """Whether the process whose step this is dies just before it."""
        ...

    def note(self, goal: str) -> None:
        """Something worth counting happened."""
        ...

    def tell(self, words: str) -> None:
        """Write a line of the story."""
        ...

    def look(self) -> None:
        """Hold what is kept against what is promised."""
        ...

    def lease_of(self, claimed: Claim) -> str:
        """The lease that somebody holds on what was claimed; empty when nobody does."""
        ...

    def breaks(self, wrong: str) -> None:
        """A promise is broken."""
        ...

    def settled(self, claimed: Claim) -> None:
        """What came of one send is written down."""
        ...

    def poll(self) -> None:
        """One process does nothing for a while: the others look a second later, as they would by themselves."""
        ...

    def took(self, claimed: Claim | NoticeClaim) -> float:
        """How long the provider took for what was sent last."""
        ...

    def worked(self) -> None:
        """A process looked, or said that it is there."""
        ...


@dataclass
class Delivery:
    """One claimed message in the hands of a process."""

    claimed: Claim
    step: Step
    claimed_at: float
    """Seconds that had really passed when it was claimed."""
    looked_at: float
    """When it was last checked that it may be sent."""
    by: str = ""
    """Which process has it, from one start to its end."""
    point: Point | None = None


class _NoWaiting:
    """What the worker sleeps on; here the agenda does that."""

    def wait(self, seconds: float) -> None:
        """Never called."""
        raise AssertionError(f"a simulated worker never sleeps by itself, not even {seconds} s")

    def wake(self) -> None:
        """A free hand would be used at once; here there are always more hands than messages."""

    def close(self) -> None:
        """Nothing is held."""


def _until(due: datetime, now: datetime) -> float:
    """Seconds until *due*. What nobody sees to though it is long overdue is not looked at fifty times a second."""
    seconds = (due - now).total_seconds()
    if seconds < -LONG_OVERDUE_SECONDS:
        return LONG_OVERDUE_SECONDS / 2
    return max(seconds, SLEEP_MIN_SECONDS) + 0.001


@dataclass
class SimulatedProcess:
    """One worker process, alive or dead, and everything it holds in memory."""

    name: str
    clock: VirtualClock
    agenda: Agenda
    chance: Random
    weather: Weather
    watching: Watching
    alive: bool = False
    born: int = 0
    deliveries: list[Delivery] = field(default_factory=list)
    hands: NoticeHands | None = None
    """For messages outside calls, in a night with a check-in."""
    _worker: Worker | None = None
    _round: Iterator[Point] | None = None
    _sleeps_until: float = 0.0
    _idle_until: float = 0.0
    _round_by: float = 0.0
    _round_began: float = 0.0

    def begin(self) -> None:
        """Start the process, with nothing in memory."""
        self.born += 1
        self.alive = True
        self.watching.tell(f"{self.name} starts")
        self._worker = Worker(
            DatabaseClock(), _NoWaiting(), start=self._begin_delivery, name=f"{self.name}:{self.born}"
        )
        self._round = None
        if self.hands is not None:
            self.hands.begin()
        self.soon(0.0, self._go_round)

    def die(self, seconds: float | None = None) -> None:
        """`kill -9`: whatever was in memory is gone. It is started again after *seconds*."""
        self.alive = False
        self._round, self._worker, self.deliveries = None, None, []
        dead = seconds if seconds is not None else self.chance.choice(DEAD_SECONDS)
        self.watching.tell(f"{self.name} is killed; it starts again in {dead:g} s")
        self.watching.note("a worker was killed")
        self.agenda.after(dead, lambda: None if self.alive else self.begin())
        self.watching.poll()

    def wake(self) -> None:
        """Somebody knocks: look at once instead of sleeping on."""
        if self.alive and self._round is None:
            self.soon(0.002, self._go_round)

    def soon(self, seconds: float, action: Callable[[], None]) -> None:
        """Let *action* happen, unless the process has died until then."""
        born = self.born
        self.agenda.after(seconds, lambda: action() if self.alive and self.born == born else None)

    def pause(self) -> float:
        """Seconds until its next step; now and then it is held up for much longer."""
        if self.weather.is_bad("paused", self.chance) and self.chance.random() < 0.2:
            self.watching.note("a process was held up")
            self.watching.poll()
            return self.chance.choice(HELD_UP_SECONDS)
        return self.chance.uniform(*STEP_SECONDS)

    def _go_round(self) -> None:
        if self._round is None:
            assert self._worker is not None
            self._round = self._both_rounds() if self.hands is not None else self._worker.round()
            self._round_began = self.clock.passed
            self._round_by = self.clock.passed + IDLE_ROUND_SECONDS
            self._step_round()

    def _both_rounds(self) -> Iterator[Point]:
        """What belongs to calls, and behind it what does not."""
        assert self._worker is not None
        assert self.hands is not None
        yield from self._worker.round()
        yield from self.hands.round()

    def _step_round(self) -> None:
        assert self._round is not None
        if self.watching.dies_now():
            self.die()
            return
        try:
            next(self._round)
        except StopIteration:
            self.watching.worked()
            self._sleep()
        except DiesHere:
            self.die()
        except Error:
            self.watching.note("a round met a database that was away")
            self._round = None
            self.soon(AWAY_SECONDS, self._go_round)
        else:
            self.watching.worked()
            self.soon(self.pause(), self._step_round)
        self.watching.look()

    def _sleep(self) -> None:
        self._round = None
        if self.hands is not None and self.clock.passed - self._round_began > BEAT_SECONDS:
            # A round that was held up is followed by the next one a second later, not by a mere sign of life.
            self.soon(1.0, self._go_round)
            return
        try:
            seconds = self._seconds_to_sleep()
        except Error:
            seconds = AWAY_SECONDS
        # Now and then the other process is first.
        late = self.chance.choice((0.0, 0.6))
        self._idle_until = self.clock.passed + seconds + late
        self._sleep_on()

    def _sleep_on(self) -> None:
        seconds = min(BEAT_SECONDS, self._idle_until - self.clock.passed)
        self._sleeps_until = self.clock.passed + seconds
        self.soon(seconds, self._wake_up)

    def _wake_up(self) -> None:
        # A knock came before: the sleep that ended then is over, and a later one counts.
        if self._round is not None or self.clock.passed < self._sleeps_until - 1e-6:
            return
        assert self._worker is not None
        try:
            if self.clock.passed >= self._idle_until - 1e-6:
                self._go_round_unless_idle()
            else:
                self._worker.beat(self.clock.now(), round_ms=0)
                self.watching.worked()
                self._sleep_on()
        except Error:
            self._go_round()

    def _go_round_unless_idle(self) -> None:
        """What was due may have been done by the other process; then there is nothing to look for."""
        if self.clock.passed < self._round_by and self._seconds_to_sleep() > 1.0:
            self._sleep()
        else:
            self._go_round()

    def _seconds_to_sleep(self) -> float:
        """Until the moment at which the real poll, once a second, would find something to do."""
        now = self.clock.now()
        dues = (
            datetime.fromisoformat(due).replace(tzinfo=UTC) for (due,) in database.look(self._dues()) if due
        )
        ahead = (_until(due, now) for due in dues)
        soonest: float = min([IDLE_ROUND_SECONDS, *ahead])
        return soonest

    def _dues(self) -> str:
        return _DUES if self.hands is None else _DUES + DUES

    def _begin_delivery(self, claimed: Claim, letter: Letter | None) -> None:
        assert self._worker is not None
        delivery = Delivery(
            claimed=claimed,
            step=self._worker.sender.deliver(claimed, letter=letter, settle=self._settle),
            claimed_at=self.clock.passed,
            looked_at=self.clock.passed,
            by=f"{self.name}:{self.born}",
        )
        self.deliveries.append(delivery)
        self.soon(0.001, lambda: self._step_delivery(delivery))

    def _settle(self, claimed: Claim, sent: Sent) -> None:
        """As the real settler does: what is plain goes with others in one commit, the rest alone."""
        assert self._worker is not None
        is_plain = sent.outcome is Outcome.ACCEPTED and self.chance.random() < 0.5
        taken = Taken(reference=sent.reference, units=sent.units)
        if is_plain and settle_accepted({claimed: taken}, self.clock.now()):
            self.watching.note("settled together with others")
            return
        self._worker.sender.settle_one(claimed, sent)

    def _step_delivery(self, delivery: Delivery) -> None:
        if self.watching.dies_now():
            self.watching.note(f"killed at: {delivery.point or 'claimed'}")
            self.die()
            return
        if delivery.point is Point.CLAIMED and self.clock.passed - delivery.claimed_at > 1.0:
            delivery.looked_at = self.clock.passed
            self.watching.note("a claim that had grown old was checked again")
        held_by = self.watching.lease_of(delivery.claimed)
        try:
            delivery.point = next(delivery.step)
            self._keeps_off(delivery, held_by)
        except StopIteration:
            self._let_go(delivery)
        # As in a thread of the real sender: the lease lapses and is taken up again.
        except Error:
            self.watching.note("a delivery met a database that was away")
            self._let_go(delivery)
        else:
            sent = delivery.point is Point.SENT
            pause = self.watching.took(delivery.claimed) if sent else 0.0
            self.soon(pause + self.pause(), lambda: self._step_delivery(delivery))
        self.watching.look()

    def _keeps_off(self, delivery: Delivery, held_by: str) -> None:
        """Whoever lost its lease leaves the lease of another alone."""
        if delivery.point is Point.SETTLED:
            self.watching.settled(delivery.claimed)
        is_stale = held_by not in ("", delivery.claimed.lease_token)
        if is_stale and delivery.point is Point.SETTLED:
            self.watching.note("a word came too late, while another had taken over")
            if self.watching.lease_of(delivery.claimed) != held_by:
                self.watching.breaks("whoever had lost its lease took it from another")

    def _let_go(self, delivery: Delivery) -> None:
        self.deliveries.remove(delivery)
        assert self._worker is not None
        self._worker.sender.free(delivery.claimed)
