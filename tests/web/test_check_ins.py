"""Ana makes a check-in, one question a page; she changes it, pauses it, and switches it on and off."""

import re
from datetime import time, timedelta

import pytest
from django.test import Client

from nightlight.store.access import new_host_link
from nightlight.store.models import CheckIn, CheckInWindow, ContactMethod, Membership, Notice, Person
from nightlight.store.sealing import token_hash
from tests.factories import a_check_in, a_circle, a_person, a_way
from tests.people import ANA, BO, KIT, NOA, SAM
from tests.web.check_ins import ANSWERS, ana_has_ways, make, page, plain, shows, until
from tests.web.house import House, everything
from tests.web.supporters import page_of

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


# -------------------------------------------------------------------------------------------- changing it


def change(ana: Client, row: CheckIn, what: str, *, status: int = 303, **more: object) -> str:
    return plain(ana.post(f"/check-ins/{row.pk}/change", {**ANSWERS, "step": what, **more}), status)


def test_every_answer_can_be_changed_alone(ana: Client) -> None:
    row = make(ana)
    for what in ("when", "at", "grace", "remind", "miss", "who", "need", "note", "name"):
        assert 'class="btn btn-ink" name="step"' in plain(ana.get(f"/check-ins/{row.pk}/change?what={what}"))

    change(ana, row, "at", at="19:30")

    row.refresh_from_db()
    assert row.at == time(19, 30)
    assert row.window_due is not None
    assert row.window_due.hour == 19
    assert "Kept." in plain(ana.get(f"/check-ins/{row.pk}?kept"))


def test_what_she_changed_no_file_of_the_hosts_overrules(house: House, ana: Client) -> None:
    row = a_check_in()
    CheckIn.objects.update(changed_at=None)

    change(ana, row, "note", noted=[BO])

    row.refresh_from_db()
    assert row.changed_at == house.now


def test_what_runs_already_runs_on(house: House, ana: Client) -> None:
    row = make(ana)
    until(house, NINE)

    change(ana, row, "at", at="23:00")

    row.refresh_from_db()
    assert row.window_deadline is not None
    assert row.window_deadline.isoformat() == "2026-11-21T21:45:00+00:00"
    assert not CheckInWindow.objects.exists()


def test_choosing_a_quiet_word_asks_whom_before_it_is_kept(ana: Client) -> None:
    row = make(ana)

    assert "Who is told that no word came?" in change(ana, row, "miss", status=200, miss="tell")
    row.refresh_from_db()
    assert row.on_miss == "remind"
    change(ana, row, "who", miss="tell", told=[SAM])
    row.refresh_from_db()
    assert (row.on_miss, [each.pk for each in row.told.all()]) == ("tell", [SAM])


def test_a_change_that_cannot_be_meant_is_no_change(ana: Client) -> None:
    row = make(ana)
    before = everything()

    change(ana, row, "at", status=422, at="noon")
    change(ana, row, "make", status=422)
    assert ana.get(f"/check-ins/{row.pk}/change?what=streak").status_code == 404
    press(ana, row, "police", 422)

    assert everything() == before


def test_off_is_at_once_and_on_begins_with_what_lies_ahead(house: House, ana: Client) -> None:
    row = make(ana, miss="call")
    until(house, NINE)

    press(ana, row, "off")

    until(house, "2026-11-22T12:00:00+00:00")
    assert not Notice.objects.exclude(person=ANA).exists()
    assert "Off." in plain(ana.get("/check-ins"))
    assert "This check-in is off." in shows(house, page(row))
    press(ana, row, "on")
    assert "Next: 21:00." in plain(ana.get("/check-ins"))


def test_what_the_host_wrote_down_is_off_until_she_switches_it_on(house: House, ana: Client) -> None:
    row = a_check_in()
    CheckIn.objects.update(
        on_since=None,
        looks_at=None,
        window_on=None,
        window_due=None,
        key="evening",
        token_hash=None,
        token_sealed="",
    )

    shown = plain(ana.get("/check-ins"))
    assert "Harbour House wrote this down. It is off until you switch it on." in shown
    assert "Nothing happens before you switch it on." in plain(ana.get(f"/check-ins/{row.pk}"))
    until(house, "2026-11-22T12:00:00+00:00")
    assert not Notice.objects.exists()
    press(ana, row, "on")
    row.refresh_from_db()
    assert row.on_since is not None
    assert "Nothing to do now." in shows(house, page(row))


