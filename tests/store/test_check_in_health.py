"""What whoever watches the machines hears of check-ins."""

from datetime import datetime, timedelta

import pytest

from nightlight.engine.checkin import OnMiss
from nightlight.intake.doctor_check_ins import look_at_check_ins
from nightlight.intake.findings import Grade
from nightlight.store.check_in_health import measure_check_ins
from nightlight.store.models import CheckIn, Membership
from nightlight.worker.waker import Waker
from tests.factories import a_check_in, a_member, a_way
from tests.people import ANA, NOON, SAM

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ON = frozenset({"smtp"})
NINE = datetime.fromisoformat("2026-11-21T21:00:00+00:00")


def said(now: datetime, *, lives: bool = True, on: frozenset[str] = ON) -> list[tuple[Grade, str]]:
    found = list(look_at_check_ins(now, on, lives=lives))
    return [(each.grade, each.says) for each in found]


def test_what_waits_for_its_time_is_no_finding() -> None:
    a_way(ANA)
    a_check_in()
    assert said(NOON) == []
    numbers = measure_check_ins(NOON)
    assert (numbers.running, numbers.stuck, numbers.oldest_due) == (0, 0, timedelta(0))


def test_one_that_runs_is_counted_and_is_well() -> None:
    a_way(ANA)
    a_check_in()
    for _ in Waker(ON, {"smtp": 1}).round(NINE):
        pass
    assert said(NINE + timedelta(minutes=5)) == []
    assert measure_check_ins(NINE + timedelta(minutes=5)).running == 1


def test_one_that_nobody_looks_at_is_stuck_also_when_it_is_put_off_again_and_again() -> None:
    a_way(ANA)
    check_in = a_check_in()
    late = NINE + timedelta(minutes=11)
    [(grade, says)] = said(late)
    assert (grade, check_in.pk in says) == (Grade.WRONG, True)
    CheckIn.objects.update(looks_at=late + timedelta(seconds=50))
    assert said(late)[0][0] is Grade.WRONG
    assert measure_check_ins(late).stuck == 1


def test_without_a_worker_it_only_waits() -> None:
    a_way(ANA)
    a_check_in()
    [(grade, says)] = said(NINE + timedelta(hours=1), lives=False)
    assert (grade, "serve" in says) == (Grade.NOTE, True)


def test_a_miss_that_nobody_would_hear_of() -> None:
    a_way(ANA)
    a_member(SAM)
    check_in = a_check_in(on_miss=OnMiss.TELL, told=(SAM,))
    assert said(NOON) == []
    Membership.objects.update(ended_at=NOON)
    [(grade, says)] = said(NOON)
    assert (grade, check_in.pk in says, "nobody" in says) == (Grade.WRONG, True, True)


def test_somebody_who_cannot_be_reminded() -> None:
    a_way(ANA, "sms")
    check_in = a_check_in()
    [(grade, says)] = said(NOON)
    assert (grade, check_in.pk in says) == (Grade.WRONG, True)
    assert said(NOON, on=frozenset({"sms"})) == []
