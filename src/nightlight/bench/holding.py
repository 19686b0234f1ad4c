"""Very many idle check-ins, written by the database itself; only `bench.inside` calls it.

One of each row is made as the product makes it, and copied by a statement of the database, with an id, a date and
a time of its own: ten million would take hours otherwise. A circle has `PER_CIRCLE` of them.
"""

import statistics
import time as clocks
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection, models, transaction

from nightlight import chance
from nightlight.bench.hold import DUE, WARM_TICKS
from nightlight.engine.checkin import OnMiss
from nightlight.intake.channels import kinds_on, switched_on
from nightlight.store import check_ins
from nightlight.store.models import CheckIn, Circle, ContactMethod, Person
from nightlight.store.sealing import ADDRESS, look_up_hash, seal, token_hash
from nightlight.worker.points import drive
from nightlight.worker.waker import Waker

PER_CIRCLE = 10
GRACE = timedelta(hours=12)
"""Long enough that the second reminder of a tick does not come in a later one."""
IDLE_DAYS = 2
"""The idle ones are due so many days after the ticks, at the earliest, spread over a day."""
TEMPLATE = "template"
SPREAD_SECONDS = 86_400


def begin(base: datetime) -> None:
    """Make one of each row, of which all others are copies."""
    person = Person.objects.create(id=TEMPLATE, name="Ana", time_zone="UTC", language="en", created_at=base)
    circle = Circle.objects.create(person=person)
    ContactMethod.objects.create(
        id=TEMPLATE,
        person=person,
        channel="sms",
        address_sealed=seal("+12015550100"),
        address_hash=look_up_hash("+12015550100", ADDRESS),
        after=timedelta(0),
        position=0,
        proven_at=base,
    )
    due = base + timedelta(days=IDLE_DAYS)
    CheckIn.objects.create(
        id=TEMPLATE,
        circle=circle,
        key=TEMPLATE,
        at=due.time().replace(microsecond=0),
        starts_on=base.date() - timedelta(days=1),
        grace=GRACE,
        on_miss=OnMiss.REMIND,
        # Who switched theirs on has the link of its page: a reminder only reads it.
        token_sealed=seal(chance.new_token(check_ins.TOKEN_BYTES)),
        created_at=base,
    )
    CheckIn.objects.filter(pk=TEMPLATE).update(on_since=None, looks_at=None)


