"""Quick exit, and the service among the apps of a phone."""

import json

import pytest

from nightlight.store.models import AccountSession, Alert
from tests.web.house import House, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_quick_exit_ends_the_session_and_no_call(house: House) -> None:
    ana = house.signs_in()
    house.ana_calls()

    left = ana.post("/exit")

    page = left.content.decode()
    assert 'content="0;url=https://www.bbc.com/weather"' in page
    assert "Nightlight" not in page
    assert left.cookies["session"].value == ""
    assert not AccountSession.objects.filter(ended_at=None).exists()
    assert Alert.objects.get().resolved_at is None
    assert ana.get("/me")["Location"].startswith("/sign-in")
    words(ana.get("/exit"), 405)


def test_after_quick_exit_the_page_behind_a_link_says_nothing_until_somebody_goes_on(house: House) -> None:
    door = house.own_page()
    assert "Hello, Ana." in house.shows(door)
    assert 'action="/exit"' in house.shows(door)
    house.browser.post("/exit")

    page = house.shows(door)
    assert "This page is closed." in page
    assert "Ana" not in page
    assert "Hello, Ana." in house.does(door, "go_on")
    assert "Hello, Ana." in house.shows(door)


def test_after_quick_exit_a_call_still_goes_out(house: House) -> None:
    door = house.own_page()
    house.browser.post("/exit")

    house.does(door, "raise", need="talk")

    assert house.alert.resolved_at is None


# ---------------------------------------------------------------------------------------- installable


def test_the_manifest_has_the_hosts_name_and_icons_that_exist(house: House, with_settings: object) -> None:
    with_settings(name="Harbour")  # type: ignore[operator]
    manifest = json.loads(house.browser.get("/manifest.webmanifest").content)

    assert (manifest["name"], manifest["start_url"]) == ("Harbour", "/home")
    for icon in manifest["icons"]:
        found = house.browser.get(icon["src"])
        head = b"".join(found.streaming_content)[:24]  # type: ignore[attr-defined]
        assert head.startswith(b"\x89PNG")
        side = int.from_bytes(head[16:20], "big")
        assert f"{side}x{side}" == icon["sizes"]
