"""ntfy, against a simulated server made from its documentation: what is published, and what its answers mean."""

from typing import Any

import pytest

from nightlight.channels.addresses import AddressError
from nightlight.channels.base import (
    Link,
    OutcomeUnknown,
    PermanentFailure,
    ProviderMisconfigured,
    SendFailure,
    TemporaryFailure,
)
from nightlight.channels.ntfy import NtfyChannel, check_topic, read_ntfy_url
from nightlight.channels.outside import public_only, read_outside_url
from nightlight.channels.provider_url import ChannelSettingError
from tests.channels.contract_push import HERE
from tests.channels.faulty_providers import answer, faulty_gateway
from tests.channels.stories import LINK, push_to_sam
from tests.servers.simulated_ntfy import SimulatedNtfy, simulated_ntfy

TOPIC = "sams-own-long-topic"
TOKEN = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"
SETTING = "NIGHTLIGHT_NTFY_URL"


def channel(url: str, *, token: str = "") -> NtfyChannel:
    reach = public_only(HERE)
    return NtfyChannel(
        provider="ntfy-1", server=read_outside_url(url), token=token, reach=reach, timeout_seconds=0.4
    )


def published(token: str = "", **changes: Any) -> dict[str, Any]:
    with simulated_ntfy(token=token) as server:
        receipt = channel(server.url, token=token).send(push_to_sam(to=TOPIC, **changes))
        [told] = server.phone(TOPIC)
    assert receipt.reference == told["id"]
    return told


def test_an_ask_opens_its_page_at_a_tap_and_answers_at_a_press() -> None:
    told = published()

    assert (told["title"], told["message"], told["priority"]) == (
        "Harbour House",
        "Ana asks if you can talk.",
        4,
    )
    assert told["click"] == LINK
    assert [(each["label"], each["method"], each["url"], each["body"]) for each in told["actions"]] == [
        ("Yes, I can", "POST", LINK, "answer=yes"),
        ("Not now", "POST", LINK, "answer=no"),
    ]


def test_what_asks_nothing_has_no_buttons() -> None:
    told = published(is_urgent=False, text="Someone else has it now. You can rest.")

    assert (told["actions"], told["priority"], told["click"]) == ([], 3, LINK)


def test_two_at_one_topic_each_have_their_page_and_nobody_answers_for_another() -> None:
    links = (Link(url=f"{LINK}1", name="Sam"), Link(url=f"{LINK}2", name="Bo"))
    told = published(link="", links=links)

    assert [(each["action"], each["label"], each["url"]) for each in told["actions"]] == [
        ("view", "Sam", f"{LINK}1"),
        ("view", "Bo", f"{LINK}2"),
    ]
    assert "click" not in told


def test_buttons_speak_the_language_of_whoever_reads_them() -> None:
    assert [each["label"] for each in published(language="pt")["actions"]] == ["Sim, posso", "Agora não"]


def test_the_hosts_token_is_shown_to_the_hosts_server_and_to_nobody_else() -> None:
    assert published(token=TOKEN)["topic"] == TOPIC

    with simulated_ntfy(token=TOKEN) as hosts, faulty_gateway(answer(200, '{"id":"x"}')) as sams:
        sending = channel(hosts.url, token=TOKEN)
        sending.send(push_to_sam(to=check_topic(f"http://127.0.0.1:{sams.port}/{TOPIC}")))
        assert hosts.published == []
        assert TOKEN.encode() not in sams.heard
        assert b"Authorization" not in sams.heard


def test_a_wrong_token_is_the_hosts_to_mend() -> None:
    with simulated_ntfy(token=TOKEN) as server, pytest.raises(ProviderMisconfigured) as caught:
        channel(server.url, token="tk_old").send(push_to_sam(to=TOPIC))

    assert caught.value.reason == "provider_refused_401"


