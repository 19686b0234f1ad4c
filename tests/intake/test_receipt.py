"""A provider's report is joined to what is known, and never answers."""

import pytest

from nightlight.channels.base import Receipt, ReceiptStatus
from nightlight.intake.receipt import take_receipt
from nightlight.store.models import Attempt
from tests.factories import a_ladder
from tests.people import BO, SAM
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.mark.parametrize(
    ("status", "known"),
    [
        (ReceiptStatus.ACCEPTED, "accepted"),
        (ReceiptStatus.QUEUED, "accepted"),
        (ReceiptStatus.DELIVERED, "delivered"),
        (ReceiptStatus.FAILED, "failed"),
    ],
)
def test_what_is_reported_is_known(world: World, status: ReceiptStatus, known: str) -> None:
    a_ladder((SAM, BO))
    world.ana_calls()
    world.send_due()
    attempt = Attempt.objects.get(notification__person_id=SAM)

    assert take_receipt("sms", Receipt(status=status, attempt=attempt.pk, reason="code 8"), world.time)
    assert world.statuses(SAM) == [known]
    assert world.statuses(BO) == ["accepted"]
    assert {ask.answer for ask in world.alert().asks} == {None}


@pytest.mark.parametrize("attempt", ["", "unknown", "x" * 500])
def test_a_report_that_speaks_of_nothing_of_ours_is_said_to(world: World, attempt: str) -> None:
    assert not take_receipt("sms", Receipt(status=ReceiptStatus.DELIVERED, attempt=attempt), world.time)
