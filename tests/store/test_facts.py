"""What the rules are told: nothing that is not so at this instant."""

from datetime import date, datetime, time, timedelta

import pytest

from nightlight import config
from nightlight.channels.base import OutcomeUnknown, PermanentFailure, TemporaryFailure
from nightlight.engine.effects import Purpose
from nightlight.engine.events import EndedBy
from nightlight.engine.facts import Facts, Member, WayUse
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need, Offer
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.store.consent import NeverContacted, is_within_hours
from nightlight.store.facts import load_facts
from nightlight.store.models import Circle, ContactMethod, Membership, NeverContact, Notification
from nightlight.store.sealing import ADDRESS, look_up_hash
from nightlight.worker.points import drive
from tests.factories import a_circle, a_ladder, a_member, a_never_contact, a_step, a_way
from tests.people import ANA, BO, KIT, MAILS, NOA, NOON, NUMBERS, SAM
from tests.worker.simulated_channel import QUEUED
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def facts(world: World) -> Facts:
    circle = Circle.objects.get(person_id=ANA)
    alert = world.alert() if world.call_id else None
    return load_facts(circle, alert, world.call_id or "new", world.time, world.on)


def member(world: World, person: PersonId = SAM) -> Member:
    return facts(world).member(person)


def uses(world: World, person: PersonId = SAM) -> list[WayUse]:
    return [way.use for way in member(world, person).ways]


# ------------------------------------------------------------------ who may be asked


def test_somebody_who_agreed_is_told_as_they_are(world: World) -> None:
    a_member(SAM, offers=("talk", "come"), wake_me=True)

    known = member(world)
    assert (known.consents, known.removed, known.within_hours, known.wake_me) == (True, False, True, True)
    assert known.offers == {Offer.TALK, Offer.COME}
    assert facts(world).member(NOA).removed


@pytest.mark.parametrize(
    "change",
    [
        {"agreed_on": None},
        {"agreed_until": date(2026, 11, 20)},
        {"paused_until": NOON + timedelta(seconds=1)},
    ],
)
def test_whoever_did_not_agree_paused_or_outlived_it_does_not_consent(
    world: World, change: dict[str, object]
) -> None:
    a_member(SAM)
    Membership.objects.update(**change)

    assert not member(world).consents
    assert not member(world).removed


def test_an_agreement_holds_to_the_end_of_its_last_day_where_they_live(world: World) -> None:
    a_member(SAM, agreed_until=date(2026, 11, 21))
    world.time = datetime.fromisoformat("2026-11-21T23:59:59+00:00")
    assert member(world).consents
    world.time += timedelta(seconds=1)
    assert not member(world).consents


def test_a_pause_that_is_over_is_none(world: World) -> None:
    a_member(SAM)
    Membership.objects.update(paused_until=NOON)

    assert member(world).consents


@pytest.mark.parametrize("by", ["person", "address"])
def test_who_is_never_contacted_is_removed_whatever_else_is_set(world: World, by: str) -> None:
    a_member(SAM)
    a_way(SAM, "sms")
    if by == "address":
        a_never_contact(NUMBERS[SAM])
    else:
        NeverContact.objects.create(circle=a_circle(ANA), person_id=SAM, added_at=NOON)

    assert member(world).removed


def test_an_address_kept_under_an_older_key_is_still_never_contacted(
    world: World, with_settings: object
) -> None:
    a_member(SAM)
    a_never_contact(MAILS[SAM])
    with_settings(keys=("another-key-for-tests-that-protects-nobody", *_keys()))  # type: ignore[operator]
    ContactMethod.objects.update(address_hash=look_up_hash(MAILS[SAM], ADDRESS))

    assert member(world).removed


def _keys() -> tuple[str, ...]:
    return config.current().keys


def test_an_address_nobody_can_read_keeps_only_itself_from_being_compared(world: World) -> None:
    """One unreadable row must not silence a whole call."""
    a_member(SAM)
    a_member(BO)
    a_never_contact(NUMBERS[KIT])
    ContactMethod.objects.filter(person_id=SAM).update(
        address_sealed="00000000gibberish", address_hash="00000000" + "0" * 64
    )

    assert not member(world, BO).removed
    assert not NeverContacted(a_circle(ANA)).has_way(ContactMethod.objects.get(person_id=SAM))


def test_ways_that_ended_are_not_proven_or_belong_to_a_channel_that_is_off_are_none(world: World) -> None:
    a_member(SAM)
    a_way(SAM, "sms", ended_at=NOON)
    a_way(SAM, "push")
    a_way(SAM, "sms", "+447700900999").proven_at = None
    ContactMethod.objects.filter(address_hash=look_up_hash("+447700900999", ADDRESS)).update(proven_at=None)

    assert len(member(world).ways) == 1


def test_whoever_has_an_open_call_of_their_own_is_known_to_have_one(world: World) -> None:
    a_ladder((SAM,))
    a_ladder((KIT,), of=SAM)
    assert not member(world).has_open_alert
    own = intake.call(SAM, Need.TALK, world.time)
    assert member(world).has_open_alert

    intake.resolve(own.alert_id, EndedBy.CALLER, world.time)
    assert not member(world).has_open_alert


def test_last_asked_is_by_anyones_call(world: World) -> None:
    a_ladder((SAM, KIT))
    a_member(SAM, of=NOA)
    a_step(SAM, of=NOA)
    assert member(world).last_asked_at is None
    intake.call(NOA, Need.TALK, world.time)

    assert member(world).last_asked_at == world.time
    assert member(world, KIT).last_asked_at is None


