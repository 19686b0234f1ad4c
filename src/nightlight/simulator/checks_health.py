"""What is promised of two providers: no message begins with one that fails while the other does what it should.

An account of its own, of what each process heard; the product's is `worker.health`.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from nightlight.simulator.providers import Handed, Heard
from nightlight.simulator.workers import Delivery
from nightlight.store.models import Attempt

IN_VAIN_MAX = 3
"""So many messages in a row that were not taken make a provider one that comes last."""
LASTS_SECONDS = 60.0


@dataclass
class _Known:
    in_vain: int = 0
    last: float = float("-inf")
    """When it last took nothing."""
    well_since: float = float("-inf")
    """When it took something again after that."""


class HealthPromises:
    """What each process heard of each provider."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], _Known] = defaultdict(_Known)

    def at_a_send(self, handed: Handed, delivery: Delivery | None, providers: int) -> Iterator[str]:
        """What handing over this message breaks; with *providers* of its kind. To be asked before `note`."""
        if delivery is None or providers < 2 or not self._is_first(handed):
            return
        own = self._known[delivery.by, handed.provider]
        others = [
            self._known[delivery.by, f"{handed.kind}-{number}"]
            for number in range(1, providers + 1)
            if handed.provider != f"{handed.kind}-{number}"
        ]
        # It was chosen as it was claimed.
        is_sick = own.in_vain >= IN_VAIN_MAX and own.last + LASTS_SECONDS > delivery.claimed_at > own.last
        would_take = [
            max(other.last, other.well_since) < delivery.claimed_at for other in others if other.in_vain == 0
        ]
        if is_sick and any(would_take):
            yield f"a message begins with {handed.provider}, which takes nothing, and another would take it"

    def _is_first(self, handed: Handed) -> bool:
        number = Attempt.objects.filter(pk=handed.message.attempt).values_list("number", flat=True)
        return list(number) == [1]

    def begins_with_another(self, handed: Handed) -> bool:
        """Whether this message began with another provider than the first."""
        return not handed.provider.endswith("-1") and self._is_first(handed)

    def note(self, handed: Handed, delivery: Delivery | None) -> None:
        """A process heard what became of a message."""
        if delivery is None or handed.heard is Heard.ADDRESS_REFUSED:
            return
        known = self._known[delivery.by, handed.provider]
        if handed.heard is Heard.TAKEN:
            known.well_since = handed.at if known.in_vain else known.well_since
            known.in_vain = 0
            return
        known.in_vain = max(known.in_vain + 1, IN_VAIN_MAX if handed.heard is Heard.ACCOUNT_REFUSED else 0)
        known.last = handed.at
