"""The host's desk: its one-time link, its list, and the little a host may do."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from nightlight.engine.events import EndedBy
from nightlight.engine.needs import Need
from nightlight.intake import alert as intake
from nightlight.store.access import HOST_LINK_LASTS, HOST_SESSION_LASTS, new_host_link
from nightlight.store.models import Alert, Host, HostSession, KeptReply, TimelineEntry
from nightlight.store.sealing import seal
from tests.factories import a_ladder
from tests.people import BO, KIT, NOA, SAM
from tests.web.house import House, everything, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def desk(house: House) -> House:
    """The house, with the desk open in Mira's browser."""
    words(house.browser.post(f"/desk/{new_host_link(house.now)}"))
    return house


def test_the_link_shows_one_button_and_looking_does_not_use_it_up(house: House) -> None:
    link = f"/desk/{new_host_link(house.now)}"
    before = everything()

    for _ in range(2):
        page = house.shows(link)
        assert page.count("<button") == 1
        assert house.browser.head(link).status_code == 200

    assert everything() == before
    assert house.browser.get("/desk").status_code == 403


def test_the_button_opens_the_desk_once(house: House) -> None:
    link = f"/desk/{new_host_link(house.now)}"

    opened = house.browser.post(link)

    assert "No call is open." in words(opened)
    cookie = opened.cookies["nightlight_desk"]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/desk"
    assert cookie.value not in str(HostSession.objects.values_list())
    assert "No call is open." in house.shows("/desk")
    # Pressed again by a reload, it shows the desk that is open; in another browser it opens nothing.
    words(house.browser.post(link))
    words(Client().post(link), 404)


def test_a_link_not_pressed_within_a_quarter_of_an_hour_opens_nothing(house: House) -> None:
    link = f"/desk/{new_host_link(house.now)}"
    house.now += HOST_LINK_LASTS

    house.shows(link, status=404)
    words(house.browser.post(link), 404)
    assert not HostSession.objects.exists()


def test_the_desk_closes_after_twelve_hours(desk: House) -> None:
    desk.now += HOST_SESSION_LASTS

    assert "The desk is closed in this browser." in desk.shows("/desk", status=403)


def test_the_desk_closes_when_the_host_says_so(desk: House) -> None:
    assert "The desk is closed" in words(desk.browser.post("/desk", {"do": "close"}))

    desk.shows("/desk", status=403)


@pytest.mark.parametrize("cookie", ["", "x", "a" * 32])
def test_without_a_session_there_is_nothing_to_see(house: House, cookie: str) -> None:
    alert = house.ana_calls()
    stranger = Client()
    stranger.cookies["nightlight_desk"] = cookie

    seen = words(stranger.get(f"/desk/calls/{alert}"), 403)

    assert "Ana" not in seen
    assert words(stranger.get("/desk/calls/unknown"), 403) == seen
    words(stranger.post(f"/desk/calls/{alert}", {"do": "resolve", "reason": "no"}), 403)
    assert house.alert.status == "triggered"


def test_the_list_says_how_each_call_stands(desk: House) -> None:
    alert = desk.ana_calls()
    page = desk.shows("/desk")
    assert "One call is open." in page
    assert "Ana (ana)" in page
    assert f'href="/desk/calls/{alert}"' in page
    assert "Being asked" in page
    assert "Sam was asked at" in page
    assert "Bo is asked" in page
    assert "It needs you." not in page

    desk.says(SAM, "yes")
    assert "Sam has it since" in desk.shows("/desk")
    desk.does(desk.own_page(), "in_contact", person=SAM)
    assert "Sam is with Ana since" in desk.shows("/desk")

    Alert.objects.update(state={"broken": True}, poisoned_at=desk.now)
    assert "Something broke on our side. We keep trying." in desk.shows("/desk")


def test_a_call_that_nobody_has_needs_the_host_and_comes_first(desk: House) -> None:
    a_ladder((SAM,), of=NOA)
    intake.call(NOA, Need.TALK, desk.now)
    desk.pass_time(minutes=1)
    desk.ana_calls()
    desk.next_timer()

    page = desk.shows("/desk")

    assert "2 calls are open. One needs you." in page
    assert "Nobody has it yet. You were told at" in page
    assert page.index("Noa (noa)") < page.index("Ana (ana)")
    Host.objects.update(ways_sealed="")
    assert "You were told" not in desk.shows("/desk")


