"""The faults of every night: a database that is away, a clock that is set, an outage of hours, people who withdraw."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Protocol

from nightlight.simulator.agenda import Agenda, VirtualClock
from nightlight.simulator.providers import Weather
from nightlight.simulator.workers import SimulatedProcess

AWAY_SECONDS = (3.0, 20.0, 45.0)
SET_BY_SECONDS = (3, 60, 3600, 86400)
OUTAGE_SECONDS = (90.0, 600.0, 7200.0)


class World(Protocol):
    """What these faults need of the world they come over."""

    agenda: Agenda
    clock: VirtualClock
    weather: Weather

    @property
    def processes(self) -> Sequence[SimulatedProcess]:
        """The workers."""
        ...

    def tell(self, words: str) -> None:
        """Write a line of the story."""
        ...

    def note(self, goal: str) -> None:
        """Something worth counting happened."""
        ...

    def clock_is_wrong(self) -> None:
        """From here on what the clock shows proves nothing, in this whole night."""
        ...

    def somebody_withdraws(self) -> None:
        """Somebody leaves, rests or stops a way."""
        ...


class Faults:
    """What comes over one night, as often as its weather says."""

    def __init__(self, world: World, chance: Random) -> None:
        self._world = world
        self._chance = chance
        self.is_away = False
        """Whether the database answers nobody."""

    def plan(self, until: float) -> None:
        """Put down what happens up to *until*."""
        at = self._chance.uniform(30, 900)
        while at < until:
            for kind, fault in (
                ("away", self._go_away),
                ("clock", self._set_clock),
                ("outage", self._outage),
                ("restless", self._somebody_withdraws),
            ):
                if self._world.weather.is_bad(kind, self._chance):
                    self._world.agenda.after(at, fault)
            at += self._chance.uniform(120, 1800)

    def _go_away(self) -> None:
        if self._world.weather.trouble:
            self._world.tell("the database is away")
            self._world.note("the database was away")
            self.is_away = True
            self._world.agenda.after(self._chance.choice(AWAY_SECONDS), self._come_back)

    def _come_back(self) -> None:
        self.is_away = False

    def _set_clock(self) -> None:
        if self._world.weather.trouble:
            step = self._chance.choice((-1, 1)) * self._chance.choice(SET_BY_SECONDS)
            self._world.tell(f"somebody sets the clock by {step} s")
            self._world.note("a clock was set back" if step < 0 else "a clock was set forward")
            self._world.clock_is_wrong()
            self._world.clock.set_by(timedelta(seconds=step))
            for process in self._world.processes:
                self._world.agenda.after(1.0, process.wake)

    def _outage(self) -> None:
        if self._world.weather.trouble:
            seconds = self._chance.choice(OUTAGE_SECONDS)
            self._world.note("everything was down for a while")
            for process in self._world.processes:
                if process.alive:
                    process.die(seconds)

    def _somebody_withdraws(self) -> None:
        if self._world.weather.trouble:
            self._world.somebody_withdraws()
