"""What people of a made-up world need of it."""

from typing import Protocol

from nightlight.channels.base import Message
from nightlight.simulator.agenda import Action, Agenda, VirtualClock
from nightlight.simulator.truth import Truth


class House(Protocol):
    """What people need of the world they live in."""

    clock: VirtualClock
    agenda: Agenda
    truth: Truth

    def tell(self, words: str) -> None:
        """Write a line of the story."""
        ...

    def note(self, goal: str) -> None:
        """Something worth counting happened."""
        ...

    def is_hopeless(self, alert: str) -> bool:
        """Whether nobody is left who could be asked in this call."""
        ...

    def ask_of(self, message: Message) -> tuple[str, str]:
        """The call that a message speaks of, and whom it is for first; empty when there is none."""
        ...

    def look(self) -> None:
        """Hold what is kept against what is promised."""
        ...

    def do(self, action: Action, *, tries: int = ...) -> None:
        """Let somebody do something at a door; when the database is away they try again so often."""
        ...
