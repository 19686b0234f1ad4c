"""Push in a call: accepted is not delivered, and an address at which nobody is any more ends its way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nightlight import config
from nightlight.channels.base import AddressGone, PermanentFailure
from nightlight.engine.effects import Purpose
from nightlight.intake.answer import Saying
from nightlight.intake.channels import switched_on
from nightlight.store.gone import GONE
from nightlight.store.models import ContactMethod, Notice, SupporterLink
from nightlight.store.notices import NoticePurpose, tell_way
from nightlight.store.sealing import unseal
from tests.channels.stories import subscription
from tests.factories import a_ladder, a_way
from tests.people import ANA, BO, KIT, MAILS, NUMBERS, SAM
from tests.worker.noticing import NoticeWorld
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DEVICE = subscription("https://push.example.org/wpush/abc")


@pytest.fixture
def world(db: None, channels_on: None, with_settings: object) -> World:
    """Sam has a device, then a text after a minute, then mail after five; Bo and Kit come after Sam."""
    config.use(replace(config.current(), push_contact="mailto:desk@example.org"))
    switched_on.cache_clear()
    made = World(kinds=("push", "sms", "smtp"))
    a_way(SAM, "push", DEVICE)
    a_way(SAM, "sms", after=timedelta(minutes=1))
    a_way(SAM, "smtp", after=timedelta(minutes=5))
    a_ladder((SAM,), (BO, KIT))
    return made


def sent_by(world: World, kind: str) -> list[str]:
    return [message.to for message in world.channels[kind][0].handed]


def device() -> ContactMethod:
    return ContactMethod.objects.get(channel="push")


def test_a_push_that_was_accepted_holds_nothing_up(world: World) -> None:
    """The push service has it; whether the phone lit up nobody knows. The text goes out when Sam wanted it to."""
    world.ana_calls()
    world.send_due()
    assert sent_by(world, "push") == [DEVICE]
    assert sent_by(world, "sms") == []

    world.pass_time(seconds=59)
    assert sent_by(world, "sms") == []
    world.pass_time(seconds=1)
    assert sent_by(world, "sms") == [NUMBERS[SAM]]
    world.pass_time(minutes=4)

    assert MAILS[SAM] in sent_by(world, "smtp")
    assert world.statuses(SAM) == ["accepted", "accepted", "accepted"]


def test_an_accepted_push_is_no_answer_and_the_next_people_are_asked(world: World) -> None:
    world.ana_calls()
    world.pass_time(minutes=6)

    assert {MAILS[BO], MAILS[KIT]} <= set(sent_by(world, "smtp"))
    assert "delivered" not in {row.status for row in world.rows(purpose=Purpose.ASK)}


def test_a_refused_push_lets_the_text_go_at_once(world: World) -> None:
    world.channels["push"][0].always(DEVICE, PermanentFailure("push_refused_403"))
    world.ana_calls()
    world.send_due()

    assert sent_by(world, "sms") == [NUMBERS[SAM]]
    assert device().ended_at is None


def test_a_device_that_is_gone_ends_its_way_and_the_text_goes_at_once(world: World) -> None:
    world.channels["push"][0].always(DEVICE, AddressGone("gone_410"))
    world.ana_calls()
    world.send_due()

    assert sent_by(world, "sms") == [NUMBERS[SAM]]
    assert MAILS[SAM] not in sent_by(world, "smtp")  # that one waits, as Sam wanted it to
    assert (device().ended_at, device().ended_why) == (world.time, GONE)


def test_the_owner_hears_so_once_by_another_way(world: World) -> None:
    world.channels["push"][0].always(DEVICE, AddressGone("gone_410"))
    world.ana_calls()
    world.send_due()
    NoticeWorld(world).send_due()

    [told] = Notice.objects.filter(purpose=NoticePurpose.WAY_GONE, status="accepted")
    assert told.person_id == SAM
    said = world.handed(SAM)[-1]
    assert said.text.startswith("One of your ways does not reach you any more.")
    assert f"/s/{unseal(told.token_sealed)}" in said.text
    assert DEVICE not in said.text
    world.pass_time(minutes=10)
    assert Notice.objects.filter(purpose=NoticePurpose.WAY_GONE, status="accepted").count() == 1


def test_whoever_has_no_other_way_gets_no_link_made_for_nothing(world: World) -> None:
    ContactMethod.objects.filter(person=SAM).exclude(channel="push").update(ended_at=world.time)
    world.channels["push"][0].always(DEVICE, AddressGone("gone_410"))
    world.ana_calls()
    world.round()

    assert device().ended_why == GONE
    assert not SupporterLink.objects.filter(person=SAM).exists()
    assert {MAILS[BO], MAILS[KIT]} <= set(sent_by(world, "smtp"))


def test_a_message_outside_a_call_finds_out_too(world: World) -> None:
    world.channels["push"][0].always(DEVICE, AddressGone("gone_404"))
    tell_way(NoticePurpose.PROOF, device(), world.time)
    NoticeWorld(world).send_due()

    assert device().ended_why == GONE
    assert [row.purpose for row in Notice.objects.filter(status="accepted")] == [NoticePurpose.WAY_GONE]


def test_a_proof_to_a_device_that_never_counted_tells_nobody(world: World) -> None:
    ContactMethod.objects.filter(channel="push").update(proven_at=None)
    world.channels["push"][0].always(DEVICE, AddressGone("gone_404"))
    tell_way(NoticePurpose.PROOF, device(), world.time)
    NoticeWorld(world).send_due()

    assert device().ended_why == GONE
    assert not Notice.objects.filter(purpose=NoticePurpose.WAY_GONE).exists()


def test_what_a_device_is_shown_names_nothing_and_carries_its_page_beside_it(world: World) -> None:
    world.ana_calls()
    world.send_due()
    [message] = world.channels["push"][0].handed

    assert (message.subject, message.text) == ("Circle", "Ana asks if you can talk.")
    assert message.is_urgent
    assert [link.url for link in message.links] == [message.link]
    assert message.link.startswith("https://circle.example.org/a/")


def test_the_stand_down_takes_the_place_of_the_ask(world: World) -> None:
    world.ana_calls()
    world.pass_time(minutes=6)
    world.says(BO, Saying.YES)
    world.pass_time(minutes=3)
    first, *_, last = world.channels["push"][0].handed

    assert last.text.startswith("Someone else has it now. You can rest.")
    assert (first.topic, last.topic) == (last.topic, first.topic)
    assert not last.is_urgent
    assert ANA not in last.text
