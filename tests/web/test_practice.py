"""Practice on pages: Ana asks, Sam taps, and nobody else sees or proves anything."""

from datetime import timedelta

import pytest

from nightlight.store.models import Circle, ContactMethod, Drill, Membership, Notice
from nightlight.store.notices import NoticePurpose
from nightlight.store.practice import begin_drill
from nightlight.store.sealing import unseal
from nightlight.store.ways import add_way
from tests.factories import a_ladder, a_way
from tests.people import ANA, BO, KIT, MIRA, NOA, NUMBERS, SAM
from tests.web.house import House, everything, words

pytestmark = pytest.mark.django_db

ON = frozenset({"smtp", "sms"})


def link_of(person: str, purpose: NoticePurpose) -> str:
    """The address in the newest message of this kind to *person*."""
    row = Notice.objects.filter(person=person, purpose=purpose).latest("created_at", "id")
    return f"/p/{unseal(row.token_sealed)}"


def a_new_number(house: House) -> str:
    return add_way(SAM, "sms", NUMBERS[SAM], house.now).pk


# -------------------------------------------------------------------------------------- the link of a proof


def test_one_press_proves_a_new_way_and_looking_does_not(house: House) -> None:
    way = a_new_number(house)
    link = link_of(SAM, NoticePurpose.PROOF)
    before = everything()

    assert "Does this reach you?" in house.shows(link)
    house.browser.head(link)
    assert everything() == before
    assert "Thank you. This reaches you." in words(house.browser.post(link))
    assert ContactMethod.objects.get(pk=way).proven_at == house.now
    # A second press, and a look after it, change nothing and say the same.
    before = everything()
    assert "Thank you. This reaches you." in words(house.browser.post(link))
    assert "From now on this way counts." in house.shows(link)
    assert everything() == before


def test_a_link_that_ran_out_says_so_kindly_and_proves_nothing(house: House) -> None:
    way = a_new_number(house)
    link = link_of(SAM, NoticePurpose.PROOF)
    house.pass_time(minutes=15)

    assert "This link has run out. That is all right." in house.shows(link).replace("</h1> <p", " ").replace(
        ' class="lead">', ""
    )
    assert "This link has run out." in words(house.browser.post(link))
    assert ContactMethod.objects.get(pk=way).proven_at is None


@pytest.mark.parametrize("token", ["nonsense", "a" * 32, "%00", "a" * 2000])
def test_a_link_that_is_none_opens_nothing(house: House, token: str) -> None:
    assert house.browser.get(f"/p/{token}").status_code == 404
    assert house.browser.post(f"/p/{token}").status_code == 404


def test_a_page_of_another_site_proves_nothing(house: House) -> None:
    way = a_new_number(house)
    posted = house.browser.post(
        link_of(SAM, NoticePurpose.PROOF), headers={"origin": "https://elsewhere.example.org"}
    )

    assert posted.status_code == 403
    assert ContactMethod.objects.get(pk=way).proven_at is None


# -------------------------------------------------------------------------------------- the link of practice


def test_practice_says_that_it_is_practice_and_thanks(house: House) -> None:
    a_way(SAM, "sms")
    begin_drill(ANA, SAM, house.now, ON)
    by_mail, by_text = (
        f"/p/{unseal(row.token_sealed)}" for row in Notice.objects.order_by("contact_method__position")
    )
    house.pass_time(hours=2)

    shown = house.shows(by_text)
    assert "This is practice." in shown
    assert "Ana would like to know if this still reaches you." in shown
    assert "Shall it ring at night?" in shown
    assert "Shall it ring at night?" not in house.shows(by_mail)
    thanked = words(house.browser.post(by_text))
    assert "That was practice. Nobody needs anything from you now." in thanked
    assert Drill.objects.get().answered_at == house.now
    mail, text = ContactMethod.objects.filter(person=SAM).order_by("position")
    assert text.proven_at == house.now
    assert mail.proven_at != house.now


def test_practice_that_ran_out_holds_nothing_against_anybody(house: House) -> None:
    begin_drill(ANA, SAM, house.now, ON)
    house.pass_time(days=3)

    assert "It was only practice, and there is nothing you need to do." in house.shows(
        link_of(SAM, NoticePurpose.PRACTICE)
    )


# --------------------------------------------------------------------------------------- the person's page


