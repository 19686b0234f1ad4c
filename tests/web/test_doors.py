"""What holds at every door: headers, foreign pages, wrong methods, links that open nothing, our own bugs."""

import re

import pytest
import structlog
from django.test import Client

from nightlight.web.views import answer
from tests.factories import a_person
from tests.people import NOA, SAM
from tests.web.house import LINE, House, everything, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

GARBLED = ["x", "a" * 500, "%00", "%ff%fe", "-", "..%2f..", "💡", "yes?answer=yes"]


@pytest.mark.parametrize("door", ["/a/", "/m/", "/desk/"])
@pytest.mark.parametrize("token", GARBLED)
def test_every_link_that_opens_nothing_gets_the_same_page(house: House, door: str, token: str) -> None:
    unknown = house.shows("/a/" + "b" * 32, status=404)

    assert house.shows(door + token, status=404) == unknown
    assert "This link has run out." in unknown
    assert LINE in unknown


def test_an_unknown_address_gets_the_same_page(house: House) -> None:
    assert "This link has run out." in house.shows("/nowhere", status=404)
    house.shows("/a/" + "b" * 32 + "/", status=404)


@pytest.mark.parametrize("address", ["/healthz", "/nowhere", "/desk", "/api/v1/calls", "/hooks/sms/x/y"])
def test_strict_headers_are_on_every_answer(house: House, address: str) -> None:
    response = house.browser.get(address)

    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=()" in response["Permissions-Policy"]
    assert response["Cache-Control"] == "no-store"


FOREIGN = [
    {"Origin": "https://elsewhere.example.com"},
    {"Origin": "https://circle.example.org.example.com"},
    {"Origin": "http://circle.example.org"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "null"},
]
OWN = [
    {},
    {"Origin": "https://circle.example.org"},
    # What browsers send from a page that gives no referrer.
    {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "none"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_press_on_another_sites_page_is_refused(house: House, headers: dict[str, str]) -> None:
    house.ana_calls()
    link = house.link(SAM)
    before = everything()

    refused = house.browser.post(link, {"answer": "yes"}, headers=headers)

    assert "That came from another site." in words(refused, 403)
    assert everything() == before


@pytest.mark.parametrize("headers", OWN)
def test_a_press_on_our_own_page_is_taken(house: House, headers: dict[str, str]) -> None:
    house.ana_calls()

    words(house.browser.post(house.link(SAM), {"answer": "yes"}, headers=headers))

    assert house.alert.status == "acknowledged"


def test_a_wrong_method_is_said_to_be_wrong(house: House) -> None:
    response = house.browser.delete("/healthz")

    assert response["Allow"] == "GET, HEAD"
    assert "Nothing has changed." in words(response, 405)


def test_a_huge_body_is_refused_before_it_is_read(house: House) -> None:
    house.ana_calls()
    link = house.link(SAM)
    before = everything()

    words(house.browser.post(link, {"answer": "yes" + " " * 70_000}), 413)

    assert everything() == before


def test_a_form_that_cannot_be_read_is_said_to_be_so(house: House) -> None:
    house.ana_calls()

    broken = house.browser.post(house.link(SAM), b"--x", content_type="multipart/form-data")

    assert "We could not read that." in words(broken, 400)


def test_a_bug_of_ours_is_kind_and_leaves_no_path_in_the_record(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.ana_calls()
    link = house.link(SAM)
    house.shows(link)

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError(link)

    monkeypatch.setattr(answer, "answer_page", broken)
    with structlog.testing.capture_logs() as record:
        page = house.shows(link, status=500)

    assert "Something went wrong on our side." in page
    assert LINE in page
    assert "ZeroDivisionError" not in page
    assert [line["event"] for line in record] == ["page failed"]
    assert link.removeprefix("/a/") not in str(record)


def test_pages_ask_for_nothing_from_elsewhere(house: House) -> None:
    house.ana_calls()

    page = house.shows(house.link(SAM))

    sources = re.findall(r'(?:src|href|action)="([^"]*)"', page)
    assert sources
    assert all(source.startswith(("/static/", "tel:", "sms:", "?", "#")) for source in sources)


def test_the_stylesheet_is_there(house: House) -> None:
    response = Client().get("/static/nightlight.css")

    assert response.status_code == 200
    assert "no-store" not in response["Cache-Control"]


@pytest.mark.parametrize("name", ["<b>Noa</b>", "Noa & {{ caller }}", "\u202eaoN"])
def test_what_somebody_is_called_is_only_ever_text(house: House, name: str) -> None:
    person = a_person(NOA)
    person.name = name
    person.save()

    page = house.browser.get(house.own_page(NOA)).content.decode()

    assert "<b>N" not in page
    assert "Hello, " in page
