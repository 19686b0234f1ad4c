"""What every channel owes the sender, whatever its provider does. One suite for all of them."""

import ipaddress
import re
import socket
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path

import pytest

from nightlight.channels.base import (
    Channel,
    Message,
    OutcomeUnknown,
    PermanentFailure,
    ProviderMisconfigured,
    Receipt,
    ReceiptStatus,
    SendFailure,
    TemporaryFailure,
)
from nightlight.channels.ntfy import NtfyChannel
from nightlight.channels.outside import public_only, read_outside_url
from nightlight.channels.provider_url import ProviderUrl
from nightlight.channels.push import PushChannel
from nightlight.channels.registry import KINDS
from nightlight.channels.sample import FILE_NAME, PhoneState, SampleChannel, SamplePhones
from nightlight.channels.sms_kannel import KannelChannel
from nightlight.channels.smtp import SmtpChannel
from nightlight.channels.unifiedpush import UnifiedPushChannel
from tests.channels.faulty_providers import Fault, Step, answer, faulty_gateway, faulty_mail_server
from tests.channels.stories import HOST_KEY, mail_to_sam, now, push_to_sam, subscription, text_to_sam

PASSWORD = "not-for-a-log"
TOPIC = "sams-own-long-topic"
HERE = (ipaddress.ip_network("127.0.0.0/8"),)


class Trouble(Enum):
    """What a provider may do to a message."""

    NONE = auto()
    QUEUES = auto()
    REFUSES = auto()
    NOT_NOW = auto()
    MISCONFIGURED = auto()
    GONE = auto()
    HANGS_BEFORE = auto()
    HANGS_AFTER = auto()
    DRIPS = auto()
    BREAKS_OFF_AFTER = auto()
    GARBAGE = auto()
    BREAKS = auto()
    """It says that something went wrong on its side, at a moment that nobody knows."""


