"""What an app on a phone shows: a few words, and pages that open at a tap. Shared by the ways that lead to apps."""

import json

from nightlight.channels.base import Link, Message

TITLE_BYTES_MAX = 300
TEXT_BYTES_MAX = 2000


def shown(message: Message) -> dict[str, object]:
    """*message* for a program of ours: title, text, links, and what it takes the place of."""
    return {
        "title": clipped(message.subject, TITLE_BYTES_MAX),
        "text": clipped(message.text, TEXT_BYTES_MAX),
        "links": [{"url": link.url, "name": link.name} for link in links_of(message)],
        "tag": message.topic or message.notification,
        "again": message.is_urgent,
        "language": message.language,
    }


def links_of(message: Message) -> tuple[Link, ...]:
    """The pages *message* opens, whether it names one or several."""
    return message.links or ((Link(url=message.link),) if message.link else ())


def packed(content: dict[str, object], step: int) -> bytes:
    """*content* as JSON, made as long as the next multiple of *step* bytes: its length tells nobody what it says."""
    told = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return told + b" " * (-len(told) % step)


def clipped(text: str, most: int) -> str:
    """*text* without control characters but line ends, at most *most* bytes long in UTF-8."""
    clean = "".join(c for c in text.replace("\r\n", "\n") if c == "\n" or c.isprintable())
    return clean.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")
