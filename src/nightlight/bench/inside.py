"""What a measurement does inside the service's own database and settings: a process of its own, JSON out.

`python -m nightlight.bench.inside WHAT [ARGUMENT]`; only `bench.processes` calls it.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import django

from nightlight import config
from nightlight.bench import people

COMMITS = 200
COMMIT_SECONDS = 5.0


def raw_commit() -> float:
    """The median time of one durable commit of one row on this database, in milliseconds."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_commit (at DOUBLE PRECISION)")
        lengths = []
        for _ in range(COMMITS):
            began = time.monotonic()
            with transaction.atomic():
                cursor.execute("INSERT INTO bench_commit VALUES (%s)", [began])
            lengths.append(time.monotonic() - began)
        cursor.execute("DROP TABLE bench_commit")
    return statistics.median(lengths) * 1000


def raw_commits(hands: int) -> float:
    """How many durable commits of one row a second this database takes from *hands* connections at once."""
    from django.db import OperationalError, connection, connections, transaction

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_commits (at DOUBLE PRECISION)")
    until = time.monotonic() + COMMIT_SECONDS

    def commit(_hand: int) -> int:
        count = 0
        try:
            with connection.cursor() as cursor:
                while time.monotonic() < until:
                    # SQLite hands nobody their turn: of so many, one may find it taken for all of its patience.
                    with suppress(OperationalError):
                        with transaction.atomic():
                            cursor.execute("INSERT INTO bench_commits VALUES (%s)", [float(count)])
                        count += 1
        finally:
            connections.close_all()
        return count

    with ThreadPoolExecutor(max_workers=hands) as pool:
        count = sum(pool.map(commit, range(hands)))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_commits")
    return count / COMMIT_SECONDS


def hold(what: str, *arguments: str) -> object:
    """One of the functions of `bench.holding`; numbers first, and last a moment."""
    from nightlight.bench import holding

    *numbers, base = arguments
    return getattr(holding, what)(*(int(number) for number in numbers), datetime.fromisoformat(base))


def ingest_keys(count: str, base: str) -> list[str]:
    """Give the first *count* check-ins machine keys, due within the hour after *base*; the keys."""
    from nightlight.bench import holding

    holding.give_keys(int(count), datetime.fromisoformat(base))
    return [holding.key(number) for number in range(int(count))]


def ingest_made() -> int:
    """How many windows machines made."""
    from nightlight.bench import holding

    return holding.made()


def raw_sends(count: int, kind: str) -> float:
    """How many messages a second a channel itself hands over, with as many hands as the worker has for its kind."""
    from nightlight.channels.base import Message
    from nightlight.intake.channels import switched_on
    from nightlight.worker.sender import hands_of

    channel = switched_on()[kind][0]

    def send(place: int) -> None:
        channel.send(
            Message(
                notification=f"raw{place}",
                attempt=f"raw{place}",
                to=people.mail(place) if kind == "smtp" else people.number(place),
                subject="Can you talk?",
                text="Ana asks whether you can talk. Reply 518204 if you can.",
            )
        )

    began = time.monotonic()
    with ThreadPoolExecutor(max_workers=hands_of(kind)) as hands:
        for _ in hands.map(send, range(count)):
            pass
    return count / (time.monotonic() - began)


def put_off() -> None:
    """Let nothing that is planned be due for an hour."""
    _plan_all_for(timedelta(hours=1))


def due_in(seconds: float) -> float:
    """Let all that is planned be due at one moment, so many seconds from now; that moment, since 1970."""
    return _plan_all_for(timedelta(seconds=seconds)).timestamp()


def _plan_all_for(delay: timedelta) -> datetime:
    from django.db import connection

    from nightlight.store.dbclock import database_now

    due = database_now() + delay
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(due)
        cursor.execute("UPDATE notification SET due = %s WHERE status = 'planned'", [moment])
    return due


def beaten_by() -> list[str]:
    """Which worker gave the latest sign of life, if any did."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT process FROM heartbeat WHERE process <> 'bench'")
        return [process for (process,) in cursor.fetchall()]


def call_ahead(first: int, count: int, wait: float, due: float, every: float) -> float:
    """Call for *count* people from *first* on, each so long ago that their next step is due at its own moment.

    *wait* is how long a step of their ladder takes; *due*, since 1970, is when the first one's next step
    comes, and the others' follow one *every* so many seconds. Gives the seconds it took.
    """
    from nightlight.engine.needs import Need
    from nightlight.intake.alert import call

    began = time.monotonic()
    for place in range(count):
        at = datetime.fromtimestamp(due + place * every - wait, UTC)
        call(people.caller(first + place), Need.TALK, at)
    return time.monotonic() - began


def bytes_kept() -> int:
    """How large the database is, in bytes."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        return int(cursor.fetchone()[0])


def seen_to() -> None:
    """Say that a worker was here just now: a new one is then no end of an outage, and gives no time again."""
    from nightlight.store import heartbeats
    from nightlight.store.dbclock import database_now

    heartbeats.beat("bench", 0, database_now())


def unsettled() -> int:
    """How many messages are not recorded as accepted by the provider."""
    from nightlight.store.health import messages_by_status

    return sum(count for status, count in messages_by_status().items() if status != "accepted")


def main(what: str, *arguments: str) -> None:
    """Run one of the functions above and print what it gives."""
    config.name_django_settings()
    django.setup()
    functions: dict[str, Callable[..., object]] = {
        "raw_commit": raw_commit,
        "raw_sends": lambda count, kind: raw_sends(int(count), kind),
        "put_off": put_off,
        "due_in": lambda seconds: due_in(float(seconds)),
        "beaten_by": beaten_by,
        "call_ahead": lambda first, count, *moments: call_ahead(int(first), int(count), *map(float, moments)),
        "bytes_kept": bytes_kept,
        "raw_commits": lambda hands: raw_commits(int(hands)),
        "hold_begin": partial(hold, "begin"),
        "hold_fill": partial(hold, "fill"),
        "hold_tick": partial(hold, "median_tick"),
        "ingest_keys": ingest_keys,
        "ingest_made": ingest_made,
        "seen_to": seen_to,
        "unsettled": unsettled,
    }
    sys.stdout.write(json.dumps(functions[what](*arguments)))


if __name__ == "__main__":
    main(*sys.argv[1:])
