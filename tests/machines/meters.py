"""What a database and some processes have used so far, read from outside."""

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

_TICKS = os.sysconf("SC_CLK_TCK")
_USER, _KERNEL, _GONE_USER, _GONE_KERNEL = 11, 12, 13, 14
"""Places in /proc/PID/stat behind the name: CPU time of the process, and of its children that ended."""


def cpu_seconds(pid: int) -> float:
    """What *pid* and everything that it started has used."""
    parents = {int(path.name): _parent(int(path.name)) for path in Path("/proc").glob("[0-9]*")}
    family, generation = [pid], [pid]
    while generation:
        generation = [child for child, parent in parents.items() if parent in generation]
        family += generation
    return sum(_own_cpu(each) for each in family)


def _stat(pid: int) -> list[str]:
    try:
        # The name in the second field may hold anything, also brackets.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _parent(pid: int) -> int:
    stat = _stat(pid)
    return int(stat[1]) if stat else 0


def _own_cpu(pid: int) -> float:
    stat = _stat(pid)
    places = (_USER, _KERNEL, _GONE_USER, _GONE_KERNEL)
    return sum(int(stat[place]) for place in places) / _TICKS if stat else 0.0


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One look at a database."""

    rows: Mapping[str, int]
    """By table."""
    size_bytes: int
    """Of tables and indexes together."""
    transactions: int = 0
    """That ended well, also those that only read; 0 on SQLite, which does not count them."""
    syncs: int = 0
    """How often the log was written through to the disk; 0 on SQLite."""
    log_bytes: int = 0
    """What was written to the log; 0 on SQLite."""
    cpu_seconds: float = 0.0
    """Of the server; on SQLite there is none, its work is that of web and worker."""


def read_sqlite(file: Path) -> Reading:
    """The database in *file* as it is now."""
    with closing(sqlite3.connect(file, timeout=10)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        counts = {
            name: int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608
            for (name,) in names
        }
        [pages] = connection.execute("PRAGMA page_count").fetchone()
        [free] = connection.execute("PRAGMA freelist_count").fetchone()
        [page] = connection.execute("PRAGMA page_size").fetchone()
    return Reading(rows=counts, size_bytes=(pages - free) * page)


def read_postgresql(url: str) -> Reading:
    """The database at *url*, whose server runs on this machine, as it is now."""
    with psycopg.connect(url, autocommit=True, application_name="meter") as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        counts = {name: _count(connection, name) for (name,) in names}
        [size] = _one(
            connection,
            "SELECT sum(pg_total_relation_size(format('%I', tablename)::regclass)) FROM pg_tables"
            " WHERE schemaname = 'public'",
        )
        # What a session did is told when it ends, or after a second.
        [transactions] = _one(
            connection, "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
        )
        syncs, log = _one(connection, "SELECT wal_sync, wal_bytes FROM pg_stat_wal")
        [backend] = _one(connection, "SELECT pg_backend_pid()")
    server = _parent(int(str(backend)))
    return Reading(
        rows=counts,
        size_bytes=int(str(size)),
        transactions=int(str(transactions)),
        syncs=int(str(syncs)),
        log_bytes=int(str(log)),
        cpu_seconds=cpu_seconds(server),
    )


def _count(connection: psycopg.Connection[tuple[object, ...]], table: str) -> int:
    found = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert found is not None
    return int(str(found[0]))


def _one(connection: psycopg.Connection[tuple[object, ...]], query: str) -> tuple[object, ...]:
    found = connection.execute(query.encode()).fetchone()
    assert found is not None
    return found


def connections_of_ours(url: str) -> int:
    """How many connections Nightlight has to the database at *url*."""
    with psycopg.connect(url, autocommit=True, application_name="meter") as connection:
        [count] = _one(
            connection, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nightlight'"
        )
    return int(str(count))
