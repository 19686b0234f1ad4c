"""Signing in, the account, beginning and quick exit, as pages: what is let through, and what is not."""

import re

import pytest
from django.test import Client

from nightlight.store import accounts, passkeys
from nightlight.store.accounts import Secret
from nightlight.store.models import (
    Account,
    AccountSession,
    Passkey,
    Person,
    SignIn,
)
from tests.factories import a_person
from tests.people import ANA, NOA
from tests.store.soft_key import SoftKey
from tests.web.house import House, everything, words
from tests.web.signing import ANA_COMES, OTHERS, WORDS, gives_ana_an_account, wish

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

# ---------------------------------------------------------------------------------------- signing in


def test_ana_comes_in_and_goes_where_she_wanted(house: House) -> None:
    gives_ana_an_account(house)
    sent = house.browser.get("/me/sessions")
    assert sent["Location"] == "/sign-in?next=%2Fme%2Fsessions"

    came = house.browser.post("/sign-in", {**ANA_COMES, "next": "/me/sessions"})

    assert (came.status_code, came["Location"]) == (303, "/me/sessions")
    cookie = came.cookies["session"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    assert "You are signed in only here." in house.shows("/me/sessions")


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com", "/\\example.com", "me", ""])
def test_nobody_is_led_elsewhere_after_signing_in(house: House, elsewhere: str) -> None:
    gives_ana_an_account(house)

    assert house.browser.post("/sign-in", {**ANA_COMES, "next": elsewhere})["Location"] == "/home"


def test_a_wrong_name_and_a_wrong_passphrase_get_the_very_same_page(house: House) -> None:
    gives_ana_an_account(house)
    wrong = words(house.browser.post("/sign-in", {"name": "ana-b", "passphrase": OTHERS}), 422)
    unknown = words(house.browser.post("/sign-in", {"name": "ana-c", "passphrase": OTHERS}), 422)
    for _ in range(9):
        house.browser.post("/sign-in", {"name": "ana-b", "passphrase": OTHERS})
    resting = words(house.browser.post("/sign-in", {"name": "ana-b", "passphrase": OTHERS}), 422)

    assert wrong == unknown.replace("ana-c", "ana-b") == resting
    assert "Name and passphrase do not go together." in wrong
    assert "12:15" in wrong
    assert words(house.browser.post("/sign-in", ANA_COMES), 422) == wrong
    house.pass_time(minutes=15)
    assert house.browser.post("/sign-in", ANA_COMES).status_code == 303
    assert "session" in house.browser.cookies


def test_signing_in_again_gives_a_new_session_and_ends_the_one_before(house: House) -> None:
    gives_ana_an_account(house)
    first = house.browser.post("/sign-in", ANA_COMES).cookies["session"].value
    second = house.browser.post("/sign-in", ANA_COMES).cookies["session"].value

    assert first != second
    assert AccountSession.objects.filter(ended_at=None).count() == 1


def test_looking_signs_nobody_out_and_a_press_does(house: House) -> None:
    ana = house.signs_in()
    assert "Sign out of this browser?" in words(ana.get("/sign-out"))
    assert ana.get("/me").status_code == 200

    assert ana.post("/sign-out")["Location"] == "/sign-in"
    assert ana.get("/me").status_code == 302


def test_a_form_of_another_site_signs_nobody_in_or_out(house: House) -> None:
    gives_ana_an_account(house)
    ana, elsewhere = house.signs_in(), {"Origin": "https://elsewhere.example.com"}
    before = everything()

    for address in ("/sign-in", "/sign-out", "/exit", "/me/code", "/sign-in/passkey"):
        words(ana.post(address, ANA_COMES, headers=elsewhere), 403)
    assert everything() == before


def test_the_page_for_whom_nothing_works_offers_no_way_by_mail(house: House) -> None:
    page = house.shows("/sign-in/help")

    assert "We never send a way in by email or text." in page
    assert "Ask Harbour House." in page
    assert "email" not in house.shows("/sign-in")


def test_a_passkey_signs_in_and_a_second_use_does_not(house: House) -> None:
    ana, key = house.signs_in(), SoftKey()
    asked = wish(ana, "add")
    assert "Added." in words(ana.post("/me/passkeys", {"credential": key.makes(asked), "key_name": "phone"}))
    signed = key.signs(wish(house.browser, "sign_in"))

    assert house.browser.post("/sign-in", {"credential": signed}).status_code == 303
    refused = words(house.browser.post("/sign-in", {"credential": signed}), 422)
    assert "That did not work." in refused
    assert Passkey.objects.get().name == "phone"


def test_what_a_passkey_signed_is_good_in_the_browser_that_asked_and_nowhere_else(house: House) -> None:
    ana, key = house.signs_in(), SoftKey()
    ana.post("/me/passkeys", {"credential": key.makes(wish(ana, "add"))})
    signed = key.signs(wish(house.browser, "sign_in"))

    words(Client().post("/sign-in", {"credential": signed}), 422)


def test_no_passkey_is_offered_where_browsers_would_make_none(house: House, with_settings: object) -> None:
    assert "data-passkey" in house.shows("/sign-in")
    with_settings(base_url="http://127.0.0.1:8000")  # type: ignore[operator]

    assert "data-passkey" not in house.shows("/sign-in")
    words(house.browser.post("/sign-in/passkey", {"do": "sign_in"}), 404)


@pytest.mark.parametrize("do", ["", "add", "x"])
def test_a_stranger_gets_nothing_to_sign_for_somebodys_account(house: House, do: str) -> None:
    words(house.browser.post("/sign-in/passkey", {"do": do}), 404)


def test_the_code_brings_ana_back_and_is_good_once(house: House) -> None:
    account = gives_ana_an_account(house)
    code, elsewhere = accounts.new_code(account, house.now), house.signs_in()
    form = {"code": code, "passphrase": "short"}
    assert "a little short" in words(house.browser.post("/sign-in/code", form), 422)

    back = words(house.browser.post("/sign-in/code", form | {"passphrase": OTHERS}))

    assert "You are back. Here is your next code." in back
    assert "ana-b" in back
    assert elsewhere.get("/me").status_code == 302
    assert "Code on paper" in house.shows("/me/sessions")
    refused = words(Client().post("/sign-in/code", form | {"passphrase": WORDS}), 422)
    assert "This code does not fit" in refused
    assert code not in refused


# ----------------------------------------------------------------------------------------- the account


def test_what_opens_an_account_is_changed_only_by_who_signed_in_just_now(house: House) -> None:
    ana = house.signs_in()
    house.pass_time(minutes=5)
    before = everything()

    for address in ("/me/passphrase", "/me/passkeys", "/me/code"):
        form = {"passphrase": OTHERS, "sign_in_name": "x-y"}
        assert "Sign in once more." in words(ana.post(address, form), 403)
        assert "Nothing has changed yet." in words(ana.get(address))
    assert everything() == before


def test_a_new_passphrase_signs_everybody_else_out(house: House) -> None:
    account, ana = gives_ana_an_account(house), house.signs_in()
    elsewhere = Client()
    elsewhere.post("/sign-in", ANA_COMES)
    near = {"sign_in_name": "ana-b", "passphrase": "Ana Ana Ana"}
    assert "close to your name" in words(ana.post("/me/passphrase", near), 422)
    assert elsewhere.get("/me").status_code == 200

    assert "Kept." in words(ana.post("/me/passphrase", near | {"passphrase": OTHERS}))

    assert elsewhere.get("/me").status_code == 302
    assert ana.get("/me").status_code == 200
    assert accounts.by_passphrase(Secret(name="ana-b", passphrase=OTHERS), house.now) == account


def test_noa_removes_no_passkey_of_anas(house: House) -> None:
    ana, key = house.signs_in(), SoftKey()
    gives = accounts.prepare(Secret(name="ana-b", passphrase=WORDS), ())
    accounts.set_secret(Account.objects.get().pk, gives)
    ana.post("/me/passkeys", {"credential": key.makes(wish(ana, "add"))})
    theirs = f"/me/passkeys/{Passkey.objects.get().pk}"
    a_person(NOA)

    words(house.signs_in(NOA).post(theirs), 404)
    words(house.signs_in(NOA).post("/me/passkeys/unknown"), 404)
    assert Passkey.objects.exists()
    assert ana.post(theirs)["Location"] == "/me/passkeys"
    assert not Passkey.objects.exists()


def test_the_only_way_in_stays(house: House) -> None:
    ana, key = house.signs_in(), SoftKey()
    ana.post("/me/passkeys", {"credential": key.makes(wish(ana, "add"))})

    kept = words(ana.post(f"/me/passkeys/{Passkey.objects.get().pk}"), 422)

    assert "This is your only way in, so it stays." in kept
    assert Passkey.objects.exists()


def test_ana_sees_who_tried_and_signs_everybody_else_out(house: House) -> None:
    gives_ana_an_account(house)
    ana, elsewhere = house.signs_in(), house.signs_in()
    house.browser.post("/sign-in", {"name": "ana-b", "passphrase": OTHERS})

    page = words(ana.get("/me/sessions"))
    assert "You are signed in in 2 browsers." in page
    assert "Passphrase</td><td>No" in page.replace("> <", "><")
    words(ana.post("/me/sessions", {"do": "x"}), 422)
    assert elsewhere.get("/me").status_code == 200

    assert "You are signed in only here." in words(ana.post("/me/sessions", {"do": "end_others"}))
    assert elsewhere.get("/me").status_code == 302


def test_language_and_zone_are_those_that_exist(house: House) -> None:
    ana = house.signs_in()

    words(ana.post("/me/language", {"language": "xx", "zone": "Europe/Lisbon"}), 422)
    words(ana.post("/me/language", {"language": "en", "zone": "Moon/Base"}), 422)
    words(ana.post("/me/language", {"language": "en", "zone": "Asia/Tokyo"}))
    assert Person.objects.get(pk=ANA).time_zone == "Asia/Tokyo"


def test_the_account_says_what_there_is_and_shows_a_new_code_once(house: House) -> None:
    gives_ana_an_account(house)
    ana = house.signs_in()
    assert "You sign in as ana-b." in words(ana.get("/me"))

    page = words(ana.post("/me/code"))

    [code] = re.findall(r"(?:[0-9A-Z]{4}-){7}[0-9A-Z]{4}", page)
    assert code not in words(ana.get("/me/code"))
    assert accounts.recover(code, Secret(name="", passphrase=OTHERS), house.now)


def test_the_log_keeps_what_was_refused_and_passkeys_that_were_refused(house: House) -> None:
    ana, key = house.signs_in(), SoftKey()
    ana.post("/me/passkeys", {"credential": key.makes(wish(ana, "add"))})
    key.origin = "https://elsewhere.example.com"
    house.browser.post("/sign-in", {"credential": key.signs(wish(house.browser, "sign_in"))})

    assert [(each.how, each.accepted) for each in SignIn.objects.all()] == [("passkey", False)]
    assert passkeys.passkeys_of(Account.objects.get().pk)[0].used_at is None
