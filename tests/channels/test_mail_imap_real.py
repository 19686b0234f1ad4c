"""Bounces and replies through a real Postfix and a real Dovecot."""

import imaplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from nightlight.channels.base import (
    Heard,
    ProviderMisconfigured,
    Receipt,
    ReceiptStatus,
    Reply,
    TemporaryFailure,
)
from nightlight.channels.mail_imap import MailboxListener, read_imap_url
from nightlight.channels.mail_reading import Ours
from nightlight.channels.smtp import SmtpChannel, read_smtp_url
from tests.channels.stories import mail_to_sam, now
from tests.servers.mailbox import Mailbox, mailbox
from tests.servers.processes import free_port

pytestmark = pytest.mark.servers

OURS = Ours(domain="example.org", base_url="https://circle.example.org")
TURNS_MAX = 12


@pytest.fixture(scope="module")
def box() -> Iterator[Mailbox]:
    with mailbox() as running:
        yield running


def listener(url: str) -> MailboxListener:
    server = read_imap_url(url, "NIGHTLIGHT_IMAP_URL")
    return MailboxListener(name="imap-1", server=server, ours=OURS, now=now)


def send(box: Mailbox, to: str, notification: str) -> None:
    server = read_smtp_url(box.smtp_url, "NIGHTLIGHT_SMTP_URL")
    channel = SmtpChannel(provider="smtp-1", server=server, sender="circle@example.org", now=now)
    channel.send(mail_to_sam(to=to, notification=notification))


def heard(line: MailboxListener, position: str) -> Heard:
    """The first thing that is heard after *position*."""
    for _ in range(TURNS_MAX):
        found = line.listen(position, 4)
        if found.receipts or found.replies:
            return found
        position = found.position
    raise AssertionError("nothing came in")


def from_sam(notification: str, text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "sam@elsewhere.example.net", "circle@example.org", "Re: x"
    mail["Message-ID"] = f"<reply-to-{notification}@elsewhere.example.net>"
    mail["In-Reply-To"] = f"<{notification}@example.org>"
    mail.set_content(text)
    return mail


def test_a_mailbox_that_is_not_there_comes_back_as_a_failure_of_that_message(box: Mailbox) -> None:
    line = listener(box.imap_url)
    start = line.listen("", 1).position
    send(box, "gone@elsewhere.example.net", "n0tgone0001")
    assert heard(line, start).receipts == (
        Receipt(status=ReceiptStatus.FAILED, notification="n0tgone0001", reason="bounced_5_1_1"),
    )


def test_a_mailbox_that_stays_busy_comes_back_when_the_server_gives_up(box: Mailbox) -> None:
    line = listener(box.imap_url)
    start = line.listen("", 1).position
    send(box, "busy@elsewhere.example.net", "n0tbusy0001")
    [receipt] = heard(line, start).receipts
    assert (receipt.status, receipt.notification) == (ReceiptStatus.FAILED, "n0tbusy0001")
    assert receipt.reason.startswith("bounced_4_")


def test_a_mail_that_gets_through_is_heard_of_no_more_and_a_reply_to_it_is(box: Mailbox) -> None:
    line = listener(box.imaps_url)
    start = line.listen("", 1).position
    send(box, "sam@elsewhere.example.net", "n0treply001")
    away = from_sam("n0treply001", "I am on holiday until May.")
    away["Auto-Submitted"] = "auto-replied"
    box.post(away)
    box.post(from_sam("n0treply001", "On my way, Ána 🙂"))

    assert heard(line, start).replies == (
        Reply(
            sender="sam@elsewhere.example.net",
            text="On my way, Ána 🙂",
            reference="<reply-to-n0treply001@elsewhere.example.net>",
            notification="n0treply001",
        ),
    )


def test_the_place_is_good_in_another_process_and_nothing_there_is_marked_as_seen(box: Mailbox) -> None:
    start = listener(box.imap_url).listen("", 1).position
    for number in range(25):
        box.post(from_sam(f"n0tmany{number:04}", "words"))
    said: list[str] = []
    position = start
    while len(said) < 25:
        found = heard(listener(box.imap_url), position)
        said += [reply.notification for reply in found.replies]
        position = found.position
    assert said == [f"n0tmany{number:04}" for number in range(25)]

    with imaplib.IMAP4("127.0.0.1", box.imap_port) as client:
        client.login("circle", "not-for-a-log")
        client.select()
        assert client.search(None, "SEEN")[1] == [b""]


def test_a_mailbox_made_anew_is_read_again_from_a_while_back(box: Mailbox) -> None:
    line = listener(box.imap_url)
    position = line.listen("", 1).position
    box.post(from_sam("n0tanew0001", "words"))
    found = heard(line, position)
    _, _, number = found.position.partition(":")
    again = listener(box.imap_url).listen(f"1:{number}", 1)
    assert "n0tanew0001" in [reply.notification for reply in again.replies]
    assert again.position == found.position


def test_a_broken_line_says_why_and_the_next_one_works(box: Mailbox) -> None:
    for url, failure, reason in (
        (box.imap_url.replace("not-for-a-log", "wrong"), ProviderMisconfigured, "auth_refused"),
        (f"{box.imap_url}/Nowhere", ProviderMisconfigured, "no_such_folder"),
        (f"imap://a:b@127.0.0.1:{free_port()}", TemporaryFailure, "connection_refused"),
        (f"imaps://a:b@127.0.0.1:{box.imap_port}", ProviderMisconfigured, "tls_failed"),
        (box.imaps_url.replace("127.0.0.1", "0.0.0.0"), ProviderMisconfigured, "certificate_refused"),
        (box.imap_url.replace("127.0.0.1", "0.0.0.0"), ProviderMisconfigured, "certificate_refused"),
        (f"imaps://a:b@127.0.0.1:{box.smtp_port}", ProviderMisconfigured, "tls_failed"),
        (f"imap://a:b@127.0.0.1:{box.smtp_port}", TemporaryFailure, "disconnected"),
    ):
        with pytest.raises(failure, match=reason):
            listener(url).listen("", 1)
    assert listener(box.imap_url).listen("", 1).position


def test_a_line_that_was_cut_is_taken_up_again(box: Mailbox, tmp_path: Path) -> None:
    line = listener(box.imap_url)
    position = line.listen("", 1).position
    assert line._open is not None
    line._open.connection.shutdown(2)
    with pytest.raises(TemporaryFailure, match="disconnected"):
        line.listen(position, 1)
    assert line.listen(position, 1).position == position
