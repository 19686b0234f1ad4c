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
MIGRATE_LOCK_NUMBER = 0x6E696768746C
"""The same lock inside PostgreSQL, the same in every version: two machines may be upgraded at once."""

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
    """Put the settings in force and set Django up. Raises `SettingError`.

    A database is touched in one case alone, see `_see_that_no_second_key_is_made`.
    """
    settings = config.load(data=data)
    config.use(settings)
    # With PostgreSQL and a key of its own, nothing has to lie in a directory.
    if not (settings.uses_postgresql and settings.keys):
        config.prepare_data(settings)
    config.name_django_settings()
    import django
    import structlog

    # Standard output is for data.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stderr))
    django.setup()
    if settings.uses_postgresql and not settings.keys and not settings.key_file.exists():
        _see_that_no_second_key_is_made(settings)
    config.host_keys(settings)


def _see_that_no_second_key_is_made(settings: config.Settings) -> None:
    """A second machine that made a key of its own would seal addresses which the first cannot open.

    Raises `SettingError` when the database holds anything that was sealed.
    """
    from django.db import ProgrammingError

    from nightlight.store.resealing import is_anything_sealed

    try:
        is_begun = is_anything_sealed()
    except ProgrammingError:
        return  # No tables yet, so nothing was sealed.
    if is_begun:
        raise config.SettingError(
            "NIGHTLIGHT_KEY is not set, and this database was begun with a key: give this machine the one of"
            f" the others, in NIGHTLIGHT_KEY, by NIGHTLIGHT_KEY_FILE, or as {settings.key_file}"
        )


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
    """Run every migration that is due; on PostgreSQL one machine at a time, the others wait for it."""
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Of this session: let go of when it ends, however it ends.
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATE_LOCK_NUMBER])
    call_command("migrate", verbosity=0, interactive=False)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATE_LOCK_NUMBER])
