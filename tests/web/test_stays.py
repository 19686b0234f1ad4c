"""Somewhere to stay: Sam opens his door for tonight, Ana gets there, and both are asked about the way home."""

from datetime import timedelta

import pytest

from nightlight.engine.events import EndedBy
from nightlight.engine.needs import Need
from nightlight.intake import alert as intake
from nightlight.store import stays
from nightlight.store.models import Membership, Quiet, Stay
from tests.factories import a_person, a_way
from tests.people import ANA, BO, NOA, SAM
from tests.web.house import House, everything, words
from tests.web.nights import letters, pass_until, promises_page

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

WHERE = "Mill Lane 3, from nine on"


def asked_to_stay(house: House) -> str:
    """Ana asks for somewhere to stay, and Sam has it; the address of his page."""
    a_way(ANA)
    Membership.objects.update(offers=["talk", "stay"])
    house.ana_calls(Need.STAY)
    house.says(SAM, "yes")
    return house.link(SAM)


def opened(house: House) -> str:
    """Sam's door is open; the id of the call."""
    link = asked_to_stay(house)
    words(house.browser.post(f"{link}/stay", {"do": "open", "words": WHERE}))
    return house.alert.pk


def test_sam_opens_his_door_and_ana_reads_where_and_from_when(house: House) -> None:
    own = house.own_page()
    link = asked_to_stay(house)
    assert "My door is open" in house.shows(link)
    page = words(house.browser.post(f"{link}/stay", {"do": "open", "words": WHERE}))

    assert "Your door is open for Ana." in page
    assert "The door of Sam is open" in house.shows(own)
    assert WHERE in house.shows(own)
    assert "Mill" not in Stay.objects.get().words_sealed


def test_without_words_and_too_long_nothing_is_opened(house: House) -> None:
    link = asked_to_stay(house)
    before = everything()
    house.shows(f"{link}/stay")
    for text, said in (("", "Please write a few words."), ("x" * 301, "not possible just now")):
        assert said in words(house.browser.post(f"{link}/stay", {"do": "open", "words": text}), 422)
    assert everything() == before


def test_a_call_for_something_else_offers_no_door(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    link = house.link(SAM)
    assert "My door is open" not in house.shows(link)
    house.shows(f"{link}/stay", status=404)
    words(house.browser.post(f"{link}/stay", {"do": "open", "words": WHERE}), 422)
    assert not Stay.objects.exists()


def test_only_who_has_it_opens_a_door_and_only_the_two_see_it(house: House) -> None:
    alert = opened(house)
    house.next_timer()
    while not house.alert.state["asks"][1:]:
        house.next_timer()
    link = house.link(BO)
    assert WHERE not in house.shows(link)
    house.shows(f"{link}/stay", status=404)
    a_person(NOA)
    noas = house.own_page(NOA)
    house.does(f"{noas}/arranged", "home", stay=alert)
    assert WHERE not in house.shows(f"{noas}/arranged")
    assert not stays.arrived(BO, alert, house.now)
    assert Stay.objects.get().ended_at is None


def test_either_says_that_ana_is_there_and_at_noon_both_are_asked(house: House) -> None:
    alert = opened(house)
    own = house.own_page()
    house.does(f"{own}/arranged", "arrived", stay=alert)
    assert "You are staying with Sam" in house.shows(own)
    intake.resolve(alert, EndedBy.CALLER, house.now)

    pass_until(house, house.now.replace(day=22, hour=11, minute=50))
    assert letters(SAM, "stay") == letters(ANA, "stay") == 0
    pass_until(house, house.now.replace(hour=12, minute=0))
    assert letters(SAM, "stay") == letters(ANA, "stay") == 1
    page = promises_page(house, SAM, stay=alert, do="home")
    assert "That is all" in page

    row = Stay.objects.get()
    assert row.home_at == house.now
    assert row.words_sealed == ""
    pass_until(house, house.now + timedelta(days=2))
    assert letters(SAM, "stay") == 1


def test_one_night_more_is_asked_again_at_the_next_noon(house: House) -> None:
    alert = opened(house)
    own = house.own_page()
    house.does(f"{own}/arranged", "arrived", stay=alert)
    intake.resolve(alert, EndedBy.CALLER, house.now)
    pass_until(house, house.now.replace(day=22, hour=12))
    house.does(f"{own}/arranged", "stays", stay=alert)
    pass_until(house, house.now.replace(day=23, hour=11))
    assert letters(ANA, "stay") == 1
    pass_until(house, house.now.replace(day=23, hour=12))
    assert letters(ANA, "stay") == 2


def test_both_are_asked_whether_ana_got_there_and_without_a_word_it_ends_quietly(house: House) -> None:
    alert = opened(house)
    pass_until(house, house.now + timedelta(hours=3))
    assert letters(SAM, "stay") == letters(ANA, "stay") == 1
    pass_until(house, house.now + timedelta(days=4))
    assert letters(SAM, "stay") == letters(ANA, "stay") == 3
    assert Stay.objects.get(pk=alert).ended_at is not None
    assert Stay.objects.get(pk=alert).home_at is None


def test_it_is_taken_back_by_either_and_the_words_are_gone(house: House) -> None:
    opened(house)
    link = house.link(SAM)
    words(house.browser.post(f"{link}/stay", {"do": "off", "stay": house.alert.pk}))
    assert "The door of Sam is open" not in house.shows(house.own_page())
    assert Stay.objects.get().words_sealed == ""
    # It can be opened once more.
    words(house.browser.post(f"{link}/stay", {"do": "open", "words": "after all"}))
    assert "after all" in house.shows(house.own_page())


def test_who_left_or_while_all_is_off_nobody_is_asked(house: House) -> None:
    opened(house)
    quiet = Quiet.objects.create(person_id=ANA, since=house.now, by="person")
    pass_until(house, house.now + timedelta(hours=5))
    assert letters(SAM, "stay") == 0
    Quiet.objects.filter(pk=quiet.pk).update(ended_at=house.now)
    Membership.objects.filter(person=SAM).update(ended_at=house.now)
    pass_until(house, house.now + timedelta(hours=2))
    assert letters(SAM, "stay") == letters(ANA, "stay") == 0
    assert Stay.objects.get().ended_at is not None
