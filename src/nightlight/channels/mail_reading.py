"""What a mail that came in says: that one of ours will not arrive, or words of a person. Pure.

Only what names one of our own `Message-ID`s is read: the rest of the mailbox is none of our business. A
mail never answers, whatever is in it, because anybody can write any sender on it; and what a machine
wrote (a note of somebody who is away, a receipt that was asked for) are nobody's words.
"""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import parseaddr
from html.parser import HTMLParser

from nightlight.channels.base import Receipt, ReceiptStatus, Reply

WORDS_CHARACTERS_MAX = 2000
SENDER_CHARACTERS_MAX = 254
REFERENCE_CHARACTERS_MAX = 200

_REPORT = "message/delivery-status"
_ORIGINALS = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
_STATUS = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})")
_MACHINES = re.compile(r"(mailer-daemon|postmaster|no-?reply|donotreply)(@|\Z)", re.IGNORECASE)
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
_SAYS_AUTOMATIC = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "List-Id")
# Where what was answered begins: a line of dashes or underscores that a program drew, or a signature.
_CUT = re.compile(r"^(-{2,} ?\S.{0,60}-{2,}|_{10,}|-- ?)$")
_LINE_LENGTH_OF_TWO = 2


@dataclass(frozen=True, kw_only=True)
class Ours:
    """What tells our own mails, and what of them must not be shown to anybody else."""

    domain: str
    """Of the sender: our `Message-ID`s end in it."""
    base_url: str
    """Our links begin with it; in an answer they would let its reader answer for its writer."""


def read_mail(content: bytes, ours: Ours) -> Receipt | Reply | None:
    """The failure or the words in *content*, or None when it is neither. Raises nothing, whatever it is."""
    try:
        mail = email.message_from_bytes(content, policy=default)
        assert isinstance(mail, EmailMessage)
        return _read(mail, ours)
    # The library stumbles over some of what is sent as mail, each time in another way.
    except Exception:  # noqa: BLE001
        return None


def _read(mail: EmailMessage, ours: Ours) -> Receipt | Reply | None:
    report = next((part for part in mail.walk() if part.get_content_type() == _REPORT), None)
    if report is not None:
        return _bounce(mail, report, ours)
    if _is_automatic(mail):
        return None
    notification = _answered(mail, ours)
    text = _without_links(_own_words(_text(mail)), ours)
    if not notification or not text:
        return None
    return Reply(
        sender=parseaddr(str(mail.get("From", "")))[1][:SENDER_CHARACTERS_MAX],
        text=text[:WORDS_CHARACTERS_MAX],
        reference=str(mail.get("Message-ID", "")).strip()[:REFERENCE_CHARACTERS_MAX],
        notification=notification,
    )


# ------------------------------------------------------------------------------------------- bounces


def _bounce(mail: EmailMessage, report: Message, ours: Ours) -> Receipt | None:
    """A failure that is final. That it is late, or arrived, nobody here needs to know by mail."""
    blocks = report.get_payload()
    recipients = [block for block in blocks if isinstance(block, Message)] if isinstance(blocks, list) else []
    failed = [block for block in recipients if str(block.get("Action", "")).strip().lower() == "failed"]
    notification = _of_original(mail, ours) if failed else ""
    if not notification:
        return None
    status = _STATUS.match(str(failed[0].get("Status", "")))
    code = "_".join(status.groups()) if status else "unknown"
    return Receipt(status=ReceiptStatus.FAILED, notification=notification, reason=f"bounced_{code}")


def _of_original(mail: EmailMessage, ours: Ours) -> str:
    """The notification whose mail came back: by the headers of what is attached, else by those of the report."""
    for part in mail.walk():
        if part.get_content_type() not in _ORIGINALS:
            continue
        inner = part.get_payload()
        original = inner[0] if isinstance(inner, list) and inner else None
        headers = original.as_string() if isinstance(original, Message) else str(part.get_content())
        found = _ids(str(email.message_from_string(headers).get("Message-ID", "")), ours)
        if found:
            return found[0]
    return _answered(mail, ours)


# ------------------------------------------------------------------------------------------- replies


def _is_automatic(mail: EmailMessage) -> bool:
    """Whether a machine says that it wrote this, in any of the ways machines say so (RFC 3834 and before)."""
    submitted = str(mail.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    sender = parseaddr(str(mail.get("From", "")))[1]
    return (
        submitted != "no"
        or str(mail.get("Precedence", "")).strip().lower() in _BULK
        or any(header in mail for header in _SAYS_AUTOMATIC)
        or str(mail.get("Return-Path", "")).strip() == "<>"
        or mail.get_content_type() == "multipart/report"
        or not sender
        or bool(_MACHINES.match(sender))
    )


def _answered(mail: EmailMessage, ours: Ours) -> str:
    """The notification that *mail* answers; the latest it names, empty when it names none of ours."""
    answered = _ids(str(mail.get("In-Reply-To", "")), ours)
    named = _ids(str(mail.get("References", "")), ours)
    return next(iter(answered), "") or next(reversed(named), "")


def _ids(header: str, ours: Ours) -> list[str]:
    pattern = rf"<([A-Za-z0-9._-]{{8,64}})@{re.escape(ours.domain)}>"
    return re.findall(pattern, header, re.IGNORECASE)


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    content = str(part.get_content())
    if part.get_content_type() == "text/html":
        reader = _Words()
        reader.feed(content)
        content = "".join(reader.words)
    return content.replace("\0", "").replace("\r\n", "\n")


def _own_words(text: str) -> str:
    """*text* without what it answers and without a signature."""
    lines = text.split("\n")
    end = next((at for at, line in enumerate(lines) if _CUT.match(line.rstrip("\r"))), len(lines))
    kept = list(_unquoted(lines[:end]))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _unquoted(lines: list[str]) -> Iterator[str]:
    """*lines* without the quoted ones, and without the one or two before them that say who wrote those."""
    quoted = [line.lstrip().startswith(">") for line in lines]
    leave_out = set()
    for at in (at for at, is_quoted in enumerate(quoted) if is_quoted and not (at and quoted[at - 1])):
        above = [before for before in range(at) if lines[before].strip()][-_LINE_LENGTH_OF_TWO:]
        if above and lines[above[-1]].rstrip().endswith(":") and not quoted[above[-1]]:
            leave_out.add(above[-1])
            # "On Friday, the circle <circle@example.org>" and on the next line "wrote:".
            if len(above) == _LINE_LENGTH_OF_TWO and above[0] == above[1] - 1 and "@" in lines[above[0]]:
                leave_out.add(above[0])
    return (line for at, line in enumerate(lines) if not quoted[at] and at not in leave_out)


def _without_links(text: str, ours: Ours) -> str:
    without = re.sub(re.escape(ours.base_url) + r"\S*", "…", text, flags=re.IGNORECASE)
    return without.strip()


class _Words(HTMLParser):
    """The words of a page, without what it quotes and what is not shown."""

    _SILENT = frozenset({"blockquote", "style", "script", "head", "title"})
    _BREAKS = frozenset({"br", "p", "div", "tr", "li"})

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._silent += tag in self._SILENT
        if tag in self._BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self._SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(re.sub(r"\s+", " ", data))
