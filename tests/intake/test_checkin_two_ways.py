"""Before anybody else hears, Ana is reminded on two ways, whatever became of the first."""

from datetime import datetime, timedelta

import pytest

from nightlight.channels.base import OutcomeUnknown, Receipt, ReceiptStatus
from nightlight.engine.checkin import By, How
from nightlight.intake import checkin
from nightlight.intake.receipt import take_receipt
from nightlight.store.models import CheckIn, Notice, NotificationStatus
from nightlight.store.notices import NoticePurpose
from nightlight.store.notices_send_checks import attempt_named
from tests.factories import a_check_in, a_way
from tests.people import ANA, MAILS
from tests.worker.noticing import NoticeWorld
from tests.worker.world import World

pytestmark = pytest.mark.both_databases

NINE = datetime.fromisoformat("2026-11-21T21:00:00+00:00")


@pytest.fixture
def evening(world: World) -> World:
    """Ana has mail and a phone."""
    a_way(ANA)
    a_way(ANA, "sms")
    a_check_in()
    return world


def reached_at_the_second(world: World) -> list[str]:
    """By which ways the two reminders were taken, in their order."""
    for minutes in (0, 23):
        world.pass_time(seconds=(NINE + timedelta(minutes=minutes) - world.time).total_seconds())
        world.round()
        NoticeWorld(world).send_due()
    rows = Notice.objects.filter(purpose=NoticePurpose.CHECK_IN, status=NotificationStatus.ACCEPTED)
    return [row.contact_method.channel for row in rows.order_by("created_at")]


def test_the_second_goes_by_her_second_way(evening: World) -> None:
    assert reached_at_the_second(evening) == ["smtp", "sms"]


def test_where_the_first_fell_to_the_second_way_the_second_begins_with_the_first(evening: World) -> None:
    evening.mail.will(MAILS[ANA], OutcomeUnknown("no answer in time"))
    assert reached_at_the_second(evening) == ["sms", "smtp"]


@pytest.mark.parametrize("minutes", [5, 50], ids=["in time", "after the miss"])
@pytest.mark.parametrize("comes", [True, False], ids=["she comes", "she does not"])
def test_a_mail_that_bounces_when_she_was_heard_of_brings_no_other_reminder(
    evening: World, minutes: int, *, comes: bool
) -> None:
    """Seed 534: her phone was reported as not reached after she had checked in, and a text reminded her."""
    for moment in (0, 23, 45):
        if moment <= minutes:
            evening.pass_time(seconds=(NINE + timedelta(minutes=moment) - evening.time).total_seconds())
            evening.round()
            NoticeWorld(evening).send_due()
    newest = Notice.objects.filter(status=NotificationStatus.ACCEPTED).latest("created_at", "pk")
    texts = len(evening.text.handed)
    if comes:
        checkin.take(CheckIn.objects.get().pk, How.OK, By.PAGE, evening.time)

    channel = newest.contact_method.channel
    bounced = Receipt(status=ReceiptStatus.FAILED, attempt=attempt_named(channel, newest.pk))
    assert take_receipt(channel, bounced, evening.time)
    NoticeWorld(evening).send_due()

    assert channel == "smtp"
    assert len(evening.text.handed) == texts + (0 if comes else 1)
