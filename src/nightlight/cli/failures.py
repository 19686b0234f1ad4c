"""What went wrong, as one line and an exit code: 1 the machine failed, 2 mendable, 3 a migration is due."""

import errno
from collections.abc import Iterator
from typing import Any

import click

from nightlight import config

MACHINE, MENDABLE, MIGRATION_DUE = 1, 2, 3

_DISK = {
    errno.ENOSPC: "the disk is full; make room elsewhere, and do not delete the database",
    errno.EDQUOT: "the disk space this user may use is full; make room elsewhere",
    errno.EROFS: "the disk is read-only; mount it so that it can be written",
    errno.EIO: "the disk cannot be read or written; look at the disk",
}

# Primary result codes of SQLite; the extended ones carry them in their lowest byte.
_SQLITE = {
    5: (MACHINE, "the database is busy, and stayed so for five seconds; try again"),
    8: (MACHINE, "the database {file} is read-only; make it and its directory writable to this user"),
    10: (MACHINE, "the disk under {file} cannot be read or written; look at the disk, and make room on it"),
    11: (MACHINE, "the database {file} is damaged; keep it, and restore a backup elsewhere"),
    13: (MACHINE, "the disk under {file} is full; make room elsewhere, and do not delete the database"),
    14: (MENDABLE, "the database {file} cannot be opened; make its directory readable and writable to this user"),
    26: (MENDABLE, "{file} is no database; move it away, or name another directory with --data"),
}  # fmt: skip

# PostgreSQL's words for a full disk, too little of anything else, a doubtful commit, and a server that only reads.
_POSTGRESQL = {
    "53100": "the disk of the database server is full; make room on it",
    "53200": "the database server has no memory left; look at its machine",
    "53300": "the database server takes no more connections; raise max_connections, or run fewer processes",
    "40003": "the database server could not be sure that this was kept; look whether it was, and else do it again",
    "25006": "the database server can only be read; name the one that can be written in NIGHTLIGHT_DATABASE_URL",
}


class Failure(click.ClickException):
    """A command ends here. One line says what was wrong, where, and what would be right."""

    def __init__(self, message: str, exit_code: int = MENDABLE) -> None:
        super().__init__(" ".join(message.split()))
        # click keeps it as the same number for a whole class.
        self.exit_code = exit_code  # type: ignore[misc]


def failure_of(error: Exception) -> Failure | None:
    """What *error* is to whoever runs the command; None for a fault of ours, which is shown whole."""
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno in _DISK:
            return Failure(_DISK[cause.errno], MACHINE)
    if isinstance(error, _mendable()):
        return Failure(str(error))
    return _of_database(error)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _mendable() -> tuple[type[Exception], ...]:
    # Only when something went wrong: a command that did its work needs none of these.
    from nightlight.channels.provider_url import ChannelSettingError
    from nightlight.engine.policy import PolicyError
    from nightlight.intake.toml_table import CircleFileError
    from nightlight.store.sealing import UnreadableError

    return (config.SettingError, ChannelSettingError, PolicyError, CircleFileError, UnreadableError)


def _of_database(error: Exception) -> Failure | None:
    from django.db import DatabaseError, InterfaceError, OperationalError

    if not isinstance(error, (DatabaseError, InterfaceError)):
        return None
    cause: Any = error.__cause__
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        known = _SQLITE.get(code & 0xFF)
        return Failure(known[1].format(file=config.current().database_file), known[0]) if known else None
    state = getattr(cause, "sqlstate", None)
    if state in _POSTGRESQL:
        return Failure(_POSTGRESQL[state], MACHINE)
    if config.current().uses_postgresql and isinstance(error, (OperationalError, InterfaceError)):
        return Failure(
            f"the database of NIGHTLIGHT_DATABASE_URL cannot be used ({_first_line(error)});"
            " start it, or mend the address"
        )
    return None


def _first_line(error: Exception) -> str:
    """What the server said, without the address: the setting says that already."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rpartition("failed: ")[2]
