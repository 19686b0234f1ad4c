"""While a rule is broken its people are asked by a fixed road, and caller and host hear of it."""

from datetime import time, timedelta

import pytest

from nightlight.channels.base import PermanentFailure
from nightlight.engine.effects import Purpose
from nightlight.engine.events import EndedBy
from nightlight.engine.receipts import Evidence
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.store import outbox, poison
from nightlight.store.models import (
    Alert,
    Membership,
    Notification,
    Person,
    TimelineEntry,
    WaitingEvent,
)
from nightlight.worker.points import drive
from tests.factories import a_ladder, a_member, a_never_contact, a_step, a_way
from tests.people import ANA, BO, KIT, MAILS, MIRA, NUMBERS, SAM
from tests.store.breaking import Breaks
from tests.store.stories import a_call_in_good_order
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_the_next_people_are_asked_plainly_and_the_step_before_keeps_its_wait(
    world: World, broken: Breaks
) -> None:
    a_call_in_good_order(world)
    with broken():
        world.says(SAM, Saying.UNDO)
        world.pass_time(minutes=4, seconds=30)
        assert world.handed(BO) == []
        world.pass_time(minutes=2)
        assert len(world.handed(BO)) == 1
        assert world.handed(KIT) == []
        world.pass_time(minutes=6)
        assert len(world.handed(KIT)) == 1


def test_a_yes_that_could_not_be_decided_stops_the_plain_asks(world: World, broken: Breaks) -> None:
    a_call_in_good_order(world)
    with broken():
        world.says(SAM, Saying.YES)
        world.pass_time(minutes=20)

    assert world.handed(BO) == []
    world.pass_time(minutes=1)
    assert world.alert().taker == SAM


def test_whoever_said_no_meanwhile_gets_nothing_more(world: World, broken: Breaks) -> None:
    a_ladder((SAM,))
    a_way(SAM, "sms", after=timedelta(minutes=2))
    world.ana_calls()
    world.send_due()
    with broken():
        world.says(SAM, Saying.NO)
        world.pass_time(minutes=4)

    assert world.text.handed == []


def test_a_plain_ask_that_fails_leads_at_once_to_that_persons_next_way_and_to_nobody_elses(
    world: World, broken: Breaks
) -> None:
    a_ladder((SAM, BO))
    for person in (SAM, BO):
        a_way(person, "sms", after=timedelta(minutes=2))
    world.mail.always(MAILS[SAM], PermanentFailure("refused"))
    with broken():
        world.ana_calls()
        world.send_due()

    assert [m.to for m in world.text.handed] == [NUMBERS[SAM]]


@pytest.mark.parametrize(
    "change", [{"paused_until": "later"}, {"ended_at": "now"}, {"agreed_on": None}, {"hours": "night"}]
)
def test_the_fixed_road_asks_nobody_who_did_not_agree(
    world: World, broken: Breaks, change: dict[str, str | None]
) -> None:
    a_ladder((SAM,))
    values: dict[str, object] = {
        "later": {"paused_until": world.time + timedelta(days=1)},
        "now": {"ended_at": world.time},
        None: {"agreed_on": None},
        "night": {"hours_from": time(22), "hours_until": time(6)},
    }[next(iter(change.values()))]  # type: ignore[assignment]
    Membership.objects.update(**values)
    with broken():
        world.ana_calls()
        world.pass_time(minutes=2)

    assert world.handed(SAM) == []


def test_the_fixed_road_never_reaches_the_never_contacted(world: World, broken: Breaks) -> None:
    a_ladder((SAM, BO))
    a_never_contact(MAILS[SAM])
    with broken():
        world.ana_calls()
        world.send_due()

    assert world.handed(SAM) == []
    assert len(world.handed(BO)) == 1


def test_somebody_on_two_steps_does_not_hide_the_others_of_the_second(world: World, broken: Breaks) -> None:
    a_ladder((SAM,))
    a_member(BO)
    a_step(SAM, BO)
    with broken():
        world.ana_calls()
        world.pass_time(minutes=7)

    assert len(world.handed(BO)) == 1
    assert len(world.handed(SAM)) == 1


