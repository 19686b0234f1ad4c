"""What every channel is handed and what it gives back. Stop 7 of the road: from `worker.sender`, to the provider.

A channel is one module and one line in `registry`. It is handed settings and a `Message`; it
returns a `Receipt`, or raises one of the failures below, whose type answers the only question the
sender has: what now?
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

SEND_TIMEOUT_SECONDS = 8
"""No provider is waited for longer; shorter than the sender's lease (design §5)."""


class ReceiptStatus(StrEnum):
    """A provider's word on one message."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    """A gateway holds it and promises nothing; the next way goes now."""
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Message:
    """One finished message to one address. `text` carries its answer link on a line of its own."""

    notification: str
    """Id of the notification: the idempotency key, and the `Message-ID` of a mail."""
    attempt: str
    """Id of this attempt; only letters and digits, so that a gateway may echo it in a report."""
    to: str
    subject: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a provider said of a message, at once or later."""

    status: ReceiptStatus
    reference: str = ""
    """The provider's own id of the message, when it gives one."""
    attempt: str = ""
    """Which attempt a later report speaks of."""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Something a person sent back."""

    sender: str
    """The address it came from; a number in its international form, where the provider's leaves no doubt."""
    text: str
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class CallbackRequest:
    """A provider's call to us, raw, so that a signature can be checked over what was really sent."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


class SendFailure(Exception):
    """The message was not accepted. `reason` is a short code for the record, never an address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TemporaryFailure(SendFailure):
    """Not now; the same message may get through later, or by another provider."""


class ProviderMisconfigured(TemporaryFailure):
    """Our side is wrong (credentials, account): another provider may work, and the host must know."""


class OutcomeUnknown(SendFailure):
    """It may or may not have gone out: the provider did not answer in time, or broke off."""


class PermanentFailure(SendFailure):
    """This address will not take this message by this provider, however often it is tried."""


class ForgedCallback(Exception):
    """A report or reply that does not prove where it came from."""


class Channel(Protocol):
    """One provider of one kind of transport."""

    kind: str
    """What the import file and the ways of a person call it: `smtp`, `sms`, `sample`, …"""
    provider: str
    """Which provider of that kind, unique among those switched on; letters, digits and dashes."""

    def send(self, message: Message) -> Receipt:
        """Hand *message* over within SEND_TIMEOUT_SECONDS, or raise a `SendFailure`."""
        ...


class CallbackChannel(Channel, Protocol):
    """A channel whose provider calls back with reports and replies."""

    def read_receipt(self, request: CallbackRequest) -> Receipt | None:
        """The report in *request*, or None when it is none. Raises `ForgedCallback`."""
        ...

    def read_reply(self, request: CallbackRequest) -> Reply | None:
        """The reply in *request*, or None when it is none. Raises `ForgedCallback`."""
        ...
