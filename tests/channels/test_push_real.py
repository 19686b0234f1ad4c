"""Web Push end to end: a running service, the project's own push service, and a real Firefox that shows it.

One story, for starting all of it costs most of the time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.servers.device import CONTACT, HERE, own_ways_page, uses_this_device
from tests.servers.firefox import Firefox, Tab, firefox
from tests.servers.own_push_service import PushService, own_push_service
from tests.servers.processes import MissingServer, free_port, wait_until
from tests.servers.simulated_ntfy import SimulatedNtfy, press, simulated_ntfy
from tests.servers.trips.house import TripHouse, house

pytestmark = pytest.mark.servers

TOPIC = "bos-very-own-topic"
ASKED = "Ana asks if you can talk."
OVER = "Someone else has it now. You can rest. This is about what Ana asked."


@dataclass(frozen=True, kw_only=True)
class Night:
    """Everything that runs."""

    house: TripHouse
    push: PushService
    ntfy: SimulatedNtfy
    firefox: Firefox


@pytest.fixture
def night() -> Iterator[Night]:
    """Sam has a browser only, Bo a topic of ntfy."""
    settings = {"NIGHTLIGHT_PUSH_CONTACT": CONTACT, "NIGHTLIGHT_REACHABLE": HERE}
    ways = {"bo": [{"channel": "ntfy", "to": TOPIC}]}
    try:
        with simulated_ntfy() as ntfy, own_push_service() as push, firefox(push.socket_url) as browser:
            settings["NIGHTLIGHT_NTFY_URL"] = ntfy.url
            with house(f"http://127.0.0.1:{free_port()}", settings, ways) as running:
                yield Night(house=running, push=push, ntfy=ntfy, firefox=browser)
    except MissingServer as error:
        pytest.skip(str(error))


def test_a_device_is_asked_answers_is_stood_down_and_one_day_is_gone(night: Night) -> None:
    house, browser = night.house, night.firefox
    sam = uses_this_device(house, browser, "sam")
    assert [(each.status, each.headers["content-encoding"]) for each in night.push.posted] == [
        (201, "aes128gcm")
    ]

    # Ana calls; Sam taps what Firefox shows, and says yes on the page it opens.
    first = house.call()
    wait_until(lambda: bool(sam.messages()), "a message on Sam's screen")
    [shown] = sam.messages()
    assert (shown["title"], shown["text"]) == ("Harbour", "Ana asks if you can talk.")
    assert shown["url"].startswith(f"{house.base_url}/a/")
    assert ("accepted", "sam", "push") in house.lines(first)
    assert not [line for line in house.lines(first) if line[0] in ("delivered", "acknowledged")]
    browser.tap("Ana asks if you can talk.")
    page = sam.opened("/a/")
    page.until("Ana")
    assert not [line for line in house.lines(first) if line[0] == "acknowledged"]  # a tap only opens
    page.press('button[value="yes"]')
    house.answered(first, "sam")
    night.ntfy.wait_for(TOPIC, "Someone else has it now.")
    house.do("resolve", first, "--reason", "spoken to")

    # The next time Bo is quicker, by a button in the app; on Sam's screen that takes the place of the ask.
    second = house.call()
    wait_until(lambda: len(_asks(night)) == 2, "a second ask for Bo")
    wait_until(lambda: ASKED in _texts(sam), "the second ask on Sam's screen")
    assert press(_asks(night)[-1], "Yes, I can") == 200
    house.answered(second, "bo")
    wait_until(lambda: OVER in _texts(sam), "the stand-down on Sam's screen")
    assert ASKED not in _texts(sam)  # it took the place of the ask
    house.do("resolve", second, "--reason", "spoken to")

    # Bo uses Sam's browser too: one message, two notes on the screen, each leading to its own reader's page.
    sam.open(own_ways_page(house, "bo"))
    sam.press("[data-device] button")
    sam.until("A message is on its way there.")
    night.firefox.tap("Please tap")
    sam.opened("/p/").until("This reaches you.")
    third, before = house.call(), len(night.push.posted)
    wait_until(lambda: {f"Sam: {ASKED}", f"Bo: {ASKED}"} <= set(_texts(sam)), "a note for each of them")
    asked = {each["text"]: each["url"] for each in sam.messages()}
    assert asked[f"Sam: {ASKED}"] != asked[f"Bo: {ASKED}"]
    assert len(night.push.posted) <= before + 1
    house.do("resolve", third, "--reason", "spoken to")

    # The browser was reset: the way ends, and the page says so.
    night.push.forget_everyone()
    fourth = house.call()
    house.until(fourth, "failed", "sam")
    assert night.push.posted[-1].status == 410
    sam.open(own_ways_page(house, "sam"))
    sam.until("There is none, so nobody can ask you.")
    assert all(each.headers["authorization"].startswith("vapid t=") for each in night.push.posted)


def _asks(night: Night) -> list[dict[str, Any]]:
    return [each for each in night.ntfy.phone(TOPIC) if "asks if you can talk" in each["message"]]


def _texts(sam: Tab) -> list[str]:
    return [each["text"] for each in sam.messages()]
