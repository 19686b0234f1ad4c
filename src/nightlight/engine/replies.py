"""What a text means that somebody sent back. Pure: whose code it is, and what then, is intake's to find.

A false yes silences a call for ten minutes, so only a clear yes is one: six digits, few words
beside them, and nothing that refuses, doubts or asks. Everything unclear is `OTHER`; it is kept for
the taker and answers nothing, and the ladder goes on.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

WORDS_BESIDE_CODE_MAX = 8
"""More words than these beside the digits are no answer.

Room for "yes I am on my way to her now"; not for a machine that sends our own words back ("Liked
'Ana asks ... Reply 518204 ...'") or the long note of somebody who is away: those quote the code too.
"""


class Meaning(StrEnum):
    """What a reply says."""

    YES_WITH_CODE = "yes_with_code"
    NO = "no"
    """With or without the code."""
    PLAIN_YES = "plain_yes"
    """A yes without the six digits: one message back asks for them."""
    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class ReadReply:
    """A reply, read. `code` is six ASCII digits, or empty when the text has none or more than one."""

    meaning: Meaning
    code: str = ""


# Carriers act on these when they stand alone, whatever we do; so do we.
_STOP = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
_STOP_BESIDE_CODE = {"stop", "stopall", "unsubscribe"}
_TAKEN_BACK = {*_STOP_BESIDE_CODE, "cancel", "revoke"}
_START = {"start", "unstop"}
_HELP = {"help", "info"}
_COURTESY = {"please", "pls", "thanks", "thank", "you", "all", "now"}

_NO = {
    "no", "nope", "nah", "n", "not", "cant", "cannot", "couldnt", "wont", "dont", "unable", "busy", "impossible",
    "👎",
}  # fmt: skip
_YES = {
    "yes", "y", "yep", "yeah", "yup", "sure", "coming", "course", "absolutely", "definitely", "will", "ill", "can",
    "omw", "way", "got", "calling", "ringing", "👍",
}  # fmt: skip
# Said before a yes and before a no alike.
_OK = {"ok", "okay", "k", "alright", "right"}
# An answer with one of these in it is a question, a machine's note, or not about now.
_DOUBT = {
    "maybe", "perhaps", "later", "tomorrow", "who", "what", "whats", "why", "wrong", "if", "auto", "automatic",
    "automated", "autoreply", "away", "office", "vacation", "holiday", "unavailable", "liked", "loved", "disliked",
    "emphasized", "questioned", "laughed",
}  # fmt: skip
# Their words alone would mean something else.
_PHRASES = {
    "no problem": "sure", "no probs": "sure", "no worries": "sure", "not a problem": "sure", "why not": "sure",
    "right away": "now", "straight away": "now", "cant wait": "",
}  # fmt: skip

_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_SPLIT_CODE = re.compile(r"(\d{3})[ .-](\d{3})")
_TOKEN = re.compile(r"[^\W\d_]+|[👍👎]")


def read_reply(text: str) -> ReadReply:
    """Return what *text*, as it came in, means. Raises nothing, whatever is in it."""
    plain = _plain(text)
    codes = _codes(plain)
    code = codes.pop() if len(codes) == 1 else ""
    words = _words(plain)
    if codes:
        # More than one number: nobody can say which was meant.
        return ReadReply(meaning=Meaning.OTHER)
    keyword = _keyword(words, code)
    if keyword is not None:
        return ReadReply(meaning=keyword, code=code)
    meaning = _with_code(words, plain) if code else _without_code(words, plain)
    return ReadReply(meaning=meaning, code=code)


def _plain(text: str) -> str:
    """One case, one kind of apostrophe, digits of every script as 0 to 9."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else char
        for char in folded
        if char not in "'\u2019\u02bc`"
    )


def _codes(plain: str) -> set[str]:
    found = set(_CODE.findall(plain))
    split = _SPLIT_CODE.findall(plain)
    # Three and three are a code only when no other digit is near: it could be part of a number.
    if not found and len(split) == 1 and sum(char.isdigit() for char in plain) == 6:
        found = {"".join(split[0])}
    return found


def _words(plain: str) -> list[str]:
    joined = " ".join(_TOKEN.findall(plain))
    for phrase, meant in _PHRASES.items():
        joined = re.sub(rf"\b{phrase}\b", meant, joined)
    return joined.split()


def _keyword(words: list[str], code: str) -> Meaning | None:
    """A carrier's word, alone but for courtesy; beside a code some of them can only mean a no."""
    core = [word for word in words if word not in _COURTESY] or words
    if len(core) != 1:
        return None
    word = core[0]
    if word in _STOP:
        return Meaning.STOP if not code or word in _STOP_BESIDE_CODE else Meaning.NO
    if not code and word in _START:
        return Meaning.START
    if not code and word in _HELP:
        return Meaning.HELP
    return None


def _with_code(words: list[str], plain: str) -> Meaning:
    said = set(words)
    if len(words) > WORDS_BESIDE_CODE_MAX or "?" in plain or said & (_DOUBT | _TAKEN_BACK):
        return Meaning.OTHER
    if said & _NO:
        # "can't talk but coming" is for a human to read.
        return Meaning.OTHER if said & _YES else Meaning.NO
    # "sorry 518204" may mean either, unless a yes stands beside it.
    return Meaning.OTHER if "sorry" in said and not said & (_YES | _OK) else Meaning.YES_WITH_CODE


def _without_code(words: list[str], plain: str) -> Meaning:
    said = set(words)
    if not words:
        # A number of nearly the right length alone is a slip of the thumb: ask for the digits again.
        digits = sum(char.isdigit() for char in plain)
        return Meaning.PLAIN_YES if 4 <= digits <= 8 else Meaning.OTHER
    if len(words) > WORDS_BESIDE_CODE_MAX:
        return Meaning.PLAIN_YES if words[0] in _YES else Meaning.OTHER
    if said & _NO:
        return Meaning.OTHER if said & _YES or "?" in plain else Meaning.NO
    return Meaning.PLAIN_YES if said & (_YES | _OK) else Meaning.OTHER
