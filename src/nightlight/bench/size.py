"""How large the database is with so many circles, before and after each of them called once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nightlight import clock
from nightlight.bench.gateway import Gateway
from nightlight.bench.processes import Database, House, Start, folder

FRIENDS = 5
SIZES = (100, 1000, 5000)
WAIT_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class Size:
    """What was measured on one database, in bytes."""

    database: str
    circles: int
    """The most there were, each of a caller and five people."""
    idle_bytes: dict[str, int]
    """By how many there were: the whole database."""
    bytes_each: int
    """What one more circle takes."""
    call_bytes_each: int
    """What the call of one circle takes, with five asks planned."""


def measure(
    database: Database, start: Start, say: Callable[[str], None], *, sizes: Sequence[int] = SIZES
) -> Size:
    """Make circles, and look how much is kept at each of *sizes*. Raises `BenchFailed`."""
    sizes = sorted(sizes)
    found = {}
    with folder() as data, Gateway() as gateway:
        house = House(data=data, database=database, sms_url=gateway.url, start=start)
        for circles in sizes:
            say(f"{database.name}: {circles} circles are made")
            house.furnish(circles, FRIENDS)
            found[str(circles)] = house.inside("bytes_kept")
        say(f"{sizes[-1]} calls are made")
        house.inside(
            "call_ahead",
            "0",
            str(sizes[-1]),
            str(WAIT_SECONDS),
            str(clock.now().timestamp() + WAIT_SECONDS),
            "0",
        )
        return summary(database.name, found, house.inside("bytes_kept"))


def summary(database: str, idle_bytes: dict[str, int], with_calls: int) -> Size:
    """The figures of *idle_bytes*, by the number of circles, and of the largest once each of them called."""
    sizes = sorted(int(size) for size in idle_bytes)
    least, most = sizes[0], sizes[-1]
    more = idle_bytes[str(most)] - (idle_bytes[str(least)] if most > least else 0)
    return Size(
        database=database,
        circles=most,
        idle_bytes=idle_bytes,
        bytes_each=round(more / (most - least if most > least else most)),
        call_bytes_each=round((with_calls - idle_bytes[str(most)]) / most),
    )
