"""How many check-ins a second are taken in over HTTP, each committed, beside what the same database commits at all."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

from nightlight import clock
from nightlight.bench.gateway import Gateway
from nightlight.bench.posting import post_all
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

CONNECTIONS = 16
WEBS = {"sqlite": 1, "postgresql": 2}
"""On PostgreSQL a process for each of two cores; on SQLite there is one."""
WARM = 200
"""So many check-ins before the clock runs."""


@dataclass(frozen=True, kw_only=True)
class Ingest:
    """What was measured on one database."""

    database: str
    n: int
    per_second: float
    """Check-ins that were made, each with a commit of its own, answered over HTTP."""
    raw_commits_per_second: float
    """Durable commits of one row on the same database, by as many connections at once, without the service."""
    ratio: float
    """per_second / raw_commits_per_second."""
    webs: int
    """Processes that served."""


def measure(database: Database, n: int, start: Start, say: Callable[[str], None]) -> Ingest:
    """Let *n* machines check in once each. Raises `BenchFailed`."""
    webs = WEBS[database.name]
    with folder() as data, Gateway() as gateway, ExitStack() as running:
        house = House(data=data, database=database, sms_url=gateway.url, start=start)
        house.nightlight("migrate")
        now = clock.now().replace(microsecond=0) + timedelta(seconds=1)
        house.inside("hold_begin", now.isoformat())
        house.inside("hold_fill", "0", str(n + WARM), now.isoformat())
        paths = [
            f"/api/v1/check-ins/{key}" for key in house.inside("ingest_keys", str(n + WARM), now.isoformat())
        ]
        ports = [free_port() for _ in range(webs)]
        for port in ports:
            running.enter_context(house.running("web", "--listen", f"127.0.0.1:{port}"))
            program = Program(port, "")
            wait_until(lambda program=program: program.is_answered("/healthz"), "the pages to be served")  # type: ignore[misc]
        post_all(ports, paths[:WARM], CONNECTIONS)
        say(f"{database.name}: {n:,} machines check in, by {webs} processes and {CONNECTIONS} connections")
        seconds, statuses = post_all(ports, paths[WARM:], CONNECTIONS)
        all_made(statuses, house.inside("ingest_made"), n)
        say(f"{database.name}: raw commits")
        raw = house.inside("raw_commits", str(CONNECTIONS))
    return Ingest(
        database=database.name,
        n=n,
        per_second=round(n / seconds, 1),
        raw_commits_per_second=round(raw, 1),
        ratio=round(n / seconds / raw, 3),
        webs=webs,
    )


def all_made(statuses: list[int], made: int, n: int) -> None:
    """Raise `BenchFailed` unless each was answered with 200 and is written down."""
    others = Counter(status for status in statuses if status != 200)
    if others or made != n + WARM:
        raise BenchFailed(f"{made} of {n + WARM} check-ins were written down; other answers: {dict(others)}")
