"""What a provider may do to a message, and what the one suite is told of each channel it holds to its duty."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from nightlight.channels.base import Channel, Message
from nightlight.channels.provider_url import ProviderUrl

PASSWORD = "not-for-a-log"

Make = Callable[[Path], AbstractContextManager[Channel]]
"""Puts a channel and its provider up, in a folder of their own."""


class Trouble(Enum):
    """What a provider may do to a message."""

    NONE = auto()
    QUEUES = auto()
    REFUSES = auto()
    NOT_NOW = auto()
    MISCONFIGURED = auto()
    GONE = auto()
    HANGS_BEFORE = auto()
    HANGS_AFTER = auto()
    DRIPS = auto()
    BREAKS_OFF_AFTER = auto()
    GARBAGE = auto()
    TOO_MANY = auto()
    BREAKS = auto()
    WRONG_CERTIFICATE = auto()


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A channel, what it is sent, and how to put its provider into each trouble it can be in."""

    kind: str
    maker: str = ""
    """Where several makers' channels are of one kind."""
    needs_programs: bool = False
    """What it is sent goes through programs of the system's."""
    message: Message
    troubles: Mapping[Trouble, Make]
    ours: frozenset[Trouble] = frozenset({Trouble.MISCONFIGURED, Trouble.WRONG_CERTIFICATE})
    """Troubles that whoever runs the service must mend."""


def at(scheme: str, port: int) -> ProviderUrl:
    """A provider on this machine."""
    return ProviderUrl(scheme=scheme, host="127.0.0.1", port=port, user="nightlight", password=PASSWORD)


def nobody_listens(channel: Callable[[int], Channel]) -> Make:
    """The channel, at a port where nobody is."""

    @contextmanager
    def make(_: Path) -> Iterator[Channel]:
        # Held but not listened on: nobody else can come to listen there meanwhile.
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            yield channel(held.getsockname()[1])

    return make
