"""What a text means that a person sent from their own number, outside any ask. Pure.

Only a whole text means something here: a word that stands among others is for a human to read. The word by
which a person calls is theirs, and none that anybody might write by chance.
"""

import re
import unicodedata
from enum import StrEnum

from nightlight.engine.replies import Meaning, read_reply

WORD_LETTERS_MIN = 4
WORD_CHARACTERS_MAX = 40


class OwnWord(StrEnum):
    """What it says."""

    OK = "ok"
    NOT_OK = "not_ok"
    NO = "no"
    """Not OK, where that was the question; a no to whatever else was asked."""
    ENOUGH = "enough"
    """No more notes after a call."""
    QUIET = "quiet"
    """The one switch."""
    OTHER = "other"


class Unfit(StrEnum):
    """Why a word cannot be the agreed one."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TAKEN = "taken"
    """It means something else already, here or to a carrier, or people write it every day."""


_SAID = {
    OwnWord.OK: {
        "ok", "okay", "k", "yes", "y", "yep", "yeah", "im ok", "im okay", "i am ok", "i am okay", "all ok", "fine",
        "im fine", "i am fine", "all good", "im good", "alright", "all right", "im alright", "good", "here",
        "im here", "i am here", "sim", "estou bem", "tudo bem", "tudo ok", "estou ok", "bem", "estou aqui", "👍",
    },
    OwnWord.NOT_OK: {
        "not ok", "not okay", "im not ok", "im not okay", "i am not ok", "i am not okay", "not good", "not so good",
        "not fine", "not well", "bad", "no ok", "nao estou bem", "estou mal", "mal", "nao muito bem", "nada bem", "👎",
    },
    OwnWord.NO: {"no", "nope", "nah", "n", "nao"},
    OwnWord.ENOUGH: {"enough", "basta"},
    OwnWord.QUIET: {"quiet", "silencio"},
}  # fmt: skip
_EVERYDAY = {
    "hello", "hallo", "hi there", "good morning", "good night", "good evening", "thanks", "thank you", "please",
    "call", "call me", "ring", "ring me", "help me", "sorry", "love", "who is this", "what", "where are you",
    "obrigado", "obrigada", "bom dia", "boa noite", "boa tarde", "ajuda", "liga", "liga me", "desculpa", "adeus",
}  # fmt: skip
_BESIDE = re.compile(r"^(please |por favor )|( please| thanks| thank you| por favor| obrigada?| obrigado)$")
_TOKEN = re.compile(r"[^\W_]+|[👍👎]")


def plain(text: str) -> str:
    """*text* as its words alone: one case, no accents, apostrophes or signs, one space between."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(
        each for each in folded if not unicodedata.combining(each) and each not in "'\u2019\u02bc`"
    )
    return " ".join(_TOKEN.findall(letters))


def read_own(text: str) -> OwnWord:
    """What *text* says. Raises nothing, whatever is in it."""
    said = plain(text)
    beside = _BESIDE.sub("", said)
    return next((word for word, ways in _SAID.items() if said in ways or beside in ways), OwnWord.OTHER)


def is_word(text: str, agreed: str) -> bool:
    """Whether *text* is the *agreed* word, and nothing else."""
    return bool(agreed) and plain(text) == plain(agreed)


def why_unfit(word: str) -> Unfit | None:
    """Why *word* cannot be agreed to call by a text; None when it can."""
    said = plain(word)
    if len(word) > WORD_CHARACTERS_MAX:
        return Unfit.TOO_LONG
    if sum(each.isalpha() for each in said) < WORD_LETTERS_MIN:
        return Unfit.TOO_SHORT
    read = read_reply(word)
    is_answer = read.meaning is not Meaning.OTHER or bool(read.code)
    return Unfit.TAKEN if is_answer or read_own(word) is not OwnWord.OTHER or said in _EVERYDAY else None
