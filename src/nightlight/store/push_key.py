"""The key by which push services know this host. Made once, kept sealed, the same in every process.

A browser that agreed to push messages agreed to this key: were it another, all of them would have to
agree anew.
"""

import base64
import secrets
from functools import lru_cache

from nightlight.store.models import Host
from nightlight.store.races import racing
from nightlight.store.sealing import seal, unseal

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256 (FIPS 186-5); a private key is a number from 1 to one less."""


@lru_cache(maxsize=1)
def push_key() -> bytes:
    """The private key, 32 bytes; made by the first process that asks for it."""
    return racing(_kept)


def _kept() -> bytes:
    host, _ = Host.objects.select_for_update().get_or_create(pk=1)
    if not host.push_key_sealed:
        number = 1 + secrets.randbelow(_ORDER - 1)
        host.push_key_sealed = seal(base64.b64encode(number.to_bytes(32)).decode("ascii"))
        host.save(update_fields=["push_key_sealed"])
    return base64.b64decode(unseal(host.push_key_sealed))
