"""Several at once about one check-in: two workers, a tap and the deadline, a tap and a call, a move and a look."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connections, transaction

from nightlight.engine.checkin import By, Came, How
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.intake import alert, checkin
from nightlight.store.models import Alert, CheckIn, CheckInWindow, Notice, NotificationStatus, Person
from nightlight.store.notices import NoticePurpose
from tests.factories import a_check_in, a_ladder, a_way
from tests.people import ANA, BO, SAM

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

NINE = datetime.fromisoformat("2026-11-21T21:00:00+00:00")
GRACE = timedelta(minutes=45)
ROUNDS = 4


@pytest.fixture
def running(channels_on: None) -> Iterator[CheckIn]:
    """Ana was reminded twice, and both went out."""
    a_way(ANA)
    a_ladder((SAM,), (BO,))
    check_in = a_check_in()
    checkin.look(check_in.pk, NINE)
    Notice.objects.update(status=NotificationStatus.ACCEPTED)
    checkin.look(check_in.pk, NINE + GRACE / 2)
    yield check_in
    connections.close_all()


def together(*does: Callable[[], object]) -> None:
    """All of *does* at the same moment, each with a connection of its own; whatever one raises is raised."""
    ready, broke = threading.Barrier(len(does)), []

    def run(do: Callable[[], object]) -> None:
        try:
            ready.wait()
            do()
        except Exception as error:  # noqa: BLE001
            broke.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(do,)) for do in does]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not broke


def windows() -> list[str]:
    return list(CheckInWindow.objects.order_by("on").values_list("came", flat=True))


def test_a_tap_and_the_deadline_at_once_leave_one_truth(running: CheckIn) -> None:
    late = NINE + GRACE
    together(
        lambda: checkin.take(running.pk, How.OK, By.PAGE, late),
        lambda: checkin.look(running.pk, late),
        lambda: checkin.look(running.pk, late),
    )
    [came] = windows()
    if came == Came.MADE:
        assert not Alert.objects.exists()
    else:
        # The deadline was first, and the tap behind it ended what the miss had begun.
        assert CheckInWindow.objects.get().late_at == late
        assert Alert.objects.get().status == AlertStatus.RESOLVED


def test_two_workers_call_once_and_remind_once(running: CheckIn) -> None:
    together(*[lambda: checkin.look(running.pk, NINE + GRACE)] * ROUNDS)
    assert windows() == [Came.MISSED]
    assert Alert.objects.count() == 1
    # Two reminders, and the word that it did not come: each once, by her one way.
    assert Notice.objects.filter(purpose=NoticePurpose.CHECK_IN).count() == 3


def test_many_taps_at_once_are_one_check_in(running: CheckIn) -> None:
    now = NINE + timedelta(minutes=30)
    together(*[lambda: checkin.take(running.pk, How.OK, By.PAGE, now)] * ROUNDS)
    assert windows() == [Came.MADE]
    assert CheckIn.objects.get().window_due == NINE + timedelta(days=1)


def test_a_miss_and_her_own_call_at_once_are_one_call(running: CheckIn) -> None:
    late = NINE + GRACE
    together(
        lambda: checkin.look(running.pk, late),
        lambda: alert.call(ANA, Need.TALK, late),
    )
    assert Alert.objects.count() == 1
    assert sorted(Alert.objects.get().state["causes"]) == ["caller", "check_in"]
    assert CheckInWindow.objects.get().alert_id == Alert.objects.get().pk


def test_a_move_and_a_look_at_once_leave_a_window_of_where_she_is(running: CheckIn) -> None:
    now = NINE + timedelta(minutes=30)

    def move() -> None:
        with transaction.atomic():
            Person.objects.filter(pk=ANA).update(time_zone="Asia/Tokyo")
            checkin.moved(ANA, now)

    together(move, lambda: checkin.take(running.pk, How.OK, By.PAGE, now))
    after = CheckIn.objects.get()
    # Nine in the evening of the 22nd, in Tokyo.
    assert after.window_due == datetime.fromisoformat("2026-11-22T12:00:00+00:00")
    assert windows() == [Came.MADE]


def test_switching_off_and_the_deadline_at_once_leave_nothing_that_runs(running: CheckIn) -> None:
    late = NINE + GRACE
    together(
        lambda: checkin.switch_off(running.pk, late),
        lambda: checkin.look(running.pk, late),
    )
    after = CheckIn.objects.get()
    assert (after.on_since, after.looks_at, after.window_deadline) == (None, None, None)
    assert len(windows()) <= 2
    assert (Came.MISSED in windows()) == Alert.objects.exists()
