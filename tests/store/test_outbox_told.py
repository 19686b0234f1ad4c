"""Who is told what and by which way, and what rests while someone has it."""

from itertools import product

import pytest

from nightlight.channels.base import ProviderMisconfigured
from nightlight.engine.effects import Purpose
from nightlight.engine.events import EndedBy
from nightlight.engine.retries import Outcome
from nightlight.engine.state import AlertStatus
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.store.models import (
    Circle,
    ContactMethod,
    Host,
    Membership,
)
from nightlight.store.races import racing
from nightlight.store.sealing import seal
from nightlight.store.withdrawals import Moment, end_member
from tests.factories import a_ladder, a_way
from tests.people import ANA, BO, KIT, MAILS, MIRA, NUMBERS, SAM
from tests.store.stories import LATER, PERMANENT, TEMPORARY, UNKNOWN, sam_has_mail_and_text, settle
from tests.worker.simulated_channel import QUEUED
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_who_was_asked_hears_that_someone_has_it_by_the_way_that_got_through(world: World) -> None:
    a_ladder((SAM, BO))
    a_way(SAM, "sms", after=LATER)
    world.mail.always(MAILS[SAM], PERMANENT)
    world.ana_calls()
    world.send_due()
    world.says(BO, Saying.YES)
    world.pass_time(minutes=5)

    assert [m.to for m in world.handed(SAM)] == [MAILS[SAM], NUMBERS[SAM], NUMBERS[SAM]]
    assert world.statuses(SAM, Purpose.STAND_DOWN) == ["accepted", "cancelled"]


def test_when_the_news_fails_it_goes_by_the_next_way_and_only_once(world: World) -> None:
    a_ladder((SAM, BO))
    a_way(SAM, "sms")
    world.ana_calls()
    world.send_due()
    world.mail.will(MAILS[SAM], PERMANENT)
    world.says(BO, Saying.YES)
    world.pass_time(minutes=5)

    assert sorted(world.statuses(SAM, Purpose.STAND_DOWN)) == ["accepted", "failed"]


def test_who_was_never_asked_and_who_said_no_hear_nothing_of_it(world: World) -> None:
    a_ladder((SAM, BO), (KIT,))
    world.ana_calls()
    world.send_due()
    world.says(SAM, Saying.NO)
    world.says(BO, Saying.YES)
    world.pass_time(minutes=1)

    assert world.rows(SAM, Purpose.STAND_DOWN) == []
    assert world.handed(KIT) == []


def test_the_caller_hears_by_one_of_their_ways_the_next_only_when_it_fails(world: World) -> None:
    a_ladder((SAM,))
    a_way(ANA)
    a_way(ANA, "sms")
    world.ana_calls()
    world.send_due()
    world.says(SAM, Saying.YES)
    world.send_due()
    assert [m.to for m in world.handed(ANA)] == [MAILS[ANA]]
    assert world.statuses(ANA, Purpose.CALLER_NEWS) == ["accepted", "cancelled"]

    world.mail.always(MAILS[ANA], TEMPORARY)
    world.says(SAM, Saying.HAND_ON)
    world.send_due()
    assert world.handed(ANA)[-1].to == NUMBERS[ANA]


def test_a_caller_who_switched_it_off_hears_nothing_by_message(world: World) -> None:
    a_ladder((SAM,))
    a_way(ANA)
    Circle.objects.update(tell_caller=False)
    world.ana_calls()
    world.says(SAM, Saying.YES)
    world.pass_time(minutes=1)

    assert world.handed(ANA) == []


def test_old_news_of_the_caller_is_not_tried_again_when_there_is_newer(world: World) -> None:
    a_ladder((SAM,))
    a_way(ANA)
    world.ana_calls()
    world.send_due()
    world.says(SAM, Saying.YES)
    old = world.claim()[0]
    world.says(SAM, Saying.HAND_ON)
    settle(world, old, Outcome.TEMPORARY)
    world.pass_time(minutes=2)

    assert len(world.handed(ANA)) == 1
    assert all("has it" not in m.text for m in world.handed(ANA))


def test_the_host_hears_by_all_their_ways_that_everyone_was_tried(world: World) -> None:
    Host.objects.create(
        ways_sealed=seal(
            f'[{{"channel": "smtp", "to": "{MAILS[MIRA]}"}}, {{"channel": "sms", "to": "{NUMBERS[MIRA]}"}}]'
        )
    )
    a_ladder((SAM,))
    world.ana_calls()
    world.pass_time(minutes=6)

    assert {m.to for m in world.handed(MIRA)} == {MAILS[MIRA], NUMBERS[MIRA]}
    assert all("/desk" in m.text for m in world.handed(MIRA))


