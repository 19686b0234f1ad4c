"""Rows between a SQLite file and PostgreSQL, in either direction, table by table and never all in memory.

Each kind of field is written by the database it comes from in the other's own words, so that Python
hands rows on without looking into them. What the kinds are, the models say.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import DataError, IntegrityError, connection, models

from nightlight.store.backup_file import BackupError, Seen
from nightlight.store.models import Heartbeat

AT_ONCE = 2_000
"""So many rows are handed over together."""

_SAME = "{0}"

# As Django writes them into SQLite: times in UTC without a zone, and no fraction where there is none.
FROM_POSTGRESQL: Mapping[str, str] = {
    "DateTimeField": "replace(to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), '.000000', '')",
    "TimeField": "replace(to_char({0}, 'HH24:MI:SS.US'), '.000000', '')",
    "DurationField": "(extract(epoch FROM {0}) * 1000000)::bigint",
    "BooleanField": "{0}::int",
    "BinaryField": "encode({0}, 'hex')",
    "JSONField": "{0}::text",
}
_DAY = 86_400_000_000
TO_POSTGRESQL: Mapping[str, str] = {
    "DateTimeField": "{0} || '+00'",
    "DurationField": f"({{0}} / {_DAY}) || ' days ' || ({{0}} % {_DAY}) || ' microseconds'",
    "BinaryField": "'\\x' || hex({0})",
}


def tables() -> list[type[models.Model]]:
    """Every table of ours but the signs of life, which are of one machine; each after those it points to."""
    left = [
        model
        for model in apps.get_app_config("store").get_models(include_auto_created=True)
        if model is not Heartbeat
    ]
    found: list[type[models.Model]] = []
    while left:
        ready = [model for model in left if not _points_to(model) & {*left} - {model}]
        assert ready, "two tables point to one another"
        found += ready
        left = [model for model in left if model not in ready]
    return found


def _points_to(model: type[models.Model]) -> set[Any]:
    return {field.related_model for field in model._meta.concrete_fields if field.is_relation}


def _columns(model: type[models.Model]) -> list[tuple[str, str]]:
    """The columns, quoted, each with the kind of its field."""
    return [(f'"{field.column}"', field.get_internal_type()) for field in model._meta.concrete_fields]


def _select(model: type[models.Model], words: Mapping[str, str]) -> str:
    chosen = ", ".join(words.get(kind, _SAME).format(column) for column, kind in _columns(model))
    assert model._meta.pk is not None
    # Names of tables and columns are our own.
    return f'SELECT {chosen} FROM "{model._meta.db_table}" ORDER BY "{model._meta.pk.column}"'  # noqa: S608


def out_of_postgresql(draft: sqlite3.Connection, seen: Seen) -> None:
    """Copy every row, as of the transaction at hand, into the empty tables of *draft*."""
    done = 0
    draft.create_function("bytes_of", 1, _bytes_of, deterministic=True)
    for model in tables():
        kinds = [kind for _, kind in _columns(model)]
        marks = ", ".join("bytes_of(?)" if kind == "BinaryField" else "?" for kind in kinds)
        insert = f'INSERT INTO "{model._meta.db_table}" ({_names(model)}) VALUES ({marks})'  # noqa: S608
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY ({_select(model, FROM_POSTGRESQL)}) TO STDOUT") as rows,
        ):
            for some in _some(rows.rows()):
                draft.executemany(insert, some)
                done += len(some)
                seen("rows copied", done, 0)
    draft.commit()


def _bytes_of(digits: str | None) -> bytes | None:
    return None if digits is None else bytes.fromhex(digits)


def _some(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while some := list(islice(left, AT_ONCE)):
        yield some


def _names(model: type[models.Model]) -> str:
    return ", ".join(column for column, _ in _columns(model))


def into_postgresql(draft: sqlite3.Connection, rows: int, seen: Seen) -> None:
    """Copy every row of *draft*, of which there are *rows*, into our empty tables, in the transaction at hand.

    Raises `BackupError` for what PostgreSQL does not take, with its table.
    """
    done = 0
    with connection.cursor() as cursor:
        for model in tables():
            table = model._meta.db_table
            try:
                with (
                    connection.wrap_database_errors,
                    cursor.copy(f'COPY "{table}" ({_names(model)}) FROM STDIN') as copy,
                ):
                    for row in draft.execute(_select(model, TO_POSTGRESQL)):
                        copy.write_row(row)
                        done += 1
                        if done % AT_ONCE == 0:
                            seen("rows put back", done, rows)
            except (DataError, IntegrityError) as error:
                raise BackupError(
                    f"PostgreSQL does not take a row of the table {table} ({str(error).splitlines()[0]});"
                    " nothing was put back"
                ) from error
        for statement in connection.ops.sequence_reset_sql(no_style(), tables()):
            cursor.execute(statement)