_Make = Callable[[Path], AbstractContextManager[Channel]]


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A channel, what it is sent, and how to put its provider into each trouble it can be in."""

    kind: str
    message: Message
    troubles: Mapping[Trouble, Callable[[Path], AbstractContextManager[Channel]]]


def _at(scheme: str, port: int) -> ProviderUrl:
    return ProviderUrl(scheme=scheme, host="127.0.0.1", port=port, user="nightlight", password=PASSWORD)


def _mail(port: int) -> Channel:
    return SmtpChannel(
        provider="smtp-1", server=_at("smtp", port), sender="circle@example.org", now=now, timeout_seconds=0.4
    )


def _sms(port: int) -> Channel:
    url = "https://circle.example.org/hooks/sms/kannel-1/5ecret"
    return KannelChannel(
        provider="kannel-1", gateway=_at("kannel", port), callback_url=url, timeout_seconds=0.4
    )


class _Addressed:
    """A channel whose provider is named by the address: wherever a message is to go, it goes to *to*."""

    def __init__(self, channel: Channel, to: str) -> None:
        self.kind, self.provider = channel.kind, channel.provider
        self._channel, self._to = channel, to

    def send(self, message: Message) -> Receipt:
        """Hand it over there."""
        return self._channel.send(replace(message, to=self._to))


def _push(port: int) -> Channel:
    channel = PushChannel(
        provider="push-1",
        contact="mailto:desk@example.org",
        key=lambda: HOST_KEY,
        now=now,
        reach=public_only(HERE),
        timeout_seconds=0.4,
    )
    return _Addressed(channel, subscription(f"http://127.0.0.1:{port}/wpush/5ecret"))


def _unifiedpush(port: int) -> Channel:
    channel = UnifiedPushChannel(provider="unifiedpush-1", reach=public_only(HERE), timeout_seconds=0.4)
    return _Addressed(channel, f"http://127.0.0.1:{port}/push/5ecret")


def _ntfy(port: int) -> Channel:
    server = read_outside_url(f"http://127.0.0.1:{port}")
    return NtfyChannel(
        provider="ntfy-1", server=server, token=PASSWORD, reach=public_only(), timeout_seconds=0.4
    )


def _http_with(channel: Callable[[int], Channel], step: Step) -> _Make:
    @contextmanager
    def make(_: Path) -> Iterator[Channel]:
        with faulty_gateway(step) as provider:
            yield channel(provider.port)

    return make


def _http_troubles(channel: Callable[[int], Channel], taken: Step) -> dict[Trouble, _Make]:
    """What any provider asked over HTTP may do; *taken* is how it says yes."""

    def does(step: Step) -> _Make:
        return _http_with(channel, step)

    return {
        Trouble.NONE: does(taken),
        Trouble.NOT_NOW: does(b"HTTP/1.1 429 Later\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"),
        Trouble.GONE: _nobody_listens(channel),
        Trouble.HANGS_AFTER: does(Fault.HANG),
        Trouble.DRIPS: does(Fault.DRIP),
        Trouble.BREAKS_OFF_AFTER: does(Fault.CLOSE),
        Trouble.GARBAGE: does(b"\x00\xff what is this\r\n\r\n"),
        Trouble.BREAKS: does(answer(500, "")),
    }


def _mail_with(**steps: Step) -> Callable[[Path], AbstractContextManager[Channel]]:
    @contextmanager
    def make(_: Path) -> Iterator[Channel]:
        with faulty_mail_server(**steps) as provider:
            yield _mail(provider.port)

    return make


def _sms_with(step: Step) -> Callable[[Path], AbstractContextManager[Channel]]:
    @contextmanager
    def make(_: Path) -> Iterator[Channel]:
        with faulty_gateway(step) as provider:
            yield _sms(provider.port)

    return make


def _nobody_listens(channel: Callable[[int], Channel]) -> Callable[[Path], AbstractContextManager[Channel]]:
    @contextmanager
    def make(_: Path) -> Iterator[Channel]:
        # Held but not listened on: nobody else can come to listen there meanwhile.
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            yield channel(held.getsockname()[1])

    return make


def _sample(folder: Path) -> Channel:
    phones = SamplePhones(folder, busy_seconds=0.1)
    return SampleChannel(kind="sample-text", provider="sample-text-1", phones=phones, now=now)


def _sample_phone(state: PhoneState) -> Callable[[Path], AbstractContextManager[Channel]]:
    @contextmanager
    def make(folder: Path) -> Iterator[Channel]:
        SamplePhones(folder).set_state(text_to_sam().to, state)
        yield _sample(folder)

    return make


@contextmanager
def _sample_busy(folder: Path) -> Iterator[Channel]:
    SamplePhones(folder).set_state(text_to_sam().to, PhoneState.ON)
    other = sqlite3.connect(folder / FILE_NAME, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield _sample(folder)
    finally:
        other.close()


@contextmanager
def _sample_damaged(folder: Path) -> Iterator[Channel]:
    (folder / FILE_NAME).write_bytes(b"no database " * 1000)
    yield _sample(folder)


@contextmanager
def _sample_gone(folder: Path) -> Iterator[Channel]:
    yield _sample(folder / "no such folder")


BENCHES = [
    Bench(
        kind="smtp",
        message=mail_to_sam(),
        troubles={
            Trouble.NONE: _mail_with(),
            Trouble.REFUSES: _mail_with(RCPT=b"550 5.1.1 no such mailbox\r\n"),
            Trouble.NOT_NOW: _mail_with(RCPT=b"450 4.2.1 busy\r\n"),
            Trouble.MISCONFIGURED: _mail_with(AUTH=b"535 5.7.8 wrong password\r\n"),
            Trouble.GONE: _nobody_listens(_mail),
            Trouble.HANGS_BEFORE: _mail_with(RCPT=Fault.HANG),
            Trouble.HANGS_AFTER: _mail_with(dot=Fault.HANG),
            Trouble.DRIPS: _mail_with(dot=Fault.DRIP),
            Trouble.BREAKS_OFF_AFTER: _mail_with(dot=Fault.CLOSE),
            Trouble.GARBAGE: _mail_with(dot=b"\x00\xff what is this\r\n"),
        },
    ),
    Bench(
        kind="sms",
        message=text_to_sam(),
        troubles={
            Trouble.NONE: _sms_with(answer(202, "0: Accepted for delivery")),
            Trouble.QUEUES: _sms_with(answer(202, "3: Queued for later delivery")),
            Trouble.REFUSES: _sms_with(answer(403, "Not routable. Do not try again.")),
            Trouble.NOT_NOW: _sms_with(answer(503, "Temporal failure, try again later.")),
            Trouble.MISCONFIGURED: _sms_with(answer(403, "Authorization failed for sendsms")),
            Trouble.GONE: _nobody_listens(_sms),
            Trouble.HANGS_AFTER: _sms_with(Fault.HANG),
            Trouble.DRIPS: _sms_with(Fault.DRIP),
            Trouble.BREAKS_OFF_AFTER: _sms_with(Fault.CLOSE),
            Trouble.GARBAGE: _sms_with(b"\x00\xff what is this\r\n\r\n"),
        },
    ),
    Bench(
        kind="push",
        message=push_to_sam(),
        troubles={
            **_http_troubles(_push, answer(201, "")),
            Trouble.REFUSES: _http_with(_push, answer(410, "")),
        },
    ),
    Bench(
        kind="unifiedpush",
        message=push_to_sam(),
        troubles={
            **_http_troubles(_unifiedpush, answer(201, "")),
            Trouble.REFUSES: _http_with(_unifiedpush, answer(404, "")),
        },
    ),
    Bench(
        kind="ntfy",
        message=push_to_sam(to=TOPIC),
        troubles={
            **_http_troubles(_ntfy, answer(200, '{"id":"sPs71M8A2T","event":"message"}')),
            Trouble.MISCONFIGURED: _http_with(_ntfy, answer(401, '{"code":40101,"http":401}')),
        },
    ),
    Bench(
        kind="sample-text",
        message=text_to_sam(),
        troubles={
            Trouble.NONE: _sample_phone(PhoneState.ON),
            Trouble.QUEUES: _sample_phone(PhoneState.QUEUES),
            Trouble.REFUSES: _sample_phone(PhoneState.REFUSES),
            Trouble.NOT_NOW: _sample_busy,
            Trouble.MISCONFIGURED: _sample_damaged,
            Trouble.GONE: _sample_gone,
        },
    ),
]

EXPECTED: Mapping[Trouble, type[SendFailure]] = {
    Trouble.REFUSES: PermanentFailure,
    Trouble.NOT_NOW: TemporaryFailure,
    Trouble.MISCONFIGURED: ProviderMisconfigured,
    Trouble.GONE: TemporaryFailure,
    Trouble.HANGS_BEFORE: TemporaryFailure,
    Trouble.HANGS_AFTER: OutcomeUnknown,
    Trouble.DRIPS: OutcomeUnknown,
    Trouble.BREAKS_OFF_AFTER: OutcomeUnknown,
    Trouble.GARBAGE: OutcomeUnknown,
    Trouble.BREAKS: OutcomeUnknown,
}

each_bench = pytest.mark.parametrize("bench", BENCHES, ids=[bench.kind for bench in BENCHES])
each_failure = pytest.mark.parametrize(
    ("bench", "trouble"),
    [(bench, trouble) for bench in BENCHES for trouble in bench.troubles if trouble in EXPECTED],
    ids=lambda value: value.kind if isinstance(value, Bench) else value.name.lower(),
)


@each_bench
def test_a_message_that_is_taken_is_accepted_and_nothing_more(bench: Bench, tmp_path: Path) -> None:
    """Accepted is the provider's word, not the phone's: `delivered` comes only in a report."""
    with bench.troubles[Trouble.NONE](tmp_path) as channel:
        assert channel.send(bench.message).status is ReceiptStatus.ACCEPTED


@pytest.mark.parametrize("bench", [b for b in BENCHES if Trouble.QUEUES in b.troubles], ids=lambda b: b.kind)
def test_a_message_that_is_only_queued_says_so(bench: Bench, tmp_path: Path) -> None:
    with bench.troubles[Trouble.QUEUES](tmp_path) as channel:
        assert channel.send(bench.message).status is ReceiptStatus.QUEUED


@each_failure
def test_each_failure_says_what_to_do_next(bench: Bench, trouble: Trouble, tmp_path: Path) -> None:
    """That a call returns at all, from a provider that hangs or drips, is its time being up."""
    with bench.troubles[trouble](tmp_path) as channel, pytest.raises(EXPECTED[trouble]) as caught:
        channel.send(bench.message)
    is_ours = isinstance(caught.value, ProviderMisconfigured)
    assert is_ours is (
        trouble is Trouble.MISCONFIGURED or (bench.kind, trouble) == ("sample-text", Trouble.GONE)
    )


@each_failure
def test_the_reason_of_a_failure_is_a_short_code(bench: Bench, trouble: Trouble, tmp_path: Path) -> None:
    """It is kept and shown to the host: no address, no password, nothing of the message."""
    with bench.troubles[trouble](tmp_path) as channel, pytest.raises(SendFailure) as caught:
        channel.send(bench.message)
    assert re.fullmatch("[a-z0-9_]{3,40}", caught.value.reason)
    assert str(caught.value) == caught.value.reason


@each_bench
@pytest.mark.parametrize(
    "text", ["", "\r\nX-Evil: 1\r\n\r\nevil", ".\r\n.\r\nMAIL FROM:<noa@example.org>", "\x00\x1b", "🙂" * 400]
)
def test_no_words_upset_a_channel(bench: Bench, text: str, tmp_path: Path) -> None:
    with bench.troubles[Trouble.NONE](tmp_path) as channel:
        odd = text_to_sam(to=bench.message.to, subject=text, text=text)
        assert channel.send(odd).status is ReceiptStatus.ACCEPTED


@each_bench
def test_a_channel_is_of_a_known_kind_and_its_provider_fits_into_an_address(
    bench: Bench, tmp_path: Path
) -> None:
    with bench.troubles[Trouble.NONE](tmp_path) as channel:
        assert channel.kind == bench.kind
        assert channel.kind in KINDS
        assert re.fullmatch("[a-z0-9-]+", channel.provider)
