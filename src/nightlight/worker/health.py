"""Which provider a message begins with: one that took what it was handed lately, and a sick one last.

Each worker goes by what it saw itself. What may follow from that is an order and nothing else: every
provider is still tried, and a message is never held back.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nightlight.engine.retries import Outcome
from nightlight.worker.settler import Sent

SICK_AFTER = 3
"""So many messages in a row that it did not take, whatever was wrong with it."""
SICK_FOR = timedelta(seconds=60)
"""For so long others go first. Then one message begins with it again, and how that ends decides anew."""
LEFT_ALONE_MAX = timedelta(minutes=5)
"""A provider that asks to be left alone longer than this is asked again all the same."""

_TOOK_IT = (Outcome.ACCEPTED, Outcome.MISSED)


@dataclass
class _Provider:
    """What is known of one."""

    in_vain: int = 0
    """Messages in a row that it did not take."""
    since: datetime | None = None
    until: datetime | None = None
    """Between these two others go first."""


class ProviderHealth:
    """The health of all providers, as one worker knows it; from any thread."""

    def __init__(self, providers: Mapping[str, int]) -> None:
        """*providers* says how many each kind of way has."""
        self._lock = threading.Lock()
        self._known = {kind: [_Provider() for _ in range(count)] for kind, count in providers.items()}

    def note(self, kind: str, provider: int, sent: Sent, now: datetime) -> None:
        """A message was handed to *provider* of *kind*, counted from 0; this came of it.

        A refusal for good speaks of an address, and so says nothing of the provider.
        """
        with self._lock:
            known = self._known[kind][provider]
            if sent.outcome in _TOOK_IT:
                known.in_vain, known.since, known.until = 0, None, None
            elif sent.outcome is not Outcome.PERMANENT:
                # One that refuses our account will refuse the next message as well.
                known.in_vain = max(known.in_vain + 1, SICK_AFTER if sent.is_ours else 0)
                alone = timedelta(seconds=min(sent.wait_seconds, LEFT_ALONE_MAX.total_seconds()))
                if alone or known.in_vain >= SICK_AFTER:
                    known.since, known.until = now, now + max(alone, SICK_FOR)

    def first(self, kind: str, now: datetime) -> int:
        """The provider with which a message of *kind* that was never tried begins, counted from 0."""
        with self._lock:
            providers = self._known[kind]
            first = _longest_run([not _is_sick(known, now) for known in providers])
            if providers[first].until is not None:
                # It is tried with this one. Until it is known how that ends, no other follows.
                providers[first].since, providers[first].until = now, now + SICK_FOR
            return first


def _is_sick(known: _Provider, now: datetime) -> bool:
    # A clock that was set back must not make a minute long.
    return known.since is not None and known.until is not None and known.since <= now < known.until


def _longest_run(healthy: Sequence[bool]) -> int:
    """Where the most healthy ones follow one another, in turn; the first such place, and 0 where none is.

    The others are tried in turn after it, so those that are not healthy come last.
    """

    def run(first: int) -> int:
        turn = [*healthy[first:], *healthy[:first]]
        return turn.index(False) if False in turn else len(turn)

    return max(range(len(healthy)), key=lambda first: (run(first), -first))
