"""The file that a backup is: a SQLite database, whichever database it was taken of, and two lines behind it.

SQLite reads the database and passes over what stands behind its last page. The first line is an
account as JSON (which version wrote it, of which database, how many rows of each table), the second
the SHA-256 of everything before it. So a file that was cut or changed is known before it is opened,
and `sqlite3 FILE` looks into any backup on any machine.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.migrations.loader import MigrationLoader

import nightlight

Seen = Callable[[str, int, int], None]
"""Told how far long work has come: what is done, how much of it is, and of how much."""

MAGIC = b"SQLite format 3\0"
PIECE_BYTES = 1 << 20
ACCOUNT_BYTES_MAX = 65_536


class BackupError(ValueError):
    """A copy cannot be made, or cannot be put back. The message says why, and what would be right."""


def unseen(_what: str, _done: int, _of: int) -> None:
    """Nobody looks on."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """What a backup says of itself."""

    version: str
    """Of the program that wrote it."""
    database: str
    """Of which kind it was taken: `sqlite` or `postgresql`."""
    rows: Mapping[str, int]
    """How many each table has."""


def sign(path: Path, database: str, seen: Seen = unseen) -> Account:
    """Write account and checksum behind the finished database *path*, and see both on the disk.

    Raises `BackupError` when the database is damaged: then so is what it was copied from.
    """
    with closing(sqlite3.connect(path)) as copy:
        if copy.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise BackupError(
                "the database is damaged, so this copy is as well; keep your earlier backups, look at the disk,"
                " and put the latest sound one back"
            )
        account = Account(version=nightlight.__version__, database=database, rows=counted(copy))
    line = json.dumps(
        {"nightlight_backup": 1, "version": account.version, "database": database, "rows": account.rows}
    )
    with path.open("ab") as file:
        file.write(f"{line}\n".encode())
    digest = _digest(path, path.stat().st_size, seen)
    with path.open("ab") as file:
        file.write(f"{digest}\n".encode())
    _sync(path)
    return account


def counted(database: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table of ours has; tables without any are left out."""
    names = [
        name
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        if not name.startswith(("sqlite_", "django_"))
    ]
    # The names come from the file's own list of tables.
    found = {
        name: int(database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608
        for name in names
    }
    return {name: count for name, count in found.items() if count}


def _digest(path: Path, length: int, seen: Seen) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        left = length
        while left:
            piece = file.read(min(PIECE_BYTES, left))
            if not piece:
                break
            digest.update(piece)
            left -= len(piece)
            seen("bytes looked at", length - left, length)
    return digest.hexdigest()


def _sync(path: Path) -> None:
    for each in (path, path.parent):
        descriptor = os.open(each, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def check_whole(source: Path, seen: Seen = unseen) -> Account | None:
    """What *source* says of itself, once it is as it was written; None where nothing is written behind it.

    So it is with those of before accounts were. Raises `BackupError`, and OSError when it cannot be read.
    """
    if not source.is_file():
        raise BackupError(f"there is no file {source}; name one that `nightlight backup` wrote")
    return _account(source, _database_bytes(source), seen)


def check(source: Path, seen: Seen = unseen) -> None:
    """See that *source* is sound, and of no later version. Raises as `check_whole` does."""
    account = check_whole(source, seen)
    with closing(opened(source)) as backup:
        _check_inside(backup, source, is_signed=account is not None)


def _database_bytes(source: Path) -> int:
    """How long the database in *source* is, by its own header."""
    with source.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or not head.startswith(MAGIC):
        raise BackupError(f"{source} is no backup of Nightlight; name one that is")
    page = int.from_bytes(head[16:18], "big")
    # A size that does not fit into two bytes is written as 1.
    length = (65_536 if page == 1 else page) * int.from_bytes(head[28:32], "big")
    if source.stat().st_size < length:
        raise BackupError(
            f"{source} is damaged: its end is missing; use another copy of it, or an earlier one"
        )
    return length


def _account(source: Path, length: int, seen: Seen) -> Account | None:
    if source.stat().st_size == length:
        return None
    with source.open("rb") as file:
        file.seek(length)
        end = file.read(ACCOUNT_BYTES_MAX)
    line, _, digest = end.partition(b"\n")
    signed = length + len(line) + 1
    if digest.decode(errors="replace") != f"{_digest(source, signed, seen)}\n":
        raise BackupError(
            f"{source} is damaged: it is not as it was written; use another copy of it, or an earlier one"
        )
    told: dict[str, Any] = json.loads(line)
    if told["nightlight_backup"] != 1:
        raise BackupError(f"{source} was made by a later version; install that version, then try again")
    return Account(version=told["version"], database=told["database"], rows=told["rows"])


def opened(source: Path) -> sqlite3.Connection:
    """*source* for reading alone. Nothing is made beside it."""
    return sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _check_inside(backup: sqlite3.Connection, source: Path, *, is_signed: bool) -> None:
    try:
        # The checksum of a signed one says as much, and sooner.
        sound = is_signed or backup.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        done = {row[0] for row in backup.execute("SELECT name FROM django_migrations WHERE app = 'store'")}
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{source} is no backup of Nightlight; name one that is") from error
    if not sound:
        raise BackupError(f"{source} is damaged; use an earlier backup")
    known = {name for app, name in MigrationLoader(None).disk_migrations if app == "store"}
    if done - known:
        raise BackupError(f"{source} was made by a later version; install that version, then try again")
    if not done:
        raise BackupError(f"{source} is no backup of Nightlight; name one that is")
