"""The format of the sealed plan once more, from docs/reference/plan-format.md alone: age, HKDF, Ed25519, scrypt.

It shares no line with the browser's side, so that a vector held by both is held by the format.
"""

import base64
import binascii
import hashlib
import json
import re
import struct
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyrage
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.docs.project import ROOT

LIST = ROOT / "frontend" / "words" / "english.txt"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
SIZES = (1024, 2048, 4096, 8192, 16384, 32768)
ID = r"[0-9a-f]{32}"


class RefusedError(Exception):
    """A sealed thing that is not taken. The argument is the reason, in the format's word for it."""


def read(line: str) -> bytes:
    """The bytes of base64url without padding. Raises `RefusedError`."""
    try:
        return base64.b64decode(line + "=" * (-len(line) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise RefusedError("tampered") from None


def written(raw: bytes) -> str:
    """*raw* as base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bech32(prefix: str, raw: bytes) -> str:
    bits = int.from_bytes(raw) << (-len(raw) * 8 % 5)
    count = -(-len(raw) * 8 // 5)
    data = [bits >> 5 * (count - 1 - at) & 31 for at in range(count)]
    spread = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    check = 1
    for value in (*spread, *data, 0, 0, 0, 0, 0, 0):
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for at, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> at & 1 else 0
    data += [(check ^ 1) >> 5 * (5 - at) & 31 for at in range(6)]
    return f"{prefix}1{''.join(BECH32[value] for value in data)}"


def _derived(secret: bytes, use: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=use.encode()).derive(secret)


def identity_of(secret: bytes, use: str) -> str:
    """The age identity that follows from *secret*."""
    return _bech32("age-secret-key-", _derived(secret, use)).upper()


def recipient_of(identity: str) -> str:
    """What seals to *identity*."""
    return str(pyrage.x25519.Identity.from_str(identity).to_public())


@dataclass(frozen=True, kw_only=True)
class Vault:
    """What follows from one secret."""

    identity: str
    recipient: str
    signing: Ed25519PrivateKey

    @property
    def verify_key(self) -> bytes:
        """The 32 bytes by which signatures are checked."""
        return self.signing.public_key().public_bytes_raw()


def vault_of(secret: bytes) -> Vault:
    """The vault of *secret*, 32 bytes."""
    identity = identity_of(secret, "nightlight plan open 1")
    signing = Ed25519PrivateKey.from_private_bytes(_derived(secret, "nightlight plan sign 1"))
    return Vault(identity=identity, recipient=recipient_of(identity), signing=signing)


def _opened(open_it: Callable[[], bytes]) -> bytes:
    try:
        return open_it()
    except pyrage.DecryptError:
        raise RefusedError("not_opened") from None


def opened_by_identity(file: bytes, identity: str) -> bytes:
    """What the age *file* holds. Raises `RefusedError`."""
    return _opened(lambda: pyrage.decrypt(file, [pyrage.x25519.Identity.from_str(identity)]))


def opened_by_passphrase(file: bytes, passphrase: str) -> bytes:
    """What the age *file* holds. Raises `RefusedError`."""
    return _opened(lambda: pyrage.passphrase.decrypt(file, passphrase))


def _lines(pattern: str, inside: bytes) -> tuple[str, ...]:
    try:
        found = re.fullmatch(pattern, inside.decode())
    except UnicodeDecodeError:
        found = None
    if found is None:
        raise RefusedError("tampered")
    return found.groups()


def secret_in_slot(kind: str, inside: bytes, vault: str) -> bytes:
    """The secret in an opened slot of *kind*; *vault* is the recipient it must be of, if that is known."""
    of_kind, recipient, line = _lines(
        r"nightlight slot 1\nkind ([A-Z])\nvault (age1[0-9a-z]+)\nsecret ([A-Za-z0-9_-]{43})\n", inside
    )
    secret = read(line)
    if of_kind != kind or len(secret) != 32 or vault_of(secret).recipient != recipient:
        raise RefusedError("tampered")
    if vault and vault != recipient:
        raise RefusedError("other_vault")
    return secret


def _signed(use: str, body: bytes) -> bytes:
    return f"nightlight {use} 1\0".encode() + body


def pack(use: str, body: bytes, signing: Ed25519PrivateKey) -> bytes:
    """The page that holds *body*. Raises `RefusedError` when no page is as long."""
    page = signing.sign(_signed(use, body)) + struct.pack(">I", len(body)) + body
    for size in SIZES:
        if len(page) <= size:
            return page.ljust(size, b"\0")
    raise RefusedError("too_long")


def unpack(use: str, page: bytes, verify_key: bytes) -> bytes:
    """The body that the holder of the key packed. Raises `RefusedError`."""
    if len(page) < 68:
        raise RefusedError("tampered")
    (length,) = struct.unpack(">I", page[64:68])
    body, rest = page[68 : 68 + length], page[68 + length :]
    if len(body) != length or any(rest):
        raise RefusedError("tampered")
    try:
        Ed25519PublicKey.from_public_bytes(verify_key).verify(page[:64], _signed(use, body))
    except InvalidSignature:
        raise RefusedError("tampered") from None
    return body


def opened_part(identifier: str, file: bytes, vault: Vault, seen: int) -> dict[str, Any]:
    """The part filed under *identifier*. Raises `RefusedError`."""
    content = json.loads(unpack("part", opened_by_identity(file, vault.identity), vault.verify_key))
    if content["id"] != identifier:
        raise RefusedError("tampered")
    if content["version"] < seen:
        raise RefusedError("older")
    return dict(content)


def join(one: bytes, other: bytes) -> bytes:
    """The key of which these are the halves. Raises `RefusedError`."""
    if (len(one), len(other)) != (32, 32):
        raise RefusedError("tampered")
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def opened_share(identifier: str, share: dict[str, Any]) -> dict[str, Any]:
    """What *share*, as a vector writes it, shows. Raises `RefusedError`."""
    inside = opened_by_identity(read(share["half"]), share["identity"])
    of_share, half = _lines(rf"nightlight half 1\nshare ({ID})\nhalf ([A-Za-z0-9_-]{{43}})\n", inside)
    if of_share != identifier:
        raise RefusedError("tampered")
    key = join(read(half), read(share["kept"]))
    page = opened_by_identity(read(share["body"]), identity_of(key, "nightlight share open 1"))
    content = json.loads(unpack("share", page, read(share["verify_key"])))
    if content["id"] != identifier:
        raise RefusedError("tampered")
    if content["to"] != share["own"]:
        raise RefusedError("swapped")
    if content["version"] < share["seen"]:
        raise RefusedError("older")
    return dict(content)


@cache
def words(file: Path = LIST) -> tuple[str, ...]:
    """The list."""
    return tuple(file.read_text().split())


def drawn_words(chance: bytes, count: int = 7) -> list[str]:
    """The words that two bytes each of *chance* choose; pairs beyond the last whole round are passed over."""
    pairs = (int.from_bytes(chance[at : at + 2]) for at in range(0, len(chance) - 1, 2))
    kept = [pair for pair in pairs if pair < 65536 - 65536 % len(words())]
    return [words()[pair % len(words())] for pair in kept[:count]]


def passphrase_of(typed: str) -> str:
    """The passphrase that typed words are."""
    plain = unicodedata.normalize("NFKC", typed.lower())
    return " ".join("".join(letter if letter.isalpha() else " " for letter in plain).split())


def opened_note(file: bytes, identity: str) -> dict[str, Any]:
    """The note in *file*. Raises `RefusedError`."""
    page = opened_by_identity(file, identity)
    if len(page) < 4:
        raise RefusedError("tampered")
    (length,) = struct.unpack(">I", page[:4])
    body, rest = page[4 : 4 + length], page[4 + length :]
    try:
        content = json.loads(body.decode())
    except ValueError:
        raise RefusedError("tampered") from None
    is_note = (
        isinstance(content, dict) and content.get("v") == 1 and content.get("kind") in ("note", "letter")
    )
    if len(body) != length or any(rest) or not is_note:
        raise RefusedError("tampered")
    if not all(isinstance(content.get(each, ""), str) for each in ("from", "at", "text", "title")):
        raise RefusedError("tampered")
    return dict(content)


def opened_kept(file: bytes, typed: str) -> str:
    """The plan that was kept as *file*. Raises `RefusedError`."""
    try:
        return opened_by_passphrase(file, passphrase_of(typed)).decode()
    except UnicodeDecodeError:
        raise RefusedError("tampered") from None


def compared_words(keys: list[str]) -> list[str]:
    """The four words that two people compare."""
    title = b"nightlight four words 1"
    said = title + b"\n" + "".join(f"{key}\n" for key in sorted(keys)).encode()
    drawn = hashlib.scrypt(said, salt=title, n=2**15, r=8, p=1, dklen=16, maxmem=64 * 1024 * 1024)
    return [words()[number % len(words())] for number in struct.unpack(">4I", drawn)]
