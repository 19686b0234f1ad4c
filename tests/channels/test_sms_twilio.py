"""Texts through a gateway in the style of Twilio; its answers and calls are those of Twilio's documentation."""

import base64
import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlencode

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
from nightlight.channels.sms_twilio import TwilioChannel
from nightlight.channels.twilio_account import TwilioAccount, read_twilio_url
from nightlight.channels.twilio_signature import FORM, signature
from tests.channels.faulty_providers import answer, faulty_gateway
from tests.channels.stories import SAMS_PHONE, text_to_sam
from tests.servers.processes import program
from tests.servers.simulated_twilio import SENDER, SID, TOKEN, SimulatedTwilio, simulated_twilio

HOOK = "https://circle.example.org/hooks/sms/twilio-1/5ecret"
MESSAGE = "SM87105da94bff44b999e4e6eb90d8eb6a"


def channel_to(port: int, *, sender: str = SENDER) -> TwilioChannel:
    url = ProviderUrl(scheme="twilio-plain", host="127.0.0.1", port=port, user=SID, password=TOKEN)
    account = TwilioAccount(url=url, sender=sender)
    return TwilioChannel(provider="twilio-1", account=account, callback_url=HOOK, timeout_seconds=5)


@pytest.fixture
def gateway() -> Iterator[SimulatedTwilio]:
    with simulated_twilio() as made:
        yield made


def through(gateway: SimulatedTwilio) -> TwilioChannel:
    account = read_twilio_url(gateway.url, "NIGHTLIGHT_SMS_URL")
    return TwilioChannel(provider="twilio-1", account=account, callback_url=HOOK)


# ------------------------------------------------------------------------------------------- sending


def test_a_text_is_handed_over_as_documented(gateway: SimulatedTwilio) -> None:
    receipt = through(gateway).send(text_to_sam())

    [text] = gateway.texts()
    assert (text.to, text.text) == (SAMS_PHONE, text_to_sam().text)
    assert text.callback == f"{HOOK}?attempt=a1b2c3"
    assert (receipt.status, receipt.reference, receipt.units) == (ReceiptStatus.ACCEPTED, text.sid, 1)


def test_the_segments_of_a_text_are_counted_by_its_letters(gateway: SimulatedTwilio) -> None:
    channel = through(gateway)

    assert channel.send(text_to_sam(text="a" * 161)).units == 2
    assert channel.send(text_to_sam(text="ã" * 71)).units == 2
    assert channel.send(text_to_sam(text="🙂" * 35)).units == 1


def test_the_request_names_the_account_and_hides_the_token_from_its_address() -> None:
    taken = answer(201, json.dumps({"sid": MESSAGE, "status": "queued"}))
    with faulty_gateway(taken) as provider:
        channel_to(provider.port).send(text_to_sam())
    head, _, body = provider.heard.decode().partition("\r\n\r\n")
    fields = {name: values[0] for name, values in parse_qs(body).items()}

    assert head.splitlines()[0] == f"POST /2010-04-01/Accounts/{SID}/Messages.json HTTP/1.1"
    assert f"Authorization: Basic {base64.b64encode(f'{SID}:{TOKEN}'.encode()).decode()}" in head
    assert set(fields) == {"To", "From", "Body", "StatusCallback"}
    assert fields["From"] == SENDER


def test_a_messaging_service_takes_the_place_of_a_number() -> None:
    taken = answer(201, json.dumps({"sid": MESSAGE, "status": "accepted"}))
    with faulty_gateway(taken) as provider:
        channel_to(provider.port, sender="MG" + "0" * 32).send(text_to_sam())

    assert f"MessagingServiceSid=MG{'0' * 32}".encode() in provider.heard
    assert b"From=" not in provider.heard


def refused(status: int, code: int | None, **headers: str) -> SendFailure:
    words = {} if code is None else {"code": code, "message": "…", "more_info": "…", "status": status}
    with (
        faulty_gateway(answer(status, json.dumps(words), **headers)) as provider,
        pytest.raises(SendFailure) as caught,
    ):
        channel_to(provider.port).send(text_to_sam())
    return caught.value


