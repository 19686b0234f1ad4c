"""From the answer to a call until the first provider hears of it, and from a failure to the next way."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from nightlight import clock
from nightlight.bench.gateway import Gateway
from nightlight.bench.mailbox import Mailbox
from nightlight.bench.people import by_text_then_mail, caller
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
WAIT_SECONDS = 3600
"""Of the one step of everybody's ladder."""
OPENED_WITHIN_SECONDS = 120
FALLS_MAX = 50
"""So many messages, or as many as calls are measured, are reported to have failed."""


@dataclass(frozen=True, kw_only=True)
class Latency:
    """What was measured on one database, in milliseconds."""

    database: str
    n: int
    open_calls: int
    """How many others were open."""
    p50_ms: float
    p99_ms: float
    max_ms: float
    heard_before_answer: int
    """How often the provider request had begun when the answer was read; such a call counts as 0 ms."""
    raw_commit_ms: float
    """One durable commit of one row, on the same database in the same run."""
    ratio: float
    """p50_ms / raw_commit_ms."""
    fall_ms: float
    """From a report that a text failed, as the gateway begins to say it, until the mail after it begins: 99 of 100."""
    fall_max_ms: float


def measure(
    database: Database, n: int, start: Start, say: Callable[[str], None], *, open_calls: int = 0
) -> Latency:
    """Make *n* calls one after another, each by a person with no open call. Raises `BenchFailed`.

    *open_calls* others are open all the while, and nothing of theirs is due.
    """
    with folder() as data, Gateway() as gateway, Mailbox() as mailbox:
        house = House(data=data, database=database, sms_url=gateway.url, smtp_url=mailbox.url, start=start)
        say(f"{database.name}: {n + open_calls} circles are made")
        house.furnish(n + 1 + open_calls, 1, by_text_then_mail)
        if open_calls:
            say(f"{open_calls} calls are opened")
            due = str(clock.now().timestamp() + WAIT_SECONDS)
            house.inside("call_ahead", str(n + 1), str(open_calls), str(WAIT_SECONDS), due, "0")
        house.inside("seen_to")
        with serving(house) as program:
            if not gateway.wait_for(open_calls, OPENED_WITHIN_SECONDS):
                raise BenchFailed("the asks of the open calls did not go out")
            waits = first_asks(program, gateway, n, say)
            falls = _falls(program, gateway, mailbox, open_calls + 1, min(n, FALLS_MAX))
            raw = house.inside("raw_commit")
    return summary(database.name, waits, falls, raw, open_calls)


@contextmanager
def serving(house: House) -> Iterator[Program]:
    """The service of *house* as it runs for people, and a program that may call by it. Raises `BenchFailed`."""
    token = house.nightlight("token", "create", "bench", "--scope", "call").strip()
    port = free_port()
    listen = ("--listen", f"127.0.0.1:{port}")
    with ExitStack() as running:
        if house.database.url:
            running.enter_context(house.running("web", *listen))
            running.enter_context(house.running("worker"))
        else:
            running.enter_context(house.running("serve", *listen))
        program = Program(port, token)
        wait_until(lambda: program.is_answered("/readyz"), "the service to be ready")
        yield program


def first_asks(program: Program, gateway: Gateway, n: int, say: Callable[[str], None]) -> list[float]:
    """The seconds from each answer to its first provider request; less than 0 when that was there first.

    What the gateway heard before belongs to calls that have no more to say now.
    """
    before = gateway.count()
    # The first call of all loads what every later one finds loaded.
    _call(program, gateway, caller(n), before + 1)
    say(f"{n} calls are made")
    waits = []
    for place in range(n):
        time.sleep(QUIET_SECONDS)
        waits.append(_call(program, gateway, caller(place), before + place + 2))
    return waits


def _call(program: Program, gateway: Gateway, person: str, number: int) -> float:
    answered = program.call(person)
    if not gateway.wait_for(number, HEARD_WITHIN_SECONDS):
        raise BenchFailed(f"the gateway heard nothing of the call for {person} in {HEARD_WITHIN_SECONDS} s")
    return gateway.arrivals()[number - 1][1] - answered


def _falls(program: Program, gateway: Gateway, mailbox: Mailbox, first: int, n: int) -> list[float]:
    """The seconds from each report that a text failed until the mail to the same person begins.

    They are *n* of the texts that the gateway took, from that at *first* on.
    """
    falls = []
    for place in range(n):
        time.sleep(QUIET_SECONDS)
        began = time.monotonic()
        program.report(gateway.report_failed(first + place))
        if not mailbox.wait_for(place + 1, HEARD_WITHIN_SECONDS):
            raise BenchFailed(f"a text failed, and no mail followed in {HEARD_WITHIN_SECONDS} s")
        falls.append(mailbox.begun()[place] - began)
    return falls


def in_order(waits: list[float]) -> list[float]:
    """*waits*, in seconds, as ordered milliseconds; one below 0 counts as 0."""
    return sorted(max(wait, 0.0) * 1000 for wait in waits)


def summary(
    database: str, waits: list[float], falls: list[float], raw_commit_ms: float, open_calls: int = 0
) -> Latency:
    """The figures of *waits* and *falls*, in seconds; one below 0 counts as 0."""
    lengths, fallen = in_order(waits), in_order(falls)
    p50 = statistics.median(lengths)
    return Latency(
        database=database,
        n=len(lengths),
        open_calls=open_calls,
        p50_ms=round(p50, 2),
        p99_ms=round(value_at(lengths, 99), 2),
        max_ms=round(lengths[-1], 2),
        heard_before_answer=sum(1 for wait in waits if wait < 0),
        raw_commit_ms=round(raw_commit_ms, 3),
        ratio=round(p50 / raw_commit_ms, 2),
        fall_ms=round(value_at(fallen, 99), 2),
        fall_max_ms=round(fallen[-1], 2),
    )


def value_at(ordered: list[float], percent: int) -> float:
    """The smallest of the *ordered* values that *percent* of 100 of them do not exceed (nearest rank)."""
    return ordered[max(-(-len(ordered) * percent // 100), 1) - 1]
