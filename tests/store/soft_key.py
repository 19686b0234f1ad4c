"""A passkey made of software: what a phone would answer, so that every refusal can be tried without one."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

ORIGIN = "https://circle.example.org"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftKey:
    """One key of somebody's; *origin* is the page that it believes to be on."""

    id: bytes = b"a key of ana's"
    origin: str = ORIGIN
    uses: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def makes(self, options: str) -> str:
        """Its answer to a wish for a new key."""
        wish = json.loads(options)
        told = self._told("webauthn.create", wish["challenge"])
        made = {"fmt": "none", "attStmt": {}, "authData": self._data(wish["rp"]["id"], self._public())}
        return self._answer({"clientDataJSON": told, "attestationObject": cbor2.dumps(made)})

    def signs(self, options: str) -> str:
        """Its answer to a wish for a signature."""
        wish = json.loads(options)
        self.uses += 1
        told, data = self._told("webauthn.get", wish["challenge"]), self._data(wish["rpId"])
        signature = self.key.sign(data + sha256(told).digest(), ec.ECDSA(SHA256()))
        return self._answer({"clientDataJSON": told, "authenticatorData": data, "signature": signature})

    def _told(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, rp_id: str, public: bytes = b"") -> bytes:
        flags = PRESENT | VERIFIED | (ATTESTED if public else 0)
        head = sha256(rp_id.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")
        return head + (bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public if public else b"")

    def _public(self) -> bytes:
        point = self.key.public_key().public_numbers()
        return cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        )

    def _answer(self, parts: dict[str, bytes]) -> str:
        mine = bytes_to_base64url(self.id)
        response: dict[str, Any] = {name: bytes_to_base64url(part) for name, part in parts.items()}
        return json.dumps({"id": mine, "rawId": mine, "type": "public-key", "response": response})
