"""A database in memory: the real tables, rules and transactions of SQLite, made new for every run.

Only for a process that does nothing else: `prepare` sets Django up for it.
"""

import gc
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog

from nightlight import config

KEY = "a-key-of-a-simulated-house-that-protects-nobody"
NOWHERE = Path("a-simulated-house")
"""Nothing is ever read or written there."""


GARBAGE_AFTER = 100_000
STATEMENTS_KEPT = 2_000
"""SQLite prepares each once; a night has several hundred, and by itself Python keeps 128."""


class _Process:
    """The empty tables, as SQLite keeps them."""

    empty: bytes = b""


def prepare() -> None:
    """Set Django up with a database in memory, and make its tables once."""
    config.use(
        config.Settings(data=NOWHERE, keys=(KEY,), base_url="https://circle.example.org", name="Circle")
    )
    config.name_django_settings()
    # A simulated fault is no news.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

    import django  # noqa: PLC0415  (after the settings are in force)

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connections  # noqa: PLC0415

    connections["default"].settings_dict["NAME"] = ":memory:"
    connections["default"].settings_dict["OPTIONS"]["cached_statements"] = STATEMENTS_KEPT
    call_command("migrate", verbosity=0, interactive=False)
    from nightlight.simulator.compiled import keep_queries  # noqa: PLC0415

    keep_queries()
    _Process.empty = _raw().serialize()
    # Nothing made so far will ever be garbage, and a history is short.
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER)


def empty() -> None:
    """Put the empty tables back."""
    _raw().deserialize(_Process.empty)
    _raw().execute("PRAGMA foreign_keys=ON")


def _raw() -> sqlite3.Connection:
    from django.db import connection  # noqa: PLC0415

    connection.ensure_connection()
    raw: sqlite3.Connection = connection.connection
    return raw


def look(sql: str, *values: str) -> list[tuple[Any, ...]]:
    """The rows of *sql*: for what is looked at after every step, where building a query costs more than asking."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def glance(sql: str, *values: str) -> list[tuple[Any, ...]]:
    """The same for the simulator's own eyes: no fault is met, and values are written `?`."""
    return _raw().execute(sql, values).fetchall()


def changes() -> int:
    """A number that has grown whenever anything was written, also what was taken back again."""
    return _raw().total_changes


@contextmanager
def before_every_query(look: Callable[[str], None]) -> Iterator[None]:
    """Let *look* be called with the text of every query before it; what it raises, the query raises."""
    from django.db import connection  # noqa: PLC0415

    def wrapped(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        look(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(wrapped):
        yield
