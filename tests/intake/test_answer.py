"""Everything the answer page can post becomes one event, and only that."""

from datetime import timedelta

import pytest

from nightlight.engine.events import EndedBy
from nightlight.engine.state import AlertStatus, Answer
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying, say
from nightlight.store.advance import NoSuchAlert
from nightlight.store.models import EventRow
from tests.factories import a_ladder
from tests.people import BO, NOA, SAM
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

KINDS = {
    Saying.YES: "Acknowledged",
    Saying.NO: "Declined",
    Saying.RENEW: "AcknowledgementRenewed",
    Saying.IN_CONTACT: "ContactMade",
    Saying.HAND_ON: "HandedOn",
    Saying.UNDO: "AnswerUndone",
    Saying.RESOLVE: "Resolved",
}


@pytest.mark.parametrize("saying", Saying)
def test_each_answer_is_its_own_event_by_that_person(world: World, saying: Saying) -> None:
    a_ladder((SAM, BO))
    world.ana_calls()
    answered = world.says(SAM, saying)

    row = EventRow.objects.order_by("number").last()
    assert row is not None
    assert (row.kind, row.body["person"]) == (KINDS[saying], SAM)
    assert (answered.alert, answered.person, answered.saying) == (world.call_id, SAM, saying)


@pytest.mark.parametrize("saying", Saying)
def test_every_answer_to_a_call_that_is_over_changes_nothing(world: World, saying: Saying) -> None:
    a_ladder((SAM, BO))
    world.ana_calls()
    intake.resolve(world.call_id, EndedBy.CALLER, world.time)
    before = world.alert()

    assert world.says(SAM, saying).advanced.status == AlertStatus.RESOLVED
    assert world.alert() == before


@pytest.mark.parametrize("saying", Saying)
def test_somebody_of_another_circle_answers_nothing(world: World, saying: Saying) -> None:
    a_ladder((SAM,))
    world.ana_calls()
    before = world.alert()
    world.says(NOA, saying)

    assert world.alert() == before


def test_a_no_is_kept_and_the_next_step_does_not_wait_for_its_hour(world: World) -> None:
    a_ladder((SAM,), (BO,))
    world.ana_calls()
    world.says(SAM, Saying.NO)

    ask = world.alert().ask_of(SAM)
    assert ask is not None
    assert ask.answer is Answer.NO
    assert world.statuses(SAM) != []
    assert "planned" not in world.statuses(SAM)
    assert world.statuses(BO) != []


def test_a_yes_and_its_undo(world: World) -> None:
    a_ladder((SAM,), (BO,))
    world.ana_calls()
    assert world.says(SAM, Saying.YES).advanced.status == AlertStatus.ACKNOWLEDGED
    world.time += timedelta(seconds=119)
    assert world.says(SAM, Saying.UNDO).advanced.status == AlertStatus.TRIGGERED


def test_an_undo_that_comes_too_late_is_said_to(world: World) -> None:
    a_ladder((SAM,), (BO,))
    world.ana_calls()
    world.says(SAM, Saying.YES)
    world.time += timedelta(seconds=121)

    assert world.says(SAM, Saying.UNDO).advanced.refused == "too_late_to_undo"


def test_a_call_nobody_knows_cannot_be_answered(world: World) -> None:
    with pytest.raises(NoSuchAlert):
        say("nothing", SAM, Saying.YES, world.time)
