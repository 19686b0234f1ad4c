"""Phones that nobody answered: the way after goes now, and they ring once more. On a pick-up nobody counts."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from nightlight import config
from nightlight.channels.base import Receipt, ReceiptStatus
from nightlight.engine.effects import Purpose
from nightlight.engine.events import EndedBy
from nightlight.engine.retries import RING_AGAIN_AFTER, RINGS_MAX, Outcome
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.intake.channels import switched_on
from nightlight.intake.receipt import take_receipt
from nightlight.store import notices_send
from nightlight.store.models import ContactMethod, Notice, TimelineEntry
from nightlight.store.notices import NoticePurpose, tell_way
from tests.factories import a_ladder, a_way
from tests.people import ANA, BO, MAILS, NUMBERS, SAM
from tests.store.stories import settle
from tests.worker.ringing import RingingWorld, a_ringing_world, keys_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LATER = timedelta(minutes=10)


@pytest.fixture
def ringing(db: Any, with_settings: Callable[..., config.Settings]) -> Iterator[RingingWorld]:
    yield a_ringing_world(with_settings)
    switched_on.cache_clear()


def sam_is_rung(ringing: RingingWorld, *after: str) -> None:
    """Sam is rung first; then come his other ways, which are far off; then Bo."""
    a_ladder((SAM,), (BO,))
    ContactMethod.objects.filter(person=SAM).delete()
    a_way(SAM, "voice")
    for channel in after:
        a_way(SAM, channel, after=LATER)
    ringing.ana_calls()
    ringing.send_due()


def test_a_missed_ring_brings_the_next_way_now_and_rings_again_within_three_minutes(
    ringing: RingingWorld,
) -> None:
    sam_is_rung(ringing, "smtp")
    [first] = ringing.rung()
    began = ringing.time
    ringing.pass_time(seconds=40)
    assert ringing.missed(first)
    ringing.send_due()
    assert [message.to for message in ringing.mail.handed] == [MAILS[SAM]]

    ringing.pass_time(seconds=RING_AGAIN_AFTER.total_seconds() - 1)
    assert len(ringing.rung()) == 1
    ringing.pass_time(seconds=1)
    assert len(ringing.rung()) == 2
    assert ringing.time - began <= timedelta(minutes=3)


def test_it_rings_no_more_often_than_that(ringing: RingingWorld) -> None:
    sam_is_rung(ringing)
    for _ in range(RINGS_MAX):
        ringing.missed(ringing.rung()[-1])
        ringing.pass_time(minutes=2)
    [row] = ringing.rows(SAM, Purpose.ASK)

    assert (len(ringing.rung()), row.status, row.evidence) == (RINGS_MAX, "failed", "failed")
    assert ringing.outcomes()[:RINGS_MAX] == [Outcome.MISSED] * RINGS_MAX
    # With no way left that may have arrived, the next step begins without waiting for its time.
    assert ("asked", BO) in ringing.lines()


def test_the_keys_of_the_second_ring_are_drawn_anew(ringing: RingingWorld) -> None:
    """A machine that learned them from the first would still be wrong; the rings are drawn independently."""
    sam_is_rung(ringing)
    ringing.missed(ringing.rung()[0])
    ringing.pass_time(minutes=2)
    first, second = ringing.rung()

    assert first.attempt != second.attempt
    assert len(set(keys_in(first))) == len(set(keys_in(second))) == 2


def test_said_twice_or_after_the_next_ring_it_changes_nothing(ringing: RingingWorld) -> None:
    sam_is_rung(ringing, "smtp")
    [first] = ringing.rung()
    for _ in range(2):
        assert ringing.missed(first)
    ringing.send_due()
    ringing.pass_time(minutes=2)
    lines = ringing.lines()
    assert ringing.missed(first)

    assert ringing.lines() == lines
    assert len(ringing.rung()) == 2
    assert len(ringing.mail.handed) == 1


def test_a_report_faster_than_whoever_rang_is_not_forgotten(ringing: RingingWorld) -> None:
    a_ladder((SAM,), (BO,))
    ContactMethod.objects.filter(person=SAM).delete()
    a_way(SAM, "voice")
    ringing.ana_calls()
    [claimed] = ringing.claim()
    told = Receipt(status=ReceiptStatus.MISSED, attempt=claimed.attempt, reason="busy")
    assert take_receipt("voice", told, ringing.time)
    assert ringing.statuses(SAM) == ["leased"]
    settle(ringing, claimed, Outcome.ACCEPTED)

    assert (ringing.statuses(SAM), ringing.outcomes()) == (["planned"], [Outcome.MISSED])
    ringing.pass_time(minutes=2)
    assert len(ringing.rung()) == 1


def test_a_ring_that_was_answered_was_not_missed_whatever_is_reported_of_its_end(
    ringing: RingingWorld,
) -> None:
    sam_is_rung(ringing)
    [ring] = ringing.rung()
    ringing.presses(ring, keys_in(ring)[0])
    lines = ringing.lines()
    assert ringing.missed(ring)
    ringing.pass_time(minutes=5)

    assert (len(ringing.rung()), ringing.lines()[: len(lines)]) == (1, lines)
    assert ringing.outcomes() == [Outcome.ACCEPTED]
    assert ringing.rows(SAM, Purpose.ASK)[0].status == "delivered"


@pytest.mark.parametrize("end", ["somebody_has_it", "over"])
def test_what_is_not_wanted_any_more_does_not_ring_again(ringing: RingingWorld, end: str) -> None:
    sam_is_rung(ringing)
    [ring] = ringing.rung()
    if end == "over":
        intake.resolve(ringing.call_id, EndedBy.CALLER, ringing.time)
    else:
        ringing.says(SAM, Saying.YES)
    before = ringing.alert()
    assert ringing.missed(ring)
    ringing.send_due()

    assert ringing.alert().asks == before.asks
    assert next(row.status for row in ringing.rows(SAM, Purpose.ASK)) != "planned"


def test_a_missed_ring_answers_nothing(ringing: RingingWorld) -> None:
    sam_is_rung(ringing)
    for reason in ("no_key", "no_answer", "busy"):
        ringing.missed(ringing.rung()[-1], reason)

    assert ringing.row().status == "triggered"
    assert {ask.answer for ask in ringing.alert().asks} == {None}
    told = TimelineEntry.objects.filter(alert_id=ringing.call_id, what="failed", channel="voice")
    assert [line.detail for line in told] == ["ask:no_key"]


def test_a_ring_that_nobody_knows_of_is_said_to_be_so(ringing: RingingWorld) -> None:
    assert not take_receipt("voice", Receipt(status=ReceiptStatus.MISSED, attempt="nobody"), ringing.time)


def test_a_phone_that_two_people_share_is_missed_by_both_and_rings_once_for_both(
    ringing: RingingWorld,
) -> None:
    a_ladder((SAM, BO))
    ContactMethod.objects.exclude(person=ANA).delete()
    for person in (SAM, BO):
        a_way(person, "voice", NUMBERS[SAM])
        a_way(person, "smtp", after=LATER)
    ringing.ana_calls()
    ringing.send_due()
    [ring] = ringing.rung()
    assert len(keys_in(ring)) == 4
    ringing.missed(ring)
    ringing.send_due()
    assert {message.to for message in ringing.mail.handed} == {MAILS[SAM], MAILS[BO]}
    ringing.pass_time(minutes=2)

    assert len(ringing.rung()) == 2


def test_a_busy_provider_is_another_matter_than_a_missed_ring(
    with_settings: Callable[..., config.Settings], ringing: RingingWorld
) -> None:
    """The second ring goes by the provider that rang: it did its part."""
    two = RingingWorld(providers=2)
    sam_is_rung(two)
    two.missed(two.rung()[0])
    two.pass_time(minutes=2)

    assert [len(each.handed) for each in two.channels["voice"]] == [2, 0]


def test_practice_that_nobody_picked_up_is_known_to_have_failed(ringing: RingingWorld) -> None:
    way = a_way(SAM, "voice")
    tell_way(NoticePurpose.PRACTICE, way, ringing.time)
    [claimed] = notices_send.claim(ringing.time, {"voice": 2}, {"voice": 1})
    notices_send.settle(claimed, Outcome.ACCEPTED, ringing.time, providers=1)
    told = Receipt(status=ReceiptStatus.MISSED, attempt=claimed.attempt, reason="no_key")
    assert take_receipt("voice", told, ringing.time)

    notice = Notice.objects.get()
    assert (notice.status, notice.used_at) == ("failed", None)
