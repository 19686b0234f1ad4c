"""One address, two people: one message with both their codes, and each settled for themselves."""

from datetime import timedelta

import pytest

from nightlight.channels.base import OutcomeUnknown
from nightlight.engine.effects import Purpose
from nightlight.store.models import (
    ContactMethod,
    Membership,
    Notification,
)
from nightlight.store.sealing import unseal
from nightlight.worker.points import drive
from tests.factories import a_ladder, a_way
from tests.people import BO, KIT, MAILS, NUMBERS, SAM
from tests.store.stories import row_of
from tests.worker.simulated_channel import QUEUED
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def sam_and_bo_share_a_phone(world: World) -> None:
    a_ladder((SAM, BO), (KIT,))
    ContactMethod.objects.filter(person_id__in=(SAM, BO)).delete()
    for person in (SAM, BO):
        a_way(person, "sms", NUMBERS[SAM])
        a_way(person, "smtp", after=timedelta(minutes=2))
    world.ana_calls()


def test_two_people_at_one_address_get_one_message_with_both_their_codes(world: World) -> None:
    sam_and_bo_share_a_phone(world)
    world.send_due()

    assert len(world.text.handed) == 1
    rows = [row for row in world.rows(purpose=Purpose.ASK) if row.channel == "sms"]
    for row in rows:
        assert unseal(row.code_sealed) in world.text.handed[0].text
        assert (row.status, row.merged_into_id, row.lease_token) == ("accepted", None, "")


def test_when_the_shared_message_fails_both_go_on_with_their_next_way(world: World) -> None:
    sam_and_bo_share_a_phone(world)
    world.text.will(NUMBERS[SAM], QUEUED)
    world.send_due()

    assert len(world.mail.handed) == 2
    assert {m.to for m in world.mail.handed} == {MAILS[SAM], MAILS[BO]}


def test_who_withdraws_from_a_shared_message_does_not_take_the_other_along(world: World) -> None:
    sam_and_bo_share_a_phone(world)
    claimed = world.claim()[0]
    gone = row_of(claimed).person_id
    other = BO if gone == SAM else SAM
    Membership.objects.filter(person_id=gone).update(paused_until=world.time + timedelta(days=1))
    world.time += timedelta(seconds=2)
    drive(world.deliver(claimed))
    assert world.text.handed == []

    world.send_due()
    assert len(world.text.handed) == 1
    sent = next(row for row in world.rows(other) if row.channel == "sms")
    assert unseal(sent.code_sealed) in world.text.handed[0].text
    assert sent.status == "accepted"


def test_the_one_who_shares_a_message_and_withdraws_is_not_named_in_it(world: World) -> None:
    sam_and_bo_share_a_phone(world)
    claimed = world.claim()[0]
    rider = Notification.objects.get(pk=claimed.merged[0])
    Membership.objects.filter(person_id=rider.person_id).update(paused_until=world.time + timedelta(days=1))
    world.time += timedelta(seconds=2)
    drive(world.deliver(claimed))

    assert len(world.text.handed) == 1
    assert unseal(rider.code_sealed) not in world.text.handed[0].text


def test_a_shared_message_that_nobody_settled_lapses_for_both(world: World) -> None:
    sam_and_bo_share_a_phone(world)
    world.claim()
    world.time += timedelta(seconds=16)
    drive(world.waker.round(world.time))

    rows = [row for row in world.rows(purpose=Purpose.ASK) if row.channel == "sms"]
    assert [(row.status, row.evidence) for row in rows] == [("planned", "unknown")] * 2
    world.send_due()
    assert len(world.mail.handed) == 2


def test_a_lease_whose_first_row_was_erased_still_lapses(world: World) -> None:
    """Somebody who shared a message was erased in the middle of a call; the worker must go on."""
    sam_and_bo_share_a_phone(world)
    claimed = world.claim()[0]
    Notification.objects.get(pk=claimed.notification).delete()
    world.time += timedelta(seconds=16)
    drive(world.waker.round(world.time))

    assert Notification.objects.get(pk=claimed.merged[0]).evidence == "unknown"


def test_a_shared_message_is_read_four_times_at_most(world: World) -> None:
    sam_and_bo_share_a_phone(world)
    world.text.always(NUMBERS[SAM], OutcomeUnknown("timeout"))
    world.pass_time(minutes=4)

    assert len(world.text.handed) == 4
    assert [("(again)" in m.text) for m in world.text.handed] == [False, True, True, True]


def test_two_people_on_different_rungs_get_a_message_each(world: World) -> None:
    a_ladder((SAM,), (BO,))
    ContactMethod.objects.all().delete()
    for person in (SAM, BO):
        a_way(person, "sms", NUMBERS[SAM])
    world.ana_calls()
    world.pass_time(minutes=5)

    assert len(world.text.handed) == 2
