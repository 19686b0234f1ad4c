"""Ladder timers: due once, never lost, and given their full time again after an outage or a clock that was set."""

from datetime import timedelta

import pytest

from nightlight.engine.effects import TimerKind
from nightlight.engine.events import AcknowledgementExpired, EndedBy, RoundDue, StepTimedOut
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.store import timers
from nightlight.store.models import Alert, Membership
from nightlight.worker.points import drive
from tests.factories import a_ladder
from tests.people import BO, KIT, NOA, SAM
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def calls(world: World) -> None:
    a_ladder((SAM,), (BO,))
    world.ana_calls()
    world.send_due()


def test_nothing_is_due_before_its_time(world: World) -> None:
    calls(world)

    assert timers.due(world.time + timedelta(minutes=4, seconds=59), 10) == []
    ((alert, event),) = timers.due(world.time + timedelta(minutes=5), 10)
    assert (alert, event) == (world.call_id, StepTimedOut(generation=1))


def test_each_kind_of_timer_brings_its_event(world: World) -> None:
    calls(world)
    world.says(SAM, Saying.YES)
    assert isinstance(timers.due(world.time + timedelta(hours=1), 10)[0][1], AcknowledgementExpired)
    world.says(SAM, Saying.HAND_ON)
    world.pass_time(minutes=11)
    assert world.row().timer_kind == TimerKind.ROUND
    assert isinstance(timers.due(world.time + timedelta(hours=1), 10)[0][1], RoundDue)


def test_the_longest_overdue_come_first_and_no_more_than_asked_for(world: World) -> None:
    a_ladder((KIT,), of=NOA)
    other = intake.call(NOA, Need.TALK, world.time).alert_id
    world.time += timedelta(seconds=1)
    calls(world)
    later = world.time + timedelta(hours=1)

    assert [alert for alert, _ in timers.due(later, 10)] == [other, world.call_id]
    assert [alert for alert, _ in timers.due(later, 1)] == [other]


def test_a_call_that_is_over_or_waits_for_the_host_has_no_timer_that_fires(world: World) -> None:
    calls(world)
    Alert.objects.update(waits_for_host=True)
    assert timers.due(world.time + timedelta(days=1), 10) == []
    assert timers.first_due() is None

    Alert.objects.update(waits_for_host=False)
    intake.resolve(world.call_id, EndedBy.CALLER, world.time)
    assert timers.due(world.time + timedelta(days=1), 10) == []
    assert timers.due_event(world.row(), world.time + timedelta(days=1)) is None


def test_a_clock_set_back_costs_one_wait_at_most(world: World) -> None:
    calls(world)
    world.time -= timedelta(hours=6)
    assert timers.too_far_ahead(world.time) == [world.call_id]
    drive(world.waker.round(world.time))

    assert world.row().timer_due == world.time + timedelta(minutes=5)
    assert timers.too_far_ahead(world.time) == []


def test_a_clock_that_is_only_slewed_changes_nothing(world: World) -> None:
    calls(world)

    assert timers.too_far_ahead(world.time - timedelta(seconds=1)) == []


def test_after_an_outage_a_wait_begins_anew_and_a_pause_between_rounds_does_not(world: World) -> None:
    calls(world)
    a_ladder((KIT,), of=NOA)
    pausing = intake.call(NOA, Need.TALK, world.time).alert_id
    world.pass_time(minutes=6)
    pause_ends = Alert.objects.get(pk=pausing).timer_due
    assert Alert.objects.get(pk=pausing).status == AlertStatus.EXHAUSTED
    world.time += timedelta(minutes=3)
    drive(world.waker.give_everyone_time_again(world.time))

    assert world.row().timer_due == world.time + timedelta(minutes=5)
    assert Alert.objects.get(pk=pausing).timer_due == pause_ends


def test_after_a_step_forward_a_call_moves_one_step_at_most(world: World) -> None:
    calls(world)
    world.time += timedelta(days=1)
    drive(world.waker.round(world.time))

    assert world.alert().rung == 2
    assert world.row().timer_due == world.time + timedelta(minutes=5)


def test_somebody_who_becomes_available_between_rounds_is_asked_at_once(world: World) -> None:
    a_ladder((SAM, BO))
    Membership.objects.filter(person_id=BO).update(paused_until=world.time + timedelta(minutes=6))
    world.ana_calls()
    world.pass_time(minutes=5)
    assert (world.row().status, world.handed(BO)) == (AlertStatus.EXHAUSTED, [])
    world.pass_time(minutes=2)

    assert len(world.handed(BO)) == 1


def test_nobody_is_looked_for_in_a_call_that_is_not_between_rounds(world: World) -> None:
    calls(world)

    assert timers.between_rounds() == []