def test_a_member_nobody_can_read_does_not_block_the_fixed_road(world: World) -> None:
    """Here nothing is made to break: a row no rule can read does it."""
    a_ladder((SAM, BO))
    Membership.objects.filter(person_id=SAM).update(hours_from=time(8), hours_until=time(20))
    Person.objects.filter(pk=SAM).update(time_zone="Nowhere/Never")
    raised = world.ana_calls()
    world.send_due()

    assert raised.waits
    assert len(world.handed(BO)) == 1
    Person.objects.filter(pk=SAM).update(time_zone="Europe/Lisbon")
    world.pass_time(seconds=40)
    assert world.row().poisoned_at is None
    assert len(world.handed(SAM)) >= 1


def test_when_even_the_fixed_road_breaks_the_call_is_kept(
    world: World, broken: Breaks, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_ladder((SAM,))

    def breaks(*_: object) -> None:
        raise ValueError("ours")

    monkeypatch.setattr(poison, "members_one_by_one", breaks)
    with broken():
        assert world.ana_calls().waits

    assert world.row().poison_why == "AssertionError"
    assert WaitingEvent.objects.count() == 1


def test_a_document_no_rule_can_read_is_a_call_in_trouble_and_its_open_asks_go_on(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_way(SAM, "sms", after=timedelta(minutes=2))
    world.ana_calls()
    world.send_due()
    Alert.objects.update(state={"asks": "nonsense", "holds": []})
    world.pass_time(minutes=7)

    assert world.row().poisoned_at is not None
    assert [m.to for m in world.handed(SAM)] == [MAILS[SAM], NUMBERS[SAM]]
    assert len(world.handed(BO)) == 1


# ------------------------------------------------------------------ who hears of it


def test_caller_and_host_are_told_once_and_not_again_when_it_breaks_again(
    world: World, broken: Breaks
) -> None:
    a_call_in_good_order(world)
    with broken():
        world.says(SAM, Saying.UNDO)
        world.pass_time(minutes=3)
    world.pass_time(minutes=1)
    with broken():
        world.says(SAM, Saying.UNDO)
        world.pass_time(minutes=1)

    assert len(world.handed(MIRA)) == 1
    assert len(world.handed(ANA)) == 1
    told = TimelineEntry.objects.filter(detail="in_trouble").values_list("what", flat=True)
    assert sorted(told) == ["caller_told", "host_told"]


def test_the_news_that_a_call_is_in_trouble_goes_by_the_next_way_when_the_first_fails(
    world: World, broken: Breaks
) -> None:
    a_call_in_good_order(world)
    a_way(ANA, "sms")
    world.mail.always(MAILS[ANA], PermanentFailure("refused"))
    with broken():
        world.says(SAM, Saying.UNDO)
        world.send_due()

    assert [m.to for m in world.handed(ANA)] == [MAILS[ANA], NUMBERS[ANA]]


def test_who_has_not_heard_of_the_trouble_when_it_is_over_need_not(world: World, broken: Breaks) -> None:
    a_call_in_good_order(world)
    with broken():
        world.says(SAM, Saying.UNDO)
    world.time += timedelta(seconds=1)
    drive(world.waker.round(world.time))

    assert world.statuses(ANA, Purpose.CALLER_NEWS) == ["cancelled"]


def test_a_late_report_that_breaks_on_a_closed_call_asks_nobody_and_troubles_nobody(
    world: World, broken: Breaks
) -> None:
    a_call_in_good_order(world)
    intake.resolve(world.call_id, EndedBy.CALLER, world.time)
    world.send_due()
    handed = len(world.mail.handed)
    row = world.rows(SAM, Purpose.ASK)[0]
    with broken():
        attempt = row.attempts.get()
        outbox.record_receipt(attempt.pk, Evidence.FAILED, world.time, channels_on=world.on)
        world.pass_time(minutes=3)

    assert len(world.mail.handed) == handed
    assert not Notification.objects.filter(message=-1).exists()


# ------------------------------------------------------------------ while someone has it


def test_while_someone_has_it_nobody_is_asked_plainly_until_their_time_is_over(
    world: World, broken: Breaks
) -> None:
    a_call_in_good_order(world)
    world.says(SAM, Saying.YES)
    with broken():
        world.says(SAM, Saying.RENEW)
        WaitingEvent.objects.all().delete()
        world.pass_time(minutes=9)
        assert world.handed(BO) == []
        world.pass_time(minutes=3)

        assert len(world.handed(BO)) == 1
