"""Getting ready to use the database: settings, Django, and tables as this version knows them.

Nothing here imports Django before it must: `serve` itself does without it.
"""

import fcntl
import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from nightlight import config
from nightlight.cli.failures import MIGRATION_DUE, Failure

MIGRATE_LOCK_NAME = "migrate.lock"

R = TypeVar("R")


def data_option(command: Callable[..., R]) -> Callable[..., R]:
    """Add `--data` to a command that prepares for itself."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Directory of the database and the key; wins over NIGHTLIGHT_DATA.",
    )(command)


def uses_data(command: Callable[..., R]) -> Callable[..., R]:
    """Add `--data` to a command, and have everything ready before it begins."""

    @functools.wraps(command)
    def prepared(*args: Any, data: Path | None, **options: Any) -> R:
        prepare(data)
        return command(*args, **options)

    return data_option(prepared)


def prepare(data: Path | None) -> None:
    """Be ready to use the database: on SQLite bring it up to date, on PostgreSQL see that it is.

    Raises `Failure` with exit code 3 when a migration is due, and whatever settings and database raise.
    """
    load_django(data)
    if not config.current().uses_postgresql:
        migrate_sqlite()
    elif is_migration_due():
        raise Failure(
            "the database is older than this version; run `nightlight migrate`, then try again", MIGRATION_DUE
        )


def load_django(data: Path | None) -> None:
    """Put the settings in force and set Django up; no database is touched. Raises `SettingError`."""
    settings = config.load(data=data)
    config.use(settings)
    # With PostgreSQL and a key of its own, nothing has to lie in a directory.
    if not (settings.uses_postgresql and settings.keys):
        config.prepare_data(settings)
    config.host_keys(settings)
    config.name_django_settings()
    import django
    import structlog

    # Standard output is for data.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stderr))
    django.setup()


def is_migration_due() -> bool:
    """Whether the database is older than this version."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate_sqlite() -> None:
    """Bring the tables up to date if they are not; one command at a time."""
    if not is_migration_due():
        return
    lock = os.open(config.current().data / MIGRATE_LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # Let go of by the kernel when this process ends, however it ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        migrate_now()
    finally:
        os.close(lock)


def migrate_now() -> None:
    """Run every migration that is due."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