def test_who_came_onto_the_ladder_since_is_named_in_ladder_order(world: World) -> None:
    a_ladder((SAM,))
    world.ana_calls()
    for person in (KIT, BO):
        a_member(person)
        a_step(person)

    assert facts(world).added == (KIT, BO)


# ------------------------------------------------------------------ hours


@pytest.mark.parametrize(
    ("start", "end", "at", "within"),
    [
        ("08:00", "23:00", "2026-11-21T08:00", True),
        ("08:00", "23:00", "2026-11-21T23:00", False),
        ("22:00", "06:00", "2026-11-21T23:30", True),
        ("22:00", "06:00", "2026-11-21T05:59", True),
        ("22:00", "06:00", "2026-11-21T06:00", False),
        ("00:00", "00:00", "2026-11-21T12:00", True),
        # Lisbon is an hour ahead of UTC in summer, and the night the clocks go back has two of one hour.
        ("08:00", "23:00", "2026-07-01T07:30", True),
        ("01:00", "01:30", "2026-10-25T00:15", True),
        ("01:00", "01:30", "2026-10-25T01:15", True),
        # The night they go forward has none.
        ("01:00", "02:00", "2026-03-29T01:00", False),
    ],
)
def test_hours_are_those_of_where_they_live(start: str, end: str, at: str, within: bool) -> None:
    now = datetime.fromisoformat(f"{at}+00:00")

    assert is_within_hours(time.fromisoformat(start), time.fromisoformat(end), now, "Europe/Lisbon") is within


def test_without_hours_it_is_always_within_them() -> None:
    assert is_within_hours(None, None, NOON, "Europe/Lisbon")


# ------------------------------------------------------------------ what the outbox knows


def test_how_far_each_way_has_come(world: World) -> None:
    a_ladder((SAM,), (BO,))
    a_way(SAM, "sms", after=timedelta(minutes=2))
    assert uses(world) == [WayUse.UNUSED, WayUse.UNUSED]
    world.ana_calls()
    assert uses(world) == [WayUse.UNUSED, WayUse.UNUSED]
    claimed = world.claim()[0]
    assert uses(world) == [WayUse.LIVE, WayUse.UNUSED]
    drive(world.deliver(claimed))
    assert uses(world) == [WayUse.LIVE, WayUse.UNUSED]


@pytest.mark.parametrize(
    ("reaction", "use"),
    [
        (TemporaryFailure("busy"), WayUse.FAILING),
        (PermanentFailure("refused"), WayUse.DEAD),
        (OutcomeUnknown("timeout"), WayUse.LIVE),
        (QUEUED, WayUse.LIVE),
    ],
)
def test_what_came_of_it_is_told(world: World, reaction: BaseException, use: WayUse) -> None:
    a_ladder((SAM, BO))
    world.mail.will(MAILS[SAM], reaction)
    world.ana_calls()
    world.send_due()

    assert uses(world) == [use]
    assert bool(member(world).reached_by) is (use is WayUse.LIVE)


def test_what_a_hold_cancelled_has_not_gone_out(world: World) -> None:
    a_ladder((SAM, BO))
    a_way(SAM, "sms", after=timedelta(minutes=2))
    world.ana_calls()
    world.send_due()
    world.says(BO, Saying.YES)

    assert uses(world) == [WayUse.LIVE, WayUse.UNUSED]


def test_use_speaks_of_the_last_ask_and_reached_by_of_every_one(world: World) -> None:
    a_ladder((SAM,))
    a_way(SAM, "sms", after=timedelta(minutes=20))
    world.ana_calls()
    world.pass_time(minutes=5)
    first = world.alert().ask_of(SAM)
    world.mail.always(MAILS[SAM], TemporaryFailure("busy"))
    world.text.always(NUMBERS[SAM], TemporaryFailure("busy"))
    world.pass_time(minutes=11)
    again = world.alert().ask_of(SAM)
    assert first is not None
    assert again is not None
    assert again.message > first.message

    assert member(world).asked_by == again.message
    assert uses(world) == [WayUse.FAILING, WayUse.FAILING]
    assert len(member(world).reached_by) == 1


def test_the_best_proven_way_comes_first(world: World) -> None:
    a_ladder((SAM,))
    a_way(SAM, "sms")
    world.mail.always(MAILS[SAM], QUEUED)
    world.ana_calls()
    world.send_due()
    text = ContactMethod.objects.get(person_id=SAM, channel="sms")
    mail = ContactMethod.objects.get(person_id=SAM, channel="smtp")
    assert member(world).reached_by == (text.pk, mail.pk)

    Notification.objects.filter(contact_method=mail).update(evidence="delivered", status="delivered")
    assert member(world).reached_by == (mail.pk, text.pk)


def test_stood_down_is_only_who_was_really_told_in_this_hold(world: World) -> None:
    a_ladder((SAM, BO))
    world.ana_calls()
    world.send_due()
    world.says(BO, Saying.YES)
    assert not member(world).stood_down
    world.send_due()
    assert member(world).stood_down

    world.says(BO, Saying.HAND_ON)
    assert not member(world).stood_down
    assert world.statuses(SAM, Purpose.REOPENED) == ["planned"]


def test_who_is_not_in_the_circle_is_told_of_nothing(world: World) -> None:
    a_ladder((SAM,))
    a_ladder((KIT,), of=NOA)
    world.ana_calls()

    assert set(facts(world).members) == {SAM}
