"""What really happened, as nobody in this world but the simulator knows it: the yardstick of every check."""

from collections import defaultdict
from dataclasses import dataclass, field

from nightlight.channels.base import ReceiptStatus
from nightlight.simulator.providers import Handed

Asked = tuple[str, str]
"""A call and a person."""


@dataclass
class Truth:
    """What people did and providers did, beside what the product believes."""

    raised: set[str] = field(default_factory=set)
    """Calls whose caller was told that they went out."""
    yes: set[Asked] = field(default_factory=set)
    """Who pressed yes, or sent the digits, in which call."""
    callers_word: set[str] = field(default_factory=set)
    """Calls whose caller said that they are in touch."""
    spoke: set[str] = field(default_factory=set)
    """Calls in which the caller said a word of their own."""
    may_end: set[str] = field(default_factory=set)
    """Calls that somebody who may end them wanted to end."""
    left: dict[tuple[str, str], float] = field(default_factory=dict)
    """Caller and member: when the member was taken out of the circle, in seconds that had passed."""
    paused: dict[tuple[str, str], float] = field(default_factory=dict)
    """Caller and member: since when the member asked for a rest that lasts to the end of this world."""
    stopped: dict[str, float] = field(default_factory=dict)
    """Ways whose owner sent a word to stop them, and when."""
    taken_up_again: set[str] = field(default_factory=set)
    """Ways that were stopped for a while."""
    not_working_since: dict[str, float] = field(default_factory=dict)
    """Calls that somebody has, or that are over, since when."""
    taken: dict[str, list[Handed]] = field(default_factory=lambda: defaultdict(list))
    """By notification: what a provider accepted, in order."""
    attempts: set[str] = field(default_factory=set)
    """Attempts that a provider was handed."""
    pressed: set[tuple[str, str | None]] = field(default_factory=set)
    """Who pressed a key that was announced, in which call."""
    reports: dict[str, list[ReceiptStatus]] = field(default_factory=lambda: defaultdict(list))
    """By attempt: what a provider said of it afterwards, in the order in which it was taken in."""

    def note(self, handed: Handed) -> None:
        """A provider was handed a message."""
        if handed.taken:
            self.taken[handed.message.notification].append(handed)

    def is_out(self, caller: str, member: str, at: float) -> bool:
        """Whether *member* had left the circle of *caller*, or was at rest, when so many seconds had passed."""
        gone = (self.left.get((caller, member)), self.paused.get((caller, member)))
        return any(since is not None and since < at for since in gone)
