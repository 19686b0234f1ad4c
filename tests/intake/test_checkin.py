"""Ana said she would give a sign of life each evening at nine."""

from datetime import datetime, time, timedelta

import pytest

from nightlight.engine.checkin import By, Came, How, OnMiss
from nightlight.engine.state import AlertStatus
from nightlight.intake import checkin
from nightlight.store.models import Alert, CheckIn, CheckInWindow, Notice
from nightlight.store.notices import NoticePurpose
from tests.factories import a_check_in, a_ladder, a_way
from tests.people import ANA, BO, SAM
from tests.worker.noticing import NoticeWorld
from tests.worker.world import World

pytestmark = pytest.mark.both_databases

NINE = datetime.fromisoformat("2026-11-21T21:00:00+00:00")


@pytest.fixture
def evening(world: World) -> World:
    """Ana has mail and a phone; Sam and Bo agreed; it is noon."""
    a_way(ANA)
    a_way(ANA, "sms")
    a_ladder((SAM,), (BO,))
    return world


def at(world: World, **after_nine: float) -> None:
    world.pass_time(seconds=(NINE + timedelta(**after_nine) - world.time).total_seconds())
    world.round()


def reminders() -> list[str]:
    """By which kinds Ana was reminded: those due, in their order."""
    rows = Notice.objects.filter(purpose=NoticePurpose.CHECK_IN, due__isnull=False).order_by("created_at")
    return [row.contact_method.channel for row in rows]


def windows() -> list[tuple[str, str]]:
    return list(CheckInWindow.objects.order_by("on").values_list("came", "why"))


def test_nobody_is_reminded_before_the_time(evening: World) -> None:
    a_check_in()
    at(evening, seconds=-1)
    assert reminders() == []


def test_she_is_reminded_on_two_ways_before_anybody_else_hears(evening: World) -> None:
    a_check_in()
    at(evening, minutes=1)
    assert reminders() == ["smtp"]
    at(evening, minutes=44)
    assert reminders() == ["smtp", "sms"]
    assert not Alert.objects.exists()


def test_a_tap_is_enough_and_nobody_is_called(evening: World) -> None:
    check_in = a_check_in()
    at(evening, minutes=30)
    taken = checkin.take(check_in.pk, How.OK, By.PAGE, evening.time)
    assert taken is not None
    assert taken.made
    assert taken.next_due == NINE + timedelta(days=1)
    at(evening, hours=5)
    assert windows() == [(Came.MADE, "")]
    assert not Alert.objects.exists()


def test_without_one_her_circle_is_called_once(evening: World) -> None:
    a_check_in()
    NoticeWorld(evening).send_due()
    at(evening, minutes=1)
    NoticeWorld(evening).send_due()
    at(evening, minutes=46)
    assert windows() == [(Came.MISSED, "")]
    assert Alert.objects.get().state["causes"] == ["check_in"]
    at(evening, hours=5)
    assert Alert.objects.count() == 1


def test_coming_late_ends_what_the_miss_alone_began(evening: World) -> None:
    check_in = a_check_in()
    at(evening, minutes=1)
    NoticeWorld(evening).send_due()
    at(evening, minutes=50)
    taken = checkin.take(check_in.pk, How.OK, By.TEXT, evening.time)
    assert taken is not None
    assert (taken.was_late, taken.ended_call, taken.open_call) == (True, True, "")
    assert Alert.objects.get().status == AlertStatus.RESOLVED


def test_saying_not_ok_late_ends_nothing(evening: World) -> None:
    check_in = a_check_in()
    at(evening, minutes=1)
    NoticeWorld(evening).send_due()
    at(evening, minutes=50)
    taken = checkin.take(check_in.pk, How.NOT_OK, By.PAGE, evening.time)
    assert taken is not None
    assert (taken.ended_call, bool(taken.open_call)) == (False, True)
    assert Alert.objects.get().status == AlertStatus.TRIGGERED


def test_without_any_reminder_that_went_out_it_has_its_time_once_more(evening: World) -> None:
    a_check_in()
    at(evening, minutes=46)
    assert windows() == []
    at(evening, minutes=92)
    assert windows() == [(Came.MISSED, "")]


def test_after_an_outage_it_has_its_full_time_again(evening: World) -> None:
    a_check_in()
    at(evening, minutes=10)
    NoticeWorld(evening).send_due()
    evening.time = NINE + timedelta(hours=3)
    for _ in evening.waker.give_everyone_time_again(evening.time):
        pass
    evening.round()
    assert windows() == []
    assert CheckIn.objects.get().window_deadline == NINE + timedelta(hours=3, minutes=45)


def test_of_three_evenings_that_fell_into_an_outage_only_the_last_is_asked_for(evening: World) -> None:
    a_check_in()
    evening.time = NINE + timedelta(days=2, hours=2)
    evening.round()
    assert windows() == [(Came.EXCUSED, "outage"), (Came.EXCUSED, "outage")]
    assert CheckIn.objects.get().window_deadline == evening.time + timedelta(minutes=45)


def test_a_machine_and_a_quiet_word(evening: World) -> None:
    check_in = a_check_in(on_miss=OnMiss.TELL, told=(SAM,), noted=(BO,), at=time(20))
    evening.time = NINE - timedelta(hours=1)
    evening.round()
    NoticeWorld(evening).send_due()
    at(evening)
    assert [row.person_id for row in Notice.objects.filter(purpose=NoticePurpose.CHECK_IN_MISSED)] == [SAM]
    NoticeWorld(evening).send_due()
    checkin.take(check_in.pk, How.OK, By.PAGE, evening.time)
    assert [row.person_id for row in Notice.objects.filter(purpose=NoticePurpose.CHECK_IN_CAME)] == [SAM]
    assert not Alert.objects.exists()
