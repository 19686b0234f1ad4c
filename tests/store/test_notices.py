"""Messages outside a call: recorded before sent, settled after, and never sent to who does not want them."""

from datetime import time, timedelta

import pytest

from nightlight.channels.base import (
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    ReceiptStatus,
    TemporaryFailure,
)
from nightlight.intake.receipt import take_receipt
from nightlight.store.models import ContactMethod, Membership, NeverContact, Notice
from nightlight.store.notices import NoticePurpose, tell_person, tell_way
from nightlight.store.notices_due import bring_nearer, next_due, stuck
from nightlight.worker.points import Point, drive
from tests.factories import a_circle, a_ladder, a_member, a_never_contact, a_person, a_way
from tests.people import ANA, BO, MAILS, NOON, NUMBERS, SAM
from tests.worker.noticing import NoticeWorld
from tests.worker.simulated_channel import QUEUED
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def outside(world: World) -> NoticeWorld:
    """Sam agreed to be there for Ana, by mail and then by text."""
    a_member(SAM)
    a_way(SAM, "sms")
    a_way(ANA)
    return NoticeWorld(world)


def tell_sam(outside: NoticeWorld, purpose: NoticePurpose = NoticePurpose.CONCERN_ANSWER) -> bool:
    return tell_person(purpose, SAM, outside.world.time, outside.world.on, circle=ANA)


def the_mail() -> ContactMethod:
    return ContactMethod.objects.get(person=SAM, channel="smtp")


def practise(outside: NoticeWorld) -> Notice:
    return tell_way(NoticePurpose.PRACTICE, the_mail(), outside.world.time, circle=ANA)


def attempt_of(outside: NoticeWorld) -> str:
    return outside.world.mail.handed[-1].attempt


# ------------------------------------------------------------------------------------ one way after another


def test_news_goes_by_the_first_way_and_the_others_are_not_needed(outside: NoticeWorld) -> None:
    assert tell_sam(outside)
    outside.send_due()

    assert [message.to for message in outside.world.handed(SAM)] == [MAILS[SAM]]
    assert outside.statuses() == ["accepted", "cancelled"]


def test_when_a_provider_refuses_a_way_the_next_one_goes_now(outside: NoticeWorld) -> None:
    outside.world.mail.always(MAILS[SAM], PermanentFailure("no such mailbox"))
    tell_sam(outside)
    outside.send_due()

    assert [message.to for message in outside.world.text.handed] == [NUMBERS[SAM]]
    assert outside.statuses() == ["failed", "accepted"]


@pytest.mark.parametrize("reaction", [OutcomeUnknown("no answer"), TemporaryFailure("busy"), QUEUED])
def test_when_nobody_knows_what_became_of_it_the_next_way_goes_now_and_it_is_said_once(
    outside: NoticeWorld, reaction: Receipt | Exception
) -> None:
    outside.world.mail.always(MAILS[SAM], reaction)
    tell_sam(outside)
    outside.send_due()
    assert len(outside.world.text.handed) == 1

    outside.pass_time(hours=2)
    assert len(outside.world.mail.handed) == 1
    assert len(outside.world.text.handed) == 1


def test_a_report_that_it_did_not_arrive_brings_the_next_way(outside: NoticeWorld) -> None:
    tell_sam(outside)
    outside.send_due()
    failed = Receipt(status=ReceiptStatus.FAILED, attempt=attempt_of(outside))

    assert take_receipt("sms", failed, outside.world.time)
    outside.send_due()
    assert outside.statuses() == ["failed", "accepted"]
    assert take_receipt("sms", failed, outside.world.time)
    outside.send_due()
    assert len(outside.world.text.handed) == 1


def test_nobody_without_a_way_is_told_and_nothing_is_written(outside: NoticeWorld) -> None:
    a_person(BO)

    assert not tell_person(NoticePurpose.CONCERN, BO, NOON, outside.world.on)
    assert not tell_person(NoticePurpose.CONCERN, SAM, NOON, frozenset({"fax"}))
    assert not Notice.objects.exists()


def test_a_way_that_is_not_proven_gets_no_news(outside: NoticeWorld) -> None:
    ContactMethod.objects.filter(person=SAM, channel="smtp").update(proven_at=None)
    tell_sam(outside)
    outside.send_due()

    assert [message.to for message in outside.world.handed(SAM)] == [NUMBERS[SAM]]


# ------------------------------------------------------------------------------------ tried again, and reports


def test_what_a_provider_could_not_take_is_tried_again(outside: NoticeWorld) -> None:
    outside.world.mail.will(MAILS[SAM], TemporaryFailure("busy"), TemporaryFailure("busy"))
    practise(outside)
    outside.send_due()
    assert next_due(outside.world.time) == NOON + timedelta(seconds=5)

    outside.pass_time(minutes=1)
    row = Notice.objects.get()
    assert (row.status, row.outcomes) == ("accepted", ["temporary", "temporary", "accepted"])


