"""Very many calls are open, and the next step of each comes at a moment of its own: how late it is taken."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nightlight import clock
from nightlight.bench.drain import STILL_SECONDS, wait_for_workers
from nightlight.bench.gateway import Gateway
from nightlight.bench.latency import value_at
from nightlight.bench.people import number
from nightlight.bench.processes import BenchFailed, Database, House, Start, folder

FRIENDS = 2
"""One for each step."""
WAIT_SECONDS = 3600
SPREAD_SECONDS = 300.0
"""The next steps of all calls come within this long, evenly."""
ON_TIME_SECONDS = 2.0
PROBES = 50
"""So many calls are made first, to see how long one takes here."""
AHEAD_SECONDS = 60.0
"""Beside what the making of calls takes: the worker begins, and sends everybody's first ask."""
LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What was measured on one database."""

    database: str
    n: int
    """Open calls."""
    spread_s: float
    """Their next steps came within so many seconds."""
    on_time: float
    """The share of next steps whose first provider request began within 2 s of its moment."""
    p50_ms: float
    p99_ms: float
    worst_ms: float
    """From the moment a step was due until its first provider request began."""
    early: int
    """Next steps before their moment: 0, or it is a fault."""
    lost: int
    """Next steps that never came: 0, or it is a fault. They are not on time."""


def two_steps(friends: list[str]) -> str:
    """A ladder that asks one after the other."""
    return ", ".join(f'{{ask = ["{person}"], wait = "{WAIT_SECONDS // 60}m"}}' for person in friends)


def measure(
    database: Database, n: int, start: Start, say: Callable[[str], None], *, spread: float = SPREAD_SECONDS
) -> Steps:
    """Open *n* calls, and measure the next step of each, all within *spread* seconds. Raises `BenchFailed`."""
    with folder() as data, Gateway() as gateway:
        house = House(data=data, database=database, sms_url=gateway.url, start=start)
        say(f"{database.name}: {n} circles are made")
        house.furnish(n + PROBES, FRIENDS, ladder=two_steps)
        due, began = _call_all(house, n, spread, say)
        house.inside("seen_to")
        with house.running("worker"):
            wait_for_workers(house, 1)
            if clock.now().timestamp() > due:
                raise BenchFailed("the first step was due before the worker began; try with fewer calls")
            _until_over(gateway, n, due + spread, say)
    return summary(database.name, n, spread, began, gateway.arrivals())


def _call_all(house: House, n: int, spread: float, say: Callable[[str], None]) -> tuple[float, float]:
    """When the first next step is due, since 1970 and in seconds of `time.monotonic`, once all calls are made."""
    far = clock.now().timestamp() + WAIT_SECONDS
    each = house.inside("call_ahead", str(n), str(PROBES), str(WAIT_SECONDS), str(far), "1") / PROBES
    due = clock.now().timestamp() + 1.5 * each * n + AHEAD_SECONDS
    say(f"{n} calls are made; the first next step comes in {due - clock.now().timestamp():.0f} s")
    house.inside("call_ahead", "0", str(n), str(WAIT_SECONDS), str(due), str(spread / n))
    # Both clocks are of this machine.
    return due, time.monotonic() + due - clock.now().timestamp()


def _until_over(gateway: Gateway, n: int, until: float, say: Callable[[str], None]) -> None:
    """Return when everybody was asked, or some time after *until*, since 1970."""
    wanted = n * FRIENDS + PROBES
    said = 0
    while gateway.count() < wanted and clock.now().timestamp() < until + STILL_SECONDS:
        gateway.wait_for(wanted, LOOK_EVERY_SECONDS)
        if (tenth := gateway.count() * 10 // wanted) > said:
            said = tenth
            say(f"{gateway.count()} of {wanted} asks")


def summary(database: str, n: int, spread: float, due: float, arrivals: Sequence[tuple[str, float]]) -> Steps:
    """The figures. *due* is when the first of *n* next steps was; *arrivals* holds whom each message was for, and when.

    Raises `BenchFailed` when there was no next step at all.
    """
    came: dict[str, float] = {}
    for to, at in arrivals:
        came.setdefault(to, at)
    moments = {number(place * FRIENDS + 1): due + place * spread / n for place in range(n)}
    late = sorted(came[to] - moment for to, moment in moments.items() if to in came)
    if not late:
        raise BenchFailed("no next step came")
    return Steps(
        database=database,
        n=n,
        spread_s=spread,
        on_time=round(sum(1 for each in late if 0 <= each <= ON_TIME_SECONDS) / n, 6),
        p50_ms=round(statistics.median(late) * 1000, 2),
        p99_ms=round(value_at(late, 99) * 1000, 2),
        worst_ms=round(late[-1] * 1000, 2),
        early=sum(1 for each in late if each < 0),
        lost=n - len(late),
    )
