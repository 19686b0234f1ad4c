"""Ana changes a check-in, pauses it, switches it on and off; she moves, and it moves along."""

import re
from datetime import time

import pytest
from django.test import Client

from nightlight.store.access import new_host_link
from nightlight.store.models import CheckIn, CheckInWindow, Notice, Person
from nightlight.store.sealing import token_hash
from tests.factories import a_check_in, a_person, a_way
from tests.people import ANA, BO, NOA, SAM
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


def press(ana: Client, row: CheckIn, do: str, status: int = 303) -> str:
    return plain(ana.post(f"/check-ins/{row.pk}", {"do": do}), status)


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
