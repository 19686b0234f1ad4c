"""Reports and replies from gateways: taken in behind the right secret, refused and harmless without it."""

import pytest

from nightlight.channels.registry import hook_url
from nightlight.intake.channels import channel_settings, find_provider
from nightlight.store.models import Attempt, Notification, NotificationStatus
from nightlight.store.sealing import unseal
from tests.factories import a_way
from tests.people import NUMBERS, SAM
from tests.web.house import House, everything

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOBODYS_NUMBER = "+447700900777"


@pytest.fixture
def hook(house: House) -> str:
    """Where the gateway reports to; Sam was texted, and the gateway took it."""
    a_way(SAM, "sms")
    house.ana_calls()
    row = Notification.objects.get(person=SAM, channel="sms")
    Attempt.objects.create(
        id="attempt1", notification=row, number=1, lease_token="x", provider="kannel-1", began_at=house.now
    )
    Notification.objects.filter(pk=row.pk).update(
        status=NotificationStatus.ACCEPTED, evidence="accepted", sent_at=house.now
    )
    return hook_url(channel_settings(), "sms", "kannel-1").removeprefix("https://circle.example.org")


def code() -> str:
    return unseal(Notification.objects.get(person=SAM, channel="sms", purpose="ask").code_sealed)


def test_a_report_is_taken_in_and_answered_with_nothing(house: House, hook: str) -> None:
    response = house.browser.get(hook, {"attempt": "attempt1", "type": "1"})

    assert (response.status_code, response.content) == (200, b"")
    assert Notification.objects.get(person=SAM, channel="sms").evidence == "delivered"


def test_a_reply_with_the_code_is_an_answer(house: House, hook: str) -> None:
    response = house.browser.get(hook, {"from": NUMBERS[SAM], "text": code()})

    assert (response.status_code, response.content) == (200, b"")
    assert house.alert.status == "acknowledged"


def test_stop_takes_this_way_out_and_moves_on(house: House, hook: str) -> None:
    house.browser.get(hook, {"from": NUMBERS[SAM], "text": "STOP"})

    assert not Notification.objects.filter(person=SAM, channel="sms", status="planned").exists()
    assert house.alert.status == "triggered"


@pytest.mark.parametrize("place", ["sms", "smtp", "fax"])
@pytest.mark.parametrize("provider", ["kannel-1", "kannel-2", "smtp-1"])
def test_a_wrong_secret_opens_nothing_and_changes_nothing(
    house: House, hook: str, place: str, provider: str
) -> None:
    before = everything()

    for secret in ("0" * 32, "x", hook.rpartition("/")[2].upper()):
        address = f"/hooks/{place}/{provider}/{secret}"
        response = house.browser.get(address, {"from": NUMBERS[SAM], "text": code()})
        assert (response.status_code, response.content) == (404, b"")

    assert everything() == before


def test_the_right_secret_of_a_provider_that_never_calls_back_opens_nothing(house: House) -> None:
    address = hook_url(channel_settings(), "smtp", "smtp-1").removeprefix("https://circle.example.org")
    assert find_provider(*address.split("/")[2:]) is not None

    assert house.browser.get(address, {"text": "hello"}).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"attempt": "unknown", "type": "1"},
        {"attempt": "attempt1", "type": "99"},
        {"attempt": "../x", "type": "1"},
        {"from": NOBODYS_NUMBER, "text": "yes"},
        {"from": "not a number", "text": "yes"},
        {"from": NUMBERS[SAM]},
        {"text": "yes"},
    ],
)
def test_what_says_nothing_we_know_changes_nothing(house: House, hook: str, query: dict[str, str]) -> None:
    before = everything()

    response = house.browser.get(hook, query)

    assert (response.status_code, response.content) == (200, b"")
    assert everything() == before


def test_a_look_without_a_body_is_not_a_call_of_the_gateway(house: House, hook: str) -> None:
    before = everything()

    assert house.browser.head(hook + "?attempt=attempt1&type=1").status_code == 405
    assert everything() == before


def test_a_gateway_is_not_held_to_the_rules_for_browsers(house: House, hook: str) -> None:
    response = house.browser.post(hook, headers={"Origin": "https://elsewhere.example.com"})

    assert response.status_code == 200
