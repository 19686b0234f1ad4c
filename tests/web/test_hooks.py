"""Reports and replies from gateways: taken in behind the right secret, refused and harmless without it."""

from collections.abc import Callable
from itertools import permutations
from urllib.parse import urlencode

import pytest

from nightlight.channels.phone_keys import Keys, keys_for
from nightlight.channels.registry import hook_url
from nightlight.channels.twilio_signature import FORM
from nightlight.engine.events import EndedBy
from nightlight.intake.alert import resolve
from nightlight.intake.channels import channel_settings, find_provider, switched_on
from nightlight.store.models import Attempt, Notification, NotificationStatus, SeenCallback
from nightlight.store.sealing import unseal
from tests.factories import a_way
from tests.people import NUMBERS, SAM
from tests.servers.simulated_twilio import SENDER, SID, TOKEN, sign
from tests.servers.simulated_twilio_voice import read_twiml
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


# ------------------------------------------------------------------------------------- signed callbacks


SITE = "https://circle.example.org"
REPORT = {"AccountSid": SID, "MessageSid": f"SM{1:032x}", "MessageStatus": "delivered"}


@pytest.fixture
def signed_hook(house: House, with_settings: Callable[..., object], hook: str) -> str:
    """The same with a second gateway, which signs."""
    gateways = ("kannel://user:secret@127.0.0.1:13013", f"twilio://{SID}:{TOKEN}@texts.example.org/{SENDER}")
    with_settings(base_url=SITE, sms_urls=gateways)
    switched_on.cache_clear()
    return hook_url(channel_settings(), "sms", "twilio-1").removeprefix(SITE)


def signed(house: House, address: str, fields: dict[str, str], *, token: str = TOKEN) -> int:
    told = {"X-Twilio-Signature": sign(token, SITE + address, fields)}
    body = urlencode(fields)
    return house.browser.post(address, body, content_type=FORM, headers=told).status_code


def a_reply(text: str, number: int = 1) -> dict[str, str]:
    return {"AccountSid": SID, "MessageSid": f"SM{number:032x}", "From": NUMBERS[SAM], "Body": text}


def test_a_signed_report_is_taken_in_and_once_more_changes_nothing(house: House, signed_hook: str) -> None:
    address = f"{signed_hook}?attempt=attempt1"

    assert signed(house, address, REPORT) == 200
    assert Notification.objects.get(person=SAM, channel="sms").evidence == "delivered"
    before = everything()
    assert signed(house, address, REPORT) == 200
    assert signed(house, address, REPORT | {"MessageStatus": "sent"}) == 200
    assert everything() == before


@pytest.mark.parametrize("states", list(permutations(("sent", "undelivered", "delivered"))))
@pytest.mark.parametrize("is_over", [False, True])
def test_signed_reports_in_any_order_and_doubled_come_to_one_end_and_answer_nothing(
    house: House, signed_hook: str, states: tuple[str, ...], is_over: bool
) -> None:
    if is_over:
        resolve(house.alert.pk, EndedBy.CALLER, house.now)
    for state in (*states, *reversed(states)):
        assert signed(house, f"{signed_hook}?attempt=attempt1", REPORT | {"MessageStatus": state}) == 200

    row = Notification.objects.get(person=SAM, channel="sms", purpose="ask")
    assert row.evidence == "delivered"
    # Whom else there is to ask, and whether anybody is left, is another matter.
    assert (house.alert.status == "resolved") is is_over
    assert house.alert.status != "acknowledged"


def test_a_signed_reply_answers_and_a_replay_of_it_is_refused(house: House, signed_hook: str) -> None:
    reply = a_reply(code())

    assert signed(house, signed_hook, reply) == 200
    assert house.alert.status == "acknowledged"
    before = everything()
    assert signed(house, signed_hook, reply) == 403
    assert everything() == before


def test_a_replay_is_refused_for_longer_than_its_code_is_good(house: House, signed_hook: str) -> None:
    reply = a_reply("hello")
    assert signed(house, signed_hook, reply) == 200

    house.pass_time(days=7, hours=23)
    assert signed(house, signed_hook, reply) == 403


def test_two_replies_with_the_same_words_are_two(house: House, signed_hook: str) -> None:
    assert signed(house, signed_hook, a_reply("hello", 1)) == 200
    assert signed(house, signed_hook, a_reply("hello", 2)) == 200


def test_what_is_seen_is_forgotten_in_time(house: House, signed_hook: str) -> None:
    signed(house, signed_hook, a_reply("hello", 1))
    house.pass_time(days=9)
    signed(house, signed_hook, a_reply("hello", 2))

    assert SeenCallback.objects.count() == 1


