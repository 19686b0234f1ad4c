"""A call that is only imagined: who would be tried, when, by which way, and who would not."""

from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.apps import apps

from nightlight.engine.needs import Need
from nightlight.intake import alert as intake
from nightlight.intake import channels
from nightlight.intake.alert import NotPossible
from nightlight.intake.rehearse import Rehearsal, rehearse
from nightlight.store.models import Membership, NeverContact, Notification
from nightlight.store.standing import WhyNot
from tests.factories import (
    a_circle,
    a_ladder,
    a_member,
    a_never_contact,
    a_person,
    a_step,
    a_way,
    an_alert,
)
from tests.people import ANA, BO, KIT, MAILS, NOA, NOON, NUMBERS, SAM

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def mail_is_on(with_settings: Callable[..., Any]) -> Iterator[None]:
    with_settings(smtp_urls=("smtp://127.0.0.1:9",), mail_from="circle@example.org")
    channels.switched_on.cache_clear()
    yield
    channels.switched_on.cache_clear()


def tried(rehearsal: Rehearsal) -> list[tuple[str, timedelta, str]]:
    """Who, how long after the call, by which way."""
    return [(each.who, each.at - rehearsal.at, each.channel) for each in rehearsal.tries]


def not_asked(rehearsal: Rehearsal) -> dict[str, WhyNot | None]:
    return {each.who: each.why for each in rehearsal.not_asked}


def test_one_step_follows_another_until_everybody_was_tried() -> None:
    a_ladder((SAM,), (BO, KIT))

    found = rehearse(ANA, Need.TALK, NOON)

    assert tried(found) == [
        (SAM, 0 * MINUTE, "smtp"),
        (BO, 5 * MINUTE, "smtp"),
        (KIT, 5 * MINUTE, "smtp"),
    ]
    assert [each.step for each in found.tries] == [1, 2, 2]
    assert found.all_tried_at == NOON + 10 * MINUTE
    assert found.next_round_at == NOON + 20 * MINUTE
    assert found.not_asked == ()


def test_each_way_goes_out_at_its_own_time_also_after_the_ladder_moved_on() -> None:
    a_ladder((SAM,), (BO,))
    a_way(SAM, "smtp", "sam.at.work@example.org", after=7 * MINUTE)

    assert tried(rehearse(ANA, Need.TALK, NOON)) == [
        (SAM, 0 * MINUTE, "smtp"),
        (BO, 5 * MINUTE, "smtp"),
        (SAM, 7 * MINUTE, "smtp"),
    ]


def test_a_fair_step_asks_one_after_another_the_least_lately_asked_first() -> None:
    a_member(SAM)
    a_member(BO)
    a_step(SAM, BO, fair=True)
    Membership.objects.filter(person=SAM).update(last_asked_at=NOON - timedelta(days=1))

    assert tried(rehearse(ANA, Need.TALK, NOON)) == [(BO, 0 * MINUTE, "smtp"), (SAM, 5 * MINUTE, "smtp")]


def test_hours_are_those_of_the_moment_asked_about() -> None:
    a_ladder((SAM,), (BO,))
    Membership.objects.filter(person=BO).update(hours_from=time(8), hours_until=time(23))
    night = NOON + timedelta(hours=11, minutes=30)

    assert [who for who, *_ in tried(rehearse(ANA, Need.TALK, NOON))] == [SAM, BO]
    assert not_asked(rehearse(ANA, Need.TALK, night)) == {BO: WhyNot.OUTSIDE_HOURS}


def test_an_urgent_need_passes_the_hours_of_who_agreed_to_be_woken() -> None:
    a_member(SAM, offers=("come",), wake_me=True)
    a_step(SAM)
    Membership.objects.update(hours_from=time(8), hours_until=time(10))

    assert not_asked(rehearse(ANA, Need.TALK, NOON)) == {SAM: WhyNot.OUTSIDE_HOURS}
    assert [who for who, *_ in tried(rehearse(ANA, Need.COME, NOON))] == [SAM]


