"""Reports of providers, late, doubled and in any order."""

from itertools import permutations

import pytest

from nightlight.channels.base import (
    Receipt,
    ReceiptStatus,
)
from nightlight.engine.effects import Purpose
from nightlight.engine.events import EndedBy
from nightlight.engine.receipts import Evidence
from nightlight.engine.retries import Outcome
from nightlight.engine.state import AlertStatus
from nightlight.intake import alert as intake
from nightlight.intake.receipt import take_receipt
from nightlight.store.models import (
    Attempt,
    ContactMethod,
    Notification,
)
from tests.factories import a_ladder, a_way
from tests.people import BO, MAILS, NUMBERS, SAM
from tests.store.stories import LATER, PERMANENT, UNKNOWN, report, sam_has_mail_and_text, settle
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def _report(world: World, status: ReceiptStatus, person: str = SAM, *, reason: str = "") -> Receipt:
    """What a provider says of the last message to *person*."""
    attempts = Attempt.objects.filter(notification__person_id=person)
    attempt = attempts.order_by("began_at", "number").last()
    assert attempt is not None
    return Receipt(status=status, attempt=attempt.pk, reason=reason)


_STATUSES = (ReceiptStatus.ACCEPTED, ReceiptStatus.QUEUED, ReceiptStatus.FAILED, ReceiptStatus.DELIVERED)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_reports_in_any_order_and_doubled_come_to_the_same(world: World, count: int) -> None:
    a_ladder((SAM,))
    world.ana_calls()
    world.send_due()
    row = world.rows(SAM)[0]
    ends: dict[frozenset[ReceiptStatus], set[tuple[str, str]]] = {}
    for told in permutations(_STATUSES, count):
        Notification.objects.filter(pk=row.pk).update(status="accepted", evidence="accepted")
        for status in (*told, told[0]):
            take_receipt("sms", report(status), world.time)
        row.refresh_from_db()
        ends.setdefault(frozenset(told), set()).add((row.status, row.evidence))
        # A refusal may end the step; nothing of it is an answer.
        assert {ask.answer for ask in world.alert().asks} == {None}

    assert all(len(end) == 1 for end in ends.values())
    assert Notification.objects.filter(pk=row.pk).exists()


def test_no_report_answers_and_one_of_an_unknown_message_is_said_to_be_so(world: World) -> None:
    sam_has_mail_and_text(world)
    world.send_due()
    for status in _STATUSES:
        assert take_receipt("sms", report(status), world.time)
    assert not take_receipt("sms", Receipt(status=ReceiptStatus.DELIVERED, attempt="nobody"), world.time)

    assert world.alert().ask_of(SAM) is not None
    assert world.row().status == AlertStatus.TRIGGERED
    assert {ask.answer for ask in world.alert().asks} == {None}


def test_a_refusal_that_is_only_reported_later_brings_the_next_way(world: World) -> None:
    sam_has_mail_and_text(world)
    world.send_due()
    take_receipt("sms", report(ReceiptStatus.FAILED), world.time)
    world.send_due()

    assert [m.to for m in world.handed(SAM)] == [MAILS[SAM], NUMBERS[SAM]]


def test_a_report_on_a_message_two_people_share_is_one_for_both(world: World) -> None:
    a_ladder((SAM, BO))
    ContactMethod.objects.all().delete()
    for person in (SAM, BO):
        a_way(person, "sms", NUMBERS[SAM])
        a_way(person, "smtp", after=LATER)
    world.ana_calls()
    world.send_due()
    handed = world.text.handed[0]
    take_receipt("sms", Receipt(status=ReceiptStatus.FAILED, attempt=handed.attempt), world.time)
    world.send_due()

    assert {m.to for m in world.mail.handed} == {MAILS[SAM], MAILS[BO]}


def test_a_report_faster_than_the_answer_it_speaks_of_is_not_forgotten(world: World) -> None:
    a_ladder((SAM,))
    world.ana_calls()
    claimed = world.claim()[0]
    take_receipt("sms", Receipt(status=ReceiptStatus.DELIVERED, attempt=claimed.attempt), world.time)
    assert world.statuses(SAM) == ["leased"]
    settle(world, claimed, Outcome.UNKNOWN)
    world.pass_time(minutes=1)

    assert world.statuses(SAM) == ["delivered"]
    assert world.handed(SAM) == []


@pytest.mark.parametrize("status", _STATUSES)
def test_a_report_ends_the_tries_of_what_nobody_knew(world: World, status: ReceiptStatus) -> None:
    a_ladder((SAM,))
    world.mail.will(MAILS[SAM], UNKNOWN)
    world.ana_calls()
    world.send_due()
    take_receipt("sms", report(status), world.time)
    world.pass_time(minutes=1)

    assert len(world.handed(SAM)) == 1
    assert world.statuses(SAM) == [status.value]


def test_a_report_for_a_closed_call_changes_only_what_is_known(world: World) -> None:
    sam_has_mail_and_text(world)
    world.send_due()
    intake.resolve(world.call_id, EndedBy.CALLER, world.time)
    world.send_due()
    before = world.alert()
    asked = world.rows(SAM, Purpose.ASK)[0].attempts.get()
    for status in _STATUSES:
        take_receipt("sms", Receipt(status=status, attempt=asked.pk), world.time)

    assert world.alert() == before
    assert world.rows(SAM)[0].status == Evidence.DELIVERED


def test_a_refusal_on_the_spot_that_is_reported_as_well_failed_once(world: World) -> None:
    """Kannel does so: it refuses a number it has no road to, and sends its report of that all the same."""
    sam_has_mail_and_text(world)
    world.mail.will(MAILS[SAM], PERMANENT)
    world.send_due()
    [row] = [row for row in world.rows(SAM) if row.channel == "smtp"]
    lines = world.lines()
    for _ in range(2):
        told = Receipt(status=ReceiptStatus.FAILED, attempt=row.attempts.get().pk)
        assert take_receipt("smtp", told, world.time)

    assert world.lines() == lines
    assert world.rows(SAM)[0].status == "failed"


def test_a_refusal_that_is_reported_before_it_is_heard_failed_once(world: World) -> None:
    """The other way round: the report is there while whoever sends still waits for the answer."""
    sam_has_mail_and_text(world)
    claimed = next(each for each in world.claim() if each.channel == "smtp")
    told = Receipt(status=ReceiptStatus.FAILED, attempt=claimed.attempt, reason="refused")
    assert take_receipt("smtp", told, world.time)
    lines = world.lines()
    settle(world, claimed, Outcome.PERMANENT)

    assert world.lines() == lines
    assert [row.status for row in world.rows(SAM) if row.channel == "smtp"] == ["failed"]
