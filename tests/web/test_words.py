"""One word between two people, which asks nothing; and the word by which a text calls."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from nightlight.intake import quiet
from nightlight.intake.reply import take_text
from nightlight.store.models import Alert, Circle, Membership, Notice, Thought
from nightlight.store.own_texts import call_word
from nightlight.store.quiet import QuietBy
from nightlight.store.sealing import unseal
from nightlight.store.thoughts import KEPT_FOR, set_words_a_day
from tests.factories import a_member, a_person, a_way
from tests.people import ANA, BO, KIT, NOA, NUMBERS, SAM
from tests.web.house import House, everything, words
from tests.web.supporters import circle_page, member, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def ana(house: House) -> Client:
    a_way(ANA)
    return house.signs_in(ANA)


def sends(house: House, person: str = SAM, status: int = 200) -> str:
    return words(house.browser.post(f"{circle_page(page_of(house, person), person)}/word"), status)


def test_one_tap_sends_it_and_looking_sends_nothing(house: House, ana: Client) -> None:
    before = everything()
    page = f"{circle_page(page_of(house))}/word"
    before = everything()
    assert "Sam is thinking of you." in house.shows(page)
    assert everything() == before

    assert "It is on its way to Ana." in sends(house)
    [notice] = Notice.objects.filter(purpose="thought")
    assert (notice.person_id, notice.about_id, notice.words_sealed) == (ANA, SAM, "")
    for address in ("/home", "/me/thoughts"):
        assert "Sam" in words(ana.get(address))
    assert "It needs no answer." in words(ana.get("/home"))
    assert not Alert.objects.exists()


def test_the_two_peoples_own_word_is_sent_in_its_place(house: House, ana: Client) -> None:
    ana.post(f"/circle/members/{member().pk}", {"do": "own_word", "own_word": "blue otter"})
    assert "otter" not in Membership.objects.get(pk=member().pk).own_word_sealed

    sends(house)
    assert unseal(Notice.objects.get(purpose="thought").words_sealed) == "blue otter"
    assert "Sam: blue otter" in words(ana.get("/home"))
    # Bo and she have none.
    sends(house, BO)
    assert "Bo is thinking of you" in words(ana.get("/home"))


def test_a_word_that_is_too_long_is_not_kept(house: House, ana: Client) -> None:
    words(ana.post(f"/circle/members/{member().pk}", {"do": "own_word", "own_word": "o" * 61}), 422)
    assert member().own_word_sealed == ""


def test_one_a_day_from_each_and_a_few_from_all(house: House, ana: Client) -> None:
    sends(house)
    assert "Enough for today." in sends(house, status=422)
    set_words_a_day(ANA, 1)
    assert "Enough for today." in sends(house, BO, 422)
    set_words_a_day(ANA, 3)
    sends(house, BO)
    # Her day, not a stretch of hours: at midnight in Lisbon it is another.
    house.now = house.now.replace(hour=23, minute=59)
    sends(house, SAM, 422)
    house.pass_time(minutes=2)
    sends(house)
    assert Thought.objects.count() == 3


def test_who_wants_none_gets_none_and_nobody_hears_why(house: House, ana: Client) -> None:
    assert ana.post("/me/thoughts", {"do": "limit", "number": "0"}).status_code == 302
    wants_none = sends(house, status=422)
    ana.post("/me/thoughts", {"do": "limit", "number": "3"})
    quiet.switch_off(ANA, QuietBy.PERSON, house.now)
    is_quiet = sends(house, status=422)

    assert "Not at present." in wants_none
    # Each is behind a fresh link.
    first, second = (re.sub(r"/s/[\w-]+", "/s/", shown) for shown in (wants_none, is_quiet))
    assert first == second
    assert not Thought.objects.exists()


@pytest.mark.parametrize("number", ["-1", "2", "99", "", "x"])
def test_another_limit_is_not_understood(house: House, ana: Client, number: str) -> None:
    words(ana.post("/me/thoughts", {"do": "limit", "number": number}), 422)


def test_put_away_it_is_gone_and_by_itself_after_three_days(house: House, ana: Client) -> None:
    sends(house)
    sends(house, BO)
    ana.post("/me/thoughts", {"do": "put_away"})
    assert "thinking of you" not in words(ana.get("/home")).replace("Thinking", "")
    house.pass_time(days=1)
    sends(house)
    house.pass_time(days=3, minutes=1)
    assert "Sam is thinking of you" not in words(ana.get("/home"))


def test_what_was_sent_is_not_known_for_ever(house: House, ana: Client) -> None:
    sends(house)
    house.now += KEPT_FOR + timedelta(days=1)
    sends(house, BO)
    assert list(Thought.objects.values_list("person_id", flat=True)) == [BO]


def test_only_a_member_sends_and_only_to_whom_they_are_there_for(house: House, ana: Client) -> None:
    a_person(NOA)
    a_member(KIT, of=NOA)
    others = f"{page_of(house, KIT)}/circles/{member().pk}/word"
    words(house.browser.post(others), 404)
    Membership.objects.filter(circle=ANA, person=SAM).update(ended_at=house.now)
    words(house.browser.post(f"{page_of(house)}/circles/{member().pk}/word"), 404)
    assert not Thought.objects.exists()


# ---------------------------------------------------------------------------- the word that calls


def test_she_chooses_a_word_and_takes_it_back(house: House, ana: Client) -> None:
    assert "Call by a text" in words(ana.get("/me/word"))
    assert ana.post("/me/word", {"do": "keep", "word": "blue lantern"}).status_code == 302
    assert call_word(ANA) == "blue lantern"
    shown = words(ana.get("/me/word?kept"))
    assert "From now on this word calls your circle." in shown
    assert "A number can be forged." in shown

    assert ana.post("/me/word", {"do": "end"}).status_code == 302
    assert call_word(ANA) == ""
    assert Circle.objects.get(pk=ANA).call_word_sealed == ""


@pytest.mark.parametrize(
    "word", ["stop", "yes", "ok", "HELP", "owl", "hello", "", "o" * 41, "quiet", "518204 lamp"]
)
def test_a_word_that_means_something_else_is_not_taken(house: House, ana: Client, word: str) -> None:
    ana.post("/me/word", {"do": "keep", "word": "blue lantern"})
    assert "Nothing has changed." in words(ana.post("/me/word", {"do": "keep", "word": word}), 422)
    assert call_word(ANA) == "blue lantern"


def test_without_a_number_of_hers_the_page_says_so(house: House, ana: Client) -> None:
    assert "We know no number of yours yet" in words(ana.get("/me/word"))
    a_way(ANA, "sms")
    assert "We know no number of yours yet" not in words(ana.get("/me/word"))


def test_nobody_signed_in_is_led_to_the_door(house: House) -> None:
    for address in ("/me/word", "/me/thoughts", "/me/quiet"):
        assert house.browser.get(address).status_code == 302
        assert house.browser.post(address, {"do": "stop"}).status_code == 302


def test_what_she_texts_while_her_call_is_open_is_read_by_whoever_has_it_alone(house: House) -> None:
    a_way(ANA, "sms")
    house.ana_calls()
    house.says(SAM, "yes")
    assert take_text("sms", NUMBERS[ANA], "I am at the library", house.now) == "kept_own"

    shown = house.shows(house.link(SAM))
    assert "Ana texted" in shown
    assert "I am at the library" in shown
    assert "Words from others" not in shown
    house.says(SAM, "hand_on")
    assert "library" not in house.shows(house.link(SAM))
