"""Web Push: what goes to a push service, held against other hands' decryption and verification, and what comes back."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import http_ece
import pytest
from py_vapid import Vapid02

from nightlight.channels.addresses import AddressError
from nightlight.channels.base import (
    AddressGone,
    Link,
    Message,
    OutcomeUnknown,
    PermanentFailure,
    SendFailure,
    TemporaryFailure,
)
from nightlight.channels.outside import public_only
from nightlight.channels.push import PushChannel
from nightlight.channels.web_push import application_key, check_subscription, read_subscription
from tests.channels.bypasses import INSIDE
from tests.channels.contract_push import HERE
from tests.channels.faulty_providers import FaultyProvider, answer, faulty_gateway
from tests.channels.stories import (
    BROWSER_KEY,
    BROWSER_SECRET,
    HOST_KEY,
    LINK,
    NOON,
    now,
    push_to_sam,
    subscription,
)
from tests.servers.postfix import certificate

CONTACT = "mailto:desk@example.org"


def channel(**changes: Any) -> PushChannel:
    told = {"provider": "push-1", "contact": CONTACT, "key": lambda: HOST_KEY, "now": now}
    return PushChannel(**{**told, "reach": public_only(HERE), "timeout_seconds": 0.4, **changes})


def heard(provider: FaultyProvider) -> tuple[dict[str, str], bytes]:
    """The headers and the body of the one request that came."""
    head, _, body = provider.heard.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}, body


def sent(message: Message | None = None, *, answers: bytes = answer(201, "")) -> tuple[dict[str, str], bytes]:
    with faulty_gateway(answers) as service:
        told = message or push_to_sam()
        channel().send(replace(told, to=subscription(f"http://127.0.0.1:{service.port}/wpush/5ecret")))
        return heard(service)


def read_by_the_browser(body: bytes) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        http_ece.decrypt(body, private_key=BROWSER_KEY, auth_secret=BROWSER_SECRET, version="aes128gcm")
    )
    return told


def test_only_the_browser_can_read_what_is_said() -> None:
    headers, body = sent()

    assert read_by_the_browser(body) == {
        "title": "Harbour House",
        "text": "Ana asks if you can talk.",
        "links": [{"url": LINK, "name": ""}],
        "tag": "ab12" * 8,
        "again": True,
        "language": "en",
    }
    assert headers["content-encoding"] == "aes128gcm"
    for telling in (b"Ana", b"Harbour", LINK.encode()):
        assert telling not in body
    with pytest.raises(http_ece.ECEException):
        http_ece.decrypt(body, private_key=BROWSER_KEY, auth_secret=bytes(16), version="aes128gcm")


def test_its_length_does_not_tell_an_ask_from_its_end() -> None:
    short = sent(push_to_sam(text="It is over."))[1]

    assert len(short) == len(sent(push_to_sam(text="Ana would like company, no talking needed."))[1])


def test_the_host_signs_for_that_push_service_and_for_half_a_day() -> None:
    with faulty_gateway(answer(201, "")) as service:
        channel().send(push_to_sam(to=subscription(f"http://127.0.0.1:{service.port}/x")))
        headers, _ = heard(service)
    token = headers["authorization"].split("t=")[1].split(",")[0]

    assert Vapid02.verify(headers["authorization"])
    claims = json.loads(plain(token.split(".")[1]))
    assert claims == {
        "aud": f"http://127.0.0.1:{service.port}",
        "exp": int((NOON + timedelta(hours=12)).timestamp()),
        "sub": CONTACT,
    }
    assert headers["authorization"].endswith(f"k={application_key(HOST_KEY)}")


def plain(written: str) -> bytes:
    """What *written* stands for, without the padding that tokens leave out."""
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))


def test_a_signature_with_one_letter_changed_is_no_signature() -> None:
    headers, _ = sent()
    good = headers["authorization"]
    claims = good.index(".") + 5
    forged = good[:claims] + ("A" if good[claims] != "A" else "B") + good[claims + 1 :]

    assert not Vapid02.verify(forged)


def test_a_later_message_of_the_same_call_takes_the_place_of_an_earlier_one() -> None:
    headers, _ = sent()
    assert (headers["topic"], headers["urgency"], headers["ttl"]) == ("ab12" * 8, "high", "14400")

    headers, body = sent(push_to_sam(topic="", is_urgent=False))
    assert "topic" not in headers
    assert headers["urgency"] == "normal"
    assert read_by_the_browser(body)["tag"] == push_to_sam().notification


def test_two_at_one_device_each_have_their_own_page() -> None:
    both = (Link(url=f"{LINK}1", name="Sam"), Link(url=f"{LINK}2", name="Bo"))
    told = read_by_the_browser(sent(push_to_sam(link="", links=both))[1])

    assert told["links"] == [{"url": f"{LINK}1", "name": "Sam"}, {"url": f"{LINK}2", "name": "Bo"}]


def test_however_much_is_said_it_fits_into_what_every_push_service_takes() -> None:
    _, body = sent(push_to_sam(subject="🙂" * 400, text="🙂" * 4000))

    assert len(body) <= 4096
    assert read_by_the_browser(body)["text"].startswith("🙂" * 400)


@pytest.mark.parametrize(
    ("status", "failure", "reason"),
    [
        (404, AddressGone, "gone_404"),
        (410, AddressGone, "gone_410"),
        (400, PermanentFailure, "push_refused_400"),
        (401, PermanentFailure, "push_refused_401"),
        (403, PermanentFailure, "push_refused_403"),
        (413, PermanentFailure, "push_refused_413"),
        (429, TemporaryFailure, "deferred_429"),
        (503, TemporaryFailure, "deferred_503"),
        (500, OutcomeUnknown, "push_failed_500"),
        (502, OutcomeUnknown, "push_failed_502"),
    ],
)
def test_each_answer_of_a_push_service_has_its_meaning(
    status: int, failure: type[SendFailure], reason: str
) -> None:
    with pytest.raises(SendFailure) as caught:
        sent(answers=answer(status, ""))

    assert (type(caught.value), caught.value.reason) == (failure, reason)


def test_a_push_service_with_a_wrong_certificate_is_not_spoken_to(tmp_path: Any) -> None:
    certificate(tmp_path)
    with faulty_gateway(answer(201, ""), tls=tmp_path) as service, pytest.raises(SendFailure) as caught:
        channel().send(push_to_sam(to=subscription(f"https://127.0.0.1:{service.port}/x")))

    assert caught.value.reason == "tls_failed"
    assert service.heard == b""


@pytest.mark.parametrize("form", INSIDE[:9])
def test_a_browser_cannot_name_a_push_service_inside(form: str) -> None:
    with pytest.raises(PermanentFailure) as caught:
        channel(reach=public_only()).send(push_to_sam(to=subscription(form)))

    assert caught.value.reason in {"no_subscription", "not_public"}


def test_a_subscription_is_kept_in_one_way_of_writing_it() -> None:
    kept = subscription("https://push.example.org/abc")

    assert check_subscription(f"  {kept.replace(' ', '   ')} ") == kept
    assert read_subscription(kept).secret == BROWSER_SECRET


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "https://push.example.org/abc",
        "https://push.example.org/abc AAAA AAAA",
        "https://push.example.org/abc " + "A" * 87 + " " + "A" * 22,
        subscription("https://push.example.org/abc")[:-1],
        subscription("https://push.example.org/abc") + " x",
        subscription("ftp://push.example.org/abc"),
    ],
)
def test_what_is_no_subscription_is_refused(typed: str) -> None:
    with pytest.raises(AddressError):
        check_subscription(typed)
