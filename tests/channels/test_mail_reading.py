"""What a mail that came in is taken for. The bounces are written as the programs named beside them write them."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightlight.channels.base import Receipt, ReceiptStatus, Reply
from nightlight.channels.mail_reading import WORDS_CHARACTERS_MAX, Ours, read_mail
from tests.channels.stories import LINK

OURS = Ours(domain="example.org", base_url="https://circle.example.org")
ID = "0b0c7c0e5a534d0e8d0c2f9d3b1f5f11"

# As Postfix 3.7 writes it, and Exim, Exchange and most others do: RFC 3464.
POSTFIX = f"""\
From: MAILER-DAEMON@mail.example.org (Mail Delivery System)
To: circle@example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; sam@elsewhere.example.net
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such mailbox

--b
Content-Type: message/rfc822

From: circle@example.org
Message-ID: <{ID}@example.org>
Subject: Ana asks if you are free

hi
--b--
"""
# As OpenSMTPD writes it: no report by its type, and always 5.0.0.
OPENSMTPD = POSTFIX.replace("multipart/report; report-type=delivery-status", "multipart/mixed").replace(
    "5.1.1\n", "5.0.0\n"
)
# Only the headers come back.
HEADERS_ONLY = POSTFIX.replace("message/rfc822", "text/rfc822-headers")
# Nothing of the mail comes back, but the report says what it answers.
NOTHING_BACK = POSTFIX.partition("--b\nContent-Type: message/rfc822")[0].replace(
    "Auto-Submitted", f"In-Reply-To: <{ID}@example.org>\nAuto-Submitted"
)
DELAYED = POSTFIX.replace("Action: failed", "Action: delayed").replace("5.1.1\n", "4.2.1\n")
ARRIVED = POSTFIX.replace("Action: failed", "Action: delivered").replace("5.1.1\n", "2.0.0\n")

REPLY = f"""\
From: Sam <sam@example.net>
To: circle@example.org
Subject: Re: Ana asks if you are free
Message-ID: <reply-1@example.net>
In-Reply-To: <{ID}@example.org>
References: <older@example.net> <{ID}@example.org>
Content-Type: text/plain; charset=utf-8

I am on the train until six.

On Sat, 21 Nov 2026 at 12:00, <circle@example.org> wrote:

> Ana asks if you can talk.
> {LINK}
"""


def read(text: str) -> Receipt | Reply | None:
    return read_mail(text.replace("\n", "\r\n").encode(), OURS)


def with_header(line: str) -> str:
    """Sam's reply, with one header more."""
    return f"{line}\n{REPLY}"


def reply_with(body: str, kind: str = "plain") -> str:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["In-Reply-To"] = "sam@example.net", f"<{ID}@example.org>"
    mail.set_content(body, subtype=kind)
    found = read_mail(mail.as_bytes(), OURS)
    assert isinstance(found, Reply)
    return found.text


# ---------------------------------------------------------------------------------------- bounces


@pytest.mark.parametrize(
    ("mail", "reason"),
    [
        (POSTFIX, "bounced_5_1_1"),
        (OPENSMTPD, "bounced_5_0_0"),
        (HEADERS_ONLY, "bounced_5_1_1"),
        (NOTHING_BACK, "bounced_5_1_1"),
        (POSTFIX.replace("Status: 5.1.1\n", "Status: nonsense\n"), "bounced_unknown"),
        (POSTFIX.replace("Action: failed", "action:  FAILED "), "bounced_5_1_1"),
    ],
    ids=["postfix", "opensmtpd", "headers", "nothing-back", "odd-status", "odd-case"],
)
def test_a_bounce_says_which_message_will_not_arrive(mail: str, reason: str) -> None:
    assert read(mail) == Receipt(status=ReceiptStatus.FAILED, notification=ID, reason=reason)


@pytest.mark.parametrize(
    "mail",
    [
        DELAYED,
        ARRIVED,
        POSTFIX.replace(f"<{ID}@example.org>", "<another@example.net>"),
        POSTFIX.replace("Action: failed\n", ""),
        POSTFIX.replace("Final-Recipient", "Nothing"),
    ],
    ids=["delayed", "arrived", "not-ours", "no-action", "no-recipient"],
)
def test_what_only_says_that_it_is_late_or_arrived_or_is_not_ours_says_nothing(mail: str) -> None:
    """That one arrived is not believed either: a forged report of it would outweigh a failure."""
    found = read(mail)
    assert found is None or found == read(POSTFIX)
    assert (found is None) is ("Nothing:" not in mail)


