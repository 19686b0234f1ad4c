"""The made-up world as it is at the beginning: who is in whose circle, by which ways, with which habits.

All of it is drawn from one number. Names are those of every other story; addresses are reserved ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from nightlight.engine.ids import PersonId
from nightlight.simulator.check_ins_drawn import Agreed, drawn_check_in

NAMES = {"ana": "Ana", "noa": "Noa", "sam": "Sam", "bo": "Bo", "kit": "Kit", "ida": "Ida"}
ZONES = ("Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
RUN_OUT_TONIGHT = 0.04
"""The share of members whose agreement ends in the night that is lived through."""
SHARED_NUMBER = "+447700900150"
"""Two people who live together have one telephone."""
FURTHER_WORLDS = 0.4
"""The share of worlds in which people have phones that ring, and apps, beside texts and mail."""
ONE_CALLER, TWO_CALLERS = ("ana",), ("ana", "noa")

# Ordinary evenings, and nights in which a clock is changed.
EVENINGS = (
    datetime(2026, 11, 21, 21, tzinfo=UTC),
    datetime(2027, 3, 28, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 0, tzinfo=UTC),
    datetime(2026, 11, 1, 4, tzinfo=UTC),
    datetime(2028, 2, 28, 23, tzinfo=UTC),
)


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to reach somebody."""

    id: str
    channel: str
    address: str
    after: timedelta


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How somebody takes an ask; each a chance between 0 and 1."""

    reads: float
    """That they look at a message at all."""
    yes: float
    no: float
    quiet: float
    """That they go quiet after a yes."""
    by_text: float
    """That they answer a text by a text, not by its link."""
    odd: float
    """That they do something odd besides: twice, too late, wrong digits, STOP."""
    seconds: tuple[float, float]
    """How long they take, at least and at most."""


@dataclass(frozen=True, kw_only=True)
class Resident:
    """One person of this world."""

    id: PersonId
    zone: str
    ways: tuple[Way, ...]
    habits: Habits


@dataclass(frozen=True, kw_only=True)
class Member:
    """What somebody agreed to for one circle."""

    person: PersonId
    wake_me: bool
    hours: tuple[time, time] | None
    agreed_until: date
    offers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a ladder."""

    people: tuple[PersonId, ...]
    wait: timedelta
    fair: bool


@dataclass(frozen=True, kw_only=True)
class Arranged:
    """One circle."""

    caller: PersonId
    members: tuple[Member, ...]
    ladder: tuple[Step, ...]
    repeat_after: timedelta
    acknowledgement_expires: timedelta
    ends: str
    tell_caller: bool


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """The world at the beginning."""

    start: datetime
    people: dict[PersonId, Resident]
    circles: tuple[Arranged, ...]
    host_has_ways: bool
    providers: Mapping[str, int] = field(default_factory=lambda: {"sms": 2, "smtp": 2})
    """How many providers each kind of way has; what stands not here is not switched on."""
    trouble: dict[str, float] = field(default_factory=dict)
    """How often each kind of trouble comes; 0 to 1."""
    check_in: Agreed | None = None
    """The sign of life that was agreed on for this night, if any was."""


TROUBLES = (
    *("refused", "temporary", "unknown", "queued", "misconfigured", "lost", "receipts"),
    *("killed", "paused", "away", "clock", "outage", "broken_rule", "lost_wake", "restless"),
)

ROUGH = {**dict.fromkeys(TROUBLES, 0.2), "clock": 0.0, "paused": 0.5}
"""A night in which everything goes wrong at once, but that nobody sets the clock."""


def draw(seed: int) -> Scenario:
    """The world of *seed*; the same on every machine."""
    chance = Random(f"{seed}:world")  # noqa: S311  (a made-up world, not a secret)
    callers = TWO_CALLERS if chance.random() < 0.35 else ONE_CALLER
    shared = chance.random() < 0.15
    people = {
        PersonId(person): _resident(PersonId(person), chance, number, shared=shared)
        for number, person in enumerate(NAMES)
    }
    people, providers = with_further_ways(people, seed)
    start = chance.choice(EVENINGS) + timedelta(minutes=chance.randrange(180))
    circles = tuple(_circle(PersonId(caller), chance) for caller in callers)
    return Scenario(
        start=start,
        people=people,
        circles=_some_run_out(circles, people, start, seed),
        host_has_ways=chance.random() < 0.7,
        providers=providers,
        trouble=_troubles(chance),
        check_in=_check_in(seed, start, people, circles[0]),
    )


def _check_in(
    seed: int, start: datetime, people: Mapping[PersonId, Resident], circle: Arranged
) -> Agreed | None:
    person = people[circle.caller]
    kinds = tuple(way.channel for way in person.ways)
    members = [member.person for member in circle.members]
    return drawn_check_in(seed, start, person.id, person.zone, kinds=kinds, members=members)


def _some_run_out(
    circles: tuple[Arranged, ...], people: Mapping[PersonId, Resident], start: datetime, seed: int
) -> tuple[Arranged, ...]:
    """What some agreed to ends in this very night, at midnight where they live."""
    chance = Random(f"{seed}:running out")  # noqa: S311  (a made-up world, not a secret)

    def ending(member: Member) -> Member:
        tonight = start.astimezone(ZoneInfo(people[member.person].zone)).date()
        return replace(member, agreed_until=tonight) if chance.random() < RUN_OUT_TONIGHT else member

    return tuple(replace(circle, members=tuple(map(ending, circle.members))) for circle in circles)


