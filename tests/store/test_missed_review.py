"""What may get lost between two rings. Each of these fails on the foundation as it was reviewed."""

from datetime import timedelta

import pytest

from nightlight.channels.base import Receipt, ReceiptStatus
from nightlight.engine.effects import Purpose
from nightlight.engine.retries import ARRIVALS_MAX, Outcome, next_try
from nightlight.intake.answer import Saying
from nightlight.intake.receipt import take_receipt
from nightlight.store.models import Attempt, ContactMethod, Notification
from tests.factories import a_ladder, a_way
from tests.people import BO, SAM
from tests.store.stories import settle
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def said(world: World, status: ReceiptStatus, person: str = SAM, *, purpose: Purpose = Purpose.ASK) -> None:
    """What the provider of Sam's "phone" says of the latest try of it."""
    tries = Attempt.objects.filter(
        notification__person_id=person, notification__channel="sms", notification__purpose=purpose
    )
    attempt = tries.order_by("began_at", "number").last()
    assert attempt is not None
    take_receipt("sms", Receipt(status=status, attempt=attempt.pk), world.time)


def sam_is_rung(world: World) -> None:
    """Sam is rung at once, and mailed half an hour later; then comes Bo."""
    a_ladder((SAM,), (BO,))
    ContactMethod.objects.filter(person=SAM).delete()
    a_way(SAM, "sms")
    a_way(SAM, "smtp", after=timedelta(minutes=30))
    world.ana_calls()
    world.send_due()


# 1 ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("missed_first", [True, False])
def test_a_missed_ring_that_was_stopped_goes_on_once_the_call_is_open_again(
    world: World, missed_first: bool
) -> None:
    """Bo says yes before or after nobody picks up at Sam's, and hands over: Sam is still to be reached.

    A ring that reached nobody is no live way: it rings again, and the mail behind it waits no longer.
    """
    sam_is_rung(world)
    world.pass_time(minutes=6)  # Bo's step has begun
    ring, mail = world.rows(SAM)
    if missed_first:
        said(world, ReceiptStatus.MISSED)
        Notification.objects.filter(pk=mail.pk).update(due=world.time + timedelta(minutes=30))
    world.says(BO, Saying.YES)
    if not missed_first:
        said(world, ReceiptStatus.MISSED)
    world.pass_time(minutes=1)
    assert [m.notification for m in world.text.handed].count(ring.pk) == 1

    world.says(BO, Saying.HAND_ON)
    world.pass_time(minutes=3)

    assert [m.notification for m in world.text.handed].count(ring.pk) == 2
    assert [m.notification for m in world.mail.handed].count(mail.pk) == 1


# 2 ------------------------------------------------------------------------------------------------
def test_news_by_a_phone_that_nobody_answers_goes_by_the_next_way(world: World) -> None:
    """`_tell_once` cancels the other ways when the ring is accepted; a missed ring cannot bring them forward."""
    sam_is_rung(world)
    said(world, ReceiptStatus.DELIVERED)
    world.says(BO, Saying.YES)
    world.send_due()
    told = [row for row in world.rows(SAM, Purpose.STAND_DOWN) if row.channel == "sms"]
    assert told[0].status == "accepted"

    said(world, ReceiptStatus.MISSED, purpose=Purpose.STAND_DOWN)
    world.send_due()

    assert [row.status for row in world.rows(SAM, Purpose.STAND_DOWN) if row.channel == "smtp"] == [
        "accepted"
    ]


# 3 ------------------------------------------------------------------------------------------------
def test_a_worker_that_comes_late_does_not_undo_what_is_known_of_a_missed_ring(world: World) -> None:
    """The lease ran out, the miss was reported, and only then does the worker say that the ring was taken."""
    a_ladder((SAM,))
    ContactMethod.objects.filter(person=SAM).delete()
    a_way(SAM, "sms")
    world.ana_calls()
    claimed = world.claim()[0]
    settle(world, claimed, Outcome.UNKNOWN)  # its lease ran out
    said(world, ReceiptStatus.MISSED)
    settle(world, claimed, Outcome.ACCEPTED)  # the worker that was away comes back
    world.pass_time(minutes=3)

    assert len(world.text.handed) == 1, "the second ring never comes"


# 4 ------------------------------------------------------------------------------------------------
def test_reports_of_failure_and_of_a_miss_come_to_the_same_in_either_order(world: World) -> None:
    """A final refusal was told to the rules; a miss that is reported after it must not bring the way back to life."""
    sam_is_rung(world)
    said(world, ReceiptStatus.FAILED)
    assert world.statuses(SAM)[0] == "failed"

    said(world, ReceiptStatus.MISSED)

    assert world.statuses(SAM)[0] == "failed"


# 5 ------------------------------------------------------------------------------------------------
def test_missed_rings_count_among_the_times_a_message_may_come() -> None:
    """At most four tries may be accepted or unknown, and a missed ring was accepted."""
    three = [Outcome.UNKNOWN] * (ARRIVALS_MAX - 1)

    assert next_try([*three, Outcome.MISSED], 1).delay is None
    assert next_try([Outcome.MISSED, *three], 1).delay is None


# 6 ------------------------------------------------------------------------------------------------
def test_a_late_word_on_the_beginning_of_a_missed_ring_does_not_stop_the_second(world: World) -> None:
    """Reports come in any order: "it was taken" after "nobody answered"."""
    sam_is_rung(world)
    said(world, ReceiptStatus.MISSED)
    said(world, ReceiptStatus.ACCEPTED)
    said(world, ReceiptStatus.QUEUED)
    world.pass_time(minutes=3)

    assert [m.notification for m in world.text.handed].count(world.rows(SAM)[0].pk) == 2
