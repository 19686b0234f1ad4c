"""A mail that came back from somebody we wrote to. Stop 2 of the road. It never answers, whatever it says.

Anybody can write any sender on a mail, so what it proves is only that its writer saw one of ours. Its
words are kept for whoever has the call, and whoever was asked hears that the page is what counts.
"""

from datetime import datetime

from nightlight.channels.base import Reply
from nightlight.channels.registry import AddressError, check_address
from nightlight.intake.word_back import take_mail_word
from nightlight.store import inbound
from nightlight.store.inbound import MessageFound, TextBack
from nightlight.store.races import racing

WORDS_CHARACTERS_MAX = 2000


def take_mail(channel: str, reply: Reply, now: datetime) -> str:
    """Take one mail in; returns what it was taken for, as a code word for the record."""
    found = inbound.message_named(channel, reply.notification)
    if found is None:
        return take_mail_word(channel, reply, now) or "unknown_message"
    if not found.about.is_open:
        return "over"
    if inbound.has_said_enough(found.about):
        return "too_many"

    def both() -> None:
        inbound.keep_words(found.about, _words(channel, reply, found), now)
        if found.is_ask and not inbound.has_it(found.about.alert, found.about.person):
            inbound.text_back(found.about, TextBack.PASSED_ON, now)

    racing(both)
    return "kept"


def _words(channel: str, reply: Reply, found: MessageFound) -> str:
    """What is kept: from another address than ours went to, with that address, for it may be another's words."""
    text = reply.text[:WORDS_CHARACTERS_MAX]
    try:
        sender = check_address(channel, reply.sender)
    except AddressError:
        sender = ""
    return text if inbound.is_address(sender, found.address_hash) else f"{sender or '?'}: {text}"