def _troubles(chance: Random) -> dict[str, float]:
    """Some kinds of trouble at a time, so that each is also met alone; in one world of ten none at all."""
    if chance.random() < 0.1:
        return dict.fromkeys(TROUBLES, 0.0)
    share = chance.choice((0.15, 0.3, 0.6))
    return {kind: chance.choice((0.03, 0.1, 0.4)) if chance.random() < share else 0.0 for kind in TROUBLES}


def _resident(person: PersonId, chance: Random, number: int, *, shared: bool) -> Resident:
    text = SHARED_NUMBER if shared and person in ("bo", "kit") else f"+4477009001{number:02}"
    addresses = {"sms": text, "smtp": f"{person}@example.org"}
    channels = chance.choice((("sms", "smtp"), ("smtp", "sms"), ("sms",), ("smtp",)))
    ways = tuple(
        Way(
            id=f"{person}-{channel}",
            channel=channel,
            address=addresses[channel],
            after=timedelta(seconds=chance.choice((0, 30, 120, 300)) if place else 0),
        )
        for place, channel in enumerate(channels)
    )
    return Resident(id=person, zone=chance.choice(ZONES), ways=ways, habits=_habits(chance))


def with_further_ways(
    people: dict[PersonId, Resident], seed: int
) -> tuple[dict[PersonId, Resident], dict[str, int]]:
    """In some worlds people also have phones that ring and apps, some of them before all else."""
    chance = Random(f"{seed}:further ways")  # noqa: S311  (a made-up world, not a secret)
    providers = {"sms": 2, "smtp": 2}
    if chance.random() >= FURTHER_WORLDS:
        return people, providers
    providers |= {"voice": chance.choice((1, 2)), "push": 1}
    return {person: _further(resident, chance) for person, resident in people.items()}, providers


def _further(resident: Resident, chance: Random) -> Resident:
    ways = list(resident.ways)
    shared = any(way.address == SHARED_NUMBER for way in ways)
    own = SHARED_NUMBER if shared else f"+4477009002{list(NAMES).index(resident.id):02}"
    for channel, address in (("voice", own), ("push", f"https://push.example.org/{resident.id}")):
        if chance.random() < 0.5:
            after = timedelta(seconds=chance.choice((0, 30, 120)))
            way = Way(id=f"{resident.id}-{channel}", channel=channel, address=address, after=after)
            ways.insert(chance.randint(0, len(ways)), way)
    return replace(resident, ways=tuple(ways))


def _habits(chance: Random) -> Habits:
    fastest = chance.choice((2.0, 20.0, 120.0))
    return Habits(
        reads=chance.choice((0.0, 0.5, 0.9, 1.0)),
        yes=chance.choice((0.2, 0.5, 0.9)),
        no=chance.choice((0.1, 0.5, 1.0)),
        quiet=chance.choice((0.0, 0.3, 0.8)),
        by_text=chance.choice((0.0, 0.5, 1.0)),
        odd=chance.choice((0.0, 0.1, 0.4)),
        seconds=(fastest, fastest * chance.choice((2, 10, 60))),
    )


def _circle(caller: PersonId, chance: Random) -> Arranged:
    # Sam helps in both circles; the others are in one.
    names = ["sam", "bo", "kit"] if caller == "ana" else ["sam", "ida"]
    asked = [PersonId(name) for name in names[: chance.randint(2, 3)]]
    chance.shuffle(asked)
    return Arranged(
        caller=caller,
        members=tuple(_member(person, chance) for person in asked),
        ladder=tuple(_ladder(asked, chance)),
        repeat_after=timedelta(minutes=chance.choice((10, 20, 60))),
        acknowledgement_expires=timedelta(minutes=chance.choice((2, 10, 15))),
        ends=chance.choice(("caller", "caller", "caller_or_taker")),
        tell_caller=chance.random() < 0.8,
    )


def _member(person: PersonId, chance: Random) -> Member:
    hours = (time(8), time(22, 30)) if chance.random() < 0.25 else None
    return Member(
        person=person,
        wake_me=chance.random() < 0.5,
        hours=hours,
        agreed_until=date(2029, 1, 1) if chance.random() < 0.95 else date(2026, 1, 1),
        offers=tuple(chance.sample(("talk", "come", "company", "stay"), chance.randint(1, 4))),
    )


def _ladder(people: list[PersonId], chance: Random) -> list[Step]:
    left, steps = list(people), []
    while left:
        together = chance.choice((1, 1, 2))
        now, left = left[:together], left[together:]
        wait = timedelta(minutes=chance.choice((2, 5, 10)))
        steps.append(Step(people=tuple(now), wait=wait, fair=len(now) > 1 and chance.random() < 0.3))
    return steps


def is_within(hours: tuple[time, time] | None, zone: str, moment: datetime) -> bool:
    """Whether *moment* lies in *hours* of somebody who lives in *zone*; written apart from the product's rule."""
    if hours is None:
        return True
    local = moment.astimezone(ZoneInfo(zone)).time()
    return hours[0] <= local < hours[1]