def fill(begin_at: int, end_at: int, base: datetime) -> None:
    """Make the check-ins numbered from *begin_at* up to *end_at*, idle until long after *base*, and their circles."""
    first, last = -(-begin_at // PER_CIRCLE), -(-end_at // PER_CIRCLE)
    person = _numbered("p", "n")
    _copy(Person, first, last, {"id": person})
    _copy(Circle, first, last, {"person_id": person})
    _copy(ContactMethod, first, last, {"id": person, "person_id": person})
    due = _moment(base + timedelta(days=IDLE_DAYS), f"n % {SPREAD_SECONDS}")
    following = _moment(base + timedelta(days=IDLE_DAYS + 1), f"n % {SPREAD_SECONDS}")
    _copy(
        CheckIn,
        begin_at,
        end_at,
        {
            "id": _numbered("c", "n"),
            "circle_id": _numbered("p", f"n / {PER_CIRCLE}"),
            "key": _numbered("c", "n"),
            # As long as a real one, and as scattered: the index of it is part of the weight.
            "token_hash": "repeat(md5(CAST(n AS TEXT)), 2)"
            if _is_postgresql()
            else _numbered("h", "n * 7919"),
            "on_since": _moment(base, "0"),
            "window_on": _date(base + timedelta(days=IDLE_DAYS)),
            "window_due": due,
            "next_due": following,
            "looks_at": due,
        },
    )
    if _is_postgresql():
        with connection.cursor() as cursor:
            # What autovacuum and the checkpointer would do in the minutes after.
            for table in (Person, Circle, ContactMethod, CheckIn):
                cursor.execute(f"VACUUM (ANALYZE) {table._meta.db_table}")
            cursor.execute("CHECKPOINT")


def ticks(first: int, last: int, count: int, base: datetime) -> list[float]:
    """Let 100 come due *count* times, and give the milliseconds of each worker's round for them.

    Those are scattered over the ones numbered from *first* up to *last*; the others are as idle as they are.
    """
    every = (last - first) // ((count + WARM_TICKS) * DUE)
    waker = Waker(kinds_on(), {kind: len(own) for kind, own in switched_on().items()})
    for tick in range(count + WARM_TICKS):
        numbers = (first + (tick * DUE + place) * every for place in range(DUE))
        _come_due(numbers, base + timedelta(minutes=tick))
    lengths = []
    for tick in range(count + WARM_TICKS):
        now = base + timedelta(minutes=tick)
        began = clocks.monotonic()
        drive(waker.round(now))
        check_ins.first_due()
        lengths.append((clocks.monotonic() - began) * 1000)
    begun = CheckIn.objects.filter(
        window_began__gte=base, window_began__lt=base + timedelta(minutes=count + WARM_TICKS)
    ).count()
    if begun != (count + WARM_TICKS) * DUE:
        raise ValueError(f"{begun} windows began, and {(count + WARM_TICKS) * DUE} were due")
    return lengths[WARM_TICKS:]


def median_tick(first: int, last: int, count: int, base: datetime) -> float:
    """The median of `ticks`."""
    return statistics.median(ticks(first, last, count, base))


def _come_due(numbers: Iterable[int], due: datetime) -> None:
    """These are due at *due*; until then they were as idle as the others."""
    CheckIn.objects.filter(pk__in=[f"c{number}" for number in numbers]).update(
        at=time(due.hour, due.minute, due.second),
        window_on=due.date(),
        window_due=due,
        next_due=due + timedelta(days=1),
        looks_at=due,
    )


def give_keys(count: int, base: datetime) -> None:
    """The first *count* are due within the hour, and each has the machine key `key(n)`."""
    due = base + timedelta(hours=1)
    CheckIn.objects.exclude(pk=TEMPLATE).update(
        at=time(due.hour, due.minute, due.second),
        window_on=due.date(),
        window_due=due,
        next_due=due + timedelta(days=1),
        looks_at=due,
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE check_in SET machine_hash = %s WHERE id = %s",
            [(token_hash(key(number)), f"c{number}") for number in range(count)],
        )


def key(number: int) -> str:
    """The machine key of check-in *number* of a measurement."""
    return f"bench-key-{number:020d}"


def made() -> int:
    """How many windows were made."""
    return check_ins_made().count()


def check_ins_made() -> "models.QuerySet[CheckIn]":
    """Those that were made by a machine."""
    return CheckIn.objects.filter(windows__came="made", windows__by="machine")


# ------------------------------------------------------------------------- what the two databases call it


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _numbered(letter: str, number: str) -> str:
    return f"'{letter}' || CAST({number} AS TEXT)"


def _moment(base: datetime, seconds: str) -> str:
    text = f"{base:%Y-%m-%d %H:%M:%S}"
    if _is_postgresql():
        return f"TIMESTAMPTZ '{text}+00' + ({seconds}) * INTERVAL '1 second'"
    return f"datetime('{text}', '+' || ({seconds}) || ' seconds')"


def _date(moment: datetime) -> str:
    return f"DATE '{moment:%Y-%m-%d}'" if _is_postgresql() else f"'{moment:%Y-%m-%d}'"


def _copy(model: type[models.Model], first: int, last: int, own: Mapping[str, str]) -> None:
    """Copy the template of *model* for every number from *first* up to *last*, with *own* expressions of `n`."""
    meta: Any = model._meta
    columns = [field.column for field in meta.concrete_fields if field.column not in _counted(meta)]
    given = ", ".join(own.get(column, f"t.{column}") for column in columns)
    counting = f"SELECT {first} UNION ALL SELECT n + 1 FROM r WHERE n + 1 < {last}"  # noqa: S608
    numbers = f"(WITH RECURSIVE r(n) AS ({counting}) SELECT n FROM r) AS numbers"  # noqa: S608
    if _is_postgresql():
        numbers = f"generate_series({first}, {last - 1}) AS numbers(n)"
    quoted = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({quoted}) SELECT {given} FROM {numbers}, {meta.db_table} AS t"  # noqa: S608
            f" WHERE t.{meta.pk.column} = '{TEMPLATE}'"
        )


def _counted(meta: Any) -> tuple[str, ...]:
    """The column that the database itself counts, if there is one."""
    return (meta.auto_field.column,) if meta.auto_field is not None else ()
