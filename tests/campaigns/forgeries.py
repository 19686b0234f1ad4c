"""Tokens and signatures that are not the real ones, and resemble them in every way we could think of. Pure."""

import base64
import hashlib
import random
import string
from collections.abc import Callable, Sequence

_LETTERS = string.ascii_letters + string.digits + "-_"


def forged(real: str, others: Sequence[str], chance: random.Random) -> str:
    """Something like *real*, and never *real* itself; *others* are good for other things."""
    while True:
        made = chance.choice(_WAYS)(real, others, chance)
        if made != real:
            return made


def _random(real: str, others: Sequence[str], chance: random.Random) -> str:
    return "".join(chance.choice(_LETTERS) for _ in real)


def _one_changed(real: str, others: Sequence[str], chance: random.Random) -> str:
    place = chance.randrange(len(real))
    return real[:place] + chance.choice(_LETTERS) + real[place + 1 :]


def _two_swapped(real: str, others: Sequence[str], chance: random.Random) -> str:
    place = chance.randrange(len(real) - 1)
    return real[:place] + real[place + 1] + real[place] + real[place + 2 :]


def _one_missing(real: str, others: Sequence[str], chance: random.Random) -> str:
    place = chance.randrange(len(real))
    return real[:place] + real[place + 1 :]


def _one_more(real: str, others: Sequence[str], chance: random.Random) -> str:
    place = chance.randrange(len(real) + 1)
    return real[:place] + chance.choice(_LETTERS) + real[place:]


def _cut_short(real: str, others: Sequence[str], chance: random.Random) -> str:
    return real[: chance.randrange(len(real))]


def _other_case(real: str, others: Sequence[str], chance: random.Random) -> str:
    return chance.choice((real.upper(), real.lower(), real.swapcase()))


def _good_elsewhere(real: str, others: Sequence[str], chance: random.Random) -> str:
    return chance.choice(others) if others else ""


def _hashed(real: str, others: Sequence[str], chance: random.Random) -> str:
    """What lies in a database that was stolen opens nothing."""
    return hashlib.sha256(real.encode()).hexdigest()


def _something_around(real: str, others: Sequence[str], chance: random.Random) -> str:
    odd = chance.choice(
        ("=", " ", "\0", "%00", "\n", "'", '" OR 1=1 --', "/../", ";", "\u200b", "\uff41", "é")
    )
    return odd + real if chance.random() < 0.5 else real + odd


def _as_bits(real: str, others: Sequence[str], chance: random.Random) -> str:
    """One bit is another in what the letters stand for."""
    padded = real + "=" * (-len(real) % 4)
    try:
        bits = bytearray(base64.b64decode(padded, altchars=b"-_", validate=True))
    except ValueError:
        return _one_changed(real, others, chance)
    bits[chance.randrange(len(bits))] ^= 1 << chance.randrange(8)
    altered = base64.b64encode(bytes(bits), altchars=b"-_").decode()
    return altered if real.endswith("=") else altered.rstrip("=")


_WAYS: Sequence[Callable[[str, Sequence[str], random.Random], str]] = (
    _random,
    _one_changed,
    _two_swapped,
    _one_missing,
    _one_more,
    _cut_short,
    _other_case,
    _good_elsewhere,
    _hashed,
    _something_around,
    _as_bits,
)