def test_a_report_without_a_machine_readable_part_says_nothing() -> None:
    plain = POSTFIX.replace("message/delivery-status", "text/plain")
    assert read(plain) is None


# ---------------------------------------------------------------------------------------- replies


def test_words_that_name_our_message_are_a_persons_words() -> None:
    assert read(REPLY) == Reply(
        sender="sam@example.net",
        text="I am on the train until six.",
        reference="<reply-1@example.net>",
        notification=ID,
    )


def test_a_program_that_names_it_only_among_the_references_will_do() -> None:
    found = read(REPLY.replace(f"In-Reply-To: <{ID}@example.org>\n", ""))
    assert isinstance(found, Reply)
    assert found.notification == ID


@pytest.mark.parametrize(
    "mail",
    [
        REPLY.replace(f"{ID}@example.org", "older@example.net"),
        REPLY.replace(f"{ID}@example.org", f"{ID}@example.org.evil.example.net"),
        REPLY.replace(f"{ID}@example.org", f"{ID}@mail.example.org"),
        REPLY.replace("I am on the train until six.", ""),
        REPLY.replace("From: Sam <sam@example.net>\n", ""),
    ],
    ids=["another-thread", "another-domain", "another-host", "no-words", "nobody"],
)
def test_mail_that_has_nothing_to_do_with_us_is_left_alone(mail: str) -> None:
    assert read(mail) is None


@pytest.mark.parametrize(
    "mail",
    [
        with_header("Auto-Submitted: auto-replied"),
        with_header("Auto-Submitted: auto-generated (vacation)"),
        with_header("Auto-Submitted: auto-replied; owner-email=x"),
        with_header("Precedence: bulk"),
        with_header("Precedence: Auto_Reply"),
        with_header("X-Autoreply: yes"),
        with_header("X-Autorespond: Re: x"),
        with_header("List-Id: <friends.example.net>"),
        with_header("Return-Path: <>"),
        REPLY.replace("Sam <sam@", "MAILER-DAEMON <mailer-daemon@"),
        REPLY.replace("sam@example.net", "no-reply@example.net"),
        REPLY.replace("sam@example.net", "noreply@example.net"),
        REPLY.replace("text/plain", "multipart/report; report-type=disposition-notification; boundary=x"),
    ],
    ids=range(13),
)
def test_what_a_machine_wrote_is_nobodys_words(mail: str) -> None:
    assert read(mail) is None


def test_a_person_who_says_that_no_machine_wrote_it_is_heard() -> None:
    assert isinstance(read(with_header("Auto-Submitted: no")), Reply)


def test_an_answer_never_shows_our_links_to_its_reader() -> None:
    """Whoever has the call could answer for its writer with them."""
    text = reply_with(f"see {LINK} and\n{LINK.upper()}\nor https://example.net/other")
    assert "/a/" not in text.lower()
    assert text == "see … and\n…\nor https://example.net/other"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Yes!\n\n-- \nSam\nThe Shop", "Yes!"),
        ("Yes!\n\n-----Original Message-----\nFrom: x", "Yes!"),
        ("Yes!\n________________________________\nDe: x", "Yes!"),
        ("> question\nanswer\n> another\nanswer two", "answer\nanswer two"),
        ("Am Samstag schrieb\nKreis <circle@example.org>:\n> hallo\nja", "Am Samstag schrieb\nja"),
        ("On Saturday, the circle <circle@example.org>\nwrote:\n> hi\n\nYes!", "Yes!"),
        ("One\n\n\n\n\nTwo", "One\n\nTwo"),
        ("x" * 5000, "x" * WORDS_CHARACTERS_MAX),
    ],
)
def test_only_what_they_wrote_themselves_is_kept(body: str, words: str) -> None:
    assert reply_with(body) == words


def test_a_page_is_read_as_its_words_without_what_it_quotes() -> None:
    page = (
        "<html><head><title>x</title><style>p{}</style></head><body><p>I&nbsp;am\n here &lt;3</p>"
        f"<br><blockquote>Ana asks {LINK}<blockquote>older</blockquote></blockquote><div>Sam</div>"
        "<script>evil()</script></body></html>"
    )
    assert reply_with(page, "html") == "I am here <3\n\nSam"


@given(st.binary(max_size=600))
def test_nothing_that_comes_in_upsets_the_reader(rubbish: bytes) -> None:
    read_mail(rubbish, OURS)
    read_mail(b"Content-Type: message/delivery-status\r\n\r\n" + rubbish, OURS)
    read_mail(f"In-Reply-To: <{ID}@example.org>\r\nFrom: a@b.example.net\r\n".encode() + rubbish, OURS)
