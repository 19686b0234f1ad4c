"""What goes wrong in the years: outages of minutes and of days, clocks that are set, providers and a database away."""

from datetime import timedelta
from typing import TYPE_CHECKING

from nightlight.simulator.years_desk import CHANNELS
from nightlight.worker.liveness import CLOCK_STEP

if TYPE_CHECKING:
    from nightlight.simulator.years_world import Years

DAY_SECONDS = 86_400.0
OUTAGES = (90.0, 900.0, 7200.0, 14 * 3600.0, 2.5 * DAY_SECONDS, 5 * DAY_SECONDS)
CLOCK_STEPS = (3, 60, 3600, DAY_SECONDS)
AWAY_SECONDS = (3.0, 20.0, 45.0)
AWAY_OF_QUERIES = 0.0001
EVERY_DAYS = {"outage": 25.0, "clock": 40.0, "provider": 20.0}


class Faults:
    """The faults of one world."""

    def __init__(self, world: "Years", trouble: float) -> None:
        self._world = world
        self._trouble = trouble
        self._chance = world.chance_of("faults")
        self._away_until = -1.0
        self.is_out = False
        """Everything of ours is down, doors and workers."""
        self.down: set[str] = set()
        """Providers that take nothing."""

    def plan(self) -> None:
        """Put down when what goes wrong."""
        for kind, begin in (
            ("outage", self._outage),
            ("clock", self._set_clock),
            ("provider", self._provider_goes_down),
        ):
            at = 0.0
            while (
                at := at + self._chance.expovariate(self._trouble / EVERY_DAYS[kind]) * DAY_SECONDS
            ) < self._world.seconds:
                self._world.agenda.after(at, begin)

    def is_away(self) -> bool:
        """Whether the database is, at this query."""
        if self._world.clock.passed < self._away_until:
            return True
        if self._chance.random() < AWAY_OF_QUERIES:
            self._away_until = self._world.clock.passed + self._chance.choice(AWAY_SECONDS)
            self._world.note("databases away")
            self._world.fault()
            return True
        return False

    def _outage(self) -> None:
        if self.is_out or self._world.clock_is_wrong:
            return
        seconds = self._chance.choice(OUTAGES)
        self._world.note("outages")
        self._world.tell(f"we are away for {timedelta(seconds=seconds)}")
        self._world.desks.kill_all()
        self.is_out = True
        self._world.agenda.after(seconds, self._comes_back)

    def _comes_back(self) -> None:
        self.is_out = False
        self._world.tell("we are there again")
        self._world.fault(outage=True)
        self._world.desks.begin()
        self._world.visits.is_back()
        self._world.round(anyway=True)

    def _set_clock(self) -> None:
        if self.is_out or self._world.clock_is_wrong or self.down:
            return
        step = self._chance.choice((-1, 1)) * self._chance.choice(CLOCK_STEPS)
        self._world.note("clocks set")
        self._world.tell(f"somebody sets the clock by {step:g} s")
        self._world.desks.beat()
        self._world.clock_is_wrong = True
        self._world.clock.set_by(timedelta(seconds=step))
        is_noticed = abs(step) >= CLOCK_STEP.total_seconds()
        self._world.agenda.after(1.0, lambda: self._seen(is_noticed=is_noticed))
        back = self._chance.uniform(600, 6 * 3600)
        self._world.agenda.after(back, lambda: self._put_right(is_noticed=is_noticed))

    def _seen(self, *, is_noticed: bool) -> None:
        self._world.fault(outage=is_noticed)
        self._world.round(anyway=True)

    def _put_right(self, *, is_noticed: bool) -> None:
        self._world.desks.beat()
        self._world.clock.put_right()
        self._world.tell("the clock is right again")
        # What the wrong clock did is seen until all of it is over.
        self._world.agenda.after(1.0, lambda: self._seen(is_noticed=is_noticed))
        self._world.agenda.after(3 * DAY_SECONDS, self._is_right)

    def _is_right(self) -> None:
        self._world.clock_is_wrong = False
        self._world.fault()

    def _provider_goes_down(self) -> None:
        if self._world.clock_is_wrong or self.is_out or self.down:
            return
        self.down = set(self._chance.choice(((CHANNELS[0],), (CHANNELS[1],), CHANNELS)))
        self._world.note("providers down")
        self._world.agenda.after(self._chance.uniform(600, 10 * 3600), self._provider_is_back)

    def _provider_is_back(self) -> None:
        self.down = set()
        self._world.last_provider_trouble = self._world.clock.passed
        self._world.fault()