@pytest.mark.parametrize(
    ("status", "failure", "reason"),
    [
        (400, PermanentFailure, "ntfy_refused_400"),
        (401, PermanentFailure, "ntfy_refused_401"),
        (403, PermanentFailure, "ntfy_refused_403"),
        (404, PermanentFailure, "ntfy_refused_404"),
        (413, PermanentFailure, "ntfy_refused_413"),
        (429, TemporaryFailure, "deferred_429"),
        (503, TemporaryFailure, "deferred_503"),
        (500, OutcomeUnknown, "provider_failed_500"),
    ],
)
def test_what_a_persons_own_server_answers_is_never_the_hosts_fault(
    status: int, failure: type[SendFailure], reason: str
) -> None:
    with (
        simulated_ntfy() as hosts,
        faulty_gateway(answer(status, "")) as sams,
        pytest.raises(SendFailure) as caught,
    ):
        channel(hosts.url).send(push_to_sam(to=f"http://127.0.0.1:{sams.port}/{TOPIC}"))

    assert (type(caught.value), caught.value.reason) == (failure, reason)


def test_a_server_that_does_not_speak_ntfy_is_not_believed() -> None:
    with (
        faulty_gateway(answer(200, "<html>Welcome</html>")) as server,
        pytest.raises(OutcomeUnknown, match="garbled_reply"),
    ):
        channel(f"http://127.0.0.1:{server.port}").send(push_to_sam(to=TOPIC))


def test_however_much_is_said_the_server_takes_it() -> None:
    assert published(subject="🙂" * 400, text="🙂" * 4000)["message"].startswith("🙂" * 400)
    assert published(subject="", text=" \x00\n")["message"] == "…"


def test_the_simulated_server_refuses_what_the_documentation_says_it_refuses() -> None:
    server = SimulatedNtfy(token="t")

    assert server.publish(b'{"topic": "x"}', "")[0] == 401
    for wrong in (
        b"",
        b"[]",
        b'{"topic": "a b"}',
        b'{"topic": "x", "surprise": 1}',
        b'{"topic":"x","priority":9}',
    ):
        assert server.publish(wrong, "Bearer t")[0] == 400, wrong
    assert server.publish(b'{"topic": "x", "message": "hi"}', "Bearer t")[0] == 200


@pytest.mark.parametrize(
    "kept", [TOPIC, f"https://ntfy.example.org/{TOPIC}", f"https://ntfy.example.org:8443/{TOPIC}"]
)
def test_a_topic_is_kept_as_it_is(kept: str) -> None:
    assert check_topic(f" {kept} ") == kept


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("ana-and-sam", "at least 12"),
        ("https://ntfy.example.org/short", "at least 12"),
        ("", "letters and digits"),
        ("a topic with spaces", "letters and digits"),
        ("https://ntfy.example.org/a/long-enough-topic", "letters and digits"),
        ("https://ntfy.example.org/long-enough-topic?auth=x", "letters and digits"),
        ("https://tk:x@ntfy.example.org/long-enough-topic", "before the @"),
        ("http://ntfy.example.org/long-enough-topic", "https://"),
        ("t" * 65, "at most 64"),
    ],
)
def test_a_topic_that_somebody_could_guess_or_that_is_none_is_refused(typed: str, says: str) -> None:
    with pytest.raises(AddressError, match=says):
        check_topic(typed)


@pytest.mark.parametrize(
    ("url", "origin", "token"),
    [
        ("https://ntfy.example.org", "https://ntfy.example.org", ""),
        (f"https://:{TOKEN}@ntfy.example.org:8443/", "https://ntfy.example.org:8443", TOKEN),
        ("http://127.0.0.1:2586", "http://127.0.0.1:2586", ""),
    ],
)
def test_the_hosts_server_is_read_from_its_setting(url: str, origin: str, token: str) -> None:
    server, read = read_ntfy_url(url, SETTING)

    assert (server.origin, read) == (origin, token)


@pytest.mark.parametrize(
    "url",
    [
        f"https://{TOKEN}@ntfy.example.org",
        f"https://user:{TOKEN}@ntfy.example.org",
        "https://:@ntfy.example.org",
        f"https://:{TOKEN}%20@ntfy.example.org",
        f"http://:{TOKEN}@ntfy.example.org",
        f"https://:{TOKEN}@ntfy.example.org/topic",
        f"https://:{TOKEN}@",
        "ntfy.example.org",
    ],
)
def test_what_is_no_ntfy_server_is_refused_and_the_token_is_not_shown(url: str) -> None:
    with pytest.raises(ChannelSettingError) as caught:
        read_ntfy_url(url, SETTING)

    assert SETTING in str(caught.value)
    assert TOKEN not in str(caught.value)
