"""What stands at the head of a mail: exactly what belongs there, whatever anybody's name or words are."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightlight.channels.smtp import SmtpChannel, read_smtp_url
from nightlight.channels.wording_html import as_page
from tests.channels.stories import SAMS_MAIL, mail_to_sam, now

HEADERS = [
    "Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To",
    "X-Auto-Response-Suppress",
]  # fmt: skip
MAY_COME = {"Content-Transfer-Encoding"}
EVIL = "Bcc: noa@example.org"
WORDS_WITHIN = [
    f"=?utf-8?q?=0d=0a{EVIL.replace(' ', '_')}?=",
    "=?utf-8?b?DQpCY2M6IG5vYUBleGFtcGxlLm9yZw==?=",
    f"=?utf-8?q?=0a{EVIL}",
    f"=?iso-8859-1?Q?=0D=0A{EVIL.replace(' ', '_')}?= =?us-ascii?q?=0d=0aX:y?=",
    f"=\x00?utf-8?q?=0d=0a{EVIL.replace(' ', '_')}?=",
    f"==??utf-8?q?=0d=0a{EVIL.replace(' ', '_')}?=",
]
"""Words written as mails write odd letters, which the library turns back into what they stand for."""
BREAKS = [
    "\r\n",
    "\n",
    "\r",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x85",
    "\u2028",
    "\u2029",
    "\x00",
    "\r\n ",
    "=?utf-8?q?=0d=0a?=",
]


def written(**changes: str) -> EmailMessage:
    server = read_smtp_url("smtp://127.0.0.1:25", "NIGHTLIGHT_SMTP_URL")
    channel = SmtpChannel(provider="smtp-1", server=server, sender="circle@example.org", now=now)
    content = channel._write(mail_to_sam(**changes), SAMS_MAIL)
    assert content.isascii()
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def is_as_it_should_be(mail: EmailMessage) -> bool:
    names = sorted(set(mail.keys()) - MAY_COME)
    readers = getaddresses([str(value) for name in ("To", "Cc", "Bcc") for value in mail.get_all(name, [])])
    return names == HEADERS and len(mail.keys()) <= len(HEADERS) + 1 and readers == [("", SAMS_MAIL)]


@pytest.mark.parametrize("brk", BREAKS, ids=ascii)
def test_no_break_of_any_kind_makes_a_header(brk: str) -> None:
    evil = f"Ana{brk}{EVIL}{brk}{brk}evil"
    assert is_as_it_should_be(written(subject=evil))
    assert is_as_it_should_be(written(notification=evil))
    assert is_as_it_should_be(written(text=evil))
    assert is_as_it_should_be(written(text=evil, html=as_page(evil, evil, "en")))
    assert is_as_it_should_be(written(html=evil, text=f"{evil}\r\n.\r\nMAIL FROM:<noa@example.org>"))


@pytest.mark.parametrize("evil", WORDS_WITHIN)
def test_no_word_that_stands_for_a_break_makes_a_header(evil: str) -> None:
    for name in (evil, f"Ana {evil} x", f"{evil}{evil}"):
        mail = written(subject=name, notification=name, text=name)
        assert is_as_it_should_be(mail)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80), st.text(max_size=40), st.text(max_size=200))
def test_no_words_whatever_make_a_header(subject: str, notification: str, text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    subject = subject.encode("utf-8", "replace").decode()
    assert is_as_it_should_be(written(subject=subject, notification=notification, text=text, html=text))


def test_every_try_of_a_message_is_the_same_mail_to_whoever_reads_it() -> None:
    """Programs show a mail once that comes twice; and a bounce of either names the message."""
    first, again = written(attempt="a1"), written(attempt="b2", subject="(again) Ana")
    assert first["Message-ID"] == again["Message-ID"] == f"<{mail_to_sam().notification}@example.org>"
    assert written(notification="another")["Message-ID"] != first["Message-ID"]


def test_a_mail_has_its_words_twice_as_text_first_and_as_a_page() -> None:
    text = mail_to_sam().text
    mail = written(html=as_page("x", text, "en"))
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    plain = mail.get_body(preferencelist=("plain",))
    assert plain is not None
    assert plain.get_content().splitlines() == text.splitlines()
