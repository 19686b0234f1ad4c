"""What the channel tests say to the people of the stories."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from nightlight.channels.base import Message

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SAMS_PHONE = "+447700900102"
SAMS_MAIL = "sam@example.org"
LINK = "https://circle.example.org/a/Hq3vD0_xkq2wYB-Zf5nLrA7tPzE1cWm"

_MESSAGE = Message(
    notification="0b0c7c0e-5a53-4d0e-8d0c-2f9d3b1f5f11",
    attempt="a1b2c3",
    to=SAMS_PHONE,
    subject="Ana asks if you are free",
    text=f"Ana asks if you can talk.\nReply 518204 if you can, NO if you can't.\n{LINK}",
)


def now() -> datetime:
    """The fixed noon."""
    return NOON


def text_to_sam(**changes: Any) -> Message:
    """Ana's ask, as a text to Sam."""
    return replace(_MESSAGE, **changes)


def mail_to_sam(**changes: Any) -> Message:
    """Ana's ask, as a mail to Sam."""
    return replace(_MESSAGE, **{"to": SAMS_MAIL, **changes})


# ------------------------------------------------------------------------------- a browser of Sam's

BROWSER_KEY = ec.derive_private_key(20261121, ec.SECP256R1())
BROWSER_SECRET = bytes(range(16))
HOST_KEY = (7).to_bytes(32)
"""A private key by which push services would know a made-up host."""


def subscription(endpoint: str) -> str:
    """What Sam's browser gives when it agrees, as it is kept."""
    point = BROWSER_KEY.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    written = (base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in (point, BROWSER_SECRET))
    return " ".join((endpoint, *written))


def push_to_sam(**changes: Any) -> Message:
    """Ana's ask, as Sam's browser is to show it."""
    shown = {"subject": "Harbour House", "text": "Ana asks if you can talk.", "link": LINK, "is_urgent": True}
    return replace(_MESSAGE, **{"topic": "ab12" * 8, **shown, **changes})
