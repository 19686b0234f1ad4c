"""Beginning, the host's rule for minors, and the accounts of the desk, as pages."""

import re

import pytest
from django.test import Client

from nightlight.store import starting
from nightlight.store.access import new_host_link
from nightlight.store.models import Account, Host, Person, StartLink
from tests.store.soft_key import SoftKey
from tests.web.house import House, everything, words
from tests.web.signing import ANA_COMES, OTHERS, WORDS, gives_ana_an_account, wish

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def starts(house: House, person: str = "") -> str:
    return f"/start/{starting.new_start_link(house.now, person)}"


def test_somebody_new_begins_and_nothing_is_kept_before_the_last_answer(house: House) -> None:
    door = starts(house)
    before = everything()
    house.shows(door)
    assert "What do your people call you?" in words(house.browser.post(door, {"step": "what"}))
    words(house.browser.post(door, {"step": "name", "person_name": "  "}), 422)
    asked = words(house.browser.post(door, {"step": "name", "person_name": "Ana Maria"}))
    assert "How will you come in next time?" in asked
    last = {"step": "way_in", "person_name": "Ana Maria", "zone": "Asia/Tokyo", "sign_in_name": "am"}
    assert "a little short" in words(house.browser.post(door, last | {"passphrase": "x"}), 422)
    assert everything() == before

    page = words(house.browser.post(door, last | {"passphrase": WORDS}))

    assert "Keep this code." in page
    person = Person.objects.get(name="Ana Maria")
    assert (person.time_zone, person.is_minor) == ("Asia/Tokyo", False)
    assert "What Quick exit does, and what it does not" in house.shows("/me/exit")
    assert house.browser.post("/me/exit")["Location"] == "/home"
    assert Account.objects.get(person=person).exit_explained_at == house.now
    words(house.browser.get(door), 404)
    words(house.browser.post(door, last | {"passphrase": WORDS}), 404)


def test_a_passkey_alone_is_enough_to_begin(house: House) -> None:
    door, key = starts(house), SoftKey()
    made = key.makes(wish(house.browser, "begin"))

    page = words(house.browser.post(door, {"step": "way_in", "person_name": "Ana M", "credential": made}))

    assert "Keep this code." in page
    assert house.browser.get("/me").status_code == 200
    signed = key.signs(wish(house.browser, "sign_in"))
    assert Client().post("/sign-in", {"credential": signed}).status_code == 422


def test_the_door_without_a_link_is_open_only_where_the_host_says_so(house: House) -> None:
    words(house.browser.get("/start"), 404)
    words(house.browser.post("/start", {"step": "what"}), 404)
    Host.objects.update(anyone_may_begin=True)

    assert "Begin" in house.shows("/start")


def test_a_link_that_ran_out_says_the_same_as_one_that_never_was(house: House) -> None:
    door = starts(house)
    house.pass_time(days=7)

    assert house.shows(door, status=404) == house.shows("/start/never", status=404)


def test_the_house_rule_is_read_first_and_a_minor_is_not_turned_away_without_a_number(house: House) -> None:
    Host.objects.update(adult_age=16, minors="not_here")
    door = starts(house)
    assert "If you are younger than 16" in house.shows(door)
    named = {"step": "name", "person_name": "Noa"}
    assert "Are you 16 or older?" in words(house.browser.post(door, named))
    before = everything()

    young = words(house.browser.post(door, named | {"step": "age", "age": "minor"}))
    tried = {"step": "way_in", "age": "minor", "sign_in_name": "noa", "passphrase": WORDS}
    again = words(house.browser.post(door, named | tried))

    assert "You can't begin here yet." in young
    assert young == again
    assert "+44 7700 900999" in young
    assert everything() == before
    words(house.browser.post(door, named | {"step": "age", "age": "twelve"}), 422)
    no_age = {"step": "way_in", "sign_in_name": "noa", "passphrase": WORDS}
    assert "Are you 16 or older?" in words(house.browser.post(door, named | no_age))


def test_a_minor_waits_for_the_desk_and_can_call_meanwhile(house: House) -> None:
    Host.objects.update(adult_age=16, minors="approve", minors_approved_by="Mira of the house")
    door = starts(house)
    assert "Mira of the house must say yes" in house.shows(door)
    last = {"step": "way_in", "person_name": "Noa", "age": "minor", "sign_in_name": "noa"}
    words(house.browser.post(door, last | {"passphrase": WORDS}))
    noa = Person.objects.get(name="Noa")
    assert (noa.is_minor, noa.approved_at) == (True, None)
    desk = Client()
    desk.post(f"/desk/{new_host_link(house.now)}")

    assert "Noa is approved" in words(desk.get("/desk/people"))
    assert "Nobody waits." in words(desk.post("/desk/people", {"do": "approve", "person": noa.pk}))
    words(desk.post("/desk/people", {"do": "approve", "person": noa.pk}), 422)
    assert Person.objects.get(pk=noa.pk).approved_at == house.now


# -------------------------------------------------------------------------------------------- the desk


def test_the_desk_opens_for_its_own_accounts_until_they_end(house: House) -> None:
    desk, mira = Client(), Client()
    words(desk.post("/desk/people", {"do": "start_link"}), 403)
    desk.post(f"/desk/{new_host_link(house.now)}")
    form = {"do": "new_account", "sign_in_name": "mira", "passphrase": WORDS}
    words(desk.post("/desk/people", form | {"passphrase": "short"}), 422)
    words(desk.post("/desk/people", form))

    comes = {"name": "mira", "passphrase": WORDS}
    words(mira.post("/desk/sign-in", comes | {"passphrase": OTHERS}), 422)
    assert words(mira.post("/sign-in", comes), 422)
    assert mira.post("/desk/sign-in", comes)["Location"] == "/desk"
    assert mira.get("/desk").status_code == 200
    house.pass_time(hours=12)
    assert mira.get("/desk").status_code == 403
    mira.post("/desk/sign-in", comes)

    desk.post(f"/desk/{new_host_link(house.now)}")
    account = Account.objects.get(sign_in_name="mira").pk
    words(desk.post("/desk/people", {"do": "end_account", "account": account}))
    assert mira.get("/desk").status_code == 403
    words(mira.post("/desk/sign-in", comes), 422)


def test_ana_opens_no_desk_with_her_account_and_the_desk_hands_out_a_start_link(house: House) -> None:
    gives_ana_an_account(house)
    words(house.browser.post("/desk/sign-in", ANA_COMES), 422)
    desk = Client()
    desk.post(f"/desk/{new_host_link(house.now)}")

    page = words(desk.post("/desk/people", {"do": "start_link"}))

    [path] = re.findall(r"https://circle\.example\.org(/start/[\w-]+)", page)
    assert "What do your people call you?" in words(house.browser.post(path, {"step": "what"}))
    assert StartLink.objects.count() == 1
