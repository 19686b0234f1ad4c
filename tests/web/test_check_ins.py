"""Ana makes a check-in, one question a page."""

from datetime import time, timedelta

import pytest
from django.test import Client

from nightlight.store.models import CheckIn, ContactMethod, Membership
from tests.factories import a_circle, a_person, a_way
from tests.people import ANA, BO, KIT, NOA, SAM
from tests.web.check_ins import ANSWERS, ana_has_ways, make, plain
from tests.web.house import House, everything

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NEW = "/check-ins/new"
NINE = "2026-11-21T21:00:00+00:00"


@pytest.fixture
def ana(house: House) -> Client:
    """Ana's browser, signed in; she has mail and a phone."""
    ana_has_ways()
    return house.signs_in(ANA)


def answer(ana: Client, step: str, *, status: int = 200, **more: object) -> str:
    return plain(ana.post(NEW, {**ANSWERS, "step": step, **more}), status)


def press(ana: Client, row: CheckIn, do: str, status: int = 303) -> str:
    return plain(ana.post(f"/check-ins/{row.pk}", {"do": do}), status)


# -------------------------------------------------------------------------------------------- making one


def test_without_any_the_page_says_what_it_is_and_who_switches_it_on(ana: Client) -> None:
    shown = plain(ana.get("/check-ins"))

    assert "Each is yours to switch on, and nobody else's." in shown
    assert "What happens then is your choice" in shown
    assert f'href="{NEW}"' in shown


def test_one_question_follows_another_and_nothing_is_kept_before_the_last(ana: Client) -> None:
    before = everything()
    assert "On which days shall we ask how it is?" in plain(ana.get(NEW))
    assert "At what time?" in answer(ana, "when")
    assert "How long do we wait for your word?" in answer(ana, "at")
    assert "How shall we ask you?" in answer(ana, "grace")
    assert "If no word comes, what do you want?" in answer(ana, "remind")
    assert "Shall anybody hear that you checked in?" in answer(ana, "miss")
    last = answer(ana, "note", noted=[BO])

    assert "Is this how you want it?" in last
    assert "Every day" in last
    assert "text, then email" in last
    assert "Bo will hear that you did, and nothing else." in last
    assert "Sun 22 Nov, 21:00" in last
    assert everything() == before


def test_what_was_said_is_carried_along(ana: Client) -> None:
    shown = answer(ana, "at", days="some", weekday=["MO", "TH"], at="20:15")

    for field in ('name="weekday" value="MO"', 'name="weekday" value="TH"', 'name="at" value="20:15"'):
        assert field in shown
    assert 'type="hidden" name="minutes"' not in shown


def test_the_last_button_switches_it_on(ana: Client) -> None:
    row = make(
        ana, days="some", weekday=["TH", "MO"], at="20:15", miss="tell", told=[SAM], noted=[BO], name="Tea"
    )

    assert (row.rule, row.at, row.grace) == ("FREQ=WEEKLY;BYDAY=MO,TH", time(20, 15), timedelta(minutes=45))
    assert (row.remind, row.on_miss, row.name) == (["sms", "smtp"], "tell", "Tea")
    assert [each.pk for each in row.told.all()] == [SAM]
    assert [each.pk for each in row.noted.all()] == [BO]
    assert row.on_since is not None
    assert row.window_due is not None
    assert row.window_due.isoformat() == "2026-11-23T20:15:00+00:00"
    assert "Monday and Thursday, every week" in plain(ana.get(f"/check-ins/{row.pk}?made"))


def test_a_press_that_comes_twice_makes_one(ana: Client) -> None:
    once = {"once": "0123456789abcdefXYZ"}
    made = make(ana, **once)
    press(ana, made, "off")

    assert make(ana, **once).pk == made.pk

    assert CheckIn.objects.get().on_since is None


def test_nobody_takes_the_name_of_anothers(house: House, ana: Client) -> None:
    once = {"once": "0123456789abcdefXYZ"}
    made = make(ana, **once)
    a_person(NOA)
    a_way(NOA)

    noas = make(house.signs_in(NOA), **once)

    assert noas.pk != made.pk
    assert (noas.circle_id, CheckIn.objects.get(pk=made.pk).circle_id) == (NOA, ANA)


