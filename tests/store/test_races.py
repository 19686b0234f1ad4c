"""Transactions that meet another one, and are tried again whole."""

import pytest
from django.db import OperationalError

from nightlight.store.models import Person
from nightlight.store.races import RACES_MAX, LostRace, racing
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
