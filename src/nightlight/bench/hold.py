"""What very many idle check-ins cost: a worker's round with a hundred due, beside ten thousand and beside millions."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nightlight.bench.gateway import Gateway
from nightlight.bench.processes import BenchFailed, Database, House, Start, folder

SIZES = {"sqlite": (10_000, 1_000_000), "postgresql": (10_000, 1_000_000, 10_000_000)}
TICKS = 50
WARM_TICKS = 5
DUE = 100
"""So many are due at each tick."""
FILLED_AT_ONCE = 500_000
BASE = datetime(2026, 11, 21, 12, tzinfo=UTC)
BETWEEN_SIZES = timedelta(hours=1, minutes=30)
"""The windows that one size began are looked at again six hours later, after all sizes."""


@dataclass(frozen=True, kw_only=True)
class Hold:
    """What was measured on one database."""

    database: str
    idle: int
    """The most check-ins that were kept idle."""
    tick_ms: dict[str, float]
    """By how many there were: the median of the ticks, in milliseconds."""
    growth: float
    """The dearest tick by the cheapest; at most 1.2 is promised."""


def measure(
    database: Database,
    start: Start,
    say: Callable[[str], None],
    *,
    sizes: Sequence[int] = (),
    ticks: int = TICKS,
) -> Hold:
    """Fill one database with more and more check-ins, and measure at each of *sizes*. Raises `BenchFailed`."""
    sizes = sorted(sizes) or SIZES[database.name]
    _are_enough(sizes, ticks)
    found: dict[str, float] = {}
    with folder() as data, Gateway() as gateway:
        house = House(data=data, database=database, sms_url=gateway.url, start=start)
        house.nightlight("migrate")
        house.inside("hold_begin", BASE.isoformat())
        there = 0
        for place, size in enumerate(sizes):
            before, there = there, _fill(house, there, size, say)
            say(f"{database.name}: {ticks} ticks with 100 due beside {size:,}")
            now = BASE + place * BETWEEN_SIZES
            found[str(size)] = house.inside("hold_tick", str(before), str(size), str(ticks), now.isoformat())
    return summary(database.name, found)


def _are_enough(sizes: Sequence[int], ticks: int) -> None:
    """Raise `BenchFailed` unless each size has, among those that the one before had not, enough that come due."""
    for before, size in itertools.pairwise((0, *sizes)):
        wanted = (ticks + WARM_TICKS) * DUE
        if size - before < wanted:
            raise BenchFailed(
                f"{size - before:,} more check-ins are too few for {ticks} ticks;"
                f" give --idle at least {before + wanted:,}, or fewer --ticks"
            )


def _fill(house: House, there: int, size: int, say: Callable[[str], None]) -> int:
    while there < size:
        more = min(there + FILLED_AT_ONCE, size)
        house.inside("hold_fill", str(there), str(more), BASE.isoformat())
        say(f"{house.database.name}: {more:,} check-ins are idle")
        there = more
    return there


def summary(database: str, tick_ms: dict[str, float]) -> Hold:
    """The figures of *tick_ms*, by the number of check-ins. Raises `BenchFailed` when there are none."""
    if not tick_ms:
        raise BenchFailed("nothing was measured")
    return Hold(
        database=database,
        idle=max(int(size) for size in tick_ms),
        tick_ms={size: round(length, 1) for size, length in tick_ms.items()},
        growth=round(max(tick_ms.values()) / min(tick_ms.values()), 3),
    )
