"""A supporter's own page: what it shows, what it never shows; going on, leaving, a worry, a note."""

import re
from datetime import date, timedelta

import pytest

from nightlight.store.models import (
    Alert,
    Concern,
    ContactMethod,
    HereNote,
    Membership,
    Notice,
)
from nightlight.store.sealing import seal
from tests.factories import a_circle, a_member, a_never_contact, a_person, a_way
from tests.people import ANA, BO, KIT, MAILS, NOA, SAM
from tests.web.house import House, everything, words
from tests.web.supporters import circle_page, member, page_of, press, told

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SUBPAGES = ("", "/ways", "/night", "/kept", "/kept/data", "/own", "/about")


# ------------------------------------------------------------------------------------- what it shows


def test_it_says_how_things_stand_and_names_nobody_else(house: House) -> None:
    page = house.shows(page_of(house))

    assert "Hello, Sam." in page
    assert "You and Ana" in page
    assert "Ana can ask you at any hour." in page
    assert "It ends on 1 February 2027" in page


def test_no_page_of_sams_ever_says_bo_or_kit(house: House) -> None:
    house.ana_calls()
    house.next_timer()
    house.says(BO, "yes")
    page = page_of(house)
    addresses = [page + each for each in SUBPAGES] + [circle_page(page), circle_page(page) + "/thinking"]

    for address in addresses:
        shown = house.shows(address)
        assert not re.search(r"\b(bo|kit)\b", shown, re.IGNORECASE), address
        assert "/a/" not in shown, address


def test_looking_changes_nothing(house: House) -> None:
    page = page_of(house)
    before = everything()

    for address in [page + each for each in SUBPAGES] + [circle_page(page), circle_page(page) + "/thinking"]:
        for method in ("GET", "HEAD"):
            assert house.browser.generic(method, address).status_code == 200
        for method in ("PUT", "DELETE", "PATCH"):
            assert house.browser.generic(method, address).status_code == 405

    assert everything() == before


def test_noas_link_opens_nothing_of_sams(house: House) -> None:
    a_member(NOA, of=BO)
    noas = page_of(house, NOA)
    before = everything()

    for address in (circle_page(noas), circle_page(noas) + "/thinking"):
        assert "Ana" not in house.shows(address, status=404)
        words(house.browser.post(address, {"do": "hours", "from": "08:00", "until": "09:00"}), 404)
    for do in ("not_tonight", "leave", "renew", "back"):
        words(house.browser.post(noas, {"do": do, "circle": member().pk}), 404)
    way = ContactMethod.objects.get(person=SAM)
    for do in ("prove", "send_again", "delay", "up", "take_away"):
        words(house.browser.post(noas + "/ways", {"do": do, "way": way.pk, "minutes": "5"}), 404)

    assert everything() == before
    assert "You and Bo" in house.shows(noas)


@pytest.mark.parametrize("number", ["", "x", "-1", "0", "9" * 18, "9" * 40, "1e3", "²"])
def test_a_number_that_is_none_of_theirs_is_404(house: House, number: str) -> None:
    page = page_of(house)

    words(house.browser.post(page, {"do": "leave", "circle": number}), 404)
    assert member().ended_at is None


def test_a_link_that_was_replaced_opens_nothing(house: House) -> None:
    first = page_of(house)
    second = page_of(house)

    for each in SUBPAGES:
        house.shows(first + each, status=404)
    house.shows(second)
    house.shows("/s/" + "x" * 32, status=404)


def test_a_press_nobody_understands_changes_nothing(house: House) -> None:
    page = page_of(house)
    before = everything()

    for do in ("", "Leave", "erase", "leave\0"):
        if do != "leave\0":
            assert "We did not understand that" in press(house, page, do, status=422)

    assert everything() == before


# --------------------------------------------------------------------------------- going on, leaving


def test_going_on_is_three_months_from_today(house: House) -> None:
    Membership.objects.update(agreed_until=date(2026, 12, 5))

    shown = press(house, page_of(house), "renew")

    assert "You go on being there for Ana." in shown
    assert (member().agreed_on, member().agreed_until) == (date(2026, 11, 21), date(2027, 2, 21))


