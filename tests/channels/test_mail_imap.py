"""How a mailbox is named in a setting, and one that hangs."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nightlight.channels.base import ProviderMisconfigured, TemporaryFailure
from nightlight.channels.mail_imap import MailboxListener, read_imap_url
from nightlight.channels.mail_reading import Ours
from nightlight.channels.provider_url import ChannelSettingError
from tests.channels.faulty_providers import Fault, FaultyProvider, Line, Step, faulty_mail_server
from tests.channels.stories import now

PASSWORD = "not-for-a-log"


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        (f"imaps://circle:{PASSWORD}@mail.example.org", "mail.example.org", 993, ""),
        (f"imaps://circle%40example.org:{PASSWORD}@mail.example.org:1993/", "mail.example.org", 1993, "/"),
        (f"imap://circle:{PASSWORD}@127.0.0.1/INBOX", "127.0.0.1", 143, "/INBOX"),
    ],
)
def test_a_mailbox_is_named_with_or_without_its_port(url: str, host: str, port: int, path: str) -> None:
    server = read_imap_url(url, "NIGHTLIGHT_IMAP_URL")
    assert (server.host, server.port, server.path, server.password) == (host, port, path, PASSWORD)


@pytest.mark.parametrize(
    "url",
    [
        "imaps://mail.example.org",
        f"smtp://circle:{PASSWORD}@mail.example.org",
        f"imaps://circle:{PASSWORD}@mail.example.org?x=1",
        f'imaps://circle:{PASSWORD}@mail.example.org/"evil',
        f"imaps://circle:{PASSWORD}@mail.example.org/IN%0d%0aBOX",
        f"imaps://circle:{PASSWORD}@:993",
    ],
)
def test_what_is_no_mailbox_is_refused_with_its_remedy_and_without_the_password(url: str) -> None:
    with pytest.raises(ChannelSettingError, match=r"NIGHTLIGHT_IMAP_URL: .*Write imaps://") as caught:
        read_imap_url(url, "NIGHTLIGHT_IMAP_URL")
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("step", [Fault.HANG, Fault.DRIP])
def test_a_mailbox_that_hangs_is_waited_for_no_longer_than_was_said(step: Step) -> None:
    with faulty_mail_server(banner=step) as server:
        url = read_imap_url(f"imap://circle:{PASSWORD}@127.0.0.1:{server.port}", "NIGHTLIGHT_IMAP_URL")
        ours = Ours(domain="example.org", base_url="https://circle.example.org")
        line = MailboxListener(name="imap-1", server=url, ours=ours, now=now, timeout_seconds=0.3)
        with pytest.raises(TemporaryFailure, match=r"timeout|disconnected"):
            line.listen("", 0.1)


def test_off_loopback_no_password_is_said_on_a_line_that_anybody_can_read() -> None:
    with plain_mailbox() as server:
        url = read_imap_url(f"imap://circle:{PASSWORD}@0.0.0.0:{server.port}", "NIGHTLIGHT_IMAP_URL")
        ours = Ours(domain="example.org", base_url="https://circle.example.org")
        line = MailboxListener(name="imap-1", server=url, ours=ours, now=now)
        with pytest.raises(ProviderMisconfigured, match="tls_not_offered"):
            line.listen("", 0.1)
        assert b"CAPABILITY" in server.heard
        assert PASSWORD.encode() not in server.heard


@contextmanager
def plain_mailbox() -> Iterator[FaultyProvider]:
    """A mailbox that offers no TLS."""

    def talk(line: Line) -> None:
        line.do(b"* OK ready\r\n")
        while True:
            tag = line.read_until(b"\r\n").split()[0]
            line.do(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")

    server = FaultyProvider(talk, drop=b"")
    try:
        yield server
    finally:
        server.stop()
