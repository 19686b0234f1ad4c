"""The home of somebody who is signed in: calling, and the way to everything else of theirs."""

import pytest
from django.test import Client

from nightlight.engine.needs import Need
from nightlight.store.here_notes import write_here
from nightlight.store.models import CallWish, Concern, Membership, Notice
from nightlight.store.sealing import seal
from nightlight.store.sessions import end_session
from nightlight.store.wishes import wish_of
from tests.factories import a_person, a_way
from tests.people import ANA, BO, NOA, SAM
from tests.web.house import House, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOW = "/home/now"
ROOMS = ("/circle", "/ladder", "/never", "/here", "/seen")


@pytest.fixture
def ana(house: House) -> Client:
    """Ana's browser, signed in."""
    return house.signs_in(ANA)


def test_two_taps_call_somebody_from_home(house: House, ana: Client) -> None:
    assert 'href="?choose"' in words(ana.get("/home"))
    assert 'value="talk"' in words(ana.get("/home?choose"))

    after = words(ana.post("/home", {"do": "raise", "need": "talk"}))

    assert "<h1>Trying Sam now.</h1>" in after
    assert house.alert.need == "talk"
    assert ana.get(NOW).headers["ETag"]


def test_home_leads_to_every_room(ana: Client) -> None:
    home = words(ana.get("/home"))
    for room in ROOMS:
        assert f'href="{room}"' in home
        assert ana.get(room).status_code == 200


@pytest.mark.parametrize("room", ["/home", NOW, *ROOMS, "/circle/members/1"])
def test_nobody_gets_in_without_signing_in(house: House, room: str) -> None:
    answer = house.browser.get(room)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in?next=%2F")


def test_a_session_that_was_ended_opens_nothing(house: House, ana: Client) -> None:
    from nightlight.store.models import AccountSession  # noqa: PLC0415

    end_session(AccountSession.objects.get().pk, house.now)

    assert ana.get("/home").status_code == 302


def test_the_link_page_does_not_lead_to_the_rooms(house: House) -> None:
    page = house.shows(house.own_page())
    for room in ROOMS:
        assert f'href="{room}"' not in page


def test_what_is_missing_is_said_on_home(ana: Client) -> None:
    home = words(ana.get("/home"))
    assert "Everybody is reached by the same one way." in home


def test_somebody_is_thinking_of_her(house: House, ana: Client) -> None:
    Concern.objects.create(id="c1", circle_id=ANA, person_id=SAM, at=house.now)
    assert "Sam is thinking of you." in words(ana.get("/home"))

    after = words(ana.post("/home", {"do": "concern", "concern": "c1", "answer": "thanks"}))

    assert "They hear that you saw it." in after
    assert "thinking of you" not in after
    told = Notice.objects.get()
    assert (told.person_id, told.purpose) == (SAM, "concern_answer")


def test_letting_it_be_tells_nobody(house: House, ana: Client) -> None:
    Concern.objects.create(id="c1", circle_id=ANA, person_id=SAM, at=house.now)

    words(ana.post("/home", {"do": "concern", "concern": "c1", "answer": "let_be"}))

    assert not Notice.objects.exists()
    again = words(ana.post("/home", {"do": "concern", "concern": "c1", "answer": "thanks"}))
    assert "answered already" in again
    assert not Notice.objects.exists()


def test_nobody_answers_for_another(house: House) -> None:
    Concern.objects.create(id="c1", circle_id=ANA, person_id=SAM, at=house.now)
    a_person(NOA)
    noa = house.signs_in(NOA)

    words(noa.post("/home", {"do": "concern", "concern": "c1", "answer": "thanks"}))

    assert Concern.objects.get().answered_at is None


def test_where_and_when_are_hers_to_add(house: House, ana: Client) -> None:
    alert = house.ana_calls(Need.COME)
    added = {"do": "wish", "place": "yours", "moment": "later", "text": "Bring the cards."}

    assert "It is added." in words(ana.post("/home", added))

    asked = house.shows(house.link(SAM))
    assert "At your place? Later today?" in asked
    assert "Bring the cards." not in asked
    assert "Bring the cards." in house.says(SAM, "yes")
    assert wish_of(alert).place == "yours"


@pytest.mark.parametrize("wrong", [{"place": "moon"}, {"moment": "never"}, {"text": "x" * 301}])
def test_what_is_no_wish_changes_nothing(house: House, ana: Client, wrong: dict[str, str]) -> None:
    house.ana_calls()

    words(ana.post("/home", {"do": "wish", **wrong}), 422)

    assert not CallWish.objects.exists()


def test_who_said_yes_reads_where_she_is_and_what_to_say_aloud(house: House, ana: Client) -> None:
    write_here(ANA, "At the library until six.", [SAM], house.now.replace(hour=18), house.now)
    Membership.objects.filter(person=SAM).update(pretext_sealed=seal("My sister needs the car."))
    house.ana_calls()

    assert "library" not in house.shows(house.link(SAM))
    taken = house.says(SAM, "yes")

    assert "At the library until six." in taken
    assert "My sister needs the car." in taken


def test_a_note_is_for_those_who_were_chosen(house: House, ana: Client) -> None:
    write_here(ANA, "At the library until six.", [BO], house.now.replace(hour=18), house.now)
    a_way(SAM, "sms")
    house.ana_calls()

    assert "library" not in house.says(SAM, "yes")
