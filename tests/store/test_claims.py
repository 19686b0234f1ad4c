"""What is taken to be sent, in which order, and what is not sent after all."""

import json
from collections.abc import Callable
from datetime import time, timedelta

import pytest

from nightlight.engine.effects import Purpose
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need
from nightlight.engine.retries import Outcome
from nightlight.engine.state import AlertStatus
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.store import claims, lapses, outbox
from nightlight.store.models import (
    Alert,
    Attempt,
    Circle,
    ContactMethod,
    Host,
    Membership,
    Notification,
    NotificationStatus,
    Person,
)
from nightlight.store.sealing import seal
from nightlight.worker.points import drive
from tests.factories import a_ladder, a_member, a_never_contact, a_step, a_way, an_alert
from tests.people import ANA, BO, KIT, MAILS, MIRA, NOA, NOON, NUMBERS, SAM
from tests.store.stories import row_of, sam_has_mail_and_text
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MINUTE = timedelta(minutes=1)


# ------------------------------------------------------------------ order and slots


def test_first_asks_go_before_everything_else(world: World) -> None:
    a_ladder((SAM,))
    a_way(ANA)
    world.ana_calls()
    world.send_due()
    world.says(SAM, Saying.YES)
    a_ladder((KIT,), of=NOA)
    intake.call(NOA, Need.TALK, world.time)

    assert [n.person_id for n in _claimed(world)] == [KIT, ANA]


def test_of_two_first_asks_the_one_that_waits_longer_goes_first(world: World) -> None:
    a_ladder((KIT,), of=NOA)
    a_ladder((SAM,))
    intake.call(NOA, Need.TALK, world.time)
    world.time += timedelta(seconds=1)
    world.ana_calls()

    assert [n.person_id for n in _claimed(world)] == [KIT, SAM]


def _claimed(world: World) -> list[Notification]:
    return [Notification.objects.get(pk=claimed.notification) for claimed in world.claim()]


def test_no_more_is_taken_than_there_are_hands(world: World) -> None:
    people = [PersonId(f"friend{number}") for number in range(5)]
    a_ladder(tuple(people))
    world.ana_calls()

    assert len(world.claim(smtp=2, sms=2)) == 2
    assert world.claim(smtp=0, sms=2) == []
    assert len(world.claim(smtp=8, sms=8)) == 3


def test_a_channel_whose_hands_are_full_hides_no_other(world: World) -> None:
    people = [PersonId(f"friend{number}") for number in range(12)]
    a_ladder((*people, SAM))
    ContactMethod.objects.filter(person_id=SAM).delete()
    a_way(SAM, "sms")
    world.ana_calls()

    assert [n.person_id for n in _claim_rows(world.claim(smtp=0, sms=1))] == [SAM]


def _claim_rows(claimed: list[outbox.Claim]) -> list[Notification]:
    return [Notification.objects.get(pk=each.notification) for each in claimed]


def test_what_is_not_due_yet_and_what_waits_to_be_brought_forward_stays(world: World) -> None:
    sam_has_mail_and_text(world)

    assert [n.channel for n in _claimed(world)] == ["smtp"]
    assert world.claim() == []


def test_an_attempt_is_written_down_before_anything_is_sent(world: World) -> None:
    sam_has_mail_and_text(world)
    claimed = world.claim()[0]

    attempt = Attempt.objects.get(pk=claimed.attempt)
    assert (attempt.number, attempt.outcome, attempt.lease_token) == (1, "", claimed.lease_token)
    assert world.mail.handed == []


def test_a_call_that_waits_for_the_host_sends_nothing_and_lets_the_worker_sleep(world: World) -> None:
    sam_has_mail_and_text(world)
    Alert.objects.update(waits_for_host=True)

    assert world.claim() == []
    assert outbox.first_due() is None


# ------------------------------------------------------------------ what is not sent after all


@pytest.mark.parametrize(
    "withdraw",
    [
        lambda: Membership.objects.filter(person_id=SAM).update(paused_until=NOON + timedelta(days=1)),
        lambda: Membership.objects.filter(person_id=SAM).update(agreed_on=None),
        lambda: Membership.objects.filter(person_id=SAM).update(ended_at=NOON),
        lambda: a_never_contact(MAILS[SAM]),
        lambda: ContactMethod.objects.filter(person_id=SAM).update(ended_at=NOON),
        lambda: ContactMethod.objects.filter(person_id=SAM).update(proven_at=None),
    ],
    ids=["paused", "not agreed", "left", "never contact", "ways ended", "ways not proven"],
)
def test_what_was_withdrawn_a_moment_ago_is_not_sent(world: World, withdraw: Callable[[], object]) -> None:
    sam_has_mail_and_text(world)
    withdraw()
    world.send_due()

    assert world.handed(SAM) == []
    assert world.rows(SAM)[0].status == NotificationStatus.SKIPPED
    assert ("skipped", SAM) in world.lines()
    assert len(world.handed(BO)) == 1


