"""Understanding what a phone was told, by ear: what was heard is held against what might have been said."""

import io
import struct
import wave
from collections.abc import Sequence
from functools import lru_cache

from nightlight.channels.base import Spoken
from nightlight.channels.phone_keys import KEYS, Keys
from nightlight.channels.speech import BEGIN_SECONDS, PAUSE_SECONDS, RATE, speech
from nightlight.channels.wording_voice import KeyOwner, which_keys

_QUIET = 200


def difference(heard: Sequence[int], spoken: Spoken, *, skip: int = 0) -> float:
    """How far *heard* is from *spoken*, of which the first *skip* samples do not count.

    Sample by sample: about 0 for the same words, about 1 and more for others.
    """
    said = samples(spoken)[skip:]
    both = list(zip(heard, said, strict=False))
    loud = sum(abs(b) for _, b in both) or 1
    return sum(abs(a - b) for a, b in both) / loud


def after_rest(heard: Sequence[int]) -> Sequence[int]:
    """What was heard from the first sound on that follows a rest: words begin with one. Raises ValueError without."""
    rest = 0
    for at, sample in enumerate(heard):
        if abs(sample) > _QUIET:
            if rest >= RATE * BEGIN_SECONDS / 2:
                return heard[at:]
            rest = 0
        else:
            rest += 1
    raise ValueError("no words after a rest")


def first_sound(spoken: Spoken) -> int:
    """How many quiet samples come before the first word of *spoken*."""
    return next(at for at, sample in enumerate(samples(spoken)) if abs(sample) > _QUIET)


@lru_cache(maxsize=200)
def samples(spoken: Spoken) -> list[int]:
    """What a perfect line would bring."""
    with wave.open(io.BytesIO(speech(spoken))) as file:
        frames = file.readframes(file.getnframes())
    return [value for (value,) in struct.iter_unpack("<h", frames)]


def understand_keys(heard: Sequence[int], before: Sequence[str], language: str = "en") -> Keys:
    """Which keys were announced after the sentences *before*; *heard* lasts until both were said."""
    firsts = [Keys(yes=yes, no=next(key for key in KEYS if key != yes)) for yes in KEYS]
    yes = min(
        firsts,
        key=lambda pair: difference(
            heard[: _first_half(before, pair, language)], _all(before, pair, language)
        ),
    ).yes
    both = [Keys(yes=yes, no=no) for no in KEYS if no != yes]
    return min(both, key=lambda pair: difference(heard, _all(before, pair, language)))


def practise(before: Sequence[str], language: str = "en") -> None:
    """Get to know most of what may be said, so that it is understood without delay."""
    understand_keys(samples(_all(before, Keys(yes="7", no="2"), language)), before, language)


def lasts(before: Sequence[str], language: str = "en") -> float:
    """After how many seconds both keys were said, whichever they are."""
    return len(samples(_all(before, Keys(yes="7", no="7"), language))) / RATE


def _first_half(before: Sequence[str], pair: Keys, language: str) -> int:
    """How many samples it takes to the end of the first key, without the silence after it."""
    first = _asked(pair, language).partition(pair.yes)[0] + pair.yes
    return len(samples(Spoken(said=(*before, first), language=language))) - int(RATE * PAUSE_SECONDS)


def _all(before: Sequence[str], pair: Keys, language: str) -> Spoken:
    return Spoken(said=(*before, _asked(pair, language)), language=language)


def _asked(pair: Keys, language: str) -> str:
    [sentence] = which_keys([KeyOwner(name="", keys=pair)], language)
    return sentence
