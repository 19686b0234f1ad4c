"""How fast a worker sends what is all due at the same moment, and whether each message arrives exactly once."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from nightlight import clock
from nightlight.bench import people
from nightlight.bench.gateway import Gateway
from nightlight.bench.mailbox import Mailbox
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

FRIENDS = 5
"""People in a circle, all asked at once."""
STILL_SECONDS = 30.0
"""Longer than a lease: what did not come by then does not come."""
DUE_IN_SECONDS = 3.0
"""The worker is there and idle; from then on, everything is due. More than its longest sleep."""
LOOK_EVERY_SECONDS = 0.05
SAY_EVERY_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Drain:
    """What was measured on one database."""

    database: str
    n: int
    by: str
    """`text`, or `mail`."""
    workers: int
    first_ms: float
    """From the moment in which all were due until the first provider request."""
    per_second: float
    """Messages a second, from the first provider request to the last."""
    raw_per_second: float
    """The same channel with the same number of threads to the same provider, without a database."""
    ratio: float
    """per_second / raw_per_second."""
    lost: int
    """Messages that the provider never got."""
    doubled: int
    """Messages that came again."""
    unsettled: int
    """Messages not recorded as accepted when the worker had ended."""


def measure(
    database: Database,
    n: int,
    start: Start,
    say: Callable[[str], None],
    *,
    by_mail: bool = False,
    workers: int = 1,
) -> Drain:
    """Let *n* asks, rounded up to whole circles, be due at the same moment. Raises `BenchFailed`.

    More than one of *workers* needs PostgreSQL.
    """
    if workers > 1 and not database.url:
        raise BenchFailed("on SQLite there is one worker; measure more with --database postgresql")
    circles = -(-n // FRIENDS)
    n = circles * FRIENDS
    with folder() as data, _provider(by_mail=by_mail) as provider:
        house = _house(data, database, provider, start)
        say(f"{database.name}: {circles} circles of {FRIENDS} people are made")
        house.furnish(circles, FRIENDS, people.by_mail if by_mail else people.by_text)
        _call_all(house, circles, say)
        due, arrivals = _drained(house, provider, n, workers, say)
        unsettled = house.inside("unsettled")
    with folder() as data, _provider(by_mail=by_mail) as provider:
        say("the channel alone sends as many")
        raw = _house(data, Database(name="none"), provider, start).inside(
            "raw_sends", str(n), "smtp" if by_mail else "sms"
        )
    wanted = [people.mail(place) if by_mail else people.number(place) for place in range(n)]
    return summary(
        database.name,
        wanted,
        due,
        arrivals,
        raw,
        unsettled=unsettled,
        by="mail" if by_mail else "text",
        workers=workers,
    )


def _provider(*, by_mail: bool) -> Gateway | Mailbox:
    return Mailbox() if by_mail else Gateway()


def _house(data: Path, database: Database, provider: Gateway | Mailbox, start: Start) -> House:
    if isinstance(provider, Mailbox):
        return House(data=data, database=database, smtp_url=provider.url, start=start)
    return House(data=data, database=database, sms_url=provider.url, start=start)


def _drained(
    house: House, provider: Gateway | Mailbox, n: int, workers: int, say: Callable[[str], None]
) -> tuple[float, list[tuple[str, float]]]:
    """When all were due, in seconds of `time.monotonic`, and what came."""
    house.inside("put_off")
    house.inside("seen_to")
    with ExitStack() as running:
        for _ in range(workers):
            running.enter_context(house.running("worker"))
        wait_for_workers(house, workers)
        # Both clocks are of this machine.
        due = time.monotonic() + house.inside("due_in", str(DUE_IN_SECONDS)) - clock.now().timestamp()
        say(f"{n} asks are due at once")
        return due, _until_still(provider, n, say)


def wait_for_workers(house: House, workers: int) -> None:
    """Return when so many workers have said that they work. Raises `BenchFailed`."""
    seen: set[str] = set()

    def are_all_there() -> bool:
        seen.update(house.inside("beaten_by"))
        return len(seen) >= workers

    wait_until(are_all_there, "the workers")


def _call_all(house: House, circles: int, say: Callable[[str], None]) -> None:
    """One call for every circle, by the real web process, while no worker runs."""
    say(f"{circles} calls are made")
    token = house.nightlight("token", "create", "bench", "--scope", "call").strip()
    port = free_port()
    program = Program(port, token)
    with house.running("web", "--listen", f"127.0.0.1:{port}"):
        wait_until(lambda: program.is_answered("/healthz"), "the pages to be served")
        for place in range(circles):
            program.call(people.caller(place))


def _until_still(provider: Gateway | Mailbox, n: int, say: Callable[[str], None]) -> list[tuple[str, float]]:
    """Every message that came, once none is missing, or none came for a long time."""
    began = said = moved = time.monotonic()
    seen = 0
    while seen < n and time.monotonic() - moved < STILL_SECONDS:
        time.sleep(LOOK_EVERY_SECONDS)
        now, count = time.monotonic(), provider.count()
        if count > seen:
            seen, moved = count, now
        if now - said > SAY_EVERY_SECONDS:
            said = now
            say(f"{seen} after {now - began:.0f} s")
    return provider.arrivals()


def summary(
    database: str,
    wanted: Iterable[str],
    due: float,
    arrivals: Sequence[tuple[str, float]],
    raw_per_second: float,
    *,
    unsettled: int,
    by: str = "text",
    workers: int = 1,
) -> Drain:
    """The figures: *arrivals* holds whom each message came for, and when; *wanted* whom one was *due* for."""
    everyone = set(wanted)
    times = Counter(to for to, _ in arrivals)
    moments = [at for _, at in arrivals]
    first = min(moments, default=0.0)
    length = max(moments, default=0.0) - first
    per_second = len(everyone & times.keys()) / length if length else 0.0
    return Drain(
        database=database,
        n=len(everyone),
        by=by,
        workers=workers,
        first_ms=round((first - due) * 1000, 1) if moments else 0.0,
        per_second=round(per_second, 1),
        raw_per_second=round(raw_per_second, 1),
        ratio=round(per_second / raw_per_second, 3),
        lost=len(everyone - times.keys()),
        doubled=sum(times.values()) - len(times),
        unsettled=unsettled,
    )