def test_everyone_who_would_not_be_asked_is_named_with_the_reason() -> None:
    a_ladder((SAM,))
    a_member(BO, agreed_on=None)
    a_member(KIT, agreed_until=date(2026, 11, 20))
    a_member(NOA)
    Membership.objects.filter(person=NOA).update(paused_until=NOON + MINUTE)

    assert not_asked(rehearse(ANA, Need.TALK, NOON)) == {
        BO: WhyNot.NOT_ASKED_YET,
        KIT: WhyNot.AGREEMENT_OVER,
        NOA: WhyNot.PAUSED,
    }


def test_never_contact_leaving_and_having_no_way_are_reasons_too() -> None:
    a_ladder((SAM,), (BO,), (KIT,), (NOA,))
    a_never_contact(MAILS[SAM])
    Membership.objects.filter(person=BO).update(ended_at=NOON - MINUTE)
    a_person(KIT).ways.update(ended_at=NOON - MINUTE)
    a_person(NOA).ways.update(channel="sms")

    found = rehearse(ANA, Need.TALK, NOON)

    assert found.tries == ()
    assert not_asked(found) == {
        SAM: WhyNot.NEVER_CONTACT,
        BO: WhyNot.LEFT,
        KIT: WhyNot.NO_WAY,
        NOA: WhyNot.CHANNEL_OFF,
    }
    assert found.all_tried_at == NOON


def test_who_is_on_no_step_has_an_own_call_or_offers_something_else_is_passed_over() -> None:
    a_ladder((SAM,), (BO,), (KIT,))
    a_member(NOA)
    an_alert(BO)
    Membership.objects.filter(person=KIT).update(offers=["drive"])

    assert not_asked(rehearse(ANA, Need.TALK, NOON)) == {
        BO: WhyNot.OWN_CALL,
        KIT: WhyNot.OFFERS_SOMETHING_ELSE,
        NOA: WhyNot.NOT_ON_LADDER,
    }


def test_a_wish_nobody_offers_is_asked_of_everybody_with_softer_words() -> None:
    a_ladder((SAM,), (BO,))

    assert [each.wished for each in rehearse(ANA, Need.COMPANY, NOON).tries] == [True, True]
    assert [each.wished for each in rehearse(ANA, Need.TALK, NOON).tries] == [False, False]
    assert rehearse(ANA, Need.STAY, NOON).tries == ()


def test_in_danger_everybody_is_asked_at_once() -> None:
    a_ladder((SAM,), (BO, KIT))

    assert {after for _, after, _ in tried(rehearse(ANA, Need.DANGER, NOON))} == {timedelta(0)}


def test_it_is_what_a_real_call_does_and_it_writes_nothing() -> None:
    a_ladder((SAM, BO))
    a_way(SAM, "smtp", "sam.at.work@example.org", after=2 * MINUTE)
    before = {model: model._default_manager.count() for model in apps.get_app_config("store").get_models()}

    found = rehearse(ANA, Need.TALK, NOON)

    assert before == {model: model._default_manager.count() for model in before}
    intake.call(ANA, Need.TALK, NOON)
    planned = Notification.objects.filter(purpose="ask").order_by("due", "person_id")
    assert sorted((each.who, each.at) for each in found.tries) == sorted(
        (row.person_id, row.due) for row in planned
    )


def test_without_a_circle_or_a_step_there_is_nothing_to_rehearse() -> None:
    for person in ("zed", ANA):
        with pytest.raises(NotPossible, match="circle import"):
            rehearse(person, Need.TALK, NOON)
    a_circle(ANA)
    with pytest.raises(NotPossible):
        rehearse(ANA, Need.TALK, NOON)


def test_somebody_never_to_be_contacted_by_name_is_not_asked() -> None:
    circle = a_ladder((SAM,), (BO,))
    NeverContact.objects.create(circle=circle, person=a_person(BO), added_at=NOON)
    a_way(BO, "sms", NUMBERS[BO])

    assert not_asked(rehearse(ANA, Need.TALK, NOON)) == {BO: WhyNot.NEVER_CONTACT}
