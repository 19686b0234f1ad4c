"""Texts through a real Kannel, over SMPP to made-up phones, and back."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest

from nightlight.channels.base import (
    CallbackRequest,
    PermanentFailure,
    ProviderMisconfigured,
    Receipt,
    ReceiptStatus,
    Reply,
)
from nightlight.channels.sms_kannel import KannelChannel, read_kannel_url
from tests.channels.stories import LINK, SAMS_PHONE, text_to_sam
from tests.servers.kannel import Gateway, Rule, kannel
from tests.servers.processes import wait_until

pytestmark = pytest.mark.servers


@dataclass
class Hook:
    """A stand-in for our own hook: keeps every request as the web layer would hand it on."""

    requests: list[CallbackRequest] = field(default_factory=list)
    url: str = ""

    def receipts(self, channel: KannelChannel, attempt: str) -> list[Receipt]:
        read = [channel.read_receipt(request) for request in self.requests]
        return [receipt for receipt in read if receipt is not None and receipt.attempt == attempt]

    def replies(self, channel: KannelChannel) -> list[Reply]:
        read = [channel.read_reply(request) for request in self.requests]
        return [reply for reply in read if reply is not None]


@pytest.fixture(scope="module")
def hook() -> Iterator[Hook]:
    kept = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
            kept.requests.append(
                CallbackRequest(method="GET", url=self.path, headers={}, query=query, body=b"")
            )
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    kept.url = f"http://127.0.0.1:{server.server_port}/hooks/sms/kannel-1/5ecret"
    yield kept
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def gateway(hook: Hook) -> Iterator[Gateway]:
    with kannel(hook.url) as running:
        yield running


@pytest.fixture
def channel(gateway: Gateway, hook: Hook) -> KannelChannel:
    return channel_to(gateway.url, hook)


def channel_to(url: str, hook: Hook) -> KannelChannel:
    return KannelChannel(
        provider="kannel-1", gateway=read_kannel_url(url, "NIGHTLIGHT_SMS_URL"), callback_url=hook.url
    )


def test_sam_gets_the_text_and_both_reports_name_the_attempt(
    channel: KannelChannel, gateway: Gateway, hook: Hook
) -> None:
    receipt = channel.send(text_to_sam(attempt="story1"))
    [text] = gateway.wait_for(SAMS_PHONE)
    assert receipt.status is ReceiptStatus.ACCEPTED
    assert text.text == text_to_sam().text
    wait_until(lambda: len(hook.receipts(channel, "story1")) == 2, "both reports")
    assert {report.status for report in hook.receipts(channel, "story1")} == {
        ReceiptStatus.ACCEPTED,
        ReceiptStatus.DELIVERED,
    }


@pytest.mark.parametrize(
    ("number", "text", "parts"),
    [
        ("+447700900110", "@ £ & % + é Ω {x} €", 1),
        ("+447700900111", "Łucja asks…\n" + LINK, 2),
        ("+447700900112", "Ana asks if you can talk. " * 8 + "\n" + LINK, 2),
        ("+447700900113", "🙂 ✓", 1),
    ],
)
def test_every_sign_reaches_the_phone_as_it_was_written(
    channel: KannelChannel, gateway: Gateway, number: str, text: str, parts: int
) -> None:
    channel.send(text_to_sam(to=number, text=text, attempt="signs"))
    [arrived] = gateway.wait_for(number)
    assert (arrived.text, arrived.parts) == (text, parts)


def test_a_refusal_over_smpp_comes_only_as_a_report(
    channel: KannelChannel, gateway: Gateway, hook: Hook
) -> None:
    gateway.rule("+447700900120", Rule.REFUSE)
    assert channel.send(text_to_sam(to="+447700900120", attempt="refused1")).status is ReceiptStatus.ACCEPTED
    wait_until(lambda: bool(hook.receipts(channel, "refused1")), "the refusal")
    [report] = hook.receipts(channel, "refused1")
    assert (report.status, report.reason) == (ReceiptStatus.FAILED, "refused_by_carrier")
    assert gateway.texts("+447700900120") == []


def test_a_text_that_never_reached_the_phone_is_reported_as_failed(
    channel: KannelChannel, gateway: Gateway, hook: Hook
) -> None:
    gateway.rule("+447700900121", Rule.UNDELIVERABLE)
    channel.send(text_to_sam(to="+447700900121", attempt="lost1"))
    wait_until(lambda: len(hook.receipts(channel, "lost1")) == 2, "both reports")
    assert ReceiptStatus.FAILED in {report.status for report in hook.receipts(channel, "lost1")}


def test_a_text_held_back_for_a_moment_still_arrives(channel: KannelChannel, gateway: Gateway) -> None:
    gateway.rule("+447700900122", Rule.THROTTLE_ONCE)
    channel.send(text_to_sam(to="+447700900122", attempt="held1"))
    assert len(gateway.wait_for("+447700900122")) == 1


def test_a_number_the_gateway_has_no_way_to_is_refused_for_good(channel: KannelChannel) -> None:
    with pytest.raises(PermanentFailure, match="not_routable"):
        channel.send(text_to_sam(to="+15555550123"))


def test_a_wrong_password_is_ours_to_mend(gateway: Gateway, hook: Hook) -> None:
    wrong = gateway.url.replace("nightlight:", "nightlight:wrong")
    with pytest.raises(ProviderMisconfigured, match="gateway_refused_403"):
        channel_to(wrong, hook).send(text_to_sam())


def test_a_gateway_that_knows_no_sender_is_ours_to_mend(gateway: Gateway, hook: Hook) -> None:
    without = gateway.url.partition("?")[0]
    with pytest.raises(ProviderMisconfigured, match="gateway_refused_400"):
        channel_to(without, hook).send(text_to_sam())


def test_a_wrong_path_is_ours_to_mend(gateway: Gateway, hook: Hook) -> None:
    wrong = gateway.url.replace("?", "/elsewhere?")
    with pytest.raises(ProviderMisconfigured, match="gateway_refused_404"):
        channel_to(wrong, hook).send(text_to_sam())


@pytest.mark.parametrize(
    "words", ["518204", "NO 518204, sorry & +1 %41", "518204 ❤️ 🙂", "j'arrive à 9 h", ""]
)
def test_what_sam_texts_back_is_read_as_he_wrote_it(
    channel: KannelChannel, gateway: Gateway, hook: Hook, words: str
) -> None:
    before = len(hook.replies(channel))
    gateway.reply(SAMS_PHONE, words)
    wait_until(lambda: len(hook.replies(channel)) > before, "the reply")
    reply = hook.replies(channel)[-1]
    assert (reply.sender, reply.text) == (SAMS_PHONE, words)
    assert reply.reference


def test_with_its_centre_gone_the_gateway_only_queues_and_delivers_later(
    channel: KannelChannel, gateway: Gateway, hook: Hook
) -> None:
    gateway.stop_centre()
    receipt = channel.send(text_to_sam(to="+447700900130", attempt="queued1"))
    assert receipt.status is ReceiptStatus.QUEUED
    assert gateway.texts("+447700900130") == []
    gateway.start_centre()
    assert gateway.wait_for("+447700900130")[0].text == text_to_sam().text
    wait_until(lambda: len(hook.receipts(channel, "queued1")) == 2, "both reports")


def test_a_gateway_over_tls_that_speaks_none_is_ours_to_mend(gateway: Gateway, hook: Hook) -> None:
    encrypted = replace(read_kannel_url(gateway.url, "X"), scheme="kannels")
    channel = KannelChannel(provider="kannel-1", gateway=encrypted, callback_url=hook.url)
    with pytest.raises(ProviderMisconfigured, match="tls_failed"):
        channel.send(text_to_sam())
