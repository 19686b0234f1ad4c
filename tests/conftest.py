"""What every test stands on: made-up settings, a fixed noon, and a real database."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, connections

# Settings are read once, when Django is loaded, so they must stand before pytest-django loads it:
# hence no DJANGO_SETTINGS_MODULE in pyproject.toml.
assert not django_settings.configured, "Django was set up before tests/conftest.py chose its settings"
_data = Path(tempfile.mkdtemp(prefix="nightlight-tests-"))
for _name in [name for name in os.environ if name.startswith("NIGHTLIGHT_") and "_TEST_" not in name]:
    del os.environ[_name]
os.environ["NIGHTLIGHT_DATA"] = str(_data)
os.environ["NIGHTLIGHT_KEY"] = "a-key-for-tests-that-protects-nobody-at-all"
if os.environ.get("NIGHTLIGHT_TEST_DATABASE_URL"):
    os.environ["NIGHTLIGHT_DATABASE_URL"] = os.environ["NIGHTLIGHT_TEST_DATABASE_URL"]
os.environ["DJANGO_SETTINGS_MODULE"] = "nightlight.settings"
django.setup()

from nightlight import config  # noqa: E402  (after the environment is made)
from tests.people import NOON  # noqa: E402

DEADLOCK = "40P01"
EMPTIED_WITHIN = 5
"""So often at most."""


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(_data, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """On SQLite use a file, as hosts do: in memory there is no WAL, and threads share one connection."""
    if not config.current().uses_postgresql:
        connections["default"].settings_dict["TEST"]["NAME"] = str(_data / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_in_the_end() -> Iterator[None]:
    """A thread of a worker that has just ended may still be reading while its tables are emptied: then once more."""
    from django.db.backends.base.operations import BaseDatabaseOperations  # noqa: PLC0415

    empty = BaseDatabaseOperations.execute_sql_flush

    def patiently(self: BaseDatabaseOperations, statements: Iterable[str]) -> None:
        for _ in range(EMPTIED_WITHIN - 1):
            try:
                return empty(self, statements)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) != DEADLOCK:
                    raise
        return empty(self, statements)

    BaseDatabaseOperations.execute_sql_flush = patiently  # type: ignore[method-assign, assignment]
    yield
    BaseDatabaseOperations.execute_sql_flush = empty  # type: ignore[method-assign]


@pytest.fixture
def now() -> datetime:
    """A fixed noon, in November, so that Lisbon and UTC agree."""
    return NOON


@pytest.fixture
def with_settings() -> Iterator[Callable[..., config.Settings]]:
    """Put other settings in force for one test: `with_settings(keys=("…",))`."""
    before = config.current()

    def use(**changes: Any) -> config.Settings:
        changed = replace(before, **changes)
        config.use(changed)
        return changed

    yield use
    config.use(before)
