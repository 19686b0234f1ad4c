"""What leads to a page or is only a word back does not ring a phone while there is another way."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from nightlight import config
from nightlight.engine.effects import Purpose
from nightlight.intake.channels import switched_on
from nightlight.intake.reply import take_text
from nightlight.store.models import ContactMethod, Notice, Notification
from nightlight.store.notices import NoticePurpose, tell_person
from tests.factories import a_circle, a_ladder, a_way
from tests.people import ANA, BO, NUMBERS, SAM
from tests.worker.ringing import RingingWorld, a_ringing_world

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def ringing(db: Any, with_settings: Callable[..., config.Settings]) -> Iterator[RingingWorld]:
    yield a_ringing_world(with_settings)
    switched_on.cache_clear()


def test_news_outside_a_call_goes_by_the_phone_last_wherever_its_owner_put_it(ringing: RingingWorld) -> None:
    a_circle()
    a_way(SAM, "voice")
    a_way(SAM, "sms")
    a_way(SAM, "smtp")
    tell_person(NoticePurpose.CONCERN_ANSWER, SAM, ringing.time, ringing.on, circle=ANA)

    [first] = Notice.objects.exclude(due=None)
    assert first.contact_method.channel == "sms"


def test_whoever_has_nothing_but_a_phone_is_rung(ringing: RingingWorld) -> None:
    a_circle()
    a_way(SAM, "voice")

    assert tell_person(NoticePurpose.CONCERN_ANSWER, SAM, ringing.time, ringing.on, circle=ANA)
    assert Notice.objects.get().contact_method.channel == "voice"


@pytest.mark.parametrize(("others", "told"), [(("voice",), []), (("voice", "smtp"), ["smtp"])])
def test_that_texts_were_stopped_is_said_by_no_ring(
    ringing: RingingWorld, others: tuple[str, ...], told: list[str]
) -> None:
    a_ladder((SAM,), (BO,))
    ContactMethod.objects.filter(person=SAM).delete()
    a_way(SAM, "sms")
    for channel in others:
        address = "+447700900199" if channel == "voice" else ""
        a_way(SAM, channel, address, after=timedelta(hours=1))
    ringing.ana_calls()
    ringing.send_due()
    assert take_text("sms", NUMBERS[SAM], "STOP", ringing.time) == "stopped"

    words = Notification.objects.filter(person=SAM, purpose=Purpose.TEXT_BACK)
    assert [word.channel for word in words] == told
