"""Text kept so that a stolen database says nothing: sealed under the host key, with a keyed hash for look-ups.

A sealed text and a keyed hash both begin with the fingerprint of the key that made them. So a row
says by itself which key it needs, and those made under an older key are found without opening any.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from nightlight import config

FINGERPRINT_LENGTH = 8
ADDRESS = "address"
CODE = "code"
"""Purposes of hashes: the address of a way, and the digits that answer an ask by text."""


class UnreadableError(Exception):
    """A sealed text that none of the host keys opens. The message never repeats the text."""


@dataclass(frozen=True, kw_only=True)
class _Key:
    """One host key, made into a separate key for each use."""

    fingerprint: str
    box: Fernet
    hash_key: bytes


def seal(text: str) -> str:
    """*text*, readable again only with the host key."""
    newest = _ring()[0]
    return newest.fingerprint + newest.box.encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """The text that was sealed, under the newest key or an older one. Raises `UnreadableError`."""
    fingerprint, token = sealed[:FINGERPRINT_LENGTH], sealed[FINGERPRINT_LENGTH:]
    for key in _ring():
        if key.fingerprint == fingerprint:
            try:
                return key.box.decrypt(token).decode()
            except InvalidToken:
                break
    raise UnreadableError("no host key opens this; put the key it was sealed with into NIGHTLIGHT_KEY")


def opened(sealed: str) -> str:
    """A text that may be empty, or that no key opens any more: then it is as if there were none."""
    try:
        return unseal(sealed) if sealed else ""
    except UnreadableError:
        return ""


def newest_fingerprint() -> str:
    """What everything sealed or hashed from now on begins with."""
    return _ring()[0].fingerprint


def older_fingerprints() -> tuple[str, ...]:
    """What is still readable, and is to be sealed and hashed anew, begins with one of these."""
    return tuple(key.fingerprint for key in _ring()[1:])


def look_up_hash(text: str, purpose: str) -> str:
    """What to keep beside a sealed text in order to find it. Each *purpose* has hashes of its own."""
    return _hash(_ring()[0], text, purpose)


def look_up_hashes(text: str, purpose: str) -> tuple[str, ...]:
    """Every hash that *text* may have been kept under, newest key first. Look for all of them."""
    return tuple(_hash(key, text, purpose) for key in _ring())


def token_hash(token: str) -> str:
    """What is kept of a token. Tokens have 128 random bits or more, so a plain hash tells nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def _ring() -> tuple[_Key, ...]:
    """The keys in use, newest first."""
    return _ring_of(config.current())


@lru_cache(maxsize=8)
def _ring_of(settings: config.Settings) -> tuple[_Key, ...]:
    return tuple(_key(host_key) for host_key in config.host_keys(settings))


def _key(host_key: str) -> _Key:
    def derived(use: str) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=use.encode()).derive(host_key.encode())

    return _Key(
        fingerprint=derived("nightlight fingerprint v1").hex()[:FINGERPRINT_LENGTH],
        box=Fernet(base64.urlsafe_b64encode(derived("nightlight seal v1"))),
        hash_key=derived("nightlight look-up v1"),
    )


def _hash(key: _Key, text: str, purpose: str) -> str:
    digest = hmac.new(key.hash_key, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()
    return key.fingerprint + digest
