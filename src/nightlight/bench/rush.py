"""Very many people call at the same moment: how long until the first provider request of each."""

import asyncio
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from nightlight.bench.gateway import Gateway
from nightlight.bench.latency import in_order, serving, value_at
from nightlight.bench.people import caller, number
from nightlight.bench.posting import read_status
from nightlight.bench.processes import BenchFailed, Database, House, Start, folder

CONNECTIONS = 100
"""Through so many kept connections the calls come in; the next on each as soon as it is answered."""
HEARD_WITHIN_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Rush:
    """What was measured on one database, in milliseconds."""

    database: str
    n: int
    """Calls, all pressed at the same moment."""
    p50_ms: float
    p99_ms: float
    max_ms: float
    """From the answer to a call, so from when it is kept for good, until its first provider request began."""
    heard_before_answer: int
    """How many count as 0 ms."""
    pressed_p50_ms: float
    pressed_p99_ms: float
    """The same from the moment in which all of them pressed."""
    answered_per_second: float
    """Calls that the door took in."""
    doubled: int
    """Messages that came again: 0, or it is a fault."""


def measure(database: Database, n: int, start: Start, say: Callable[[str], None]) -> Rush:
    """Let *n* people call at once, each with somebody of their own to be asked. Raises `BenchFailed`."""
    with folder() as data, Gateway() as gateway:
        house = House(data=data, database=database, sms_url=gateway.url, start=start)
        say(f"{database.name}: {n} circles are made")
        house.furnish(n + 1, 1)
        with serving(house) as program:
            # The first call of all loads what every later one finds loaded.
            program.call(caller(n))
            if not gateway.wait_for(1, HEARD_WITHIN_SECONDS):
                raise BenchFailed("the gateway heard nothing of the first call")
            say(f"{n} people call at once")
            began = time.monotonic()
            answered = asyncio.run(_call_all(program.port, program.headers, n))
            if not gateway.wait_for(n + 1, HEARD_WITHIN_SECONDS):
                raise BenchFailed(f"the gateway heard of {gateway.count() - 1} of {n} calls")
            return summary(database.name, began, answered, gateway.arrivals()[1:])


async def _call_all(port: int, headers: Mapping[str, str], n: int) -> list[float]:
    """Call for each of *n* people; when each was answered, in seconds of `time.monotonic`."""
    left = iter(range(n))
    answered = [0.0] * n
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(min(CONNECTIONS, n))]

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for place in left:
            writer.write(_request(headers, caller(place)))
            status = await read_status(reader)
            answered[place] = time.monotonic()
            if status != 201:
                raise BenchFailed(f"a call for {caller(place)} was answered with {status}")
        writer.close()

    try:
        await asyncio.gather(*(converse(*each) for each in opened))
    except (OSError, asyncio.IncompleteReadError) as error:
        raise BenchFailed(f"a connection broke: {error}") from error
    return answered


def _request(headers: Mapping[str, str], person: str) -> bytes:
    body = json.dumps({"person": person, "need": "talk"}).encode()
    lines = [
        "POST /api/v1/calls HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def summary(
    database: str, began: float, answered: Sequence[float], arrivals: Sequence[tuple[str, float]]
) -> Rush:
    """The figures, from moments in seconds: *answered* by the place of who called, *arrivals* by whom they asked.

    Raises `BenchFailed` when a call was never heard of.
    """
    first: dict[str, float] = {}
    for to, at in arrivals:
        first.setdefault(to, at)
    missing = [place for place in range(len(answered)) if number(place) not in first]
    if missing:
        raise BenchFailed(f"the gateway heard nothing of {len(missing)} calls")
    waits = [first[number(place)] - at for place, at in enumerate(answered)]
    lengths = in_order(waits)
    pressed = in_order([first[number(place)] - began for place in range(len(answered))])
    return Rush(
        database=database,
        n=len(answered),
        p50_ms=round(statistics.median(lengths), 2),
        p99_ms=round(value_at(lengths, 99), 2),
        max_ms=round(lengths[-1], 2),
        heard_before_answer=sum(1 for wait in waits if wait < 0),
        pressed_p50_ms=round(statistics.median(pressed), 2),
        pressed_p99_ms=round(value_at(pressed, 99), 2),
        answered_per_second=round(len(answered) / (max(answered) - began), 1),
        doubled=len(arrivals) - len(first),
    )
