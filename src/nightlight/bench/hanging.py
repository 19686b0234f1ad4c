"""One provider takes every connection and says nothing: how long the first asks by another way wait for it."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from nightlight.bench.gateway import Gateway
from nightlight.bench.latency import first_asks, in_order, serving, value_at
from nightlight.bench.mailbox import Mailbox
from nightlight.bench.people import by_mail, by_text, caller
from nightlight.bench.processes import BenchFailed, Database, House, Start, folder

OPEN_CALLS = 500
"""Calls that stay open all the while, each asking somebody by mail."""
FIRST_MAILS_WITHIN_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Hanging:
    """What was measured on one database, in milliseconds: first asks by text, while all open calls ask by mail."""

    database: str
    n: int
    open_calls: int
    p50_ms: float
    p99_ms: float
    """While the mail server hangs."""
    answered_p50_ms: float
    answered_p99_ms: float
    """While it answers."""
    delayed_ms: float
    """p99_ms - answered_p99_ms; at most 1,000 is promised."""
    mails_begun: int
    """Conversations that hung: each took a hand of the worker for as long as one is waited for."""


def measure(
    database: Database,
    other: Database,
    n: int,
    start: Start,
    say: Callable[[str], None],
    *,
    open_calls: int = OPEN_CALLS,
) -> Hanging:
    """Make *n* calls by text beside *open_calls* by mail, with a mail server that answers and one that hangs.

    *database* and *other* are two empty ones of the same kind. Raises `BenchFailed`.
    """
    answered, _ = _waits(other, n, start, say, open_calls=open_calls, hangs=False)
    waits, begun = _waits(database, n, start, say, open_calls=open_calls, hangs=True)
    with_hanging, without = in_order(waits), in_order(answered)
    p99, answered_p99 = value_at(with_hanging, 99), value_at(without, 99)
    return Hanging(
        database=database.name,
        n=n,
        open_calls=open_calls,
        p50_ms=round(statistics.median(with_hanging), 2),
        p99_ms=round(p99, 2),
        answered_p50_ms=round(statistics.median(without), 2),
        answered_p99_ms=round(answered_p99, 2),
        delayed_ms=round(round(p99, 2) - round(answered_p99, 2), 2),
        mails_begun=begun,
    )


def _waits(
    database: Database,
    n: int,
    start: Start,
    say: Callable[[str], None],
    *,
    open_calls: int,
    hangs: bool,
) -> tuple[list[float], int]:
    """The first asks by text, in seconds, and how many conversations about a mail began."""
    with folder() as data, Gateway() as gateway, Mailbox(hangs=hangs) as mailbox:
        house = House(data=data, database=database, sms_url=gateway.url, smtp_url=mailbox.url, start=start)
        words = "hangs" if hangs else "answers"
        say(f"{database.name}: {n + open_calls} circles are made, and the mail server {words}")
        # The first ones are those whose wait is measured.
        house.furnish(n + 1 + open_calls, 1, lambda place: by_text(place) if place <= n else by_mail(place))
        with serving(house) as program:
            say(f"{open_calls} calls are made that ask by mail")
            for place in range(open_calls):
                program.call(caller(n + 1 + place))
            if not mailbox.wait_for(1, FIRST_MAILS_WITHIN_SECONDS):
                raise BenchFailed("no mail was begun")
            waits = first_asks(program, gateway, n, say)
            return waits, len(mailbox.begun())