def test_nobody_reads_one_message_more_than_four_times(outside: NoticeWorld) -> None:
    outside.world.mail.always(MAILS[SAM], OutcomeUnknown("no answer"))
    practise(outside)
    outside.pass_time(hours=5)

    assert len(outside.world.mail.handed) == 4
    assert outside.world.mail.handed[1].text.startswith("(again)")
    assert Notice.objects.get().status == "unknown"


def test_what_could_not_be_sent_in_its_time_is_not_sent_any_more(outside: NoticeWorld) -> None:
    outside.world.mail.always(MAILS[SAM], TemporaryFailure("busy"))
    tell_way(NoticePurpose.PROOF, the_mail(), NOON)
    outside.pass_time(hours=1)

    tries = len(outside.world.mail.handed)
    outside.world.mail.always(MAILS[SAM], Receipt(status=ReceiptStatus.ACCEPTED))
    outside.pass_time(hours=1)
    assert len(outside.world.mail.handed) == tries
    assert Notice.objects.get().status == "failed"


def test_a_late_report_joins_the_message_and_an_unknown_one_harms_nothing(outside: NoticeWorld) -> None:
    practise(outside)
    outside.send_due()
    attempt = attempt_of(outside)
    assert attempt.isalnum()

    assert take_receipt("sms", Receipt(status=ReceiptStatus.DELIVERED, attempt=attempt), NOON)
    assert Notice.objects.get().status == "delivered"
    # Reports come twice and in any order; the stronger word stays.
    assert take_receipt("sms", Receipt(status=ReceiptStatus.FAILED, attempt=attempt), NOON)
    assert Notice.objects.get().status == "delivered"
    for stranger in ("", "x", "x1", f"{'0' * 32}x1", "nonsense", f"{attempt}y"):
        assert not take_receipt("sms", Receipt(status=ReceiptStatus.FAILED, attempt=stranger), NOON)


def test_a_report_may_be_faster_than_the_answer_it_speaks_of(outside: NoticeWorld) -> None:
    outside.world.mail.will(MAILS[SAM], OutcomeUnknown("no answer"))
    practise(outside)
    [claimed] = outside.claim()
    step = outside.deliver(claimed)
    while next(step) is not Point.SENT:
        pass
    take_receipt("sms", Receipt(status=ReceiptStatus.DELIVERED, attempt=claimed.attempt), NOON)
    drive(step)
    outside.pass_time(hours=1)

    assert outside.statuses() == ["delivered"]
    assert len(outside.world.mail.handed) == 1


# -------------------------------------------------------------------------------------------- crashes, leases


@pytest.mark.parametrize("dies_at", [Point.CLAIMED, Point.ABOUT_TO_SEND, Point.SENT])
def test_a_crash_between_sending_and_settling_may_repeat_a_message_and_loses_none(
    outside: NoticeWorld, dies_at: Point
) -> None:
    practise(outside)
    [claimed] = outside.claim()
    step = outside.deliver(claimed)
    while next(step) is not dies_at:
        pass
    assert outside.claim() == []

    outside.pass_time(seconds=16)
    outside.pass_time(minutes=1)
    row = Notice.objects.get()
    assert (row.status, row.outcomes) == ("accepted", ["unknown", "accepted"])
    assert outside.world.mail.handed[-1].text.startswith("(again)")


def test_whoever_lost_its_lease_adds_what_it_knows_and_nothing_else(outside: NoticeWorld) -> None:
    practise(outside)
    [claimed] = outside.claim()
    step = outside.deliver(claimed)
    while next(step) is not Point.SENT:
        pass
    outside.pass_time(seconds=16)
    assert outside.statuses() == ["planned"]

    drive(step)
    outside.pass_time(hours=1)
    assert outside.statuses() == ["accepted"]
    assert len(outside.world.mail.handed) == 1


def test_a_clock_set_back_neither_keeps_a_lease_nor_hides_a_message(outside: NoticeWorld) -> None:
    practise(outside)
    outside.claim()
    outside.world.time -= timedelta(hours=3)
    outside.pass_time(seconds=0)
    assert Notice.objects.get().outcomes == ["unknown"]

    bring_nearer(outside.world.time)
    outside.send_due()
    assert Notice.objects.get().outcomes == ["unknown", "accepted"]


def test_what_is_stuck_can_be_seen(outside: NoticeWorld) -> None:
    practise(outside)
    assert stuck(NOON + timedelta(minutes=9)) == []
    assert stuck(NOON + timedelta(minutes=11)) == [Notice.objects.get().pk]
    outside.claim()
    assert stuck(NOON + timedelta(minutes=9)) == []
    assert stuck(NOON + timedelta(minutes=11)) == [Notice.objects.get().pk]


# ---------------------------------------------------------------------------------------- what is not sent


def why_not_sent(outside: NoticeWorld) -> str:
    outside.send_due()
    assert outside.world.handed(SAM) == []
    row = Notice.objects.get()
    assert row.status == "skipped"
    return row.reason


def test_nothing_goes_to_a_way_that_ended(outside: NoticeWorld) -> None:
    practise(outside)
    ContactMethod.objects.filter(person=SAM).update(ended_at=NOON)

    assert why_not_sent(outside) == "way_withdrawn"


