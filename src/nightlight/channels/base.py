"""What every channel is handed and what it gives back. Stop 7 of the road: from `worker.sender`, to the provider.

A channel is one module and one line in `registry`. It is handed settings and a `Message`; it
returns a `Receipt`, or raises one of the failures below, whose type answers the only question the
sender has: what now?
"""

from collections.abc import Callable, Mapping
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
    MISSED = "missed"
    """A phone rang, and nobody pressed the digit: not there, a voicemail, a machine that screens. It rings again."""


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """What is said on a phone, in sentences ready to be spoken."""

    said: tuple[str, ...]
    """Ends with which key means what, when there is something to answer."""
    language: str = "en"
    """Of these sentences, as a tag; English where nobody translated them."""
    waits_for_key: bool = False
    """A key may follow: the line is kept open for one. Without that, having been heard is all."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """One page on which one reader answers."""

    url: str
    name: str = ""
    """Whose page it is; only where several people share the address."""


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
    html: str = ""
    """The same words as a simple page, for kinds of way that can show one."""
    link: str = ""
    """The page on which the reader answers, when there is one only; also in `text`."""
    links: tuple[Link, ...] = ()
    """Every such page, one for each who shares the address. Apps open these, so their `text` holds none."""
    language: str = "en"
    """The reader's, as a tag like `en` or `pt-BR`."""
    is_urgent: bool = False
    """Somebody waits for an answer to it."""
    topic: str = ""
    """Letters and digits: a later message with the same topic takes the place of an earlier one."""
    spoken: Spoken | None = None
    """The same to be spoken, for kinds of way that ring."""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a provider said of a message, at once or later."""

    status: ReceiptStatus
    reference: str = ""
    """The provider's own id of the message, when it gives one."""
    attempt: str = ""
    """Which attempt a later report speaks of."""
    notification: str = ""
    """Which notification it speaks of, where a report names no attempt (the `Message-ID` of a mail)."""
    reason: str = ""
    units: int = 0
    """What the provider counts and charges for: segments of a text, rings of a phone; 0 where nobody counts."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Something a person sent back."""

    sender: str
    """The address it came from; a number in its international form, where the provider's leaves no doubt."""
    text: str
    reference: str = ""
    """The provider's own id of it, so that the same is not taken in twice."""
    attempt: str = ""
    """The attempt it answers, where that is known for sure: a key pressed in that very call."""
    notification: str = ""
    """The notification it answers, where it says so: a mail that quotes our `Message-ID`."""
    back: Callable[[Spoken], None] | None = None
    """How to say something back at once, on a line that is still open; else None."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What came in by a line on which we listen ourselves."""

    receipts: tuple[Receipt, ...] = ()
    replies: tuple[Reply, ...] = ()
    position: str = ""
    """From where to listen on, once all of this is taken in. Kept, so no secret may be in it."""


@dataclass(frozen=True, kw_only=True)
class CallbackAnswer:
    """What a provider is told back, where it goes by our words."""

    content_type: str
    body: bytes


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

    def __init__(self, reason: str, *, wait_seconds: float = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait_seconds = wait_seconds
        """For so long the provider asks to be left alone; 0 when it does not say."""


class TemporaryFailure(SendFailure):
    """Not now; the same message may get through later, or by another provider."""


class ProviderMisconfigured(TemporaryFailure):
    """Our side is wrong (credentials, account): another provider may work, and the host must know."""


class OutcomeUnknown(SendFailure):
    """It may or may not have gone out: the provider did not answer in time, or broke off."""


class PermanentFailure(SendFailure):
    """This address will not take this message by this provider, however often it is tried."""


class AddressGone(PermanentFailure):
    """Nobody is at this address any more, and nobody will be: the way ends, and its owner hears so by another."""


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

    is_signed: bool
    """Every call of its provider is signed, so one that comes twice was sent twice by somebody else."""

    def read_receipt(self, request: CallbackRequest) -> Receipt | None:
        """The report in *request*, or None when it is none. Raises `ForgedCallback`."""
        ...

    def read_reply(self, request: CallbackRequest) -> Reply | None:
        """The reply in *request*, or None when it is none. Raises `ForgedCallback`."""
        ...


class SpeakingChannel(CallbackChannel, Protocol):
    """A channel whose provider holds a phone on the line until it is told what to say next."""

    def say_back(self, request: CallbackRequest, said: Spoken | None) -> CallbackAnswer:
        """What to answer to *request*, which brought a key: say this, and wait for another key or hang up."""
        ...


class Listener(Protocol):
    """A line on which we listen for reports and replies: a mailbox, a chat, a telephone of our own."""

    kind: str
    """Of the channel to which what is heard belongs."""
    name: str
    """Unique among all listeners; letters, digits and dashes. Its place is kept under it."""
    is_shared: bool
    """All workers would hear the same, so one of them listens for all; else each listens to its own."""

    def listen(self, position: str, seconds: float) -> Heard:
        """What came in after *position* (empty at the very first), at once or within so many *seconds*.

        Raises a `SendFailure` when the line is broken; the same *position* is asked for again later.
        """
        ...
