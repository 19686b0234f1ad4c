"""What the caller says, and ending a call."""

import pytest

from nightlight.engine.events import EndedBy, RaisedBy
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.store.models import Alert, EventRow, TimelineEntry
from tests.factories import a_ladder
from tests.people import BO, SAM
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_a_call_goes_out_and_says_what_is_needed(world: World) -> None:
    a_ladder()
    raised = world.ana_calls(Need.COMPANY)

    assert (raised.is_new, raised.status, raised.waits) == (True, AlertStatus.TRIGGERED, False)
    assert (world.row().need, world.alert().causes) == (Need.COMPANY, (RaisedBy.CALLER,))


def test_a_call_brought_by_a_machine_joins_the_open_one(world: World) -> None:
    a_ladder()
    world.ana_calls()
    joined = intake.call("ana", Need.TALK, world.time, by=RaisedBy.MACHINE)

    assert (joined.alert_id, joined.is_new) == (world.call_id, False)
    assert world.alert().causes == (RaisedBy.CALLER, RaisedBy.MACHINE)


def test_only_the_callers_word_makes_contact(world: World) -> None:
    a_ladder()
    world.ana_calls()
    world.says(SAM, Saying.YES)
    world.says(SAM, Saying.IN_CONTACT)
    assert world.row().status == AlertStatus.ACKNOWLEDGED

    assert intake.in_touch(world.call_id, world.time, person=SAM).status == AlertStatus.IN_CONTACT


def test_still_needed_opens_the_call_again(world: World) -> None:
    a_ladder((SAM,), (BO,))
    world.ana_calls()
    world.says(SAM, Saying.YES)

    assert intake.still_needed(world.call_id, world.time).status == AlertStatus.TRIGGERED


def test_a_need_that_changes_is_kept(world: World) -> None:
    a_ladder()
    world.ana_calls()
    intake.change_need(world.call_id, Need.COME, world.time)

    assert world.row().need == Need.COME


def test_the_caller_ends_it_and_nobody_else_does_without_leave(world: World) -> None:
    a_ladder()
    world.ana_calls()
    world.says(SAM, Saying.YES)
    refused = intake.resolve(world.call_id, EndedBy.TAKER, world.time, person=SAM)
    assert (refused.status, refused.refused) == (AlertStatus.ACKNOWLEDGED, "only_the_caller_ends_it")

    assert intake.resolve(world.call_id, EndedBy.CALLER, world.time).status == AlertStatus.RESOLVED
    assert world.row().resolved_at == world.time


@pytest.mark.parametrize("reason", ["", "   ", "\0"])
def test_the_host_ends_it_with_a_reason_only(world: World, reason: str) -> None:
    a_ladder()
    world.ana_calls()

    assert (
        intake.resolve(world.call_id, EndedBy.HOST, world.time, reason=reason).refused == "a_reason_is_needed"
    )


def test_the_hosts_reason_is_kept_whatever_stands_in_it(world: World) -> None:
    a_ladder()
    world.ana_calls()
    intake.resolve(world.call_id, EndedBy.HOST, world.time, reason=" Ana rang\0 us 🙂 ")

    assert TimelineEntry.objects.get(what="resolved").detail == "Ana rang us 🙂"


def test_a_reason_that_is_too_long_is_refused_and_changes_nothing(world: World) -> None:
    a_ladder()
    world.ana_calls()
    events = EventRow.objects.count()

    with pytest.raises(intake.NotPossible, match="501 characters"):
        intake.resolve(world.call_id, EndedBy.HOST, world.time, reason="x" * 501)
    assert EventRow.objects.count() == events


def test_when_it_is_over_a_new_call_is_a_new_one(world: World) -> None:
    a_ladder()
    world.ana_calls()
    intake.resolve(world.call_id, EndedBy.CALLER, world.time)

    assert intake.call("ana", Need.TALK, world.time).is_new
    assert Alert.objects.count() == 2
