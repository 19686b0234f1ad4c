"""Who lives in the years, and what they agreed to: people with check-ins who move, forget, come late and go away."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from nightlight.engine.checkin import OnMiss
from nightlight.simulator.years_calendar import RULES, first_due_after, zones

CALLERS = ("ana", "noa", "ida")
MEMBERS = ("sam", "bo")
NAMES = {"ana": "Ana", "noa": "Noa", "ida": "Ida", "sam": "Sam", "bo": "Bo"}
TIMES = (
    *(time(21), time(9), time(2, 30), time(0), time(0, 30), time(23, 59), time(1, 15)),
    *(time(2), time(3), time(2, 0, 30)),
)
"""Evenings and mornings, and hours at which clocks are changed somewhere."""
GRACES = tuple(timedelta(minutes=minutes) for minutes in (15, 45, 120))
COMES, LATE, NEVER = "comes", "late", "never"


@dataclass(frozen=True, kw_only=True)
class Owed:
    """A local date on which a sign of life is expected, and from when on."""

    on: date
    due: datetime


@dataclass(kw_only=True)
class Missing:
    """A miss after which the person was not heard of yet."""

    ended_at: datetime
    alert: str | None
    told: frozenset[str]


@dataclass(kw_only=True)
class Agreed:
    """One check-in, as a calendar on the wall knows it."""

    id: str
    person: str
    rule: str
    at: time
    starts_on: date
    grace: timedelta
    on_miss: OnMiss
    told: frozenset[str]
    noted: frozenset[str]
    key: str = ""
    token: str = ""
    is_on: bool = True
    since: datetime | None = None
    """Since when what stands here holds: a move, a change of time, switched on."""
    owed: Owed | None = None
    last_on: date | None = None
    last_due: datetime | None = None
    paused_until: datetime | None = None
    paused_at: datetime | None = None
    missing: list[Missing] = field(default_factory=list)
    plans: dict[date, str] = field(default_factory=dict)
    """What the person will do on a date; drawn once for each."""
    reminded: list[tuple[float, str]] = field(default_factory=list)
    """Reminders since the last window was over: when, in seconds that had passed, and by which kind of way."""
    seen: set[date] = field(default_factory=set)

    def expect(self, zone: str, moment: datetime) -> None:
        """What is owed next, when nothing from before *moment* is owed any more."""
        after = self.last_on or self.starts_on - timedelta(days=1)
        found = first_due_after(
            moment, after, rule=self.rule, starts_on=self.starts_on, at=self.at, zone=zone
        )
        self.owed = Owed(on=found[0], due=found[1]) if found and self.is_on else None

    def plan(self, chance: Random) -> str:
        """What the person will do on the date that is owed."""
        assert self.owed is not None
        if self.owed.on not in self.plans:
            drawn = chance.random()
            self.plans[self.owed.on] = COMES if drawn < 0.8 else LATE if drawn < 0.9 else NEVER
        return self.plans[self.owed.on]


@dataclass(kw_only=True)
class Inhabitant:
    """Somebody with check-ins."""

    id: str
    zone: str
    check_ins: list[Agreed] = field(default_factory=list)
    is_quiet: bool = False
    quiet_changed: datetime | None = None


def drawn_person(number: int, seed: int) -> Inhabitant:
    """Somebody; through the seeds every zone is somebody's first."""
    person = CALLERS[number]
    found = zones()
    return Inhabitant(id=person, zone=found[(seed * len(CALLERS) + number) % len(found)])


def drawn_check_in(person: str, number: int, today: date, chance: Random) -> Agreed:
    """A check-in of *person*; most come daily."""
    told = frozenset(chance.sample(MEMBERS, chance.randint(1, 2)))
    rules = list(RULES)
    return Agreed(
        id=f"{person}-{number}",
        person=person,
        rule=rules[0] if chance.random() < 0.6 else chance.choice(rules),
        at=chance.choice(TIMES),
        starts_on=today,
        grace=chance.choice(GRACES),
        on_miss=chance.choice(list(OnMiss)),
        told=told,
        noted=frozenset(chance.sample(MEMBERS, chance.choice((0, 0, 1)))),
    )