def test_a_provider_that_refuses_our_account_is_told_to_the_host_once_and_the_next_way_goes(
    world: World,
) -> None:
    Host.objects.create(ways_sealed=seal(f'[{{"channel": "smtp", "to": "{MAILS[MIRA]}"}}]'))
    sam_has_mail_and_text(world)
    world.text.always(NUMBERS[SAM], ProviderMisconfigured("login"))
    world.mail.always(MAILS[SAM], ProviderMisconfigured("login"))
    world.send_due()
    world.pass_time(minutes=4)

    told = [m.text for m in world.handed(MIRA)]
    assert len(told) == 1
    assert "refuses our account" in told[0]
    assert len(world.handed(SAM)) >= 2


def test_a_host_whose_ways_no_key_opens_does_not_break_the_call(world: World) -> None:
    Host.objects.create(ways_sealed="00000000gibberish")
    a_ladder((SAM,))
    world.ana_calls()
    world.pass_time(minutes=6)

    assert (world.row().status, world.row().poisoned_at) == (AlertStatus.EXHAUSTED, None)


def test_an_address_no_key_opens_is_a_way_that_failed_at_once(world: World) -> None:
    """Not one that nobody knows about, a lease later: certainly nothing went out."""
    sam_has_mail_and_text(world)
    ContactMethod.objects.filter(person_id=SAM, channel="smtp").update(address_sealed="00000000gibberish")
    world.send_due()

    assert [m.to for m in world.handed(SAM)] == [NUMBERS[SAM]]
    assert world.rows(SAM)[0].evidence == ""


# ------------------------------------------------------------------ holding and going on


def test_what_had_not_gone_out_rests_while_someone_has_it_and_goes_on_afterwards(world: World) -> None:
    a_ladder((SAM, BO))
    a_way(SAM, "sms", after=LATER)
    world.ana_calls()
    world.send_due()
    world.says(BO, Saying.YES)
    world.pass_time(minutes=5)
    assert world.statuses(SAM) == ["accepted", "cancelled"]
    assert world.text.handed == []

    world.says(BO, Saying.HAND_ON)
    world.pass_time(minutes=3)
    assert NUMBERS[SAM] in [m.to for m in world.handed(SAM)]


def test_whoever_is_removed_in_the_middle_of_a_call_is_asked_no_more(world: World) -> None:
    sam_has_mail_and_text(world)
    world.send_due()
    member = Membership.objects.get(person_id=SAM)
    racing(lambda: end_member(member, "left", Moment(now=world.time, channels_on=world.on)))
    world.pass_time(minutes=3)

    assert len(world.handed(SAM)) == 1
    assert len(world.handed(BO)) == 1


def test_nothing_planned_is_left_when_a_call_is_long_over(world: World) -> None:
    a_ladder((SAM,), (BO, KIT))
    for person in (SAM, BO, KIT, ANA):
        a_way(person, "sms", after=LATER)
    a_way(ANA)
    world.mail.always(MAILS[BO], TEMPORARY)
    world.text.always(NUMBERS[KIT], UNKNOWN)
    world.ana_calls()
    world.pass_time(minutes=6)
    world.says(BO, Saying.YES)
    world.pass_time(minutes=12)
    world.says(KIT, Saying.YES)
    intake.in_touch(world.call_id, world.time, person=KIT)
    world.pass_time(minutes=62)
    intake.resolve(world.call_id, EndedBy.HOST, world.time, reason="Ana rang the desk")
    world.pass_time(hours=2)

    assert [row for row in world.rows() if row.status in ("planned", "leased")] == []


@pytest.mark.parametrize("outcomes", list(product((PERMANENT, TEMPORARY, UNKNOWN, QUEUED), repeat=2)))
def test_every_way_that_waits_is_reached_or_cancelled(
    world: World, outcomes: tuple[BaseException, BaseException]
) -> None:
    """Whatever comes of the news, no row waits for ever to be brought forward."""
    a_ladder((SAM, BO))
    a_way(SAM, "sms")
    world.ana_calls()
    world.send_due()
    world.mail.always(MAILS[SAM], outcomes[0])
    world.text.always(NUMBERS[SAM], outcomes[1])
    world.says(BO, Saying.YES)
    world.pass_time(minutes=9)
    for row in world.rows(SAM, Purpose.STAND_DOWN):
        assert row.status != "planned" or row.due is not None

    intake.resolve(world.call_id, EndedBy.CALLER, world.time)
    world.pass_time(minutes=90)
    assert [row for row in world.rows() if row.status == "planned"] == []
