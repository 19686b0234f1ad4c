"""Mail through a server that fails in ways a real one cannot be made to."""

import pytest

from nightlight.channels.base import OutcomeUnknown, PermanentFailure, ProviderMisconfigured, SendFailure
from nightlight.channels.base import TemporaryFailure as Temporary
from nightlight.channels.provider_url import ProviderUrl
from nightlight.channels.smtp import SmtpChannel
from tests.channels.faulty_providers import Fault, Step, faulty_mail_server
from tests.channels.stories import mail_to_sam, now

CASES: list[tuple[str, Step, type[SendFailure], str]] = [
    ("banner", b"554 5.3.2 not for you\r\n", ProviderMisconfigured, "service_refused_554"),
    ("banner", b"421 4.3.2 shutting down\r\n", Temporary, "deferred_421"),
    ("banner", Fault.HANG, Temporary, "timeout"),
    ("banner", Fault.DRIP, Temporary, "timeout"),
    ("banner", Fault.CLOSE, Temporary, "disconnected"),
    ("banner", b"what is this\r\n", Temporary, "garbled_reply"),
    ("EHLO", Fault.HANG, Temporary, "timeout"),
    ("AUTH", b"535 5.7.8 wrong\r\n", ProviderMisconfigured, "auth_refused_535"),
    ("AUTH", b"454 4.7.0 not now\r\n", Temporary, "deferred_454"),
    ("AUTH", Fault.CLOSE, Temporary, "disconnected"),
    ("MAIL", b"553 5.7.1 not your sender\r\n", ProviderMisconfigured, "sender_refused_553"),
    ("MAIL", b"452 4.3.1 full\r\n", Temporary, "deferred_452"),
    ("RCPT", b"550 5.1.1 unknown\r\n", PermanentFailure, "recipient_refused_550"),
    ("RCPT", b"554 5.7.1 Relay access denied\r\n", ProviderMisconfigured, "relay_refused_554"),
    ("RCPT", b"530 5.7.0 log in first\r\n", ProviderMisconfigured, "relay_refused_530"),
    ("RCPT", b"451 4.3.0 later\r\n", Temporary, "deferred_451"),
    ("DATA", b"451 4.3.0 later\r\n", Temporary, "deferred_451"),
    ("DATA", b"554 5.5.1 no\r\n", PermanentFailure, "message_refused_554"),
    ("DATA", Fault.CLOSE, Temporary, "disconnected"),
    ("dot", b"554 5.7.1 not this\r\n", PermanentFailure, "message_refused_554"),
    ("dot", b"451 4.3.0 later\r\n", Temporary, "deferred_451"),
    ("dot", Fault.CLOSE, OutcomeUnknown, "disconnected"),
    ("dot", Fault.HANG, OutcomeUnknown, "timeout"),
    ("dot", Fault.DRIP, OutcomeUnknown, "timeout"),
    ("dot", b"what is this\r\n", OutcomeUnknown, "garbled_reply"),
]


def channel_to(port: int, scheme: str = "smtp") -> SmtpChannel:
    server = ProviderUrl(scheme=scheme, host="127.0.0.1", port=port, user="ana", password="secret")
    return SmtpChannel(
        provider="smtp-1", server=server, sender="circle@example.org", now=now, timeout_seconds=0.4
    )


@pytest.mark.parametrize(
    ("step", "answer", "failure", "reason"), CASES, ids=[f"{case[0]}-{case[3]}" for case in CASES]
)
def test_only_what_breaks_after_the_dot_is_unknown(
    step: str, answer: Step, failure: type[SendFailure], reason: str
) -> None:
    with faulty_mail_server(**{step: answer}) as server, pytest.raises(SendFailure) as caught:
        channel_to(server.port).send(mail_to_sam())
    assert (type(caught.value), caught.value.reason) == (failure, reason)


def test_a_server_that_keeps_silent_when_tls_should_begin_is_not_waited_for() -> None:
    with faulty_mail_server(banner=Fault.HANG) as server, pytest.raises(Temporary, match="timeout"):
        channel_to(server.port, scheme="smtps").send(mail_to_sam())


def test_a_server_without_tls_where_tls_was_set_is_our_fault() -> None:
    with faulty_mail_server() as server, pytest.raises(ProviderMisconfigured, match="tls_failed"):
        channel_to(server.port, scheme="smtps").send(mail_to_sam())
