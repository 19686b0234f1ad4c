"""The protocol of Web Push: subscriptions, encryption to them, signatures, what a push service answers.

Each message is encrypted to one browser or app (RFC 8188 and 8291), and signed by the host's own key
(VAPID, RFC 8292). Shared by `push` and `unifiedpush`.
"""

import base64
import json
import os
from dataclasses import dataclass
from datetime import datetime

import http_ece
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from nightlight.channels.addresses import AddressError
from nightlight.channels.base import (
    AddressGone,
    Message,
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    ReceiptStatus,
    SendFailure,
    TemporaryFailure,
)
from nightlight.channels.http_call import HttpAnswer
from nightlight.channels.outside import OutsideUrl, read_outside_url

KEPT_SECONDS = 4 * 3600
"""How long a push service keeps a message for a phone that is off; what is newer takes its place."""
_PUBLIC_KEY_BYTES, _SECRET_BYTES, _NUMBER_BYTES = 65, 16, 32
_GONE = frozenset({404, 410})
_LATER = frozenset({408, 425, 429, 503})


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """What a browser gives: where its messages go, and the keys to which they are encrypted."""

    endpoint: OutsideUrl
    public_key: bytes
    secret: bytes

    @property
    def kept(self) -> str:
        """The one way in which it is written: address, key and secret with spaces between."""
        return f"{self.endpoint.url} {_written(self.public_key)} {_written(self.secret)}"


def read_subscription(typed: str) -> Subscription:
    """The subscription in *typed*, written as it is kept. Raises AddressError."""
    parts = typed.split()
    if len(parts) != 3:
        raise AddressError("A device is added by its own browser, on the page of whoever uses it.")
    endpoint = read_outside_url(parts[0])
    public_key, secret = (_read(part) for part in parts[1:])
    if len(public_key) != _PUBLIC_KEY_BYTES or len(secret) != _SECRET_BYTES or not _is_on_curve(public_key):
        raise AddressError("The keys of this browser cannot be used. Open the page in it and try again.")
    return Subscription(endpoint=endpoint, public_key=public_key, secret=secret)


def check_subscription(typed: str) -> str:
    """The subscription in *typed* as it is kept. Raises AddressError."""
    return read_subscription(typed).kept


def application_key(private_key: bytes) -> str:
    """What a browser is told of *private_key* (32 bytes, P-256): by it the push service knows this host."""
    point = _private(private_key).public_key()
    return _written(
        point.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )


def encrypted(content: bytes, public_key: bytes, secret: bytes) -> bytes:
    """*content* as only the browser with *public_key* can read it (RFC 8188 and 8291), one record."""
    body: bytes = http_ece.encrypt(
        content,
        salt=os.urandom(16),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=public_key,
        auth_secret=secret,
        version="aes128gcm",
    )
    return body


def signed(private_key: bytes, origin: str, contact: str, until: datetime) -> str:
    """The `Authorization` of one request to the push service at *origin*, good *until* then (RFC 8292)."""
    header = {"typ": "JWT", "alg": "ES256"}
    claims = {"aud": origin, "exp": int(until.timestamp()), "sub": contact}
    told = ".".join(_written(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    signature = _private(private_key).sign(told.encode(), ec.ECDSA(hashes.SHA256()))
    both = b"".join(number.to_bytes(_NUMBER_BYTES) for number in decode_dss_signature(signature))
    return f"vapid t={told}.{_written(both)},k={application_key(private_key)}"


def headers_for(message: Message) -> dict[str, str]:
    """How a push service is to treat *message* (RFC 8030): how long it is kept, and what it takes the place of."""
    headers = {"TTL": str(KEPT_SECONDS), "Urgency": "high" if message.is_urgent else "normal"}
    if message.topic:
        headers["Topic"] = message.topic
    return headers


def verdict(answer: HttpAnswer) -> Receipt:
    """What a push service's answer means; also that of UnifiedPush. Raises a `SendFailure`."""
    if 200 <= answer.status < 300:
        return Receipt(status=ReceiptStatus.ACCEPTED)
    raise _refusal(answer.status)


def _refusal(status: int) -> SendFailure:
    """Never the host's fault: whose address it is chose the service, and could have it answer anything."""
    if status in _GONE:
        return AddressGone(f"gone_{status}")
    if status in _LATER:
        return TemporaryFailure(f"deferred_{status}")
    if 300 <= status < 500:
        return PermanentFailure(f"push_refused_{status}")
    return OutcomeUnknown(f"push_failed_{status}")


def _private(key: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(key), ec.SECP256R1())


def _is_on_curve(public_key: bytes) -> bool:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public_key)
    except ValueError:
        return False
    return True


def _read(written: str) -> bytes:
    try:
        return base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""


def _written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
