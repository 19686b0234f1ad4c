"""The rooms in which Ana arranges her circle: members, words, never contact, sharing, where she is."""

from datetime import timedelta

import pytest
from django.test import Client

from nightlight.engine.needs import Offer
from nightlight.engine.state import AlertStatus
from nightlight.store.here_notes import here_for, here_of
from nightlight.store.invitations import Asked, invite, withdraw
from nightlight.store.models import (
    Circle,
    LadderPlace,
    Membership,
    NeverContact,
    Notice,
    Notification,
    NotificationStatus,
    Person,
)
from nightlight.store.sealing import unseal
from tests.factories import a_member, a_person, a_way
from tests.people import ANA, BO, KIT, MAILS, NOA, NUMBERS, SAM
from tests.web.house import House, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def page_of(person: str, *, of: str = ANA) -> str:
    """The address of *person*'s page in the circle of *of*."""
    return f"/circle/members/{Membership.objects.get(circle=of, person=person).pk}"


@pytest.fixture
def ana(house: House) -> Client:
    return house.signs_in(ANA)


@pytest.fixture
def noa(house: House) -> Client:
    a_member(KIT, of=NOA)
    return house.signs_in(NOA)


# ------------------------------------------------------------------------------------ the members


def test_her_circle_is_listed_and_nobody_elses(house: House, ana: Client, noa: Client) -> None:
    for person in (SAM, BO, KIT):
        assert f'href="{page_of(person)}"' in words(ana.get("/circle"))
    assert "Sam" not in words(noa.get("/circle"))


def test_a_member_is_shown_without_any_address(ana: Client) -> None:
    page = words(ana.get(page_of(SAM)))
    assert "<h1>Sam</h1>" in page
    assert MAILS[SAM] not in page


@pytest.mark.parametrize("do", [None, "remove", "keep_away", "words"])
def test_noa_finds_nobody_of_anas(noa: Client, do: str | None) -> None:
    page = noa.post(page_of(SAM), {"do": do}) if do else noa.get(page_of(SAM))

    assert page.status_code == 404
    assert Membership.objects.filter(circle=ANA, ended_at=None).count() == 3


def test_somebody_unknown_and_somebody_elses_look_the_same(noa: Client) -> None:
    assert noa.get(page_of(SAM)).content == noa.get("/circle/members/99999").content


def test_removing_takes_effect_in_the_middle_of_a_call(house: House, ana: Client) -> None:
    house.ana_calls()
    assert Notification.objects.filter(person=SAM, status=NotificationStatus.PLANNED).exists()

    answer = ana.post(page_of(SAM), {"do": "remove"})

    assert answer.headers["Location"] == "/circle?removed"
    assert not Notification.objects.filter(person=SAM, status=NotificationStatus.PLANNED).exists()
    assert Notification.objects.filter(person=BO, status=NotificationStatus.PLANNED).exists()
    assert not LadderPlace.objects.filter(person=SAM).exists()
    assert not Notice.objects.exists()
    assert house.alert.status == AlertStatus.TRIGGERED


def test_whoever_had_it_and_is_removed_has_it_no_more(house: House, ana: Client) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    assert house.alert.status == AlertStatus.ACKNOWLEDGED

    ana.post(page_of(SAM), {"do": "remove"})

    assert house.alert.status == AlertStatus.TRIGGERED
    assert "Ana" not in house.shows(house.link(SAM))


def test_they_hear_of_it_only_if_she_wants(house: House, ana: Client) -> None:
    ana.post(page_of(SAM), {"do": "remove", "tell": "yes"})

    told = Notice.objects.get()
    assert (told.person_id, told.purpose, told.about_id) == (SAM, "removed", ANA)


def test_whoever_is_removed_is_gone_from_the_page(ana: Client) -> None:
    page = page_of(SAM)
    ana.post(page, {"do": "remove"})

    assert ana.get(page).status_code == 404
    assert ana.post(page_of(SAM), {"do": "remove"}).status_code == 404


def test_whom_she_asked_is_listed_until_they_are_in(house: House, ana: Client, noa: Client) -> None:
    asked = Asked(name="Ida", offers=(Offer.TALK,), words="", language="en")
    made, _ = invite(ANA, asked, house.now)

    page = words(ana.get("/circle"))
    assert f'href="/circle/invitations/{made}"' in page
    assert "No answer yet." in page
    assert "Ida" not in words(noa.get("/circle"))

    withdraw(made, ANA, house.now)
    assert "Ida" not in words(ana.get("/circle"))


def test_a_minor_reads_what_the_house_rule_still_asks_for(house: House, ana: Client) -> None:
    assert "grown-up" not in words(ana.get("/circle"))
    Person.objects.filter(pk=ANA).update(is_minor=True)
    Membership.objects.filter(circle=ANA).update(is_adult=False)

    assert "There is no grown-up on your ladder yet." in words(ana.get("/circle"))
    house.ana_calls()


# --------------------------------------------------------------------------------------- the words


def test_she_chooses_what_his_phone_shows(ana: Client) -> None:
    ana.post(page_of(SAM), {"do": "words", "lock_words": "tea", "own": "", "pretext": ""})

    page = words(ana.get(page_of(SAM)))
    assert page.count("Cup of tea? Ana") > 1
    assert "Ana asks if you can talk." not in page


