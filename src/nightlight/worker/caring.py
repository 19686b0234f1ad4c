"""What the days bring, outside any call: looked for now and then, each in a transaction of its own.

Nothing here may keep a worker from what belongs to a call, so each line costs one cheap question when there is
nothing due, and one that breaks does not keep the others from happening.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from nightlight.channels.wording_follow_ups import host_note
from nightlight.store import after_helping, check_ins, follow_ups_due, promises_due, stays, talks

LOOKED_EVERY = timedelta(seconds=15)
DUE_MAX = 100
"""So many of each kind at one look; the rest waits for the next."""


@dataclass(frozen=True, kw_only=True)
class Care:
    """One kind of thing that comes due."""

    name: str
    due: Callable[[datetime, int], Iterable[Any]]
    """Given the time and how many at most: their ids."""
    do: Callable[[Any, datetime, frozenset[str]], object]
    """Given one id, the time and the channels that are on. Doing it twice changes nothing more."""


CARES: Sequence[Care] = (
    Care(
        name="old windows",
        due=lambda now, _limit: check_ins.old_windows(now),
        do=lambda _check_in, now, _on: check_ins.erase_old_windows(now),
    ),
    Care(name="notes after a call", due=follow_ups_due.due, do=partial(follow_ups_due.send, host_note)),
    Care(name="how are you", due=after_helping.due, do=after_helping.ask),
    Care(name="promises", due=promises_due.due, do=promises_due.look),
    Care(name="stays", due=stays.due, do=stays.look),
    Care(name="talks", due=talks.due, do=talks.look),
)
"""In this order."""
