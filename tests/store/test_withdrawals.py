"""Whoever leaves, and whatever way is taken away, counts from that moment, in open calls too."""

from datetime import timedelta

import pytest

from nightlight.channels.base import PermanentFailure
from nightlight.engine.effects import Purpose
from nightlight.engine.events import EndedBy
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.store.models import ContactMethod, Membership, Notification
from nightlight.store.races import racing
from nightlight.store.withdrawals import (
    STOPPED,
    Moment,
    end_member,
    remove_responder,
    take_up_way_again,
    withdraw_way,
)
from tests.factories import a_ladder, a_member, a_never_contact, a_step, a_way
from tests.people import ANA, BO, MAILS, NOA, NUMBERS, SAM
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def moment(world: World) -> Moment:
    return Moment(now=world.time, channels_on=world.on)


def leaves(world: World, person: str = SAM, of: str = ANA) -> None:
    member = Membership.objects.get(person_id=person, circle_id=of)
    racing(lambda: end_member(member, "left", moment(world)))


def stops(world: World, channel: str, person: str = SAM) -> bool:
    way = ContactMethod.objects.get(person_id=person, channel=channel)
    return racing(lambda: withdraw_way(way, STOPPED, moment(world)))


def test_the_step_ends_at_once_when_its_last_person_leaves(world: World) -> None:
    a_ladder((SAM,), (BO,))
    world.ana_calls()
    leaves(world)
    world.send_due()

    assert world.handed(SAM) == []
    assert len(world.handed(BO)) == 1
    assert ("removed", SAM) in world.lines()


def test_when_the_taker_leaves_the_ladder_goes_on_and_the_caller_knows(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_way(ANA)
    world.ana_calls()
    world.send_due()
    world.says(SAM, Saying.YES)
    world.send_due()
    leaves(world)
    world.send_due()

    assert len(world.handed(BO)) == 1
    assert len(world.handed(ANA)) == 2


def test_leaving_one_circle_leaves_the_calls_of_another_alone(world: World) -> None:
    a_ladder((SAM,))
    a_member(SAM, of=NOA)
    a_step(SAM, of=NOA)
    other = intake.call(NOA, Need.TALK, world.time).alert_id
    world.ana_calls()
    leaves(world)
    world.send_due()

    assert Notification.objects.get(alert_id=other, person_id=SAM).status == "accepted"


def test_what_a_call_that_is_over_still_had_for_them_is_dropped(world: World) -> None:
    a_ladder((SAM,))
    a_way(SAM, "sms")
    world.ana_calls()
    world.send_due()
    intake.resolve(world.call_id, EndedBy.CALLER, world.time)
    leaves(world)

    assert world.statuses(SAM, Purpose.ALL_CLEAR) == ["cancelled", "cancelled"]


def test_who_is_put_on_the_never_contact_list_is_removed_from_the_open_call(world: World) -> None:
    a_ladder((SAM,), (BO,))
    world.ana_calls()
    a_never_contact(MAILS[SAM])
    racing(lambda: remove_responder(ANA, SAM, moment(world)))
    world.send_due()

    assert world.handed(SAM) == []
    assert world.says(SAM, Saying.YES).advanced.refused == "removed"


def test_a_way_that_is_stopped_is_used_no_more_and_the_next_goes_at_once(world: World) -> None:
    a_ladder((SAM,))
    a_way(SAM, "sms", after=timedelta(minutes=2))
    world.ana_calls()
    assert stops(world, "smtp")
    world.send_due()

    assert [m.to for m in world.handed(SAM)] == [NUMBERS[SAM]]
    assert not stops(world, "smtp")


def test_a_way_that_is_stopped_counts_in_every_open_call(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_member(SAM, of=NOA)
    a_step(SAM, of=NOA)
    world.ana_calls()
    other = intake.call(NOA, Need.TALK, world.time)
    stops(world, "smtp")
    world.send_due()

    assert world.handed(SAM) == []
    assert Notification.objects.get(alert_id=other.alert_id, person_id=SAM).status == "skipped"


def test_news_goes_by_the_next_way_when_the_one_it_was_to_go_by_is_stopped(world: World) -> None:
    a_ladder((SAM, BO))
    a_way(SAM, "sms", after=timedelta(hours=1))
    world.ana_calls()
    world.send_due()
    world.says(BO, Saying.YES)
    stops(world, "smtp")
    world.send_due()

    assert [m.to for m in world.handed(SAM)] == [MAILS[SAM], NUMBERS[SAM]]


def test_stopping_a_way_that_was_only_held_ready_sends_the_news_no_second_time(world: World) -> None:
    a_ladder((SAM, BO))
    a_way(SAM, "sms", after=timedelta(hours=1))
    a_way(SAM, "sms", "+447700900999", after=timedelta(hours=1))
    world.ana_calls()
    world.send_due()
    world.says(BO, Saying.YES)
    held_by_a_sender = world.claim()
    assert len(held_by_a_sender) == 1
    way = ContactMethod.objects.filter(person_id=SAM, channel="sms").first()
    assert way is not None
    racing(lambda: withdraw_way(way, STOPPED, moment(world)))

    assert [row.due for row in world.rows(SAM, Purpose.STAND_DOWN) if row.status == "planned"] == [None]


def test_the_caller_who_stops_messages_to_themselves_does_not_stop_the_call(world: World) -> None:
    a_ladder((SAM,))
    a_way(ANA)
    world.ana_calls()
    world.says(SAM, Saying.YES)
    stops(world, "smtp", ANA)
    world.send_due()

    assert world.handed(ANA) == []
    assert world.row().status == AlertStatus.ACKNOWLEDGED


def test_only_a_way_that_was_stopped_by_a_word_is_taken_up_again(world: World) -> None:
    a_member(SAM)
    mail = ContactMethod.objects.get(person_id=SAM)
    racing(lambda: withdraw_way(mail, "import", moment(world)))
    assert not take_up_way_again(mail)

    ContactMethod.objects.update(ended_why=STOPPED)
    assert take_up_way_again(mail)
    mail.refresh_from_db()
    assert (mail.ended_at, mail.ended_why) == (None, "")


def test_a_refusal_after_the_way_was_stopped_moves_nothing_twice(world: World) -> None:
    a_ladder((SAM,), (BO,))
    world.mail.will(MAILS[SAM], PermanentFailure("refused"))
    world.ana_calls()
    claimed = world.claim()[0]
    stops(world, "smtp")
    world.send_due()
    for _ in world.deliver(claimed):
        pass
    world.send_due()

    assert len(world.handed(BO)) == 1