def test_her_own_words_and_a_pretext(ana: Client) -> None:
    chosen = {"do": "words", "lock_words": "own", "own": "Choir tonight?", "pretext": "The choir needs me."}

    ana.post(page_of(SAM), chosen)

    row = Membership.objects.get(circle=ANA, person=SAM)
    assert unseal(row.lock_words_sealed) == "Choir tonight?"
    assert unseal(row.pretext_sealed) == "The choir needs me."


@pytest.mark.parametrize(
    "wrong",
    [
        {"lock_words": "own", "own": ""},
        {"lock_words": "shout"},
        {"lock_words": "own", "own": "x" * 81},
        {"lock_words": "", "pretext": "x" * 141},
    ],
)
def test_words_that_do_not_fit_change_nothing(ana: Client, wrong: dict[str, str]) -> None:
    page = words(ana.post(page_of(SAM), {"do": "words", **wrong}), 422)

    assert "Nothing was changed." in page
    assert Membership.objects.get(circle=ANA, person=SAM).lock_words == ""


# --------------------------------------------------------------------------------- never contact


def test_a_number_on_the_list_is_reached_no_more(house: House, ana: Client) -> None:
    house.ana_calls()

    assert ana.post("/never", {"do": "address", "address": MAILS[SAM]}).headers["Location"] == "/never?added"

    assert not Notification.objects.filter(person=SAM, status=NotificationStatus.PLANNED).exists()
    assert MAILS[SAM] in words(ana.get("/never"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Please write a number"),
        ("07700 900123", "A number needs its country first"),
        ("+44 1", "does not look like a whole number"),
        ("sam@", "does not look like an email address"),
    ],
)
def test_what_is_no_address_is_said_and_kept_in_the_field(ana: Client, typed: str, said: str) -> None:
    page = words(ana.post("/never", {"do": "address", "address": typed}), 422)

    assert said in page
    assert f'value="{typed}"' in page
    assert not NeverContact.objects.exists()


def test_the_same_twice_is_once(ana: Client) -> None:
    ana.post("/never", {"do": "address", "address": NUMBERS[NOA]})

    answer = ana.post("/never", {"do": "address", "address": NUMBERS[NOA]})

    assert answer.headers["Location"] == "/never?there_already"
    assert NeverContact.objects.count() == 1


def test_a_member_can_be_named(house: House, ana: Client) -> None:
    ana.post("/never", {"do": "member", "member": SAM})
    house.ana_calls()

    assert not Notification.objects.filter(person=SAM).exists()


def test_a_stranger_cannot_be_named(ana: Client) -> None:
    a_person(NOA)
    ana.post("/never", {"do": "member", "member": NOA})

    assert not NeverContact.objects.exists()


def test_the_list_is_hers_alone(ana: Client, noa: Client) -> None:
    ana.post("/never", {"do": "address", "address": NUMBERS[KIT]})
    entry = NeverContact.objects.get()

    assert NUMBERS[KIT] not in words(noa.get("/never"))
    noa.post("/never", {"do": "let_back", "entry": str(entry.pk)})
    assert NeverContact.objects.exists()

    ana.post("/never", {"do": "let_back", "entry": str(entry.pk)})
    assert not NeverContact.objects.exists()


# ---------------------------------------------------------------------------- sharing, where I am


def test_what_is_shared_is_hers_to_switch(ana: Client) -> None:
    ana.post("/seen", {"do": "sharing", "know_each_other": "yes"})
    row = Circle.objects.get(pk=ANA)
    assert (row.know_each_other, row.tell_caller) == (True, False)

    ana.post("/seen", {"do": "sharing"})
    assert not Circle.objects.get(pk=ANA).know_each_other


def test_how_to_reach_her_is_shown_after_a_yes(house: House, ana: Client) -> None:
    ana.post("/seen", {"do": "reach", "call": "+44 7700 900456", "note": "Ring twice."})
    house.ana_calls()

    assert "Ring twice." not in house.shows(house.link(SAM))
    assert "Ring twice." in house.says(SAM, "yes")

    ana.post("/seen", {"do": "reach", "call": "", "note": ""})
    assert "Ring twice." not in house.shows(house.link(SAM))


def test_where_she_is_ends_by_itself(house: House, ana: Client) -> None:
    ana.post("/here", {"do": "write", "text": "At the library.", "reader": [SAM], "until": "2"})

    assert [note.text for note in here_for(SAM, house.now)] == ["At the library."]
    assert here_for(BO, house.now) == ()
    assert here_of(ANA, house.now + timedelta(hours=2)) == ()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": "", "reader": SAM, "until": "2"}, "Please write a few words."),
        ({"text": "x", "until": "2"}, "Please choose who may read it."),
        ({"text": "x", "reader": NOA, "until": "2"}, "Please choose who may read it."),
        ({"text": "x" * 501, "reader": SAM, "until": "2"}, "That is too long"),
        ({"text": "x", "reader": SAM, "until": "900"}, "Please write a few words."),
    ],
)
def test_a_note_without_words_or_readers_is_not_left(
    house: House, ana: Client, wrong: dict[str, str], said: str
) -> None:
    a_way(NOA)
    assert said in words(ana.post("/here", {"do": "write", **wrong}), 422)
    assert here_of(ANA, house.now) == ()


def test_a_note_is_taken_back_at_once(house: House, ana: Client) -> None:
    ana.post("/here", {"do": "write", "text": "At the library.", "reader": [SAM], "until": "morning"})

    ana.post("/here", {"do": "end", "note": here_of(ANA, house.now)[0].id})

    assert here_for(SAM, house.now) == ()