def test_ana_practises_with_sam_and_sees_his_tap(house: House) -> None:
    ana = house.signs_in()
    shown = words(ana.get("/practice"))
    assert "Does it still reach everyone?" in shown
    assert all(f"Practise with {name}" in shown for name in ("Sam", "Bo", "Kit"))

    asked = words(ana.post("/practice", {"do": "one", "person": SAM}))
    assert "Sam gets a practice message by each way" in asked
    assert "No tap yet." in asked
    assert "Practise with Sam" not in asked
    assert not Notice.objects.exclude(person=SAM).exists()

    house.pass_time(minutes=3)
    house.browser.post(link_of(SAM, NoticePurpose.PRACTICE))
    assert "Tapped: " in words(ana.get("/practice"))


def test_nobody_is_asked_twice_within_an_hour(house: House) -> None:
    ana = house.signs_in()
    ana.post("/practice", {"do": "all"})
    assert Drill.objects.count() == 3

    again = words(ana.post("/practice", {"do": "all"}), 422)
    assert "Nobody can be asked right now, so nothing was sent." in again
    once_more = words(ana.post("/practice", {"do": "one", "person": BO}), 422)
    assert "Bo can't be asked right now, so nothing was sent." in once_more
    assert Drill.objects.count() == 3


def test_ana_sees_neither_addresses_nor_hours_of_anybody(house: House) -> None:
    shown = words(house.signs_in().get("/practice"))

    assert "@example.org" not in shown.split("<main")[1].split("</main>")[0]


def test_a_way_that_nobody_proved_lately_is_shown_as_such(house: House) -> None:
    ContactMethod.objects.filter(person=KIT).update(proven_at=None)
    house.pass_time(days=35)
    Membership.objects.update(agreed_until=None)
    shown = words(house.signs_in().get("/practice"))

    assert shown.count("Not proven lately.") == 2
    assert "Not proven yet." in shown
    assert "There is no way yet to reach Kit by." in shown
    assert "Practise with Kit" not in shown


def test_a_pause_is_no_more_than_not_available(house: House) -> None:
    Membership.objects.filter(person=BO).update(paused_until=house.now + timedelta(days=1))
    shown = words(house.signs_in().get("/practice"))

    assert "Bo is not available right now." in shown
    assert "pause" not in shown.lower()


def test_practice_waits_while_a_call_is_open(house: House) -> None:
    house.ana_calls()
    shown = words(house.signs_in().get("/practice"))

    assert shown.count("Practice waits until your call is over.") == 3


def test_once_a_month_is_switched_on_and_off(house: House) -> None:
    ana = house.signs_in()

    assert "Next time: " in words(ana.post("/practice", {"do": "monthly_on"}))
    assert Circle.objects.get(pk=ANA).practise_monthly
    assert not Drill.objects.exists()
    assert "Switch it on" in words(ana.post("/practice", {"do": "monthly_off"}))
    assert not Circle.objects.get(pk=ANA).practise_monthly


@pytest.mark.parametrize("do", ["", "nonsense", "one\0", "ALL"])
def test_what_no_button_says_changes_nothing(house: House, do: str) -> None:
    ana = house.signs_in()
    before = everything()

    assert ana.post("/practice", {"do": do}).status_code in (404, 422)
    assert everything() == before


@pytest.mark.parametrize("person", ["", NOA, MIRA, ANA, "nobody", "x" * 5000])
def test_whoever_is_not_in_the_circle_cannot_be_asked(house: House, person: str) -> None:
    a_ladder((MIRA,), of=NOA)
    ana = house.signs_in()
    before = everything()

    assert ana.post("/practice", {"do": "one", "person": person}).status_code == 404
    assert everything() == before


def test_noa_sees_nothing_of_anas_circle_and_asks_nobody_in_it(house: House) -> None:
    a_ladder((MIRA,), of=NOA)
    noa = house.signs_in(NOA)
    shown = words(noa.get("/practice"))

    assert "Practise with Mira" in shown
    assert not any(name in shown for name in ("Sam", "Bo", "Kit"))
    assert noa.post("/practice", {"do": "one", "person": SAM}).status_code == 404
    assert not Drill.objects.exists()


def test_whoever_has_no_circle_is_told_so(house: House) -> None:
    assert "Nobody is in your circle yet." in words(house.signs_in(SAM).get("/practice"))


def test_whoever_is_not_signed_in_is_led_to_the_sign_in_page(house: House) -> None:
    for answer in (house.browser.get("/practice"), house.browser.post("/practice", {"do": "all"})):
        assert answer.status_code == 302
        assert answer["Location"] == "/sign-in?next=%2Fpractice"
    assert not Drill.objects.exists()
