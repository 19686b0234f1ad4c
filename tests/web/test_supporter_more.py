"""Asking for one's own link, what is kept, practice, a circle of one's own, language and clock."""

import json
import re

import pytest

from nightlight.store.models import (
    ContactMethod,
    Drill,
    Notice,
    Person,
    StartLink,
)
from nightlight.store.sealing import unseal
from tests.factories import a_circle, a_person, a_way
from tests.people import ANA, BO, KIT, MAILS, NOA, NUMBERS, SAM
from tests.web.house import House, words
from tests.web.supporters import member, page_of, told

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


# ------------------------------------------------------------------------------------ asking for a link


def sent_links() -> list[str]:
    """To whom a link is sent."""
    return list(
        Notice.objects.filter(purpose="link").order_by("created_at").values_list("person_id", flat=True)
    )


def ask(house: House, typed: str, status: int = 200) -> str:
    return words(house.browser.post("/s", {"to": typed}), status)


def test_a_link_goes_to_the_proven_way_and_opens_the_page(house: House) -> None:
    old = page_of(house)
    house.pass_time(minutes=1)

    ask(house, " SAM@example.org ")

    notice = Notice.objects.get(purpose="link")
    assert (notice.person_id, notice.contact_method.channel) == (SAM, "smtp")
    assert "Hello, Sam." in house.shows(f"/s/{unseal(notice.token_sealed)}")
    house.shows(old, status=404)


def test_the_answer_is_the_same_whoever_it_is(house: House) -> None:
    a_way(KIT, "sms", NUMBERS[KIT])
    ContactMethod.objects.filter(person=KIT, channel="sms").update(proven_at=None)
    a_way(BO, "sms", NUMBERS[BO], ended_at=house.now)
    a_person(NOA)
    a_way(NOA)

    pages = {
        ask(house, typed)
        for typed in (MAILS[SAM], "nobody@example.org", NUMBERS[KIT], NUMBERS[BO], MAILS[NOA])
    }

    assert len(pages) == 1
    assert sent_links() == [SAM]


def test_no_more_than_three_links_an_hour_go_to_one_address(house: House) -> None:
    pages = set()
    for _ in range(5):
        pages.add(ask(house, MAILS[SAM]))
        house.pass_time(minutes=1)

    assert len(pages) == 1
    assert sent_links() == [SAM] * 3
    kept = Notice.objects.filter(purpose="link").order_by("created_at").last()
    assert kept is not None
    house.shows(f"/s/{unseal(kept.token_sealed)}")
    house.pass_time(hours=1)
    ask(house, MAILS[SAM])
    assert len(sent_links()) == 4


def test_two_who_share_a_number_get_one_link_each(house: House) -> None:
    a_way(SAM, "sms", NUMBERS[SAM])
    a_way(BO, "sms", NUMBERS[SAM])

    ask(house, NUMBERS[SAM])

    assert sorted(sent_links()) == [BO, SAM]


@pytest.mark.parametrize("typed", ["", "07700 900123", "sam", "sam@", "<script>", "+", "x" * 500])
def test_what_is_no_address_is_said_to_be_none_and_stays_typed(house: House, typed: str) -> None:
    page = ask(house, typed, 422)

    assert "That is neither a number nor an email." in page
    assert "<script>alert" not in page
    assert sent_links() == []


# -------------------------------------------------------------------------------------------- the rest


def test_what_is_kept_is_said_in_words_and_given_as_a_file(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "no")
    page = page_of(house)

    shown = house.shows(page + "/kept")
    assert "Ana: you agreed on 1 November 2026" in shown
    assert "s•••@example.org" in shown
    assert MAILS[SAM] not in shown

    response = house.browser.get(page + "/kept/data")
    assert response["Content-Disposition"] == 'attachment; filename="kept.json"'
    kept = json.loads(response.content)
    assert kept["ways"][0]["address"] == MAILS[SAM]
    assert not {"circle", "calls", "account", "links", "on_ladders_of"} & set(kept)


def test_erasing_needs_a_tick_and_leaves_every_circle(house: House) -> None:
    a_way(ANA)
    page = page_of(house)
    assert "Tick the box first." in words(house.browser.post(page + "/kept", {"do": "erase"}), 422)
    assert Person.objects.filter(pk=SAM).exists()

    shown = words(house.browser.post(page + "/kept", {"do": "erase", "sure": "yes"}))

    assert "All we kept about you is erased." in shown
    assert not Person.objects.filter(pk=SAM).exists()
    assert told("left") == [ANA]
    assert Notice.objects.get().about_id is None
    house.shows(page, status=404)


def test_a_link_that_went_by_text_does_not_erase_somebody_who_calls(house: House) -> None:
    a_circle(SAM)
    page = page_of(house)

    assert "this link cannot erase you" in words(
        house.browser.post(page + "/kept", {"do": "erase", "sure": "yes"}), 422
    )
    assert Person.objects.filter(pk=SAM).exists()
    assert member().ended_at is None


def test_practice_is_sent_to_every_proven_way(house: House) -> None:
    page = page_of(house) + "/night"
    shown = house.shows(page)
    assert "12345" in shown
    assert "circle@example.org" in shown

    assert "It is on its way." in words(house.browser.post(page))
    drill = Drill.objects.get()
    assert (drill.person_id, drill.circle_id) == (SAM, ANA)
    assert told("practice") == [SAM]


def test_practice_without_a_proven_way_says_so(house: House) -> None:
    ContactMethod.objects.filter(person=SAM).update(proven_at=None)

    assert "We cannot begin just now." in words(house.browser.post(page_of(house) + "/night"), 422)


def test_a_circle_of_their_own_begins_in_one_step(house: House) -> None:
    page = page_of(house) + "/own"

    response = house.browser.post(page)

    assert response.status_code == 303
    assert re.fullmatch(r"/start/[\w-]{32}", response["Location"])
    assert StartLink.objects.get().person_id == SAM
    house.browser.post(page)
    assert StartLink.objects.count() == 1


def test_nobodys_own_pages_are_opened_by_a_supporters_link(house: House) -> None:
    house.signs_in(SAM)
    assert house.browser.post(page_of(house) + "/own")["Location"] == "/home"
    a_circle(BO)
    assert "A circle of yours was set up" in words(house.browser.post(page_of(house, BO) + "/own"), 422)

    assert not StartLink.objects.exists()


def test_language_and_clock(house: House) -> None:
    page = page_of(house) + "/about"

    assert "Kept." in words(house.browser.post(page, {"language": "en", "zone": "America/New_York"}))
    assert Person.objects.get(pk=SAM).time_zone == "America/New_York"
    for wrong in (
        {"language": "xx", "zone": "UTC"},
        {"language": "en", "zone": "../etc"},
        {"language": "en", "zone": ""},
    ):
        words(house.browser.post(page, wrong), 422)
    assert Person.objects.get(pk=SAM).time_zone == "America/New_York"
