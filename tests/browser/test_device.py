"""The page on which somebody lets a device or an app be a way: how it looks, and what it says where that cannot be."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.watched import WIDTHS, look_over, watching
from tests.servers.device import CONTACT, own_ways_page
from tests.servers.processes import free_port
from tests.servers.trips.house import TripHouse, house

SETTINGS = {
    "NIGHTLIGHT_PUSH_CONTACT": CONTACT,
    "NIGHTLIGHT_NTFY_URL": "https://ntfy.example.org",
    "NIGHTLIGHT_UNIFIEDPUSH": "on",
}


@pytest.fixture(scope="module")
def apps() -> Iterator[TripHouse]:
    """A house in which every kind of app is on."""
    ways = {"sam": [{"channel": "ntfy", "to": "sams-very-own-topic"}]}
    with house(f"http://127.0.0.1:{free_port()}", SETTINGS, ways) as running:
        yield running


def test_the_page_holds_in_every_light_and_width(browser: Browser, apps: TripHouse) -> None:
    with watching(browser, apps.base_url) as sam:
        page = sam.open(own_ways_page(apps, "sam"))
        expect(page.get_by_role("button", name="Use this device")).to_be_visible()
        expect(page.get_by_role("heading", name="ntfy •••pic")).to_be_visible()
        look_over(page, "ways-with-apps", widths=WIDTHS)

        sam.expected = re.compile("422")
        page.get_by_label("A topic in ntfy").fill("short")
        page.get_by_role("button", name="Send a message to this topic").click()
        expect(page.get_by_text("A topic has at least 12 letters or digits")).to_be_visible()
        expect(page.get_by_label("A topic in ntfy")).to_have_value("short")
        look_over(page, "ways-app-refused", widths=WIDTHS)


def test_a_browser_that_was_told_no_says_so_and_nothing_has_changed(
    browser: Browser, apps: TripHouse
) -> None:
    with watching(browser, apps.base_url) as sam:
        page = sam.open(own_ways_page(apps, "sam"))
        page.evaluate("Notification.requestPermission = async () => 'denied'")
        page.get_by_role("button", name="Use this device").click()
        expect(page.get_by_text("Your browser did not allow it, so nothing has changed.")).to_be_visible()
        look_over(page, "ways-device-denied", widths=WIDTHS)
        assert sam.posts() == []


def test_a_browser_without_push_is_told_another_way(browser: Browser, apps: TripHouse) -> None:
    with watching(browser, apps.base_url) as sam:
        sam.context.add_init_script("delete window.PushManager")
        page = sam.open(own_ways_page(apps, "sam"))
        expect(page.get_by_text("This browser cannot do it.")).to_be_visible()
        expect(page.get_by_role("button", name="Use this device")).to_be_hidden()


def test_without_javascript_the_page_says_so_and_everything_else_works(
    browser: Browser, apps: TripHouse
) -> None:
    with watching(browser, apps.base_url, java_script_enabled=False) as sam:
        page = sam.open(own_ways_page(apps, "sam"))
        expect(page.get_by_text("This needs JavaScript, which is off in this browser.")).to_be_visible()
        expect(page.get_by_role("button", name="Use this device")).to_be_hidden()
        page.get_by_role("button", name="Send a message to this topic").click()
        expect(page.get_by_text("A message is on its way there.")).to_be_visible()
