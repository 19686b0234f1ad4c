"""Mail through a real Postfix."""

import re
from collections.abc import Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime

import pytest

from nightlight.channels.base import PermanentFailure, ProviderMisconfigured, ReceiptStatus, TemporaryFailure
from nightlight.channels.smtp import SmtpChannel, read_smtp_url
from tests.channels.faulty_providers import faulty_mail_server
from tests.channels.stories import LINK, NOON, SAMS_MAIL, mail_to_sam, now
from tests.servers.postfix import Mailboxes, postfix

pytestmark = pytest.mark.servers

# Not loopback by its name, and yet on this machine: what is required off loopback can be seen here.
OFF_LOOPBACK = "0.0.0.0"


@pytest.fixture(scope="module")
def server() -> Iterator[Mailboxes]:
    with postfix() as running:
        yield running


def channel_to(url: str) -> SmtpChannel:
    server = read_smtp_url(url, "NIGHTLIGHT_SMTP_URL")
    return SmtpChannel(provider="smtp-1", server=server, sender="circle@example.org", now=now)


def test_sam_gets_the_mail_as_it_was_written(server: Mailboxes) -> None:
    to = "sam.written@example.org"
    receipt = channel_to(server.url).send(mail_to_sam(to=to))
    [mail] = server.wait_for(to)
    assert receipt.status is ReceiptStatus.ACCEPTED
    assert mail.get_content().splitlines() == mail_to_sam().text.splitlines()
    assert mail["Subject"] == "Ana asks if you are free"
    assert mail["From"] == "circle@example.org"
    assert mail["To"] == to


def test_the_mail_says_that_a_machine_wrote_it_and_which_message_it_is(server: Mailboxes) -> None:
    to = "sam.marked@example.org"
    channel_to(server.url).send(mail_to_sam(to=to))
    [mail] = server.wait_for(to)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<{mail_to_sam().notification}@example.org>"
    assert parsedate_to_datetime(mail["Date"]) == NOON


def test_the_receipt_carries_the_servers_own_name_for_the_mail(server: Mailboxes) -> None:
    reference = channel_to(server.url).send(mail_to_sam()).reference
    assert re.fullmatch("[A-Za-z0-9]+", reference)
    assert reference in server.log()


def test_the_link_stays_whole_whatever_the_other_signs_are(server: Mailboxes) -> None:
    to = "sam.signs@example.org"
    text = f"Ána 🙂 asks…\n.\n..two dots\n{LINK}\n{'long ' * 400}\n"
    channel_to(server.url).send(mail_to_sam(to=to, text=text, subject="Ána 🙂"))
    [mail] = server.wait_for(to)
    assert mail.get_content().splitlines() == text.splitlines()
    assert LINK in mail.get_content().splitlines()
    assert mail["Subject"] == "Ána 🙂"


def test_no_subject_can_add_a_header_or_a_reader(server: Mailboxes) -> None:
    to = "sam.header@example.org"
    channel_to(server.url).send(mail_to_sam(to=to, subject="Hi\r\nBcc: noa@example.org\r\n\r\nevil\x00"))
    [mail] = server.wait_for(to)
    assert mail["Subject"] == "Hi Bcc: noa@example.org evil"
    assert mail["Bcc"] is None
    assert server.mails("noa@example.org") == []


@pytest.mark.parametrize(
    "to", ["sam@example.org>\r\nRCPT TO:<noa@example.org", "sam@example.org, noa@example.org", "sam", "", "@"]
)
def test_no_address_can_add_a_reader(server: Mailboxes, to: str) -> None:
    with pytest.raises(PermanentFailure, match="bad_address"):
        channel_to(server.url).send(mail_to_sam(to=to))
    assert server.mails("noa@example.org") == []


def test_a_mailbox_that_is_not_there_is_refused_for_good_and_another_is_not(server: Mailboxes) -> None:
    server.refuse("gone@example.org")
    with pytest.raises(PermanentFailure, match="recipient_refused_550"):
        channel_to(server.url).send(mail_to_sam(to="gone@example.org"))
    assert channel_to(server.url).send(mail_to_sam(to=SAMS_MAIL)).status is ReceiptStatus.ACCEPTED


def test_a_mailbox_that_is_busy_may_be_tried_again(server: Mailboxes) -> None:
    server.refuse("busy@example.org", code=450)
    with pytest.raises(TemporaryFailure, match="deferred_450"):
        channel_to(server.url).send(mail_to_sam(to="busy@example.org"))


def test_the_line_is_protected_wherever_the_server_offers_it(server: Mailboxes) -> None:
    to = "sam.protected@example.org"
    channel_to(server.url).send(mail_to_sam(to=to))
    [mail] = server.wait_for(to)
    assert "with ESMTPS" in " ".join(mail.get_all("Received", []))


def test_off_loopback_a_certificate_nobody_vouches_for_is_refused(server: Mailboxes) -> None:
    with pytest.raises(ProviderMisconfigured, match="certificate_refused"):
        channel_to(server.url.replace("127.0.0.1", OFF_LOOPBACK)).send(mail_to_sam(to="sam.open@example.org"))
    assert server.mails("sam.open@example.org") == []


def test_off_loopback_nothing_is_said_on_a_line_that_anybody_can_read() -> None:
    """Shown on a made-up server, since this Postfix offers TLS."""
    with faulty_mail_server() as server:
        url = f"smtp://ana:not-for-others@{OFF_LOOPBACK}:{server.port}"
        with pytest.raises(ProviderMisconfigured, match="tls_not_offered"):
            channel_to(url).send(mail_to_sam())
        assert server.heard == b"ehlo example.org\r\n"


def test_on_loopback_a_server_without_tls_will_do() -> None:
    """Shown on a made-up server, since this Postfix offers TLS."""
    with faulty_mail_server() as server:
        receipt = channel_to(f"smtp://127.0.0.1:{server.port}").send(mail_to_sam())
    assert (receipt.status, receipt.reference) == (ReceiptStatus.ACCEPTED, "F4011")


def test_a_password_the_server_has_no_use_for_is_our_fault(server: Mailboxes) -> None:
    with pytest.raises(ProviderMisconfigured, match="auth_not_possible"):
        channel_to(server.url.replace("//", "//ana:secret@")).send(mail_to_sam())


def test_a_name_that_is_nowhere_is_a_failure_for_now() -> None:
    nowhere = replace(read_smtp_url("smtp://127.0.0.1:25", "X"), host="mail.invalid")
    channel = SmtpChannel(provider="smtp-1", server=nowhere, sender="circle@example.org", now=now)
    with pytest.raises(TemporaryFailure):
        channel.send(mail_to_sam())
