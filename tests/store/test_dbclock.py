"""The clock a worker goes by: the database's, asked once a second and counted on in between."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from nightlight import clock
from nightlight.store import dbclock
from nightlight.store.dbclock import DatabaseClock
from tests.people import NOON


@pytest.fixture
def booted(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds since the machine started, for a test to move; the database says noon whenever it is asked."""
    seconds = [100.0]
    monkeypatch.setattr(clock, "boottime", lambda: seconds[-1])
    monkeypatch.setattr(dbclock, "connection", SimpleNamespace(vendor="postgresql", connection=object()))
    monkeypatch.setattr(dbclock, "database_now", lambda: NOON)
    return seconds


def test_within_a_second_of_asking_it_counts_on_by_itself(booted: list[float]) -> None:
    told = DatabaseClock()
    assert told.now() == NOON
    booted.append(100.75)
    assert told.now() == NOON + timedelta(seconds=0.75)


def test_after_a_second_the_database_is_asked_again_whatever_was_counted(booted: list[float]) -> None:
    told = DatabaseClock()
    told.now()
    booted.append(101.5)
    assert told.now() == NOON


def test_a_thread_without_a_connection_opens_none_for_the_time_unless_nobody_else_asks(
    booted: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = DatabaseClock()
    told.now()
    monkeypatch.setattr(dbclock, "connection", SimpleNamespace(vendor="postgresql", connection=None))
    booted.append(104.5)
    assert told.now() == NOON + timedelta(seconds=4.5)
    booted.append(105.5)
    assert told.now() == NOON


def test_on_sqlite_it_is_the_machines_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbclock, "connection", SimpleNamespace(vendor="sqlite"))
    monkeypatch.setattr(clock, "now", lambda: NOON)
    assert DatabaseClock().now() == NOON
