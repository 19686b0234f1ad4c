"""A simulated channel: nothing leaves the process. It writes down what it is handed and answers as it is told."""

from collections import defaultdict

from nightlight.channels.base import Message, Receipt, ReceiptStatus

ACCEPTED = Receipt(status=ReceiptStatus.ACCEPTED)
QUEUED = Receipt(status=ReceiptStatus.QUEUED)

Reaction = Receipt | BaseException


class SimulatedChannel:
    """One provider of one kind. Unless it is told otherwise it accepts everything."""

    def __init__(self, kind: str, provider: str) -> None:
        self.kind = kind
        self.provider = provider
        self.handed: list[Message] = []
        self._next: dict[str, list[Reaction]] = defaultdict(list)
        self._always: dict[str, Reaction] = {}

    def will(self, to: str, *reactions: Reaction) -> None:
        """To the next messages for *to* it reacts like this, one after another."""
        self._next[to] += reactions

    def always(self, to: str, reaction: Reaction) -> None:
        """From now on it reacts to every message for *to* like this."""
        self._always[to] = reaction

    def send(self, message: Message) -> Receipt:
        """Write the message down, and react."""
        self.handed.append(message)
        waiting = self._next[message.to]
        reaction = waiting.pop(0) if waiting else self._always.get(message.to, ACCEPTED)
        if isinstance(reaction, BaseException):
            raise reaction
        return reaction
