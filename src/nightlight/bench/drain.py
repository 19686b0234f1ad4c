"""How fast one worker sends what is all due at once, and whether each message arrives exactly once."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nightlight.bench.gateway import Gateway
from nightlight.bench.people import caller, number
from nightlight.bench.processes import Database, House, Program, Start, folder, free_port, wait_until

FRIENDS = 5
"""People in a circle, all asked at once."""
STILL_SECONDS = 30.0
"""Longer than a lease: what did not come by then does not come."""
LOOK_EVERY_SECONDS = 0.05
SAY_EVERY_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Drain:
    """What was measured on one database."""

    database: str
    n: int
    per_second: float
    """Messages a second, from the first provider request to the last."""
    raw_per_second: float
    """The same channel with the same number of threads to the same gateway, without a database."""
    ratio: float
    """per_second / raw_per_second."""
    lost: int
    """Messages that the provider never got."""
    doubled: int
    """Messages that came again."""
    unsettled: int
    """Messages not recorded as accepted when the worker had ended."""


def measure(database: Database, n: int, start: Start, say: Callable[[str], None]) -> Drain:
    """Let *n* asks, rounded up to whole circles, be due at once, and start one worker. Raises `BenchFailed`."""
    circles = -(-n // FRIENDS)
    with folder() as data, Gateway() as gateway:
        house = House(data=data, database=database, sms_url=gateway.url, start=start)
        say(f"{database.name}: {circles} circles of {FRIENDS} people are made")
        house.furnish(circles, FRIENDS)
        _call_all(house, circles, say)
        house.inside("seen_to")
        say(f"{circles * FRIENDS} asks are due; one worker begins")
        with house.running("worker"):
            arrivals = _until_still(gateway, circles * FRIENDS, say)
        unsettled = house.inside("unsettled")
    with folder() as data, Gateway() as gateway:
        say("the channel alone sends as many")
        raw = House(data=data, database=Database(name="none"), sms_url=gateway.url, start=start).inside(
            "raw_sends", str(circles * FRIENDS)
        )
    return summary(database.name, circles * FRIENDS, arrivals, raw, unsettled)


def _call_all(house: House, circles: int, say: Callable[[str], None]) -> None:
    """One call for every circle, by the real web process, while no worker runs."""
    say(f"{circles} calls are made")
    token = house.nightlight("token", "create", "bench", "--scope", "call").strip()
    port = free_port()
    program = Program(port, token)
    with house.running("web", "--listen", f"127.0.0.1:{port}"):
        wait_until(lambda: program.is_answered("/healthz"), "the pages to be served")
        for place in range(circles):
            program.call(caller(place))


def _until_still(gateway: Gateway, n: int, say: Callable[[str], None]) -> list[tuple[str, float]]:
    """Every message that came, once none is missing, or none came for a long time."""
    began = said = moved = time.monotonic()
    seen = 0
    while seen < n and time.monotonic() - moved < STILL_SECONDS:
        gateway.wait_for(n, LOOK_EVERY_SECONDS)
        now, count = time.monotonic(), gateway.count()
        if count > seen:
            seen, moved = count, now
        if now - said > SAY_EVERY_SECONDS:
            said = now
            say(f"{seen} after {now - began:.0f} s")
    return gateway.arrivals()


def summary(
    database: str, n: int, arrivals: Sequence[tuple[str, float]], raw_per_second: float, unsettled: int
) -> Drain:
    """The figures: *arrivals* holds the number each of the *n* messages came for, and when in seconds."""
    wanted = {number(place) for place in range(n)}
    times = Counter(to for to, _ in arrivals)
    moments = [at for _, at in arrivals]
    length = max(moments, default=0.0) - min(moments, default=0.0)
    per_second = len(wanted & times.keys()) / length if length else 0.0
    return Drain(
        database=database,
        n=n,
        per_second=round(per_second, 1),
        raw_per_second=round(raw_per_second, 1),
        ratio=round(per_second / raw_per_second, 3),
        lost=len(wanted - times.keys()),
        doubled=sum(times.values()) - len(times),
        unsettled=unsettled,
    )
