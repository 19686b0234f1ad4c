"""Simulated providers: they fail, take a message and say nothing, lose it, and report late, twice and out of turn.

What they really did is written down in a ledger, so that what the product believes can be held against it.
"""

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Protocol

from nightlight.channels.base import (
    Message,
    OutcomeUnknown,
    PermanentFailure,
    ProviderMisconfigured,
    Receipt,
    ReceiptStatus,
    TemporaryFailure,
)
from nightlight.intake.receipt import take_receipt
from nightlight.simulator.agenda import Agenda, VirtualClock

ANSWERS_WITHIN = 8.0
"""Seconds after which whoever sends stops waiting (`SEND_TIMEOUT_SECONDS`)."""


class Heard(StrEnum):
    """What a sender hears from a provider, as far as it says how the provider is."""

    TAKEN = "taken"
    NOT_TAKEN = "not taken"
    """Busy, silent, or only queued."""
    ACCOUNT_REFUSED = "account refused"
    ADDRESS_REFUSED = "address refused"
    """That says nothing of the provider."""


@dataclass(frozen=True, kw_only=True)
class Handed:
    """One message a provider was handed, and what it really did with it."""

    message: Message
    kind: str
    at: float
    """Seconds that had really passed."""
    taken: bool
    """It was accepted, whatever the sender heard of it."""
    provider: str = ""
    heard: Heard = Heard.TAKEN
    """What the sender heard of it."""


@dataclass
class Weather:
    """How often what goes wrong; all zero when the faults are over."""

    trouble: dict[str, float]

    def is_bad(self, kind: str, chance: Random) -> bool:
        """Whether *kind* of trouble happens this time."""
        often = self.trouble.get(kind, 0.0)
        return often > 0 and chance.random() < often

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        self.trouble = {}


class Post(Protocol):
    """Where what a provider did is written down, and what it delivers arrives."""

    def handed(self, handed: Handed) -> None:
        """A provider was handed a message."""
        ...

    def arrives(self, message: Message, kind: str) -> None:
        """A message reached the address it is for."""
        ...

    def lost(self, kind: str) -> None:
        """A provider took a message, and it will never arrive."""
        ...

    def reported(self, receipt: Receipt) -> None:
        """What a provider reported was taken in."""
        ...


class SimulatedProvider:
    """One provider of one kind of transport in a made-up world."""

    def __init__(
        self,
        kind: str,
        number: int,
        *,
        weather: Weather,
        clock: VirtualClock,
        agenda: Agenda,
        chance: Random,
        post: Post,
    ) -> None:
        self.kind = kind
        self.provider = f"{kind}-{number}"
        self.took = 0.1
        """Seconds the last message took."""
        self._weather = weather
        self._clock = clock
        self._agenda = agenda
        self._chance = chance
        self._post = post

    def send(self, message: Message) -> Receipt:
        """Take *message*, or fail in one of the ways in which providers do."""
        self.took = self._chance.choice((0.05, 0.1, 0.5, 2.0))
        for kind, failure, heard in (
            ("refused", PermanentFailure("no such number"), Heard.ADDRESS_REFUSED),
            ("temporary", TemporaryFailure("busy"), Heard.NOT_TAKEN),
            ("misconfigured", ProviderMisconfigured("no credit"), Heard.ACCOUNT_REFUSED),
        ):
            if self._weather.is_bad(kind, self._chance):
                self._note(message, taken=False, heard=heard)
                raise failure
        if self._weather.is_bad("unknown", self._chance):
            return self._says_nothing(message)
        queued = self._weather.is_bad("queued", self._chance)
        self._take(message, slowly=queued, heard=Heard.NOT_TAKEN if queued else Heard.TAKEN)
        status = ReceiptStatus.QUEUED if queued else ReceiptStatus.ACCEPTED
        return Receipt(status=status, reference=message.attempt[:8], attempt=message.attempt)

    def _says_nothing(self, message: Message) -> Receipt:
        self.took = ANSWERS_WITHIN
        if self._chance.random() < 0.5:
            self._take(message, heard=Heard.NOT_TAKEN)
        else:
            self._note(message, taken=False, heard=Heard.NOT_TAKEN)
        raise OutcomeUnknown("no answer in time")

    def _note(self, message: Message, *, taken: bool, heard: Heard) -> None:
        self._post.handed(
            Handed(
                message=message,
                kind=self.kind,
                at=self._clock.passed,
                taken=taken,
                provider=self.provider,
                heard=heard,
            )
        )

    def _take(self, message: Message, *, heard: Heard, slowly: bool = False) -> None:
        self._note(message, taken=True, heard=heard)
        lost = self._weather.is_bad("lost", self._chance)
        after = self._chance.uniform(0.5, 5) + (self._chance.uniform(0, 600) if slowly else 0)
        if lost:
            self._post.lost(self.kind)
        else:
            self._agenda.after(after, lambda: self._post.arrives(message, self.kind))
        if self._weather.is_bad("receipts", self._chance):
            for _ in range(self._chance.randint(1, 3)):
                word = self._chance.choice((ReceiptStatus.ACCEPTED, ReceiptStatus.DELIVERED))
                word = ReceiptStatus.FAILED if lost and self._chance.random() < 0.7 else word
                self._report(message, word)

    def _report(self, message: Message, word: ReceiptStatus) -> None:
        """A report that comes before the answer itself, or late, or after the call is over."""
        self._report_after(self._chance.choice((0.01, 1.0, 30.0, 4000.0)), message, word)

    def _report_after(self, seconds: float, message: Message, word: ReceiptStatus) -> None:
        receipt = Receipt(status=word, attempt=message.attempt, reason="reported")
        self._agenda.after(seconds, lambda: self._tell(receipt))

    def _tell(self, receipt: Receipt) -> None:
        # A database that is away answers the gateway with an error, and the report comes once more.
        try:
            take_receipt(self.kind, receipt, self._clock.now())
        except Exception as error:
            if type(error).__name__ not in ("OperationalError", "InterfaceError"):
                raise
            self._agenda.after(30.0, lambda: self._tell(receipt))
        else:
            self._post.reported(receipt)