@pytest.mark.parametrize("token", ["", "guessed", SID])
def test_a_forged_signature_changes_nothing(house: House, signed_hook: str, token: str) -> None:
    before = everything()

    assert signed(house, signed_hook, a_reply(code()), token=token) == 403
    assert signed(house, f"{signed_hook}?attempt=attempt1", REPORT, token=token) == 403
    assert house.browser.get(signed_hook, {"From": NUMBERS[SAM], "Body": code()}).status_code == 403
    assert everything() == before


def test_a_signed_report_about_one_try_says_nothing_of_another(house: House, signed_hook: str) -> None:
    """The attempt stands in the address, and the address is signed."""
    told = {"X-Twilio-Signature": sign(TOKEN, f"{SITE}{signed_hook}?attempt=attempt2", REPORT)}
    before = everything()

    response = house.browser.post(
        f"{signed_hook}?attempt=attempt1", urlencode(REPORT), content_type=FORM, headers=told
    )

    assert response.status_code == 403
    assert everything() == before


def test_a_texted_reply_by_a_gateway_that_signs_nothing_may_come_twice(house: House, hook: str) -> None:
    """Its id is whatever somebody wrote into its configuration; were it always the same, nothing would get through."""
    for _ in range(2):
        response = house.browser.get(hook, {"from": NUMBERS[SAM], "text": "hello", "id": "same"})
        assert response.status_code == 200


# ------------------------------------------------------------------------------------------- keys


@pytest.fixture
def voice_hook(house: House, with_settings: Callable[..., object]) -> str:
    """Where a voice service reports to; Sam was rung, and the service took it."""
    with_settings(base_url=SITE, voice_urls=(f"twilio://{SID}:{TOKEN}@api.twilio.com/{SENDER}",))
    switched_on.cache_clear()
    a_way(SAM, "voice")
    house.ana_calls()
    row = Notification.objects.get(person=SAM, channel="voice")
    Attempt.objects.create(
        id="ring1",
        notification=row,
        number=1,
        lease_token="y",
        provider="voice-1",
        began_at=house.now,
        outcome="accepted",
    )
    Notification.objects.filter(pk=row.pk).update(
        status=NotificationStatus.ACCEPTED, evidence="accepted", sent_at=house.now
    )
    return hook_url(channel_settings(), "voice", "twilio-1").removeprefix(SITE)


def keys() -> Keys:
    row = Notification.objects.get(person=SAM, channel="voice", purpose="ask")
    return keys_for("ring1", [unseal(row.token_sealed)])[0]


def pressed(house: House, hook: str, key: str, number: int = 0, *, token: str = TOKEN) -> tuple[int, str]:
    address = f"{hook}?attempt=ring1&step=key&pressed={number}"
    fields = {"AccountSid": SID, "CallSid": "CA1", "CallStatus": "in-progress", "Digits": key}
    told = {"X-Twilio-Signature": sign(token, SITE + address, fields)}
    response = house.browser.post(address, urlencode(fields), content_type=FORM, headers=told)
    return response.status_code, response.content.decode()


def test_the_yes_key_answers_and_the_phone_is_told_what_to_say(house: House, voice_hook: str) -> None:
    status, words = pressed(house, voice_hook, keys().yes)

    assert status == 200
    assert read_twiml(words).said[0] == "Thank you, you have it now."
    assert house.alert.status == "acknowledged"
    assert Notification.objects.get(person=SAM, channel="voice", purpose="ask").evidence == "delivered"


def test_a_key_that_comes_twice_is_a_replay_and_another_key_is_none(house: House, voice_hook: str) -> None:
    assert pressed(house, voice_hook, keys().yes)[0] == 200
    assert pressed(house, voice_hook, keys().no, 1)[0] == 200
    assert house.alert.status != "acknowledged"
    before = everything()
    assert pressed(house, voice_hook, keys().yes)[0] == 403
    assert everything() == before


@pytest.mark.parametrize("key", ["1", "0", "*"])
def test_a_machine_that_screens_is_told_the_keys_again_and_answers_nothing(
    house: House, voice_hook: str, key: str
) -> None:
    status, words = pressed(house, voice_hook, key)

    assert status == 200
    assert f"press {keys().yes}." in " ".join(read_twiml(words).said)
    assert house.alert.status == "triggered"


def test_a_key_nobody_signed_changes_nothing(house: House, voice_hook: str) -> None:
    yes, before = keys().yes, everything()

    assert pressed(house, voice_hook, yes, token="another")[0] == 403
    assert everything() == before


def test_a_ring_that_ended_without_a_key_was_missed(house: House, voice_hook: str) -> None:
    address = f"{voice_hook}?attempt=ring1&step=end&asks=1"

    for _ in range(2):
        assert signed(house, address, {"AccountSid": SID, "CallSid": "CA1", "CallStatus": "completed"}) == 200
    row = Notification.objects.get(person=SAM, channel="voice", purpose="ask")
    assert (row.status, Attempt.objects.get(pk="ring1").outcome) == ("planned", "missed")
    assert house.alert.status == "triggered"