def test_when_a_way_is_passed_over_the_next_goes_at_once(world: World) -> None:
    sam_has_mail_and_text(world)
    ContactMethod.objects.filter(person_id=SAM, channel="smtp").update(ended_at=world.time)

    assert world.claim(smtp=1) == []
    assert world.rows(SAM)[1].due == world.time
    assert [n.channel for n in _claimed(world)] == ["sms"]


def test_when_somebody_has_no_way_left_the_next_person_is_asked_at_once(world: World) -> None:
    a_ladder((SAM,), (BO,))
    world.ana_calls()
    ContactMethod.objects.filter(person_id=SAM).update(ended_at=world.time)
    world.send_due()

    assert len(world.handed(BO)) == 1
    assert world.handed(SAM) == []


def test_a_way_that_comes_due_outside_their_hours_is_passed_over(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_way(SAM, "sms", after=timedelta(minutes=2))
    Membership.objects.filter(person_id=SAM).update(hours_from=time(8), hours_until=time(12, 1))
    world.ana_calls()
    world.pass_time(minutes=3)

    assert [m.to for m in world.handed(SAM)] == [MAILS[SAM]]
    assert world.statuses(SAM) == ["accepted", "skipped"]


def test_who_agreed_to_be_woken_is_woken_for_what_is_urgent_and_for_nothing_else(world: World) -> None:
    a_ladder((SAM, BO))
    Membership.objects.update(hours_from=time(20), hours_until=time(8), wake_me=True)
    Membership.objects.filter(person_id=SAM).update(wake_me=False)
    world.ana_calls(Need.COME)
    world.send_due()

    assert len(world.handed(BO)) == 1
    assert world.handed(SAM) == []


@pytest.mark.parametrize(
    ("at", "asked"), [("23:30", True), ("00:30", True), ("06:30", False), ("12:00", False)]
)
def test_hours_may_cross_midnight(world: World, at: str, asked: bool) -> None:
    a_ladder((SAM,))
    Membership.objects.update(hours_from=time(22), hours_until=time(6))
    world.time = world.time.replace(hour=int(at[:2]), minute=int(at[3:]))
    world.ana_calls()
    world.send_due()

    assert bool(world.handed(SAM)) is asked


def test_a_channel_that_was_switched_off_is_a_way_that_failed_not_one_that_waits_for_ever(
    world: World,
) -> None:
    sam_has_mail_and_text(world)
    only_text = {"sms": 8}

    assert [n.channel for n in _claim_rows(claims.claim(world.time, only_text, {"sms": 1}))] == ["sms"]
    assert world.rows(SAM)[0].why == "channel_off"


def test_when_every_channel_of_somebody_was_switched_off_the_next_person_is_asked(world: World) -> None:
    a_ladder((SAM,), (BO,))
    ContactMethod.objects.filter(person_id=BO).delete()
    a_way(BO, "sms")
    world.ana_calls()
    del world.channels["smtp"]

    world.send_due()
    assert len(world.handed(BO)) == 1


def test_what_breaks_in_the_claim_holds_up_nobody_else_and_the_next_way_goes(world: World) -> None:
    sam_has_mail_and_text(world)
    a_ladder((KIT,), of=NOA)
    # A time zone no release ever wrote: whoever reads Sam's hours breaks on it.
    Membership.objects.filter(person_id=SAM).update(hours_from=time(8), hours_until=time(20))
    Person.objects.filter(pk=SAM).update(time_zone="Nowhere/Never")
    intake.call(NOA, Need.TALK, world.time)

    assert [n.person_id for n in _claimed(world)] == [KIT]
    # His text was brought forward and broke as well; both are looked at again, and hide nobody.
    assert [row.due for row in world.rows(SAM)] == [world.time + MINUTE] * 2
    assert world.claim() == []


def test_the_taker_is_not_asked_when_the_sender_was_held_up(world: World) -> None:
    a_ladder((SAM, BO))
    world.ana_calls()
    held_up = world.claim()
    world.says(BO, Saying.YES)
    world.time += timedelta(seconds=2)
    for claimed in held_up:
        drive(world.deliver(claimed))

    assert world.mail.handed == []
    assert world.statuses(SAM) == ["cancelled"]


def test_an_ask_that_a_hold_stopped_in_the_senders_hands_goes_out_when_the_hold_is_over(
    world: World,
) -> None:
    a_ladder((SAM, BO))
    world.ana_calls()
    held_up = {row_of(claimed).person_id: claimed for claimed in world.claim()}
    drive(world.deliver(held_up[BO]))
    world.says(BO, Saying.YES)
    world.time += timedelta(seconds=2)
    drive(world.deliver(held_up[SAM]))
    assert world.handed(SAM) == []

    world.says(BO, Saying.HAND_ON)
    world.send_due()

    assert len(world.handed(SAM)) == 1


def test_a_claim_that_was_held_up_and_is_still_wanted_gets_a_fresh_lease(world: World) -> None:
    sam_has_mail_and_text(world)
    claimed = world.claim()[0]
    world.time += timedelta(seconds=10)

    assert claims.still_wanted(claimed, world.time, channels_on=world.on)
    assert world.rows(SAM)[0].lease_until == world.time + timedelta(seconds=claims.LEASE_SECONDS)


# ------------------------------------------------------------------ news


def test_news_never_overtakes_the_ask_it_speaks_of(world: World) -> None:
    a_ladder((SAM, BO))
    world.ana_calls()
    in_flight = {row_of(claimed).person_id: claimed for claimed in world.claim()}
    drive(world.deliver(in_flight[BO]))
    world.says(BO, Saying.YES)

    assert world.claim() == []
    drive(world.deliver(in_flight[SAM]))
    assert [n.purpose for n in _claimed(world)] == [Purpose.STAND_DOWN]


def test_a_stand_down_whose_hold_is_over_is_not_sent_any_more(world: World) -> None:
    """It would say that someone has it when nobody has."""
    a_ladder((SAM, BO))
    world.ana_calls()
    world.send_due()
    world.says(BO, Saying.YES)
    stand_down = world.claim()[0]
    world.says(BO, Saying.HAND_ON)
    outbox.settle(stand_down, Outcome.TEMPORARY, world.time, providers=1, channels_on=world.on, reason="busy")
    world.pass_time(minutes=2)

    assert world.statuses(SAM, Purpose.STAND_DOWN) == ["cancelled"]
    assert world.statuses(SAM, Purpose.REOPENED) == ["accepted"]


def test_old_news_is_not_sent_and_an_old_ask_of_an_open_call_is(world: World) -> None:
    a_ladder((SAM,))
    a_way(ANA)
    world.ana_calls()
    Notification.objects.update(due=world.time)
    world.time += timedelta(hours=3)
    world.send_due()
    assert len(world.handed(SAM)) == 1
    assert "12:00" in world.handed(SAM)[0].text

    world.says(SAM, Saying.YES)
    world.time += timedelta(hours=2)
    world.send_due()
    assert world.handed(ANA) == []
    assert [row.why for row in world.rows(ANA)] == ["stale"]


def test_the_host_is_told_by_the_ways_they_have_now(world: World) -> None:
    ways = [{"channel": "smtp", "to": MAILS[MIRA]}, {"channel": "sms", "to": NUMBERS[MIRA]}]
    host = Host.objects.create(ways_sealed=seal(json.dumps(ways)))
    a_ladder((SAM,))
    world.ana_calls()
    world.pass_time(minutes=4)
    host.ways_sealed = seal(json.dumps(ways[1:]))
    host.save()
    world.pass_time(minutes=2)
    assert world.row().status == AlertStatus.EXHAUSTED

    assert [m.to for m in world.handed(MIRA)] == [NUMBERS[MIRA]]


def test_a_way_of_the_host_that_is_gone_is_passed_over(world: World) -> None:
    Host.objects.create(ways_sealed=seal(f'[{{"channel": "smtp", "to": "{MAILS[MIRA]}"}}]'))
    a_ladder((SAM,))
    world.ana_calls()
    for claimed in world.claim():
        drive(world.deliver(claimed))
    world.time += timedelta(minutes=5)
    drive(world.waker.round(world.time))
    Host.objects.update(ways_sealed=seal(f'[{{"channel": "sms", "to": "{NUMBERS[MIRA]}"}}]'))
    world.send_due()

    assert world.handed(MIRA) == []
    assert [(n.status, n.why) for n in world.rows(purpose=Purpose.HOST_NEWS)] == [
        ("skipped", "way_withdrawn")
    ]


# ------------------------------------------------------------------ leases


def test_a_lease_that_still_runs_is_left_alone(world: World) -> None:
    sam_has_mail_and_text(world)
    world.claim()

    assert lapses.lapsed(world.time + timedelta(seconds=14)) == []
    assert len(lapses.lapsed(world.time + timedelta(seconds=16))) == 1


def test_a_clock_set_back_keeps_no_lease_alive(world: World) -> None:
    sam_has_mail_and_text(world)
    world.claim()

    assert len(lapses.lapsed(world.time - timedelta(hours=1))) == 1


def test_news_of_somebodys_own_call_goes_only_while_they_want_it(world: World) -> None:
    a_ladder((SAM,))
    a_way(ANA)
    world.ana_calls()
    world.send_due()
    world.says(SAM, Saying.YES)
    Circle.objects.update(tell_caller=False)
    world.send_due()

    assert world.handed(ANA) == []


def test_an_unrelated_call_claims_nothing_of_this_one(world: World) -> None:
    a_ladder((SAM,))
    a_member(KIT, of=NOA)
    a_step(KIT, of=NOA)
    an_alert(NOA)
    world.ana_calls()

    assert {n.alert_id for n in _claimed(world)} == {world.call_id}
