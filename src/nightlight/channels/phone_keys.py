"""Which keys of a phone answer a question: drawn anew for every ring, and told to whoever listens.

Never 1, which machines press that screen calls, and never 0, which they press for a human. Both
sides compute the same from what they know: who speaks, and later who hears a key.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

KEYS = "23456789"
PEOPLE_MAX = len(KEYS) // 2
"""So many people at one phone can each have two keys."""


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The keys of one person for one ring."""

    yes: str
    no: str


def keys_for(ring: str, secrets: Sequence[str]) -> tuple[Keys, ...]:
    """Two keys for each of the first `PEOPLE_MAX` of *secrets*, all distinct.

    *ring* is the id of the attempt, each of *secrets* the token of what one person is asked. The keys of
    the first do not depend on who else is there.
    """
    free = list(KEYS)
    found = []
    for secret in secrets[:PEOPLE_MAX]:
        free.sort(key=lambda key: _lot(ring, secret, key))
        found.append(Keys(yes=free.pop(0), no=free.pop(0)))
    return tuple(found)


def _lot(ring: str, secret: str, key: str) -> bytes:
    return hmac.new(secret.encode(), f"keys {ring} {key}".encode(), hashlib.sha256).digest()
