"""Words that came back to a message outside any call: they end the notes, or reach a human. Stop 2 of the road."""

from collections.abc import Sequence
from datetime import datetime

from nightlight.channels.base import Reply
from nightlight.channels.registry import AddressError, check_address
from nightlight.engine.own_words import OwnWord, read_own
from nightlight.intake.channels import kinds_on
from nightlight.store import words_found
from nightlight.store.follow_ups import stop_notes
from nightlight.store.inbound import Way, is_address
from nightlight.store.words_back import TooMany, Word, write_back
from nightlight.store.words_found import Answered

ENOUGH = "enough"
KEPT = "passed_on"
TOO_MANY = "too_many"


def take_word(ways: Sequence[Way], text: str, now: datetime) -> str:
    """Take a text from one of *ways* that means nothing else; what it was taken for, empty for nothing.

    It answers the latest message outside a call that went there in the last two weeks.
    """
    answered = words_found.latest_to(ways, now)
    return _take(answered, text, now) if answered else ""


def take_mail_word(channel: str, reply: Reply, now: datetime) -> str:
    """Take a mail that answers a message outside a call; empty when it names none that may be answered."""
    answered = words_found.named(channel, reply.notification, now)
    return _take(answered, _words(channel, reply, answered.address_hash), now) if answered else ""


def _words(channel: str, reply: Reply, address_hash: str) -> str:
    """From another address than ours went to, with that address: it may be another's words."""
    try:
        sender = check_address(channel, reply.sender)
    except AddressError:
        sender = ""
    return reply.text if is_address(sender, address_hash) else f"{sender or '?'}: {reply.text}"


def take_page_word(answered: Answered, text: str, now: datetime) -> str:
    """Take what was written on the page of a note; the same, and empty for no words at all."""
    return _take(answered, text, now) if text.strip() else ""


def _take(answered: Answered, text: str, now: datetime) -> str:
    if answered.is_note and read_own(_first_line(text)) is OwnWord.ENOUGH:
        stop_notes(answered.writer, now)
        return ENOUGH
    word = Word(
        circle=answered.circle,
        writer=answered.writer,
        owner=answered.owner,
        text=text,
        channel=answered.channel,
    )
    try:
        write_back(word, now, kinds_on())
    except TooMany:
        return TOO_MANY
    return KEPT


def _first_line(text: str) -> str:
    """A mail brings along what it answers, below what was written."""
    return next((line for line in text.splitlines() if line.strip()), "")
