"""What a message is made of, read when it is sent."""

from datetime import timedelta

import pytest

from nightlight.channels.base import OutcomeUnknown, TemporaryFailure
from nightlight.engine.effects import Purpose
from nightlight.engine.events import EndedBy
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.store.letters import Letter, letter_for
from nightlight.store.models import Circle, Notification, Person
from nightlight.store.sealing import token_hash
from nightlight.worker.points import drive
from tests.factories import a_ladder, a_way
from tests.people import ANA, BO, KIT, MAILS, SAM
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def letter(world: World) -> Letter:
    """The one letter that is due now."""
    (claimed,) = world.claim()
    return letter_for(claimed, world.time)


def test_an_ask_says_who_asks_for_what_in_the_readers_language_and_time(world: World) -> None:
    a_ladder((SAM,))
    Person.objects.filter(pk=SAM).update(language="pt", time_zone="Europe/Berlin")
    world.ana_calls()
    made = letter(world)

    assert (made.purpose, made.to, made.caller_name, made.need) == (Purpose.ASK, MAILS[SAM], "Ana", "talk")
    assert (made.language, made.time_zone) == ("pt", "Europe/Berlin")
    assert (made.repeat, made.again, made.wished, made.late_since) == (False, False, False, None)
    (recipient,) = made.recipients
    assert Notification.objects.get(token_hash=token_hash(recipient.token)).person_id == SAM
    assert recipient.code.isdigit()
    assert len(recipient.code) == 6


def test_what_may_have_arrived_before_is_marked_and_what_certainly_did_not_is_not(world: World) -> None:
    a_ladder((SAM,))
    world.mail.will(MAILS[SAM], TemporaryFailure("busy"), OutcomeUnknown("timeout"))
    world.ana_calls()
    world.send_due()
    world.time += timedelta(seconds=5)
    (claimed,) = world.claim()
    assert not letter_for(claimed, world.time).repeat
    drive(world.deliver(claimed))
    world.time += timedelta(seconds=15)

    assert letter(world).repeat


def test_a_first_ask_that_goes_out_late_says_since_when(world: World) -> None:
    a_ladder((SAM,))
    world.ana_calls()
    raised_at = world.time
    world.time += timedelta(seconds=61)

    assert letter(world).late_since == raised_at


def test_a_first_ask_that_was_refused_for_long_says_since_when_too(world: World) -> None:
    a_ladder((SAM,))
    world.mail.will(MAILS[SAM], *[TemporaryFailure("busy")] * 3)
    world.ana_calls()
    raised_at = world.time
    world.pass_time(seconds=79)
    world.time += timedelta(seconds=1)

    assert letter(world).late_since == raised_at


def test_a_way_with_a_delay_of_its_own_is_not_late(world: World) -> None:
    a_ladder((SAM,))
    a_way(SAM, "sms", after=timedelta(minutes=4))
    world.ana_calls()
    world.send_due()
    world.time += timedelta(minutes=4)

    assert letter(world).late_since is None


def test_who_has_it_is_named_only_where_people_know_each_other(world: World) -> None:
    a_ladder((SAM, BO))
    world.ana_calls()
    world.send_due()
    world.says(BO, Saying.YES)
    (claimed,) = world.claim()
    assert letter_for(claimed, world.time).about_name is None

    Circle.objects.update(know_each_other=True)
    assert letter_for(claimed, world.time).about_name == "Bo"


def test_the_caller_is_always_told_who(world: World) -> None:
    a_ladder((KIT,))
    a_way(ANA)
    world.ana_calls()
    world.send_due()
    world.says(KIT, Saying.YES)
    made = letter(world)

    assert (made.to, made.about_name, made.news) == (MAILS[ANA], "Kit", "someone_has_it")


def test_the_all_clear_names_nobody(world: World) -> None:
    a_ladder((SAM,))
    world.ana_calls()
    world.send_due()
    intake.resolve(world.call_id, EndedBy.CALLER, world.time)

    assert letter(world).about_name is None
