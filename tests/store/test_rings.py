"""A phone that nobody answered: what is known of one ring says nothing of the next."""

import pytest

from nightlight.channels.base import Receipt, ReceiptStatus
from nightlight.engine.retries import RING_AGAIN_AFTER
from nightlight.intake.receipt import take_receipt
from nightlight.store.models import Attempt
from tests.factories import a_ladder
from tests.people import BO, MAILS, SAM
from tests.store.stories import PERMANENT, TEMPORARY, UNKNOWN, report
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def nobody_answers(world: World) -> None:
    assert take_receipt("smtp", report(ReceiptStatus.MISSED), world.time)


def rings_in_vain(world: World) -> None:
    """Sam is rung, and does not answer; then comes Bo."""
    a_ladder((SAM,), (BO,))
    world.ana_calls()
    world.send_due()
    nobody_answers(world)


def test_it_rings_again_and_when_nobody_answers_then_it_has_failed(world: World) -> None:
    rings_in_vain(world)
    assert world.rows(SAM)[0].due == world.time + RING_AGAIN_AFTER

    world.pass_time(seconds=95)
    nobody_answers(world)
    world.pass_time(seconds=1)
    assert len(world.handed(SAM)) == 2
    assert world.statuses(SAM) == ["failed"]
    assert len(world.handed(BO)) == 1


@pytest.mark.parametrize("trouble", [TEMPORARY, UNKNOWN])
def test_a_second_ring_that_is_not_put_through_is_tried_again(world: World, trouble: BaseException) -> None:
    """What the provider accepted was the ring before."""
    rings_in_vain(world)
    world.mail.will(MAILS[SAM], trouble)
    world.pass_time(seconds=91)
    assert world.statuses(SAM) == ["planned"]

    world.pass_time(seconds=10)
    assert world.statuses(SAM) == ["accepted"]
    assert len(world.handed(SAM)) == 3


def test_a_second_ring_that_is_refused_for_good_ends_the_step(world: World) -> None:
    rings_in_vain(world)
    world.mail.always(MAILS[SAM], PERMANENT)
    world.pass_time(seconds=95)

    assert world.statuses(SAM) == ["failed"]
    assert len(world.handed(BO)) == 1


@pytest.mark.parametrize("first", [ReceiptStatus.FAILED, ReceiptStatus.MISSED])
def test_that_it_failed_and_that_nobody_answered_end_alike_in_either_order(
    world: World, first: ReceiptStatus
) -> None:
    a_ladder((SAM,), (BO,))
    world.ana_calls()
    world.send_due()
    second = ReceiptStatus.MISSED if first is ReceiptStatus.FAILED else ReceiptStatus.FAILED
    for word in (first, second, first):
        take_receipt("smtp", report(word), world.time)

    assert world.statuses(SAM) == ["failed"]
    world.pass_time(minutes=3)
    assert len(world.handed(SAM)) == 1


def test_what_was_answered_was_not_missed(world: World) -> None:
    a_ladder((SAM,), (BO,))
    world.ana_calls()
    world.send_due()
    take_receipt("smtp", report(ReceiptStatus.DELIVERED), world.time)
    nobody_answers(world)

    assert world.statuses(SAM) == ["delivered"]


def test_a_ring_nobody_knew_of_that_was_in_vain_has_its_whole_pause(world: World) -> None:
    """It was to be tried again in five seconds; now that it is known to have rung, they are left in peace."""
    a_ladder((SAM,), (BO,))
    world.mail.will(MAILS[SAM], UNKNOWN)
    world.ana_calls()
    world.send_due()
    nobody_answers(world)

    assert world.rows(SAM)[0].due == world.time + RING_AGAIN_AFTER


def test_two_rings_in_vain_are_known_late_and_a_third_is_not_made(world: World) -> None:
    """Found by a made-up night: of the first ring it became known only while the third was planned."""
    a_ladder((SAM,), (BO,))
    world.mail.will(MAILS[SAM], UNKNOWN, UNKNOWN)
    world.ana_calls()
    world.pass_time(seconds=6)
    assert world.statuses(SAM) == ["planned"]

    for attempt in Attempt.objects.filter(notification__person_id=SAM).order_by("-number"):
        word = Receipt(status=ReceiptStatus.MISSED, attempt=attempt.pk)
        assert take_receipt("smtp", word, world.time)
    assert world.statuses(SAM) == ["failed"]
    world.pass_time(minutes=2)
    assert len(world.handed(SAM)) == 2