def test_going_on_after_it_ran_out_lately_and_not_when_it_is_long_ago(house: House) -> None:
    page = page_of(house)
    Membership.objects.update(agreed_until=date(2026, 11, 1))
    assert "ended on 1 November 2026" in house.shows(page)
    press(house, page, "renew")
    assert member().agreed_until == date(2027, 2, 21)

    Membership.objects.update(agreed_until=date(2026, 9, 1))
    assert "Go on for three months" not in house.shows(page)
    press(house, page, "renew", status=422)
    assert member().agreed_until == date(2026, 9, 1)


def test_going_on_never_shortens(house: House) -> None:
    Membership.objects.update(agreed_until=date(2027, 6, 1))
    press(house, page_of(house), "renew")

    assert member().agreed_until == date(2027, 6, 1)


def test_leaving_is_one_tap_and_ana_is_told_kindly(house: House) -> None:
    a_way(ANA)
    page = page_of(house)

    shown = press(house, page, "leave")

    assert "You have left." in shown
    assert "You are in nobody's circle now." in shown
    assert member().ended_why == "left"
    assert told("left") == [ANA]
    words(house.browser.post(page, {"do": "back", "circle": member().pk}), 404)
    words(house.browser.post(page, {"do": "renew", "circle": member().pk}), 404)


def test_leaving_in_the_middle_of_a_call_sends_it_on_at_once(house: House) -> None:
    house.ana_calls()
    link = house.link(SAM)

    press(house, page_of(house), "leave")

    assert {BO, KIT} <= {ask["person"] for ask in house.alert.state["asks"]}
    assert "You are not asked any more." in house.shows(link)


def test_whoever_was_taken_away_or_must_never_be_contacted_sees_no_circle(house: House) -> None:
    page = page_of(house)
    a_never_contact(MAILS[SAM])

    assert "Ana" not in house.shows(page)
    words(house.browser.post(page, {"do": "leave", "circle": member().pk}), 404)
    house.shows(circle_page(page), status=404)


def test_whoever_was_only_written_down_and_never_asked_sees_no_circle(house: House) -> None:
    Membership.objects.filter(person=SAM).update(agreed_on=None, agreed_until=None)

    assert "Ana" not in house.shows(page_of(house))


# ------------------------------------------------------------------------------- thinking of somebody


def test_a_worry_is_told_to_ana_alone_and_raises_nothing(house: House) -> None:
    a_way(ANA)
    page = circle_page(page_of(house)) + "/thinking"
    asks = house.shows(page)
    assert "Sam is thinking of you. Would you like someone?" in asks
    assert "Ana, and nobody else." in asks

    said = words(house.browser.post(page))

    assert "We let Ana know that you are thinking of them." in said
    assert told("concern") == [ANA]
    assert set(Notice.objects.values_list("person_id", flat=True)) == {ANA}
    assert not Alert.objects.exists()


def test_a_worry_is_told_once_in_twelve_hours(house: House) -> None:
    page = circle_page(page_of(house)) + "/thinking"
    assert "It is on the page of Ana." in words(house.browser.post(page))

    assert "You told Ana already." in words(house.browser.post(page), 422)
    assert "00:00" in house.shows(page)
    assert Concern.objects.count() == 1
    house.pass_time(hours=12)
    words(house.browser.post(page))

    assert Concern.objects.count() == 2


# ---------------------------------------------------------------------------------------- where Ana is


def test_a_note_for_sam_is_read_by_sam_until_it_ends(house: House) -> None:
    note = HereNote.objects.create(
        id="n1",
        circle=a_circle(),
        text_sealed=seal("at the <b>harbour</b>, ring me"),
        created_at=house.now,
        expires_at=house.now + timedelta(hours=2),
    )
    note.readers.add(a_person(SAM))
    page = page_of(house)

    assert "at the &lt;b&gt;harbour&lt;/b&gt;, ring me" in house.browser.get(page).content.decode()
    assert "harbour" not in house.shows(page_of(house, BO))
    house.pass_time(hours=2)
    assert "harbour" not in house.shows(page)
