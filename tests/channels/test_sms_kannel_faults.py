"""Texts through a gateway that fails in ways a real Kannel cannot be made to, and reading its calls to us."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from nightlight.channels.base import (
    CallbackRequest,
    OutcomeUnknown,
    PermanentFailure,
    ProviderMisconfigured,
    ReceiptStatus,
    SendFailure,
    TemporaryFailure,
)
from nightlight.channels.provider_url import ProviderUrl
from nightlight.channels.sms_kannel import KannelChannel
from tests.channels.faulty_providers import Fault, Step, answer, faulty_gateway
from tests.channels.stories import SAMS_PHONE, text_to_sam
from tests.servers.postfix import certificate

HOOK = "https://circle.example.org/hooks/sms/kannel-1/5ecret"


def channel_to(
    port: int, *, scheme: str = "kannel", query: tuple[tuple[str, str], ...] = ()
) -> KannelChannel:
    gateway = ProviderUrl(
        scheme=scheme, host="127.0.0.1", port=port, user="night", password="p%s w", query=query
    )
    return KannelChannel(provider="kannel-1", gateway=gateway, callback_url=HOOK, timeout_seconds=0.4)


def call(method: str = "GET", **query: str) -> CallbackRequest:
    return CallbackRequest(method=method, url=HOOK, headers={}, query=query, body=b"")


CASES: list[tuple[Step, type[SendFailure], str]] = [
    (answer(202, "4: Something new"), OutcomeUnknown, "garbled_reply"),
    (answer(200, "<html>Welcome</html>"), OutcomeUnknown, "garbled_reply"),
    (answer(302, ""), ProviderMisconfigured, "gateway_refused_302"),
    (answer(400, "Sender missing and no global set, rejected"), ProviderMisconfigured, "gateway_refused_400"),
    (answer(403, "Not routable. Do not try again."), PermanentFailure, "not_routable"),
    (answer(429, ""), TemporaryFailure, "deferred_429"),
    (answer(500, ""), OutcomeUnknown, "gateway_failed_500"),
    (answer(502, ""), OutcomeUnknown, "gateway_failed_502"),
    (b"HTTP/1.1 202 Told\r\nContent-Length: 99\r\n\r\n", OutcomeUnknown, "garbled_reply"),
    (b"what is this\r\n\r\n", OutcomeUnknown, "garbled_reply"),
    (Fault.HANG, OutcomeUnknown, "timeout"),
    (Fault.DRIP, OutcomeUnknown, "timeout"),
    (Fault.CLOSE, OutcomeUnknown, "disconnected"),
]


@pytest.mark.parametrize(("step", "failure", "reason"), CASES, ids=[case[2] for case in CASES])
def test_each_answer_of_a_gateway_has_its_meaning(
    step: Step, failure: type[SendFailure], reason: str
) -> None:
    with faulty_gateway(step) as provider, pytest.raises(SendFailure) as caught:
        channel_to(provider.port).send(text_to_sam())
    assert (type(caught.value), caught.value.reason) == (failure, reason)


def test_the_request_is_the_one_kannel_understands() -> None:
    with faulty_gateway(answer(202, "0: Accepted for delivery")) as provider:
        channel_to(provider.port, query=(("from", "+447700900999"), ("smsc", "main"))).send(text_to_sam())
    line = provider.heard.decode().splitlines()[0]
    method, target, _ = line.split()
    fields = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
    assert (method, urlsplit(target).path) == ("GET", "/cgi-bin/sendsms")
    assert fields == {
        "username": "night",
        "password": "p%s w",
        "from": "+447700900999",
        "smsc": "main",
        "to": SAMS_PHONE,
        "text": text_to_sam().text,
        "charset": "UTF-8",
        "dlr-mask": "31",
        "dlr-url": f"{HOOK}?attempt=a1b2c3&type=%d",
    }


def test_only_a_text_that_needs_it_is_sent_as_ucs_2() -> None:
    with faulty_gateway(answer(202, "0: Accepted for delivery")) as provider:
        channel_to(provider.port).send(text_to_sam(text="Ana asks…"))
        assert b"&coding=2" in provider.heard
    with faulty_gateway(answer(202, "0: Accepted for delivery")) as provider:
        channel_to(provider.port).send(text_to_sam(text="Ana asks..."))
        assert b"&coding=" not in provider.heard


def test_a_gateway_over_tls_takes_a_text(tmp_path: Path) -> None:
    certificate(tmp_path)
    with faulty_gateway(answer(202, "0: Accepted for delivery"), tls=tmp_path) as provider:
        channel = channel_to(provider.port, scheme="kannels")
        assert channel.send(text_to_sam()).status is ReceiptStatus.ACCEPTED


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("1", ReceiptStatus.DELIVERED),
        ("2", ReceiptStatus.FAILED),
        ("4", ReceiptStatus.QUEUED),
        ("8", ReceiptStatus.ACCEPTED),
        ("16", ReceiptStatus.FAILED),
    ],
)
def test_each_kind_of_report_has_its_meaning(kind: str, status: ReceiptStatus) -> None:
    receipt = channel_to(1).read_receipt(call(attempt="a1b2c3", type=kind))
    assert receipt is not None
    assert (receipt.status, receipt.attempt) == (status, "a1b2c3")


@pytest.mark.parametrize(
    "request_",
    [
        call(),
        call(attempt="a1b2c3"),
        call(attempt="a1b2c3", type="32"),
        call(attempt="a1b2c3", type="%d"),
        call(attempt="../a", type="1"),
        call(attempt="a" * 65, type="1"),
        call(attempt="", type="1"),
        call(method="POST", attempt="a1b2c3", type="1"),
    ],
)
def test_what_is_no_report_is_none(request_: CallbackRequest) -> None:
    assert channel_to(1).read_receipt(request_) is None


@pytest.mark.parametrize(
    "request_",
    [
        call(),
        call(text="518204"),
        call(**{"from": ""}, text="518204"),
        call(method="POST", **{"from": SAMS_PHONE}, text="1"),
        call(attempt="a1b2c3", type="99", **{"from": SAMS_PHONE}, text="518204"),
        call(attempt="", **{"from": SAMS_PHONE}, text="518204"),
    ],
)
def test_what_is_no_reply_is_none(request_: CallbackRequest) -> None:
    assert channel_to(1).read_reply(request_) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("+447700900102", "+447700900102"),
        ("447700900102", "+447700900102"),
        ("00447700900102", "+447700900102"),
        ("07700900102", "07700900102"),
        ("12345", "12345"),
        ("Harbour", "Harbour"),
    ],
)
def test_a_sender_is_made_international_only_where_that_is_sure(written: str, read: str) -> None:
    reply = channel_to(1).read_reply(call(**{"from": written}, text="518204"))
    assert reply is not None
    assert reply.sender == read