@pytest.mark.parametrize(
    ("status", "code", "failure", "reason"),
    [
        (400, 21211, PermanentFailure, "no_such_number"),
        (400, 21610, PermanentFailure, "opted_out"),
        (400, 21612, PermanentFailure, "not_routable"),
        (400, 21614, PermanentFailure, "not_a_mobile"),
        (400, 21635, PermanentFailure, "landline"),
        (400, 21408, ProviderMisconfigured, "provider_refused_400_21408"),
        (400, 21606, ProviderMisconfigured, "provider_refused_400_21606"),
        (400, None, ProviderMisconfigured, "provider_refused_400"),
        (401, 20003, ProviderMisconfigured, "provider_refused_401_20003"),
        (302, None, ProviderMisconfigured, "provider_refused_302"),
        (429, 20429, TemporaryFailure, "deferred_429"),
        (503, None, TemporaryFailure, "deferred_503"),
        (500, 20500, OutcomeUnknown, "provider_failed_500"),
        (504, None, OutcomeUnknown, "provider_failed_504"),
    ],
)
def test_each_refusal_has_its_meaning(
    status: int, code: int | None, failure: type[SendFailure], reason: str
) -> None:
    caught = refused(status, code)
    assert (type(caught), caught.reason) == (failure, reason)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("30", 30), ("0", 0), ("9999", 300), ("Sat, 21 Nov 2026 13:00:00 GMT", 0), ("-1", 0)],
)
def test_a_gateway_that_has_too_much_to_do_says_for_how_long(told: str, seconds: float) -> None:
    assert refused(429, 20429, Retry_After=told).wait_seconds == seconds


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        '"SM1"',
        "{}",
        '{"sid": 1, "status": "queued"}',
        '{"sid": "SM1"}',
        '{"status": "queued"}',
    ],
)
def test_an_acceptance_that_says_nothing_is_none(body: str) -> None:
    with faulty_gateway(answer(201, body)) as provider, pytest.raises(OutcomeUnknown):
        channel_to(provider.port).send(text_to_sam())


def test_one_that_failed_at_once_is_no_acceptance() -> None:
    words = {"sid": MESSAGE, "status": "failed", "error_code": 30003}
    with faulty_gateway(answer(201, json.dumps(words))) as provider:
        receipt = channel_to(provider.port).send(text_to_sam())

    assert (receipt.status, receipt.reason, receipt.units) == (ReceiptStatus.FAILED, "error_30003", 0)


# ------------------------------------------------------------------------------------------- hearing


def called(fields: dict[str, str], *, url: str = HOOK, token: str = TOKEN) -> CallbackRequest:
    signed = signature(token, url, fields.items())
    return CallbackRequest(
        method="POST",
        url=url,
        headers={"Content-Type": FORM, "X-Twilio-Signature": signed},
        query={},
        body=urlencode(fields).encode(),
    )


def report(state: str, *, attempt: str = "a1b2c3", **more: str) -> CallbackRequest:
    fields = {"AccountSid": SID, "MessageSid": MESSAGE, "MessageStatus": state, "To": SAMS_PHONE, **more}
    return called(fields, url=f"{HOOK}?attempt={attempt}")


REPLY = {
    "AccountSid": SID,
    "MessageSid": MESSAGE,
    "From": SAMS_PHONE,
    "To": SENDER,
    "Body": "518204",
    "NumMedia": "0",
}


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("queued", ReceiptStatus.ACCEPTED),
        ("sending", ReceiptStatus.ACCEPTED),
        ("sent", ReceiptStatus.ACCEPTED),
        ("delivered", ReceiptStatus.DELIVERED),
        ("read", ReceiptStatus.DELIVERED),
        ("undelivered", ReceiptStatus.FAILED),
        ("failed", ReceiptStatus.FAILED),
        ("canceled", ReceiptStatus.FAILED),
    ],
)
def test_each_state_in_a_report_has_its_meaning(state: str, status: ReceiptStatus) -> None:
    receipt = channel_to(1).read_receipt(report(state))

    assert receipt is not None
    assert (receipt.status, receipt.attempt, receipt.reference) == (status, "a1b2c3", MESSAGE)


