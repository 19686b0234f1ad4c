"""Where records of calls come from: the database in use, a backup, or a file of recorded histories.

Nothing is written, no key is needed, and the tables may be an earlier version's: only the columns are
read that every version has.
"""

import gzip
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from nightlight.simulator.replay import Recorded, Told
from nightlight.store.backup_file import MAGIC, BackupError, check_whole, opened

Asking = Callable[[str, Sequence[str]], Iterable[Sequence[Any]]]
"""Asks a database: a question with `%s` for each value, and the values."""

CALLS = "SELECT id FROM alert ORDER BY raised_at, id"
# One question for state and events: they are of the same moment while calls go on.
CALL = (
    "SELECT alert.state, event.kind, event.body, event.facts"
    " FROM alert LEFT JOIN event ON event.alert_id = alert.id WHERE alert.id = %s ORDER BY event.number"
)
ZIPPED = b"\x1f\x8b"


def of_installation() -> Iterator[Recorded]:
    """The record of every call of the database in use, the oldest first. Django is set up by the caller."""
    from django.db import connection  # noqa: PLC0415

    def ask(question: str, values: Sequence[str]) -> Iterable[Sequence[Any]]:
        with connection.cursor() as cursor:
            cursor.execute(question, values)
            return list(cursor.fetchall())

    return _of_database(ask)


def of_file(file: Path) -> Iterator[Recorded]:
    """The record of every call of *file*: a backup, or recorded histories. Raises `BackupError`, OSError."""
    with file.open("rb") as opening:
        head = opening.read(len(MAGIC))
    return _of_backup(file) if head == MAGIC else _of_histories(file, is_zipped=head.startswith(ZIPPED))


def _of_backup(file: Path) -> Iterator[Recorded]:
    check_whole(file)
    with closing(opened(file)) as backup:
        try:
            yield from _of_database(
                lambda question, values: backup.execute(question.replace("%s", "?"), values)
            )
        except sqlite3.DatabaseError as error:
            raise BackupError(f"{file} is no backup of Nightlight; name one that is") from error


def _of_database(ask: Asking) -> Iterator[Recorded]:
    for (call,) in list(ask(CALLS, ())):
        rows = list(ask(CALL, (call,)))
        yield Recorded(
            call=call,
            state=_read(rows[0][0]) if rows else {},
            told=[
                Told(kind=kind, body=_read(body), facts=_read(facts)) for _, kind, body, facts in rows if kind
            ],
        )


def _read(document: Any) -> Mapping[str, Any]:
    read: Mapping[str, Any] = json.loads(document) if isinstance(document, str | bytes) else document
    return read


def _of_histories(file: Path, *, is_zipped: bool) -> Iterator[Recorded]:
    with gzip.open(file, "rt") if is_zipped else file.open() as lines:
        try:
            for line in lines:
                yield history_read(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise BackupError(
                f"{file} is neither a backup nor a file of histories; name one that is"
            ) from error


def history_read(line: Mapping[str, Any]) -> Recorded:
    """One line of a file of histories; each step tells of facts and alert only what changed since the last."""
    told: list[Told] = []
    facts: dict[str, Any] = {}
    alert: dict[str, Any] = {}
    for step in line["steps"]:
        facts, alert = facts | step["facts"], alert | step["alert"]
        decided = {"alert": alert, **{name: step[name] for name in ("effects", "entries", "refused")}}
        told.append(Told(kind=step["kind"], body=step["body"], facts=facts, decided=decided))
    return Recorded(call=line["call"], told=told, state=alert)


def history_written(call: str, told: Iterable[Told]) -> dict[str, Any]:
    """The same line of what was *told*, each with what was decided."""
    steps: list[dict[str, Any]] = []
    facts: Mapping[str, Any] = {}
    alert: Mapping[str, Any] = {}
    for each in told:
        assert each.decided is not None, "a history is written with its decisions"
        steps.append(
            {
                **each.decided,
                "kind": each.kind,
                "body": each.body,
                "facts": _changed(facts, each.facts),
                "alert": _changed(alert, each.decided["alert"]),
            }
        )
        facts, alert = each.facts, each.decided["alert"]
    return {"call": call, "steps": steps}


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    assert before.keys() <= after.keys(), "every field is written every time"
    return {name: value for name, value in after.items() if name not in before or before[name] != value}
