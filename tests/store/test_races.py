"""Transactions that meet another one, and are tried again whole."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import OperationalError, connection, transaction

from nightlight.engine.state import AlertStatus
from nightlight.store.access import ApiCaller, CalledOnce, Scope, call_by_program
from nightlight.store.advance import Advanced
from nightlight.store.models import Person
from nightlight.store.races import LOOK_AGAIN_MS, RACES_MAX, TURN_SECONDS, LostRace, racing
from tests.factories import a_person
from tests.people import SAM

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


class _Deadlock(Exception):
    sqlstate = "40P01"


def test_a_lost_race_is_run_again_and_leaves_nothing_of_the_first_run() -> None:
    runs = 0

    def step() -> str:
        nonlocal runs
        runs += 1
        Person.objects.create(
            id=f"person{runs}", name="", time_zone="UTC", language="en", created_at=a_person(SAM).created_at
        )
        if runs < RACES_MAX:
            raise LostRace("alert")
        return "done"

    assert racing(step) == "done"
    assert set(Person.objects.values_list("pk", flat=True)) == {SAM, f"person{RACES_MAX}"}


def test_a_race_that_is_always_lost_is_given_up_in_the_end() -> None:
    runs = 0

    def step() -> None:
        nonlocal runs
        runs += 1
        raise LostRace("alert")

    with pytest.raises(LostRace):
        racing(step)
    assert runs == RACES_MAX


def test_a_deadlock_is_run_again_and_a_database_that_is_away_is_not() -> None:
    runs = 0

    def deadlocked_once() -> int:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise OperationalError("deadlock detected") from _Deadlock()
        return runs

    def away() -> None:
        nonlocal runs
        runs += 1
        raise OperationalError("connection refused")

    assert racing(deadlocked_once) == 2
    with pytest.raises(OperationalError):
        racing(away)
    assert runs == 3


def test_whoever_finds_the_database_taken_begins_once_it_is_free() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps nobody from beginning")
    taken, let_go = threading.Event(), threading.Event()

    def write_at_length() -> None:
        with transaction.atomic():
            taken.set()
            let_go.wait(10)
        connection.close()

    other = threading.Thread(target=write_at_length)
    other.start()
    assert taken.wait(10)
    # Longer than one look at the database takes.
    threading.Timer(LOOK_AGAIN_MS * 5 / 1000, let_go.set).start()
    assert racing(let_go.is_set)
    other.join()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        assert cursor.fetchone() == (TURN_SECONDS * 1000,)


def test_a_call_by_a_program_is_a_transaction_like_any_other_and_tried_again() -> None:
    caller = ApiCaller(id=0, scopes=frozenset({Scope.CALL}))
    asked = 0

    def call() -> Advanced:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise LostRace("alert")
        return Advanced(alert_id="alert", status=AlertStatus.TRIGGERED, is_new=True)

    made = call_by_program(caller, "ana", "", datetime(2026, 11, 21, tzinfo=UTC), call)
    assert (made, asked) == (CalledOnce(alert="alert", is_new=True), 2)
