"""The one switch on pages: by whichever way a person came, and at the host's desk, with who and when."""

import pytest
from django.test import Client

from nightlight.engine.needs import Need
from nightlight.intake import quiet
from nightlight.store.access import new_host_link
from nightlight.store.models import Alert, Quiet
from nightlight.store.quiet import QuietBy, quiet_of
from nightlight.store.supporting import new_supporter_link
from tests.factories import a_person
from tests.people import ANA, NOA, SAM
from tests.web.house import House, everything, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DOORS = ("signed in", "own link", "supporter link")


def opened(house: House, door: str, person: str = ANA) -> tuple[Client, str]:
    """A browser, and the address of the switch in it."""
    if door == "signed in":
        return house.signs_in(person), "/me/quiet"
    if door == "own link":
        return house.browser, f"{house.own_page(person)}/quiet"
    return house.browser, f"/s/{new_supporter_link(person, house.now)}/quiet"


@pytest.mark.parametrize("door", DOORS)
def test_one_press_makes_it_quiet_and_one_takes_it_back(house: House, door: str) -> None:
    browser, address = opened(house, door)
    before = everything()
    assert "Switch off everything that comes by itself?" in words(browser.get(address))
    assert everything() == before

    shown = words(browser.post(address, {"do": "stop"}))
    assert "It is quiet from now on." in shown
    assert "12:00" in shown
    found = quiet_of(ANA)
    assert found is not None
    assert (found.by, found.since) == ("person", house.now)

    house.pass_time(hours=1)
    assert "Everything comes again" in words(browser.post(address, {"do": "go_on"}))
    assert quiet_of(ANA) is None
    record = words(browser.get(address))
    assert "12:00" in record
    assert "Taken back" in record


@pytest.mark.parametrize("door", DOORS)
def test_what_is_no_button_changes_nothing(house: House, door: str) -> None:
    browser, address = opened(house, door)
    before = everything()
    words(browser.post(address, {"do": "resolve"}), 422)
    assert everything() == before


@pytest.mark.parametrize("address", ["/m/xxxxxxxxxxxxxxxx/quiet", "/s/xxxxxxxxxxxxxxxx/quiet"])
def test_a_made_up_link_switches_nothing(house: House, address: str) -> None:
    words(house.browser.post(address, {"do": "stop"}), 404)
    assert not Quiet.objects.exists()


def test_her_first_page_says_so_and_she_can_still_call(house: House) -> None:
    quiet.switch_off(ANA, QuietBy.PERSON, house.now)
    own = house.own_page()
    assert "Everything that comes by itself is switched off" in house.shows(own)

    house.does(own, "raise", need="talk")
    assert Alert.objects.get().need == Need.TALK


def test_her_first_page_leads_to_it_also_without_signing_in(house: House) -> None:
    own = house.own_page()
    assert f'href="{own}/quiet"' in house.browser.get(own).content.decode()


def at_the_desk(house: House) -> Client:
    desk = Client()
    desk.post(f"/desk/{new_host_link(house.now)}")
    return desk


def test_the_host_stops_everything_with_a_reason_and_she_sees_who_when_and_why(house: House) -> None:
    desk = at_the_desk(house)
    done = words(desk.post("/desk/quiet", {"do": "stop", "person": ANA, "reason": "A word from her family."}))
    assert "It is quiet about them from now on" in done
    found = quiet_of(ANA)
    assert found is not None
    assert (found.by, found.reason) == ("host", "A word from her family.")

    for address in ("/seen", "/me/quiet"):
        shown = words(house.signs_in(ANA).get(address))
        assert "Harbour House" in shown
        assert "12:00" in shown
        assert "A word from her family." in shown
    words(desk.post("/desk/quiet", {"do": "go_on", "person": ANA}))
    assert quiet_of(ANA) is None
    assert Quiet.objects.get().ended_by == "host"


@pytest.mark.parametrize(
    "form",
    [
        {"do": "stop", "person": ANA, "reason": ""},
        {"do": "stop", "person": "", "reason": "why"},
        {"do": "stop", "person": "nobody-here", "reason": "why"},
        {"do": "stop", "person": ANA, "reason": "x" * 301},
        {"do": "else", "person": ANA, "reason": "why"},
    ],
)
def test_without_a_person_and_a_reason_the_host_stops_nothing(house: House, form: dict[str, str]) -> None:
    words(at_the_desk(house).post("/desk/quiet", form), 422)
    assert not Quiet.objects.exists()


def test_a_closed_desk_stops_nothing_and_names_nobody(house: House) -> None:
    for answer in (
        Client().get("/desk/quiet"),
        Client().post("/desk/quiet", {"do": "stop", "person": ANA, "reason": "why"}),
    ):
        assert answer.status_code == 403
        assert "Ana" not in answer.content.decode()
    assert not Quiet.objects.exists()


def test_noas_switch_is_noas(house: House) -> None:
    a_person(NOA)
    words(house.signs_in(NOA).post("/me/quiet", {"do": "stop", "person": ANA}))
    assert quiet_of(NOA) is not None
    assert quiet_of(ANA) is None
    assert "Ana" not in words(house.signs_in(NOA).get("/me/quiet"))


def test_sam_hears_nothing_of_it(house: House) -> None:
    quiet.switch_off(ANA, QuietBy.PERSON, house.now)
    assert "switched off" not in house.shows(f"/s/{new_supporter_link(SAM, house.now)}")
