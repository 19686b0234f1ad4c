"""What came of a message: tries, reports, lapsed leases, and what people are told by which way."""

from datetime import timedelta

import pytest

from nightlight.channels.base import (
    PermanentFailure,
    ReceiptStatus,
)
from nightlight.engine.retries import Outcome
from nightlight.intake.answer import Saying
from nightlight.intake.receipt import take_receipt
from nightlight.store import outbox, timers
from nightlight.store.models import (
    Attempt,
    EventRow,
    Notification,
    TimelineEntry,
)
from nightlight.worker.points import drive
from tests.factories import a_ladder, a_way
from tests.people import BO, MAILS, NUMBERS, SAM
from tests.store.stories import LATER, PERMANENT, TEMPORARY, UNKNOWN, report, sam_has_mail_and_text, settle
from tests.worker.simulated_channel import QUEUED
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


# ------------------------------------------------------------------ tries


@pytest.mark.parametrize("reaction", [PERMANENT, TEMPORARY, UNKNOWN, QUEUED, RuntimeError("ours")])
def test_whatever_keeps_the_first_way_from_being_accepted_the_next_goes_now(
    world: World, reaction: BaseException
) -> None:
    sam_has_mail_and_text(world)
    world.mail.will(MAILS[SAM], reaction)
    world.send_due()

    assert [m.to for m in world.handed(SAM)] == [MAILS[SAM], NUMBERS[SAM]]


def test_what_is_accepted_leaves_the_next_way_its_delay(world: World) -> None:
    sam_has_mail_and_text(world)
    world.send_due()

    assert [m.to for m in world.handed(SAM)] == [MAILS[SAM]]
    assert world.rows(SAM)[1].due == world.time + LATER


def test_a_temporary_failure_is_tried_again_as_the_engine_says(world: World) -> None:
    a_ladder((SAM,))
    world.mail.always(MAILS[SAM], TEMPORARY)
    world.ana_calls()
    began = world.time
    world.pass_time(minutes=7)

    began_at = [attempt.began_at - began for attempt in Attempt.objects.order_by("number")]
    assert [t.total_seconds() for t in began_at] == [0, 5, 20, 80, 380]


def test_a_refusal_for_good_is_not_tried_again_and_the_next_person_is_asked(world: World) -> None:
    a_ladder((SAM,), (BO,))
    world.mail.always(MAILS[SAM], PERMANENT)
    world.ana_calls()
    world.send_due()

    assert (len(world.handed(SAM)), len(world.handed(BO))) == (1, 1)
    assert world.statuses(SAM) == ["failed"]


def test_what_nobody_knows_goes_again_marked_and_four_times_at_most(world: World) -> None:
    a_ladder((SAM,))
    world.mail.always(MAILS[SAM], UNKNOWN)
    world.ana_calls()
    world.pass_time(minutes=4, seconds=55)

    assert ["(again)" in m.subject for m in world.handed(SAM)] == [False, True, True, True]
    assert world.statuses(SAM) == ["unknown"]


def test_what_a_gateway_queued_is_not_sent_again(world: World) -> None:
    sam_has_mail_and_text(world)
    world.mail.always(MAILS[SAM], QUEUED)
    world.pass_time(minutes=4)

    assert len(world.mail.handed) == 1
    assert world.statuses(SAM) == ["queued", "accepted"]


def test_two_providers_take_turns(channels_on: None, db: None) -> None:
    world = World(providers=2)
    a_ladder((SAM,))
    first, second = world.channels["smtp"]
    first.always(MAILS[SAM], TEMPORARY)
    second.will(MAILS[SAM], TEMPORARY)
    world.ana_calls()
    world.send_due()
    assert (len(first.handed), len(second.handed)) == (1, 1)

    world.pass_time(seconds=25)
    assert (len(first.handed), len(second.handed)) == (2, 2)
    assert world.statuses(SAM) == ["accepted"]


def test_a_provider_that_refused_is_not_asked_twice(channels_on: None, db: None) -> None:
    world = World(providers=2)
    a_ladder((SAM,))
    first, second = world.channels["smtp"]
    first.always(MAILS[SAM], PERMANENT)
    second.will(MAILS[SAM], UNKNOWN, UNKNOWN)
    world.ana_calls()
    world.pass_time(minutes=1)

    assert (len(first.handed), len(second.handed)) == (1, 3)


def test_a_first_ask_that_never_arrived_is_no_repeat(world: World) -> None:
    a_ladder((SAM, BO))
    world.mail.will(MAILS[SAM], TEMPORARY)
    world.mail.will(MAILS[BO], UNKNOWN)
    world.ana_calls()
    world.send_due()

    assert world.rows(SAM)[0].priority < world.rows(BO)[0].priority


def test_what_a_provider_says_in_too_many_words_is_kept_short(world: World) -> None:
    """PostgreSQL refuses what is too long, and a zero byte: then nothing would ever be settled."""
    a_ladder((SAM,), (BO,))
    world.mail.will(MAILS[SAM], PermanentFailure("no\0" + "x" * 2000))
    world.ana_calls()
    world.send_due()

    assert world.statuses(SAM) == ["failed"]
    assert len(Attempt.objects.get(notification__person_id=SAM).reason) == outbox.REASON_CHARACTERS_MAX
    assert take_receipt("sms", report(ReceiptStatus.FAILED, BO, reason="y\0" * 900), world.time)


