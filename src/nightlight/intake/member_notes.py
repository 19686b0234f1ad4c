"""Words that a member wrote or chose for later, checked before they are kept. Stop 2 of the road."""

import re
from collections.abc import Sequence
from datetime import datetime

from nightlight.channels.wording_follow_ups import ready_notes
from nightlight.intake.supporting import NotUnderstood
from nightlight.store.member_notes import TEXT_MAX, TooMany, add_notes

DIGITS_MAX = 4
_LINK = re.compile(
    r"://|\bwww\.|\b[\w-]+\.(?:com|org|net|io|me|co|pt|uk|de|fr|es|br|app|link)\b", re.IGNORECASE
)


def chosen(numbers: Sequence[str], language: str) -> list[str]:
    """Those of the ready notes, counted from 0, in *language*. Raises `NotUnderstood`: `nothing_typed`."""
    ready = ready_notes(language)
    known = [int(each) for each in numbers if each.isascii() and each.isdecimal() and len(each) < DIGITS_MAX]
    texts = [ready[each] for each in known if each < len(ready)]
    if not texts:
        raise NotUnderstood("nothing_typed")
    return texts


def own_words(text: str) -> list[str]:
    """What they wrote, on one line. Raises `NotUnderstood`: `nothing_typed`, `note_too_long`, `no_links`."""
    said = " ".join(text.split())
    if not said:
        raise NotUnderstood("nothing_typed")
    if len(said) > TEXT_MAX:
        raise NotUnderstood("note_too_long")
    if _LINK.search(said):
        raise NotUnderstood("no_links")
    return [said]


def keep(circle: str, member: str, texts: list[str], now: datetime, alert: str) -> None:
    """Keep *texts* for later; *alert* is the call after which they were asked. Raises `NotUnderstood`: `too_many`."""
    try:
        add_notes(circle, member, texts, now, alert=alert)
    except TooMany:
        raise NotUnderstood("too_many") from None
