"""Before anybody else hears, Ana is reminded on two ways, whatever became of the first."""

from datetime import datetime, timedelta

import pytest

from nightlight.channels.base import OutcomeUnknown
from nightlight.store.models import Notice, NotificationStatus
from nightlight.store.notices import NoticePurpose
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
