"""Channels for texts, mails, phones and chats, with their providers in every trouble they can be in."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from nightlight.channels.apprise_ways import AppriseChannel
from nightlight.channels.base import (
    Channel,
    Message,
    Receipt,
)
from nightlight.channels.matrix import MatrixChannel
from nightlight.channels.provider_url import ProviderUrl
from nightlight.channels.sample import FILE_NAME, PhoneState, SampleChannel, SamplePhones
from nightlight.channels.sms_kannel import KannelChannel
from nightlight.channels.sms_twilio import TwilioChannel
from nightlight.channels.smtp import SmtpChannel
from nightlight.channels.twilio_account import TwilioAccount
from tests.channels.contract import PASSWORD, Bench, Make, Trouble, at, nobody_listens
from tests.channels.faulty_providers import (
    Fault,
    Step,
    answer,
    faulty_gateway,
    faulty_homeserver,
    faulty_mail_server,
)
from tests.channels.stories import mail_to_sam, now, text_to_sam
from tests.channels.voice_providers import (
    RINGS,
    sip_nobody_listens,
    sip_with,
    twilio_voice,
    twilio_voice_of_somebody_else,
    twilio_voice_with,
)
from tests.servers.faulty_trunk import GARBAGE, RINGING, SILENCE, TRYING_FOR_EVER
from tests.servers.postfix import certificate


def _mail(port: int) -> Channel:
    return SmtpChannel(
        provider="smtp-1", server=at("smtp", port), sender="circle@example.org", now=now, timeout_seconds=0.4
    )


def _sms(port: int) -> Channel:
    url = "https://circle.example.org/hooks/sms/kannel-1/5ecret"
    return KannelChannel(
        provider="kannel-1", gateway=at("kannel", port), callback_url=url, timeout_seconds=0.4
    )


def _twilio(port: int, scheme: str = "twilio-plain") -> Channel:
    url = "https://circle.example.org/hooks/sms/twilio-1/5ecret"
    account = TwilioAccount(url=at(scheme, port), sender="+447700900888")
    return TwilioChannel(provider="twilio-1", account=account, callback_url=url, timeout_seconds=0.4)


def _matrix(port: int) -> Channel:
    server = ProviderUrl(
        scheme="matrix-plain", host="127.0.0.1", port=port, user="nightlight", password=PASSWORD
    )
    return MatrixChannel(
        provider="matrix-1", server=server, secret=b"x", service_name="Harbour House", timeout_seconds=0.6
    )


class _Redirected(AppriseChannel):
    """Known services are at places that no test may ask: here all messages go to one on this machine."""

    def __init__(self, port: int) -> None:
        super().__init__(
            provider="apprise-1",
            services=frozenset({"json"}),
            service_name="Harbour House",
            timeout_seconds=0.6,
        )
        self._port = port

    def send(self, message: Message) -> Receipt:
        return super().send(replace(message, to=f"json://127.0.0.1:{self._port}/x"))


def _apprise(port: int) -> Channel:
    return _Redirected(port)


def _matrix_with(membership: str = "join", **steps: Step) -> Make:
    @contextmanager
    def make(_: Path) -> Iterator[Channel]:
        with faulty_homeserver(membership=membership, **steps) as provider:
            yield _matrix(provider.port)

    return make


def _apprise_with(step: Step) -> Make:
    @contextmanager
    def make(_: Path) -> Iterator[Channel]:
        with faulty_gateway(step) as provider:
            yield _apprise(provider.port)

    return make


def _mail_with(**steps: Step) -> Make:
    @contextmanager
    def make(_: Path) -> Iterator[Channel]:
        with faulty_mail_server(**steps) as provider:
            yield _mail(provider.port)

    return make


def _sms_with(step: Step) -> Make:
    @contextmanager
    def make(_: Path) -> Iterator[Channel]:
        with faulty_gateway(step) as provider:
            yield _sms(provider.port)

    return make


def _twilio_with(step: Step) -> Make:
    @contextmanager
    def make(_: Path) -> Iterator[Channel]:
        with faulty_gateway(step) as provider:
            yield _twilio(provider.port)

    return make


@contextmanager
def _twilio_of_somebody_else(folder: Path) -> Iterator[Channel]:
    """Whoever answers there has a certificate that nobody we trust has signed."""
    certificate(folder)
    with faulty_gateway(answer(201, TAKEN), tls=folder) as provider:
        yield _twilio(provider.port, "twilio")


def _sample(folder: Path) -> Channel:
    phones = SamplePhones(folder, busy_seconds=0.1)
    return SampleChannel(kind="sample-text", provider="sample-text-1", phones=phones, now=now)


def _sample_phone(state: PhoneState) -> Make:
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


# Answers as they stand in the documentation of Twilio's API, shortened.
TAKEN = '{"sid": "SM87105da94bff44b999e4e6eb90d8eb6a", "status": "queued", "error_code": null, "num_segments": "1"}'
NO_SUCH_NUMBER = '{"code": 21211, "message": "Invalid \'To\' Phone Number", "more_info": "…", "status": 400}'
WRONG_TOKEN = '{"code": 20003, "detail": "", "message": "Authenticate", "more_info": "…", "status": 401}'
TOO_MANY = '{"code": 20429, "message": "Too Many Requests", "more_info": "…", "status": 429}'

BENCHES = [
    Bench(
        kind="smtp",
        message=mail_to_sam(),
        troubles={
            Trouble.NONE: _mail_with(),
            Trouble.REFUSES: _mail_with(RCPT=b"550 5.1.1 no such mailbox\r\n"),
            Trouble.NOT_NOW: _mail_with(RCPT=b"450 4.2.1 busy\r\n"),
            Trouble.MISCONFIGURED: _mail_with(AUTH=b"535 5.7.8 wrong password\r\n"),
            Trouble.GONE: nobody_listens(_mail),
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
            Trouble.GONE: nobody_listens(_sms),
            Trouble.HANGS_AFTER: _sms_with(Fault.HANG),
            Trouble.DRIPS: _sms_with(Fault.DRIP),
            Trouble.BREAKS_OFF_AFTER: _sms_with(Fault.CLOSE),
            Trouble.GARBAGE: _sms_with(b"\x00\xff what is this\r\n\r\n"),
            Trouble.TOO_MANY: _sms_with(answer(429, "", Retry_After="30")),
            Trouble.BREAKS: _sms_with(answer(500, "<html>Oh no</html>")),
        },
    ),
    Bench(
        kind="sms",
        maker="twilio",
        message=text_to_sam(),
        troubles={
            Trouble.NONE: _twilio_with(answer(201, TAKEN)),
            Trouble.REFUSES: _twilio_with(answer(400, NO_SUCH_NUMBER)),
            Trouble.NOT_NOW: _twilio_with(answer(503, "")),
            Trouble.MISCONFIGURED: _twilio_with(answer(401, WRONG_TOKEN)),
            Trouble.GONE: nobody_listens(_twilio),
            Trouble.HANGS_AFTER: _twilio_with(Fault.HANG),
            Trouble.DRIPS: _twilio_with(Fault.DRIP),
            Trouble.BREAKS_OFF_AFTER: _twilio_with(Fault.CLOSE),
            Trouble.GARBAGE: _twilio_with(answer(201, "<html>Welcome</html>")),
            Trouble.TOO_MANY: _twilio_with(answer(429, TOO_MANY, Retry_After="30")),
            Trouble.BREAKS: _twilio_with(answer(500, "<html>Oh no</html>")),
            Trouble.WRONG_CERTIFICATE: _twilio_of_somebody_else,
        },
    ),
    Bench(
        kind="voice",
        maker="twilio-voice",
        message=text_to_sam(),
        troubles={
            Trouble.NONE: twilio_voice_with(answer(201, RINGS)),
            Trouble.REFUSES: twilio_voice_with(answer(400, NO_SUCH_NUMBER)),
            Trouble.NOT_NOW: twilio_voice_with(answer(503, "")),
            Trouble.MISCONFIGURED: twilio_voice_with(answer(401, WRONG_TOKEN)),
            Trouble.GONE: nobody_listens(twilio_voice),
            Trouble.HANGS_AFTER: twilio_voice_with(Fault.HANG),
            Trouble.DRIPS: twilio_voice_with(Fault.DRIP),
            Trouble.BREAKS_OFF_AFTER: twilio_voice_with(Fault.CLOSE),
            Trouble.GARBAGE: twilio_voice_with(answer(201, "<html>Welcome</html>")),
            Trouble.TOO_MANY: twilio_voice_with(answer(429, TOO_MANY, Retry_After="30")),
            Trouble.BREAKS: twilio_voice_with(answer(500, "<html>Oh no</html>")),
            Trouble.WRONG_CERTIFICATE: twilio_voice_of_somebody_else,
        },
    ),
    Bench(
        kind="voice",
        maker="sip",
        needs_programs=True,
        message=text_to_sam(),
        troubles={
            Trouble.NONE: sip_with(RINGING),
            Trouble.REFUSES: sip_with("404 Not Found"),
            Trouble.NOT_NOW: sip_with("503 Service Unavailable"),
            Trouble.MISCONFIGURED: sip_with("403 Forbidden"),
            Trouble.GONE: sip_nobody_listens,
            Trouble.HANGS_AFTER: sip_with(SILENCE),
            Trouble.DRIPS: sip_with(TRYING_FOR_EVER),
            Trouble.GARBAGE: sip_with(GARBAGE),
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
        ours=frozenset({Trouble.MISCONFIGURED, Trouble.GONE}),
    ),
    Bench(
        kind="matrix",
        message=text_to_sam(to="@sam:chat.example.org"),
        troubles={
            Trouble.NONE: _matrix_with(),
            Trouble.QUEUES: _matrix_with(membership="invite"),
            Trouble.REFUSES: _matrix_with(membership="leave"),
            Trouble.NOT_NOW: _matrix_with(put=answer(429, '{"errcode": "M_LIMIT_EXCEEDED"}')),
            Trouble.MISCONFIGURED: _matrix_with(whoami=answer(401, '{"errcode": "M_UNKNOWN_TOKEN"}')),
            Trouble.GONE: nobody_listens(_matrix),
            Trouble.HANGS_BEFORE: _matrix_with(whoami=Fault.HANG),
            Trouble.HANGS_AFTER: _matrix_with(put=Fault.HANG),
            Trouble.DRIPS: _matrix_with(put=Fault.DRIP),
            Trouble.BREAKS_OFF_AFTER: _matrix_with(put=Fault.CLOSE),
            Trouble.GARBAGE: _matrix_with(put=answer(200, "\x00 what is this")),
        },
    ),
    Bench(
        kind="apprise",
        message=text_to_sam(to="json://127.0.0.1:1/x"),
        troubles={
            Trouble.NONE: _apprise_with(answer(200, "ok")),
            Trouble.REFUSES: _apprise_with(answer(404, "no such reader")),
            Trouble.NOT_NOW: _apprise_with(answer(429, "slow down")),
            Trouble.GONE: nobody_listens(_apprise),
            Trouble.HANGS_AFTER: _apprise_with(Fault.HANG),
            Trouble.DRIPS: _apprise_with(Fault.DRIP),
            Trouble.BREAKS_OFF_AFTER: _apprise_with(Fault.CLOSE),
            Trouble.GARBAGE: _apprise_with(b"\x00\xff what is this\r\n\r\n"),
        },
    ),
]