def test_a_report_of_failure_says_why_as_a_code() -> None:
    receipt = channel_to(1).read_receipt(report("undelivered", ErrorCode="30003"))
    odd = channel_to(1).read_receipt(report("undelivered", ErrorCode="<b>no"))

    assert receipt is not None
    assert odd is not None
    assert (receipt.reason, odd.reason) == ("error_30003", "")


@pytest.mark.parametrize(
    "request_",
    [
        called(REPLY),
        report("received"),
        report("DELIVERED"),
        report("delivered", attempt="..%2Fx"),
        report("sent", attempt=""),
    ],
)
def test_what_is_no_report_is_none(request_: CallbackRequest) -> None:
    assert channel_to(1).read_receipt(request_) is None


def test_a_reply_is_read_with_its_number_and_its_words() -> None:
    reply = channel_to(1).read_reply(called(REPLY))

    assert reply is not None
    assert (reply.sender, reply.text) == (SAMS_PHONE, "518204")


def test_pictures_are_not_looked_at() -> None:
    picture = {"NumMedia": "1", "MediaUrl0": "https://media.example.org/1", "MediaContentType0": "image/jpeg"}
    beside_words = channel_to(1).read_reply(called(REPLY | picture))

    assert beside_words is not None
    assert beside_words.text == "518204"
    assert channel_to(1).read_reply(called(REPLY | picture | {"Body": " "})) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"MessageSid": ""},
        {"MessageSid": MESSAGE + "NumMedia0"},
        {"From": ""},
        {"Body": ""},
        {"MessageStatus": "sent"},
    ],
)
def test_what_is_no_reply_is_none(changes: dict[str, str]) -> None:
    assert channel_to(1).read_reply(called(REPLY | changes)) is None


def test_the_same_letters_cut_otherwise_are_the_same_reply() -> None:
    """Whoever moves the ends of fields about keeps the signature, and so is known again."""
    first = called(REPLY)
    otherwise = {name: value for name, value in REPLY.items() if name != "To"} | {"NumMedia": f"0To{SENDER}"}
    again = replace(first, body=urlencode(otherwise).encode())
    taken, replayed = channel_to(1).read_reply(first), channel_to(1).read_reply(again)

    assert taken is not None
    assert replayed is not None
    assert replayed.reference == taken.reference


# ------------------------------------------------------------------------------------------- over TLS


def certificate_for(name: str, place: Path) -> None:
    """A certificate for *name* that signed itself, in the two files a faulty gateway looks for."""
    request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=texts"
    files = ["-keyout", str(place / "key.pem"), "-out", str(place / "certificate.pem")]
    command = [program("openssl", "openssl"), *request.split(), "-addext", f"subjectAltName={name}", *files]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("name", "is_trusted", "reason"),
    [
        ("IP:127.0.0.1", True, ""),
        ("IP:127.0.0.1", False, "tls_failed"),
        ("DNS:texts.example.org", True, "tls_failed"),
    ],
    ids=["for it, by one we trust", "by nobody we trust", "for another"],
)
def test_the_certificate_must_be_for_the_gateway_and_by_one_we_trust(
    name: str, is_trusted: bool, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate_for(name, tmp_path)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    taken = answer(201, json.dumps({"sid": MESSAGE, "status": "queued"}))
    with faulty_gateway(taken, tls=tmp_path) as provider:
        url = f"twilio://{SID}:{TOKEN}@127.0.0.1:{provider.port}/{SENDER}"
        account = read_twilio_url(url, "NIGHTLIGHT_SMS_URL")
        channel = TwilioChannel(provider="twilio-1", account=account, callback_url=HOOK)
        if not reason:
            assert channel.send(text_to_sam()).status is ReceiptStatus.ACCEPTED
            return
        with pytest.raises(ProviderMisconfigured) as caught:
            channel.send(text_to_sam())
        assert caught.value.reason == reason
        assert TOKEN.encode() not in provider.heard