def test_tries_end_when_the_person_answers(world: World) -> None:
    a_ladder((SAM, BO))
    world.mail.always(MAILS[SAM], TEMPORARY)
    world.ana_calls()
    world.send_due()
    world.says(SAM, Saying.NO)
    world.pass_time(minutes=2)

    assert len(world.handed(SAM)) == 1


def test_a_try_under_way_when_somebody_took_it_is_the_last_and_goes_on_when_it_is_given_back(
    world: World,
) -> None:
    a_ladder((SAM, BO))
    world.ana_calls()
    in_flight = {claimed.notification: claimed for claimed in world.claim()}
    sams, bos = (in_flight[world.rows(person)[0].pk] for person in (SAM, BO))
    drive(world.deliver(bos))
    world.says(BO, Saying.YES)
    settle(world, sams, Outcome.TEMPORARY)
    assert world.statuses(SAM) == ["cancelled"]

    world.says(BO, Saying.HAND_ON)
    world.send_due()
    assert world.statuses(SAM) == ["accepted"]


def test_what_failed_while_somebody_had_it_is_not_waited_for_when_it_is_given_back(
    channels_on: None, db: None
) -> None:
    """The failure was noted during the hold: the way after it goes at once, however the next try ends."""
    world = World(providers=2)
    a_ladder((SAM, BO))
    a_way(SAM, "sms", after=LATER)
    world.channels["smtp"][1].will(MAILS[SAM], PERMANENT)
    world.ana_calls()
    in_flight = {claimed.notification: claimed for claimed in world.claim()}
    sams, bos = (in_flight[world.rows(person)[0].pk] for person in (SAM, BO))
    drive(world.deliver(bos))
    world.says(BO, Saying.YES)
    outbox.settle(sams, Outcome.TEMPORARY, world.time, providers=2, channels_on=world.on)

    world.says(BO, Saying.HAND_ON)
    world.send_due()
    assert world.text.handed[0].to == NUMBERS[SAM]


# ------------------------------------------------------------------ leases


def test_a_lease_that_ran_out_is_unknown_goes_again_and_brings_the_next_way(world: World) -> None:
    sam_has_mail_and_text(world)
    world.claim()
    world.time += timedelta(seconds=16)
    world.round()
    assert [m.to for m in world.handed(SAM)] == [NUMBERS[SAM]]

    world.pass_time(seconds=6)
    assert "(again)" in world.mail.handed[0].subject
    assert ("unknown", SAM) in world.lines()


def test_a_lapse_that_comes_after_the_answer_of_the_provider_changes_nothing(world: World) -> None:
    sam_has_mail_and_text(world)
    claimed = world.claim()[0]
    settle(world, claimed, Outcome.TEMPORARY)
    before = Notification.objects.filter(pk=claimed.notification).values().get()
    settle(world, claimed, Outcome.UNKNOWN)

    assert Notification.objects.filter(pk=claimed.notification).values().get() == before
    assert Attempt.objects.get(pk=claimed.attempt).outcome == Outcome.TEMPORARY


def test_a_stale_lease_adds_evidence_and_nothing_else(world: World) -> None:
    sam_has_mail_and_text(world)
    stale = world.claim()[0]
    world.time += timedelta(seconds=16)
    drive(world.waker.round(world.time))
    world.time += timedelta(seconds=5)
    fresh = next(each for each in world.claim(smtp=8) if each.notification == stale.notification)
    events = EventRow.objects.count()

    settle(world, stale, Outcome.ACCEPTED)

    row = Notification.objects.get(pk=stale.notification)
    assert (row.status, row.evidence, row.lease_token) == ("leased", "accepted", fresh.lease_token)
    assert EventRow.objects.count() == events
    settle(world, fresh, Outcome.TEMPORARY)
    assert world.statuses(SAM)[0] == "accepted"


@pytest.mark.parametrize("outcome", [Outcome.ACCEPTED, Outcome.QUEUED])
def test_late_good_news_ends_the_tries(world: World, outcome: Outcome) -> None:
    a_ladder((SAM,))
    world.ana_calls()
    claimed = world.claim()[0]
    world.time += timedelta(seconds=16)
    drive(world.waker.round(world.time))
    settle(world, claimed, outcome)
    world.pass_time(minutes=1)

    assert world.statuses(SAM) == [outcome.value]
    assert world.handed(SAM) == []


# ------------------------------------------------------------------ clocks


def test_a_clock_set_back_keeps_no_first_ask_from_going_out(world: World) -> None:
    sam_has_mail_and_text(world)
    world.time -= timedelta(hours=3)
    world.round()
    assert [m.to for m in world.handed(SAM)] == [MAILS[SAM]]

    world.pass_time(minutes=3)
    assert [m.to for m in world.handed(SAM)] == [MAILS[SAM], NUMBERS[SAM]]


def test_a_clock_set_back_puts_no_next_try_off_for_hours(world: World) -> None:
    a_ladder((SAM,))
    world.mail.will(MAILS[SAM], TEMPORARY)
    world.time -= timedelta(hours=5)
    world.ana_calls()
    world.time += timedelta(hours=5)
    world.send_due()
    world.time -= timedelta(hours=4)
    world.pass_time(minutes=6)

    assert len(world.handed(SAM)) == 2


def test_what_needs_no_sending_wakes_nobody(world: World) -> None:
    assert outbox.first_due() is None
    assert timers.first_due() is None
    sam_has_mail_and_text(world)
    assert outbox.first_due() == world.time
    assert TimelineEntry.objects.exists()