def test_nothing_but_a_proof_goes_to_a_way_nobody_has_proven(outside: NoticeWorld) -> None:
    ContactMethod.objects.filter(person=SAM).update(proven_at=None)
    practise(outside)
    assert why_not_sent(outside) == "way_withdrawn"

    tell_way(NoticePurpose.PROOF, the_mail(), NOON)
    outside.send_due()
    assert len(outside.world.handed(SAM)) == 1


@pytest.mark.parametrize("by_name", [True, False])
def test_nothing_goes_to_whoever_is_never_contacted_for_this_circle(
    outside: NoticeWorld, by_name: bool
) -> None:
    tell_way(NoticePurpose.REMOVED, the_mail(), NOON, circle=ANA)
    if by_name:
        NeverContact.objects.create(circle=a_circle(), person=a_person(SAM), added_at=NOON)
    else:
        # The number is on the list; the mail belongs to the same person.
        a_never_contact(NUMBERS[SAM])

    assert why_not_sent(outside) == "never_contact"


def test_no_proof_goes_to_an_address_that_the_only_circle_never_wants_reached(outside: NoticeWorld) -> None:
    tell_way(NoticePurpose.PROOF, the_mail(), NOON)
    a_never_contact(MAILS[SAM])

    assert why_not_sent(outside) == "never_contact"


def test_no_proof_goes_to_an_address_whose_owner_sent_a_carriers_word_to_stop(outside: NoticeWorld) -> None:
    a_way(BO, "smtp", MAILS[SAM], ended_at=NOON)
    ContactMethod.objects.filter(person=BO).update(ended_why="stop")
    tell_way(NoticePurpose.PROOF, the_mail(), NOON)

    assert why_not_sent(outside) == "stopped"


@pytest.mark.parametrize(
    "purpose", [NoticePurpose.PRACTICE, NoticePurpose.RENEWAL, NoticePurpose.CONCERN_ANSWER]
)
def test_who_was_removed_hears_no_more_of_the_circle(outside: NoticeWorld, purpose: NoticePurpose) -> None:
    tell_way(purpose, the_mail(), NOON, circle=ANA)
    Membership.objects.update(ended_at=NOON)

    assert why_not_sent(outside) == "removed"


def test_the_goodbye_itself_still_goes_to_who_was_removed(outside: NoticeWorld) -> None:
    tell_person(NoticePurpose.REMOVED, SAM, NOON, outside.world.on, about=ANA)
    Membership.objects.update(ended_at=NOON)
    outside.send_due()

    [message] = outside.world.handed(SAM)
    assert message.text.startswith("About Ana: nothing more to do. Thank you.")


def test_what_somebody_agreed_to_and_ran_out_brings_no_practice(outside: NoticeWorld) -> None:
    practise(outside)
    Membership.objects.update(agreed_until=NOON.date() - timedelta(days=1))

    assert why_not_sent(outside) == "not_agreed"


def test_what_is_for_a_channel_that_is_off_is_passed_over_and_the_next_way_goes(outside: NoticeWorld) -> None:
    tell_sam(outside)
    del outside.world.channels["smtp"]
    outside.send_due()

    assert outside.statuses() == ["skipped", "accepted"]


def test_what_was_held_up_is_checked_again_before_it_goes(outside: NoticeWorld) -> None:
    practise(outside)
    [claimed] = outside.claim()
    outside.world.time += timedelta(seconds=2)
    Membership.objects.update(ended_at=NOON)
    drive(outside.deliver(claimed))

    assert outside.world.handed(SAM) == []
    assert Notice.objects.get().reason == "removed"


# ----------------------------------------------------------------------------------------------- at their hours


def test_practice_waits_for_the_hours_of_whoever_practises(outside: NoticeWorld) -> None:
    Membership.objects.update(hours_from=time(18), hours_until=time(22), wake_me=True)
    practise(outside)
    outside.pass_time(hours=5)
    assert outside.world.handed(SAM) == []

    outside.pass_time(hours=2)
    assert len(outside.world.handed(SAM)) == 1


def test_practice_waits_for_the_end_of_a_pause(outside: NoticeWorld) -> None:
    Membership.objects.update(paused_until=NOON + timedelta(hours=5))
    practise(outside)
    outside.pass_time(hours=4)
    assert outside.world.handed(SAM) == []

    outside.pass_time(hours=2)
    assert len(outside.world.handed(SAM)) == 1


def test_practice_waits_while_the_one_it_is_for_has_a_call_open(outside: NoticeWorld) -> None:
    a_ladder((BO,))
    practise(outside)
    outside.world.ana_calls()
    outside.pass_time(hours=1)

    assert outside.world.mail.handed == []
    assert Notice.objects.get().status == "planned"


def test_what_belongs_to_a_call_goes_first(outside: NoticeWorld) -> None:
    a_ladder((BO,))
    tell_sam(outside)
    outside.world.ana_calls()
    assert outside.claim() == []

    outside.world.send_due()
    assert [claimed.channel for claimed in outside.claim()] == ["smtp"]
