"""From the answer to a call until the first provider hears of it, with nothing else going on."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from nightlight.bench.gateway import Gateway
from nightlight.bench.people import caller
from nightlight.bench.processes import (
    BenchFailed,
    Database,
    House,
    Program,
    Start,
    folder,
    free_port,
    wait_until,
)

QUIET_SECONDS = 0.1
"""Between two calls, so that each finds the service idle."""
HEARD_WITHIN_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Latency:
    """What was measured on one database, in milliseconds."""

    database: str
    n: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    heard_before_answer: int
    """How often the provider request had begun when the answer was read; such a call counts as 0 ms."""
    raw_commit_ms: float
    """One durable commit of one row, on the same database in the same run."""
    ratio: float
    """p50_ms / raw_commit_ms."""


def measure(database: Database, n: int, start: Start, say: Callable[[str], None]) -> Latency:
    """Make *n* calls one after another, each by a person with no open call. Raises `BenchFailed`."""
    with folder() as data, Gateway() as gateway:
        house = House(data=data, database=database, sms_url=gateway.url, start=start)
        say(f"{database.name}: {n} circles are made")
        house.furnish(n + 1, 1)
        token = house.nightlight("token", "create", "bench", "--scope", "call").strip()
        port = free_port()
        listen = ("--listen", f"127.0.0.1:{port}")
        if database.url:
            with house.running("web", *listen), house.running("worker"):
                waits = _waits(Program(port, token), gateway, n, say)
                raw = house.inside("raw_commit")
        else:
            with house.running("serve", *listen):
                waits = _waits(Program(port, token), gateway, n, say)
                raw = house.inside("raw_commit")
    return summary(database.name, waits, raw)


def _waits(program: Program, gateway: Gateway, n: int, say: Callable[[str], None]) -> list[float]:
    """The seconds from each answer to its first provider request; less than 0 when that was there first."""
    wait_until(lambda: program.is_answered("/readyz"), "the service to be ready")
    # The first call of all loads what every later one finds loaded.
    _call(program, gateway, caller(n), 1)
    say(f"{n} calls are made")
    waits = []
    for place in range(n):
        time.sleep(QUIET_SECONDS)
        waits.append(_call(program, gateway, caller(place), place + 2))
    return waits


def _call(program: Program, gateway: Gateway, person: str, number: int) -> float:
    answered = program.call(person)
    if not gateway.wait_for(number, HEARD_WITHIN_SECONDS):
        raise BenchFailed(f"the gateway heard nothing of the call for {person} in {HEARD_WITHIN_SECONDS} s")
    return gateway.arrivals()[number - 1][1] - answered


def summary(database: str, waits: list[float], raw_commit_ms: float) -> Latency:
    """The figures of *waits*, in seconds; one below 0 counts as 0."""
    lengths = sorted(max(wait, 0.0) * 1000 for wait in waits)
    p50 = statistics.median(lengths)
    return Latency(
        database=database,
        n=len(lengths),
        p50_ms=round(p50, 2),
        p99_ms=round(value_at(lengths, 99), 2),
        max_ms=round(lengths[-1], 2),
        heard_before_answer=sum(1 for wait in waits if wait < 0),
        raw_commit_ms=round(raw_commit_ms, 3),
        ratio=round(p50 / raw_commit_ms, 2),
    )


def value_at(ordered: list[float], percent: int) -> float:
    """The smallest of the *ordered* values that *percent* of 100 of them do not exceed (nearest rank)."""
    return ordered[max(-(-len(ordered) * percent // 100), 1) - 1]
