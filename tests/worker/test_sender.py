"""Sending: killed anywhere and taken up again, nothing is lost and nothing repeated more than four times."""

from datetime import timedelta

import pytest
from django.db import connection

from nightlight.channels.base import (
    OutcomeUnknown,
    PermanentFailure,
    ProviderMisconfigured,
    Receipt,
    ReceiptStatus,
    TemporaryFailure,
)
from nightlight.engine.retries import ARRIVALS_MAX, Outcome
from nightlight.intake.answer import Saying
from nightlight.store.claims import claim_each
from nightlight.store.models import Attempt, Notification
from nightlight.worker import sender
from nightlight.worker.letters import message_for
from nightlight.worker.points import Point, drive
from nightlight.worker.sender import hand_over
from tests.factories import a_ladder, a_way
from tests.people import BO, MAILS, NUMBERS, SAM
from tests.worker.simulated_channel import SimulatedChannel
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DELIVERY = [Point.CLAIMED, Point.ABOUT_TO_SEND, Point.SENT, Point.SETTLED]


@pytest.mark.parametrize(
    ("reaction", "outcome", "reason"),
    [
        (Receipt(status=ReceiptStatus.ACCEPTED), Outcome.ACCEPTED, ""),
        (Receipt(status=ReceiptStatus.DELIVERED), Outcome.ACCEPTED, ""),
        (Receipt(status=ReceiptStatus.QUEUED), Outcome.QUEUED, ""),
        (Receipt(status=ReceiptStatus.FAILED, reason="gone"), Outcome.PERMANENT, "gone"),
        (PermanentFailure("gone"), Outcome.PERMANENT, "gone"),
        (TemporaryFailure("busy"), Outcome.TEMPORARY, "busy"),
        (ProviderMisconfigured("login"), Outcome.TEMPORARY, "login"),
        (OutcomeUnknown("timeout"), Outcome.UNKNOWN, "timeout"),
        (KeyError("ours"), Outcome.UNKNOWN, "KeyError"),
    ],
)
def test_whatever_a_channel_does_is_one_of_five_outcomes(
    reaction: Receipt | Exception, outcome: Outcome, reason: str
) -> None:
    def send() -> Receipt:
        if isinstance(reaction, Receipt):
            return reaction
        raise reaction

    sent = hand_over(SimulatedChannel("sms", "sms-1"), send)
    assert (sent.outcome, sent.reason) == (outcome, reason)


def test_a_delivery_stops_at_every_commit_and_every_send(world: World) -> None:
    a_ladder((SAM,))
    world.ana_calls()

    assert list(world.deliver(world.claim()[0])) == DELIVERY


@pytest.mark.parametrize("killed_at", DELIVERY)
def test_a_delivery_that_is_killed_is_taken_up_again(world: World, killed_at: Point) -> None:
    a_ladder((SAM,))
    world.ana_calls()
    delivery = world.deliver(world.claim()[0])
    while next(delivery) is not killed_at:
        pass
    delivery.close()  # type: ignore[attr-defined]
    world.time += timedelta(seconds=16)
    world.pass_time(minutes=1)

    handed = world.handed(SAM)
    assert 1 <= len(handed) <= 2
    assert world.statuses(SAM) == ["accepted"]
    if len(handed) == 2:
        assert "(again)" in handed[1].subject


@pytest.mark.parametrize("killed_at", DELIVERY[:3])
def test_a_delivery_that_is_killed_every_time_repeats_four_times_at_most(
    world: World, killed_at: Point
) -> None:
    a_ladder((SAM,), (BO,))
    a_way(SAM, "sms", after=timedelta(minutes=2))
    world.ana_calls()
    for _ in range(40):
        for claimed in world.claim():
            delivery = world.deliver(claimed)
            while claimed.channel == "smtp" and next(delivery) is not killed_at:
                pass
            drive(delivery) if claimed.channel == "sms" else delivery.close()  # type: ignore[attr-defined]
        world.time += timedelta(seconds=20)
        drive(world.waker.round(world.time))

    handed = [message for message in world.mail.handed if message.to == MAILS[SAM]]
    assert len(handed) <= ARRIVALS_MAX
    assert len(handed) == (ARRIVALS_MAX if killed_at is Point.SENT else 0)
    # The one that kept being killed held nobody up: her other way, and the next person's lease, went on.
    assert [m.to for m in world.text.handed] == [NUMBERS[SAM]]
    assert Attempt.objects.filter(notification__person_id=BO).exists()


def test_when_two_hold_the_same_message_the_late_one_only_adds_what_it_knows(world: World) -> None:
    a_ladder((SAM,))
    world.ana_calls()
    slow = world.deliver(world.claim()[0])
    while next(slow) is not Point.ABOUT_TO_SEND:
        pass
    world.time += timedelta(seconds=16)
    drive(world.waker.round(world.time))
    world.time += timedelta(seconds=5)
    quick = world.claim()[0]
    drive(slow)
    drive(world.deliver(quick))

    assert world.statuses(SAM) == ["accepted"]
    assert len(world.handed(SAM)) == 2
    assert Attempt.objects.count() == 2
    assert not Notification.objects.filter(status="leased").exists()


def test_a_delivery_whose_lease_was_taken_over_before_it_began_sends_nothing(world: World) -> None:
    a_ladder((SAM,))
    world.ana_calls()
    held_up = world.deliver(world.claim()[0])
    world.time += timedelta(seconds=16)
    drive(world.waker.round(world.time))
    drive(held_up)

    assert world.mail.handed == []


def test_no_transaction_is_open_while_a_provider_is_waited_for(world: World) -> None:
    """Seen from the rows: while it is being sent, the lease is written down for everyone to see."""
    a_ladder((SAM,))
    world.ana_calls()
    depth = len(connection.savepoint_ids)
    delivery = world.deliver(world.claim()[0])
    for point in delivery:
        assert len(connection.savepoint_ids) == depth, point


def test_words_that_cannot_be_made_are_a_failure_at_once_and_the_next_way_goes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks_for_mail(claimed: object, *rest: object, **more: object) -> object:
        if claimed.channel == "smtp":  # type: ignore[attr-defined]
            raise ValueError("ours")
        return message_for(claimed, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(sender, "message_for", breaks_for_mail)
    a_ladder((SAM,))
    a_way(SAM, "sms", after=timedelta(minutes=2))
    world.ana_calls()
    world.send_due()

    assert [m.to for m in world.handed(SAM)] == [NUMBERS[SAM]]
    assert world.rows(SAM)[0].status == "planned"


def test_each_message_may_be_started_the_moment_it_is_claimed(world: World) -> None:
    """One channel after another: the texts still wait while the mails may be on their way already."""
    a_ladder((SAM, BO))
    a_way(BO, "sms")
    world.ana_calls()
    first = next(claim_each(world.time, {"smtp": 8, "sms": 8}, world.providers))

    assert Notification.objects.get(pk=first.notification).status == "leased"
    assert [row.channel for row in Notification.objects.filter(status="planned")] == ["sms"]


def test_the_taker_is_not_sent_what_was_planned_for_later(world: World) -> None:
    a_ladder((SAM,))
    a_way(SAM, "sms", after=timedelta(minutes=2))
    world.ana_calls()
    world.send_due()
    world.says(SAM, Saying.YES)
    world.pass_time(minutes=5)

    assert world.text.handed == []