def test_however_many_calls_are_open_the_desk_asks_as_often(
    desk: House, django_assert_num_queries: Any
) -> None:
    desk.ana_calls()
    with CaptureQueriesContext(connection) as one:
        desk.shows("/desk")
    for person in (NOA, BO, KIT):
        a_ladder((SAM,), of=person)
        intake.call(person, Need.TALK, desk.now)

    with django_assert_num_queries(len(one)):
        desk.shows("/desk")


def test_words_kept_for_a_taker_are_counted_and_not_shown(desk: House) -> None:
    alert = desk.ana_calls()
    KeptReply.objects.create(alert_id=alert, person_id=SAM, text_sealed=seal("my train is late"), at=desk.now)

    page = desk.shows("/desk")

    assert "One person wrote back; it waits for whoever has it." in page
    assert "train" not in page


def test_a_call_is_shown_with_everything_that_happened(desk: House) -> None:
    alert = desk.ana_calls()
    desk.next_timer()
    desk.says(BO, "yes")
    desk.next_timer()
    desk.says(KIT, "no")
    TimelineEntry.objects.create(
        alert_id=alert, at=desk.now, what="failed", who=SAM, channel="sms", detail="ask:not_routable"
    )

    page = desk.shows(f"/desk/calls/{alert}")

    for sentence in (
        "Ana called.",
        "Sam is asked.",
        "Bo said “I've got this”.",
        "Bo has gone quiet.",
        "Kit can't right now.",
        "To Sam by text: it did not go through.",
    ):
        assert sentence in page
    assert "Something else happened" not in page


def test_a_call_is_ended_with_a_reason_that_is_kept(desk: House) -> None:
    alert = desk.ana_calls()

    page = words(desk.browser.post(f"/desk/calls/{alert}", {"do": "resolve", "reason": "Ana rang us"}))

    assert "It is over." in page
    assert "Ana rang us" in page
    assert desk.alert.status == "resolved"


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"do": "resolve"}, "please give a reason"),
        ({"do": "resolve", "reason": "  "}, "please give a reason"),
        ({"do": "resolve", "reason": "x" * 501}, "at most 500 characters"),
        ({"do": "answer", "person": NOA, "answer": "yes"}, "We did not understand that"),
        ({"do": "answer", "person": SAM, "answer": "renew"}, "We did not understand that"),
        ({"do": "dance"}, "We did not understand that"),
    ],
)
def test_what_the_host_cannot_do_is_said_and_changes_nothing(
    desk: House, form: dict[str, str], why: str
) -> None:
    alert = desk.ana_calls()

    assert why in words(desk.browser.post(f"/desk/calls/{alert}", form), 422)
    assert desk.alert.status == "triggered"


def test_an_answer_given_by_voice_is_noted(desk: House) -> None:
    alert = desk.ana_calls()

    noted = desk.browser.post(f"/desk/calls/{alert}", {"do": "answer", "person": SAM, "answer": "yes"})

    assert "Noted." in words(noted)
    assert desk.alert.status == "acknowledged"


def test_a_call_that_is_over_stays_as_it_is(desk: House) -> None:
    alert = desk.ana_calls()
    intake.resolve(alert, EndedBy.CALLER, desk.now)
    before = everything()

    for form in ({"do": "resolve", "reason": "late"}, {"do": "answer", "person": SAM, "answer": "yes"}):
        assert "nothing has changed" in words(desk.browser.post(f"/desk/calls/{alert}", form))
    assert everything() == before


def test_a_call_nobody_knows_gets_the_page_of_links_that_open_nothing(desk: House) -> None:
    assert "This link has run out." in desk.shows("/desk/calls/unknown", status=404)


def test_looking_at_the_desk_changes_nothing(desk: House) -> None:
    alert = desk.ana_calls()
    before = everything()

    for address in ("/desk", f"/desk/calls/{alert}", f"/desk/calls/{alert}?do=resolve&reason=x"):
        desk.shows(address)
        assert desk.browser.head(address).status_code == 200

    assert everything() == before