def test_a_rule_whose_next_date_nobody_lives_to_see_is_none(ana: Client) -> None:
    far = {"days": "own", "rule": "FREQ=YEARLY;INTERVAL=40", "at": "00:30"}
    assert "We cannot read that rule." in answer(ana, "make", status=422, **far)
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize(
    ("step", "wrong", "said"),
    [
        ("when", {"days": ""}, "Please choose one of these."),
        ("when", {"days": "some"}, "Tick one day at least."),
        ("when", {"days": "own", "rule": "every full moon"}, "We cannot read that rule."),
        ("when", {"days": "own", "rule": "FREQ=HOURLY"}, "We cannot read that rule."),
        ("at", {"at": ""}, "Please write a time"),
        ("at", {"at": "25:00"}, "Please write a time"),
        ("grace", {"minutes": "0"}, "Please choose one of these."),
        ("grace", {"minutes": "99999"}, "Please choose one of these."),
        ("remind", {"first": "pigeon"}, "Please choose one of these."),
        ("miss", {"miss": "police"}, "Please choose one of these."),
        ("who", {"miss": "tell", "told": [NOA]}, "Tick one name at least."),
        ("need", {"miss": "call", "need": "danger"}, "Please choose one of these."),
        ("elsewhere", {}, "Please choose one of these."),
    ],
)
def test_what_cannot_be_meant_is_asked_again(
    ana: Client, step: str, wrong: dict[str, object], said: str
) -> None:
    before = everything()

    assert said in answer(ana, step, status=422, **wrong)
    if step != "elsewhere":
        assert said in answer(ana, "make", status=422, **wrong)
    assert everything() == before


def test_a_rule_of_her_own_shows_what_it_means(ana: Client) -> None:
    last = answer(ana, "note", days="own", rule="freq=daily;interval=2")

    assert "FREQ=DAILY;INTERVAL=2" in last
    assert "21:00" in last
    assert "Mon 23 Nov, 21:00" in last
    assert "Sun 22 Nov, 21:00" not in last


def test_a_quiet_word_asks_who_and_a_call_asks_for_what(ana: Client) -> None:
    who = answer(ana, "miss", miss="tell")
    assert "Who is told that no word came?" in who
    need = answer(ana, "miss", miss="call")
    assert "What shall your circle be asked for?" in need
    assert 'value="danger"' not in need


def test_without_an_order_nobody_would_be_called_so_it_is_not_offered_as_if(
    house: House, ana: Client
) -> None:
    a_circle(ANA).ladder.all().delete()

    assert "so nobody would be asked" in answer(ana, "miss", status=422, miss="call")


def test_without_a_circle_there_is_nobody_to_tell(house: House, ana: Client) -> None:
    Membership.objects.update(ended_at=house.now)

    assert "Nobody is in your circle yet" in answer(ana, "miss", status=422, miss="tell")
    assert "Is this how you want it?" in answer(ana, "miss", miss="remind")


def test_whoever_never_agreed_cannot_be_chosen(ana: Client) -> None:
    Membership.objects.filter(person=KIT).update(agreed_on=None)

    shown = answer(ana, "miss", miss="tell")

    assert "Sam" in shown
    assert "Kit" not in shown
    row = make(ana, miss="tell", told=[SAM, KIT], noted=[KIT])
    assert [each.pk for each in row.told.all()] == [SAM]
    assert not row.noted.exists()


def test_without_a_way_to_be_asked_there_is_nothing_to_make(house: House, ana: Client) -> None:
    ContactMethod.objects.filter(person=ANA).update(proven_at=None)

    assert "First we need a way to ask you." in plain(ana.get(NEW))
    assert "First we need a way to ask you." in answer(ana, "make")
    assert not CheckIn.objects.exists()


def test_there_are_no_more_than_twelve(ana: Client) -> None:
    for _ in range(12):
        make(ana)

    assert "You have as many as there can be." in answer(ana, "make", status=422)
    assert CheckIn.objects.count() == 12
    assert f'href="{NEW}"' not in plain(ana.get("/check-ins"))
