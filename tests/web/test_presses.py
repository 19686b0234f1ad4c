"""Pressed twice, pressed on an old page, pressed again by a reload: nothing happens twice, and the page says so."""

import re

import pytest

from nightlight.engine.needs import Need
from nightlight.intake.answer import Saying, say
from tests.people import ANA, BO, KIT, SAM
from tests.web.house import House, everything, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def field(page: str, name: str) -> str:
    """The value of a hidden field on *page*."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def press(house: House, link: str, answer: str, page: str) -> str:
    """Press a button of *page*, as it was when it was loaded."""
    return words(house.browser.post(link, {"answer": answer, "seen": field(page, "seen")}))


def test_a_double_tap_is_one_call(house: House) -> None:
    page = house.own_page()
    after = field(house.shows(page + "?choose"), "after")
    house.does(page, "raise", need="talk", after=after)
    before = house.alert.state

    assert "Trying Sam now." in house.does(page, "raise", need="talk", after=after)
    assert house.alert.state == before


def test_a_press_that_a_reload_sends_again_wakes_nobody_while_someone_has_it(house: House) -> None:
    page = house.own_page()
    after = field(house.shows(page + "?choose"), "after")
    house.does(page, "raise", need="talk", after=after)
    house.says(SAM, "yes")
    before = everything()

    again = house.does(page, "raise", need="talk", after=after)

    assert "You had asked for this already, so nobody was asked again." in again
    assert "Sam has it." in again
    assert "I still need someone" in again
    assert everything() == before


def test_something_more_urgent_from_an_old_page_is_taken(house: House) -> None:
    page = house.own_page()
    after = field(house.shows(page + "?choose"), "after")
    house.does(page, "raise", need="talk", after=after)
    house.says(SAM, "yes")

    house.does(page, "raise", need="danger", after=after)

    assert house.alert.need == "danger"
    assert house.alert.status == "triggered"


def test_an_old_page_of_a_call_that_is_over_can_still_call(house: House) -> None:
    page = house.own_page()
    after = field(house.shows(page + "?choose"), "after")
    house.does(page, "raise", need="talk", after=after)
    house.does(page, "resolve")

    assert "Trying Sam now." in house.does(page, "raise", need="talk", after=after)


def test_more_time_pressed_twice_is_one_time_more(house: House) -> None:
    house.ana_calls()
    taken = house.says(SAM, "yes")
    link = house.link(SAM)

    first = press(house, link, "renew", taken)
    second = press(house, link, "renew", taken)

    assert "You can ask for this 2 more times." in first
    assert "You can ask for this 2 more times." in second
    assert "You pressed that already" in second


def test_more_time_pressed_twice_in_the_same_instant_is_one_time_more(house: House) -> None:
    alert = house.ana_calls()
    used = int(field(house.says(SAM, "yes"), "used"))

    # Both had been read as presses of the newest page before either was taken.
    say(alert, SAM, Saying.RENEW, house.now, used=used)
    again = say(alert, SAM, Saying.RENEW, house.now, used=used)

    assert again.advanced.refused == "already"
    assert house.alert.state["hold"]["renewals"] == 1
    say(alert, SAM, Saying.RENEW, house.now, used=1)
    assert house.alert.state["hold"]["renewals"] == 2


def test_an_undo_pressed_twice_does_not_undo_itself(house: House) -> None:
    house.ana_calls()
    taken = house.says(SAM, "yes")
    link = house.link(SAM)

    press(house, link, "undo", taken)
    again = press(house, link, "undo", taken)

    assert "That is a full answer." in again
    assert "You pressed that already" in again
    assert house.alert.state["current"]["people"] == [BO, KIT]


def test_an_undo_on_the_page_as_it_is_works(house: House) -> None:
    house.ana_calls()
    declined = house.says(SAM, "no")

    assert "I've got this" in press(house, house.link(SAM), "undo", declined)


def test_a_yes_and_a_no_count_from_whatever_page_they_come(house: House) -> None:
    house.ana_calls(Need.TALK)
    link = house.link(SAM)
    house.says(SAM, "no")

    assert "You have it." in words(house.browser.post(link, {"answer": "yes", "seen": "asked-0"}))
    assert "That is a full answer." in words(house.browser.post(link, {"answer": "no", "seen": "asked-0"}))


def test_two_pages_of_one_person_end_in_one_truth(house: House) -> None:
    page = house.own_page()
    house.shows(page + "?choose")
    house.does(page, "raise", need="talk", after="none")
    house.does(page, "resolve")

    assert "There is no open call, so nothing has changed." in house.does(page, "still_needed")
    assert "I need someone" in house.shows(house.own_page(ANA))
