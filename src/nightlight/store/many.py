"""Many rows in one statement, each with values of its own, for the few tables that every message goes through.

In plain SQL: Django makes an object of every row and an expression of every value, and with hundreds of
messages a second most of a worker's time went into making them (decision 0024).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Model

Value = str | int | datetime


def insert(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
    """Add *rows* to the table of *model*, in the transaction at hand; what *columns* leaves out stays empty."""
    if rows:
        names = ", ".join(columns)
        table = model._meta.db_table
        _execute(f"INSERT INTO {table} ({names}) VALUES {_places(rows)}", *rows)  # noqa: S608  (names of ours)


def update(
    model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Value]], same: Mapping[str, Value]
) -> None:
    """Change rows of *model*, in the transaction at hand, each found by its id, the first of its values.

    *columns* are the other values; *same* is what becomes of every one of them alike.
    """
    if not rows:
        return
    table = model._meta.db_table
    changes = [f"{name} = given.{name}" for name in columns] + [f"{name} = %s" for name in same]
    _execute(
        f"WITH given (id, {', '.join(columns)}) AS (VALUES {_places(rows)})"  # noqa: S608  (names of ours)
        f" UPDATE {table} SET {', '.join(changes)} FROM given WHERE {table}.id = given.id",
        *rows,
        list(same.values()),
    )


def _places(rows: Sequence[Sequence[Value]]) -> str:
    one = f"({', '.join(['%s'] * len(rows[0]))})"
    return ", ".join([one] * len(rows))


def _execute(sql: str, *values: Sequence[Value]) -> None:
    adapted = [
        connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
        for group in values
        for value in group
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, adapted)
