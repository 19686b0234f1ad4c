"""Devices and apps as ways: added by their owner, proven by a tap on the message itself, tried again at a press."""

from dataclasses import replace
from typing import Any

import pytest

from nightlight import config
from nightlight.channels.web_push import application_key
from nightlight.intake.channels import switched_on
from nightlight.store.models import ContactMethod, Host, Notice
from nightlight.store.push_key import push_key
from nightlight.store.sealing import unseal
from tests.channels.stories import subscription
from tests.people import ANA, MAILS, NUMBERS, SAM
from tests.web.house import House, words
from tests.web.test_own_ways import page_of, press, the_way

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DEVICE = subscription("https://push.example.org/wpush/abc")
TOPIC = "sams-own-long-topic"
ENDPOINT = "https://up.example.org/push/abcdef"


@pytest.fixture
def apps_on(channels: None) -> None:
    """Push, ntfy and UnifiedPush are on beside mail and text."""
    config.use(
        replace(
            config.current(),
            push_contact="mailto:desk@example.org",
            ntfy_url="https://ntfy.example.org",
            unifiedpush=True,
        )
    )
    switched_on.cache_clear()
    push_key.cache_clear()


def add(house: House, kind: str, to: str, *, status: int = 200) -> str:
    return press(house, page_of(house), "add", kind=kind, to=to, status=status)


def tapped(house: House, way: ContactMethod, *, status: int = 200) -> str:
    """Sam taps the message that came by *way*."""
    newest = Notice.objects.filter(contact_method=way).order_by("created_at").last()
    assert newest is not None
    return words(house.browser.post(f"/p/{unseal(newest.token_sealed)}"), status)


@pytest.mark.parametrize(("kind", "to"), [("push", DEVICE), ("ntfy", TOPIC), ("unifiedpush", ENDPOINT)])
def test_an_app_counts_once_the_message_was_tapped(house: House, apps_on: None, kind: str, to: str) -> None:
    assert "Tap it: then this way counts." in add(house, kind, to)
    way = the_way(kind)
    assert unseal(way.address_sealed) == to
    assert way.proven_at is None
    shown = house.shows(page_of(house))
    assert "Not proven yet" in shown
    assert "Send the message again" in shown
    assert "one-time-code" not in shown

    assert "This reaches you." in tapped(house, way)

    assert the_way(kind).proven_at == house.now
    assert "Send a test" in house.shows(page_of(house))


def test_looking_at_what_the_message_leads_to_proves_nothing(house: House, apps_on: None) -> None:
    add(house, "push", DEVICE)
    newest = Notice.objects.get(contact_method=the_way("push"))

    shown = words(house.browser.get(f"/p/{unseal(newest.token_sealed)}"))

    assert "this device or app" in shown

    assert the_way("push").proven_at is None


def test_a_test_is_one_more_message_and_three_within_the_hour_are_enough(house: House, apps_on: None) -> None:
    add(house, "push", DEVICE)
    tapped(house, the_way("push"))
    page, way = page_of(house), the_way("push").pk

    press(house, page, "send_again", way=way)
    press(house, page, "send_again", way=way)

    assert Notice.objects.filter(contact_method=way).count() == 3
    assert "We sent three" in press(house, page, "send_again", way=way, status=422)
    assert the_way("push").proven_at is not None


def test_the_same_device_is_one_way(house: House, apps_on: None) -> None:
    add(house, "push", DEVICE)

    assert "You have that one already." in add(house, "push", DEVICE, status=422)


@pytest.mark.parametrize(
    ("kind", "to"),
    [
        ("push", "https://push.example.org/abc"),
        ("push", subscription("http://push.example.org/abc")),
        ("push", subscription("https://10.0.0.1@push.example.org/abc")),
        ("ntfy", "short"),
        ("ntfy", "https://ntfy.example.org/a/b/c/d/e/f/g/h"),
        ("ntfy", "ha ha ha ha ha ha"),
        ("unifiedpush", "https://localhost.localdomain:1x/"),
        ("unifiedpush", "ftp://up.example.org/abc"),
    ],
)
def test_what_cannot_be_an_address_is_not_kept(house: House, apps_on: None, kind: str, to: str) -> None:
    says = "A topic has at least 12" if kind == "ntfy" else "That cannot be reached."
    assert says in add(house, kind, to, status=422)
    assert not ContactMethod.objects.filter(person=SAM, channel=kind).exists()


@pytest.mark.parametrize("kind", ["push", "ntfy", "unifiedpush", "smtp", "nothing"])
def test_what_is_off_or_no_app_cannot_be_added_as_one(house: House, kind: str) -> None:
    press(house, page_of(house), "add", kind=kind, to=MAILS[ANA], status=422)

    assert ContactMethod.objects.filter(person=SAM).count() == 1
    for word in ("Use this device", "ntfy", "UnifiedPush"):
        assert word not in house.shows(page_of(house))


def test_a_number_that_is_typed_never_becomes_a_topic(house: House, apps_on: None) -> None:
    press(house, page_of(house), "add", to=NUMBERS[SAM])
    press(house, page_of(house), "add", to=TOPIC, status=422)

    kinds = ContactMethod.objects.filter(person=SAM).values_list("channel", flat=True)
    assert sorted(kinds) == ["sms", "smtp"]


def test_the_page_says_what_it_needs_where_no_program_runs(house: House, apps_on: None) -> None:
    shown = house.browser.get(page_of(house)).content.decode()

    assert '<p class="soft gap" data-device-says="script">This needs JavaScript' in shown
    assert shown.count("data-device hidden") == 1


def test_the_key_is_made_at_a_press_and_stays_the_same(house: House, apps_on: None) -> None:
    page = page_of(house)
    words(house.browser.get(page))
    assert Host.objects.get().push_key_sealed == ""

    told = [house.browser.post(page, {"do": "device_key"}).content.decode() for _ in range(2)]
    push_key.cache_clear()

    assert told == [application_key(push_key())] * 2
    assert len(told[0]) == 87


def test_where_push_is_off_there_is_no_key(house: House) -> None:
    assert house.browser.post(page_of(house), {"do": "device_key"}).status_code == 404
    assert Host.objects.get().push_key_sealed == ""


def test_a_topic_is_suggested_that_nobody_guesses(house: House, apps_on: None) -> None:
    first, second = (house.browser.get(page_of(house)).content.decode() for _ in range(2))

    def topic(page: str) -> str:
        return page.split('id="topic"')[1].split('value="')[1].split('"', maxsplit=1)[0]

    assert "listen to this topic at ntfy.example.org, then press" in first
    assert len(topic(first)) == 20
    assert topic(first) != topic(second)


def test_whoever_glances_at_the_page_cannot_use_what_stands_there(house: House, apps_on: None) -> None:
    add(house, "push", DEVICE)
    add(house, "ntfy", f"https://ntfy.example.org/{TOPIC}")
    shown = house.shows(page_of(house))

    assert "push.example.org •••abc" in shown
    assert "ntfy.example.org •••pic" in shown
    assert TOPIC not in shown
    assert DEVICE.split()[1] not in shown


def test_the_program_a_browser_keeps_stands_at_the_root_and_says_nothing(house: House) -> None:
    answer: Any = house.browser.get("/sw.js")

    assert answer["Content-Type"].startswith("text/javascript")
    assert "no-store" in answer["Cache-Control"]
    assert "Nightlight" not in answer.content.decode()
    assert "script-src 'self'" in answer["Content-Security-Policy"]