def test_paused_while_away_and_back_again(house: House, ana: Client) -> None:
    row = make(ana)
    away = {"why": "away", "day": "2026-11-29", "hour": "09:00"}
    assert ana.post(f"/check-ins/{row.pk}/pause", {**away, "day": "2026-11-20"}).status_code == 422

    assert ana.post(f"/check-ins/{row.pk}/pause", away).status_code == 303

    assert "Paused until Sun 29 Nov, 09:00." in plain(ana.get("/check-ins"))
    until(house, "2026-11-25T12:00:00+00:00")
    assert not Notice.objects.exists()
    press(ana, row, "back")
    until(house, "2026-11-25T21:00:00+00:00")
    assert Notice.objects.filter(purpose="check_in").exists()


def test_a_key_for_a_lamp_is_shown_once(ana: Client) -> None:
    row = make(ana)

    shown = press(ana, row, "key", 200)

    key = shown.split("/api/v1/check-ins/")[1].split("<")[0]
    row.refresh_from_db()
    assert row.machine_hash == token_hash(key)
    assert f"curl -X POST https://circle.example.org/api/v1/check-ins/{key}" in shown
    assert key not in plain(ana.get(f"/check-ins/{row.pk}"))
    press(ana, row, "key_dropped")
    row.refresh_from_db()
    assert row.machine_hash is None


def test_taking_it_away_needs_a_second_press_and_erases_it(ana: Client) -> None:
    row = make(ana)
    assert "Everything about it is erased." in plain(ana.get(f"/check-ins/{row.pk}?remove"))

    press(ana, row, "remove", 302)

    assert not CheckIn.objects.exists()
    assert "It is gone" in plain(ana.get("/check-ins?removed"))


def test_nobody_changes_anothers(house: House, ana: Client) -> None:
    row = make(ana)
    a_person(NOA)
    a_way(NOA)
    noa = house.signs_in(NOA)
    before = everything()

    for address in (f"/check-ins/{row.pk}", f"/check-ins/{row.pk}/change", f"/check-ins/{row.pk}/pause"):
        for do in ("off", "remove", "key", "link", "at"):
            assert noa.post(address, {**ANSWERS, "do": do, "step": do}).status_code == 404
    assert everything() == before


# ------------------------------------------------------------------------------------------ where she is


def test_moving_takes_every_check_in_along(house: House, ana: Client) -> None:
    row = make(ana)

    assert "Your check-ins go by this clock from now on." in plain(
        ana.post("/me/place", {"zone": "America/New_York"})
    )

    row.refresh_from_db()
    assert row.window_due is not None
    assert row.window_due.isoformat() == "2026-11-22T02:00:00+00:00"
    assert Person.objects.get(pk=ANA).time_zone == "America/New_York"


def test_the_page_of_language_moves_them_too(house: House, ana: Client) -> None:
    row = make(ana)
    ana.post("/me/language", {"language": "pt", "zone": "Asia/Tokyo"})

    row.refresh_from_db()
    assert row.window_due is not None
    assert row.window_due.isoformat() == "2026-11-22T12:00:00+00:00"


def test_so_does_the_page_of_somebody_who_also_supports_others(house: House) -> None:
    a_way(SAM, "sms")
    sam = house.signs_in(SAM)
    row = make(sam)
    house.browser.post(page_of(house, SAM) + "/about", {"language": "en", "zone": "Asia/Tokyo"})

    row.refresh_from_db()
    assert row.window_due is not None
    assert row.window_due.isoformat() == "2026-11-22T12:00:00+00:00"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "x" * 300])
def test_a_place_that_is_none_moves_nobody(ana: Client, zone: str) -> None:
    make(ana)
    before = everything()

    assert "We do not know that one" in plain(ana.post("/me/place", {"zone": zone}), 422)
    assert everything() == before


# ------------------------------------------------------------------------------------------- nobody else


def test_the_host_sees_nothing_of_it(house: House, ana: Client) -> None:
    make(ana, miss="tell", told=[SAM], name="Tea and bed")
    until(house, "2026-11-21T22:00:00+00:00")
    host = Client()
    host.post(f"/desk/{new_host_link(house.now)}")

    for address in ("/desk", "/desk/people", "/desk/channels"):
        shown = plain(host.get(address))
        assert not re.search(r"check-in|check in|checked in|no word came", shown, re.IGNORECASE)
        assert "Tea and bed" not in shown
    assert "Tea and bed" not in shows(house, page_of(house, SAM))
