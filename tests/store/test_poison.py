"""A call on which a rule of ours breaks: its people are asked anyway, it heals, and all others go on."""

from datetime import timedelta

import pytest

from nightlight.engine.effects import Purpose
from nightlight.engine.events import NeedChanged, RaisedBy, StepTimedOut
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus, Answer
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.store import poison, timers
from nightlight.store.models import (
    Alert,
    EventRow,
    WaitingEvent,
)
from nightlight.worker.points import drive
from tests.factories import a_ladder
from tests.people import BO, KIT, NOA, SAM
from tests.store.breaking import Breaks
from tests.store.stories import a_call_in_good_order
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


# ------------------------------------------------------------------ at birth


def test_a_call_that_breaks_at_birth_is_kept_and_its_first_people_are_asked(
    world: World, broken: Breaks
) -> None:
    a_ladder((SAM,), (BO,))
    with broken():
        raised = world.ana_calls()
        world.send_due()

    assert (raised.waits, raised.is_new, raised.status) == (True, True, AlertStatus.TRIGGERED)
    assert world.row().poisoned_at == world.time
    assert len(world.handed(SAM)) == 1
    assert world.handed(BO) == []


def test_a_call_broken_at_birth_is_born_when_it_can_be_and_takes_up_what_came_meanwhile(
    world: World, broken: Breaks
) -> None:
    a_ladder((SAM,), (BO,))
    with broken():
        world.ana_calls()
        world.send_due()
        assert world.says(SAM, Saying.YES).advanced.waits
        assert not world.ana_calls(Need.COME).is_new
    world.time += timedelta(seconds=1)
    world.round()

    alert = world.alert()
    assert (alert.status, alert.taker, alert.need) == (AlertStatus.TRIGGERED, None, Need.COME)
    assert alert.ask_of(SAM) is not None
    assert world.row().poisoned_at is None
    assert not WaitingEvent.objects.exists()


def test_events_are_taken_up_in_the_order_they_came_each_on_what_the_one_before_left(
    world: World, broken: Breaks
) -> None:
    a_ladder((SAM,), (BO,))
    with broken():
        world.ana_calls()
        world.says(BO, Saying.NO)
        world.says(SAM, Saying.YES)
    world.time += timedelta(seconds=1)
    drive(world.waker.round(world.time))

    alert = world.alert()
    assert (alert.status, alert.taker) == (AlertStatus.ACKNOWLEDGED, SAM)
    answers = {ask.person: ask.answer for ask in alert.asks}
    assert answers == {SAM: Answer.YES, BO: Answer.NO}
    assert [row.kind for row in EventRow.objects.all()] == ["AlertRaised", "Declined", "Acknowledged"]
    assert world.row().version == 3


def test_whoever_was_asked_plainly_and_is_asked_by_the_rules_sees_that_it_is_again(
    world: World, broken: Breaks
) -> None:
    a_ladder((SAM,))
    with broken():
        world.ana_calls()
        world.send_due()
    world.time += timedelta(seconds=1)
    world.round()

    plain, asked = world.rows(SAM, Purpose.ASK)
    assert (plain.message, plain.again, asked.again) == (-1, False, True)


# ------------------------------------------------------------------ tries


def test_it_is_tried_again_after_1_5_and_30_seconds_and_then_every_minute_for_ever(
    world: World, broken: Breaks
) -> None:
    a_call_in_good_order(world)
    with broken():
        world.says(SAM, Saying.NO)
        pauses = []
        for _ in range(7):
            due = world.row().poison_next_at
            assert due is not None
            pauses.append((due - world.time).total_seconds())
            world.time = due
            drive(world.waker.round(world.time))

    assert pauses == [1, 5, 30, 60, 60, 60, 60]


def test_what_comes_in_meanwhile_does_not_put_the_next_try_off(world: World, broken: Breaks) -> None:
    a_call_in_good_order(world)
    with broken():
        world.says(SAM, Saying.NO)
        due = world.row().poison_next_at
        for _ in range(5):
            world.says(SAM, Saying.YES)

    assert world.row().poison_next_at == due
    assert world.row().poison_tries == 1


def test_one_event_that_breaks_every_time_does_not_hold_back_an_answer(world: World, broken: Breaks) -> None:
    a_call_in_good_order(world)
    with broken(NeedChanged):
        intake.change_need(world.call_id, Need.COME, world.time)
        said = world.says(SAM, Saying.YES)
        assert (said.advanced.waits, said.advanced.status) == (False, AlertStatus.ACKNOWLEDGED)
        world.time += timedelta(seconds=1)
        drive(world.waker.round(world.time))

        assert world.alert().taker == SAM
        assert [row.kind for row in WaitingEvent.objects.all()] == ["NeedChanged"]


def test_a_timer_that_breaks_every_time_does_not_hold_back_an_answer(world: World, broken: Breaks) -> None:
    a_call_in_good_order(world)
    with broken(StepTimedOut):
        world.pass_time(minutes=8)
        assert world.row().poisoned_at is not None
        world.says(SAM, Saying.YES)

    assert world.alert().taker == SAM


def test_a_timer_that_breaks_is_looked_at_with_the_next_try_only(world: World, broken: Breaks) -> None:
    a_call_in_good_order(world)
    world.time += timedelta(minutes=5)
    with broken():
        drive(world.waker.round(world.time))
        for _ in range(5):
            drive(world.waker.round(world.time))
        assert world.row().poison_tries == 1
        # Nor does the worker look for it all the time.
        assert timers.first_due() is None
    assert not WaitingEvent.objects.exists()
    world.time += timedelta(seconds=1)
    world.round()

    assert world.row().poisoned_at is None
    assert len(world.rows(BO, Purpose.ASK)) == 2


def test_an_outage_or_a_clock_set_back_heaps_nothing_up_on_a_call_in_trouble(
    world: World, broken: Breaks
) -> None:
    a_call_in_good_order(world)
    with broken():
        world.says(SAM, Saying.NO)
        kept = WaitingEvent.objects.count()
        world.time -= timedelta(hours=1)
        for _ in range(3):
            drive(world.waker.give_everyone_time_again(world.time))
            drive(world.waker.round(world.time))

    assert WaitingEvent.objects.count() == kept


def test_a_clock_set_back_does_not_put_the_next_try_off_for_hours(world: World, broken: Breaks) -> None:
    a_call_in_good_order(world)
    with broken():
        world.says(SAM, Saying.NO)
    world.time -= timedelta(hours=2)
    world.round()

    assert world.row().poisoned_at is None
    answered = world.alert().ask_of(SAM)
    assert answered is not None
    assert answered.answer is Answer.NO


def test_a_call_that_waits_for_the_host_is_not_tried(world: World, broken: Breaks) -> None:
    a_call_in_good_order(world)
    with broken():
        world.says(SAM, Saying.NO)
    Alert.objects.update(waits_for_host=True)

    assert poison.due_again(world.time + timedelta(minutes=1)) == []


# ------------------------------------------------------------------ everybody else


def test_other_calls_go_on(world: World, broken: Breaks) -> None:
    a_ladder((SAM,), (BO,))
    a_ladder((KIT,), of=NOA)
    world.ana_calls()
    other = intake.call(NOA, Need.TALK, world.time, by=RaisedBy.CALLER)
    Alert.objects.filter(pk=world.call_id).update(state={"nonsense": True})
    world.pass_time(minutes=6)

    assert world.row().poisoned_at is not None
    assert Alert.objects.get(pk=other.alert_id).status == AlertStatus.EXHAUSTED
    assert Alert.objects.get(pk=other.alert_id).poisoned_at is None
