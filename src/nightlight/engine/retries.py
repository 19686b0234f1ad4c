"""When a notification is tried again, and by which provider (rule 2). The outbox applies this as it settles.

The order of providers follows from the outcomes alone, so nothing but the outcomes need be kept:
the same ones always lead to the same next try.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from nightlight.engine.receipts import Evidence

DELAYS = (timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=60))
"""The pauses before the first tries again."""
DELAY_AFTER_THOSE = timedelta(minutes=5)
RING_AGAIN_AFTER = timedelta(seconds=90)
"""Counted from when nobody had answered, so that the second ring comes within three minutes of the first (rule 2)."""
RINGS_MAX = 2
"""A phone that nobody answers rings so often for one ask."""
ARRIVALS_MAX = 4
"""A person reads one message, or is rung, at most this often: so many tries may be accepted, unknown or missed."""


class Outcome(StrEnum):
    """What came of one attempt to hand a notification to one provider."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"
    MISSED = "missed"
    """A phone rang, and nobody answered: known only some time after it was accepted."""


@dataclass(frozen=True, kw_only=True)
class NextTry:
    """What to do with a notification after its attempts so far."""

    delay: timedelta | None
    """How long after the last outcome it is tried again; None when it is not."""
    provider: int
    """Which provider, counted from 0 in the order of the settings, takes the next try (or took the last)."""
    status: Evidence | None = None
    """With no further try: what the notification settles as. None while there is one."""


def next_try(outcomes: Sequence[Outcome], providers: int) -> NextTry:
    """Return what follows after *outcomes*, the oldest first, with *providers* providers (1 or more).

    Whether the message is still wanted at all (the ask open, the hold the same) is the outbox's to
    check: a temporary failure alone is tried again for as long as it is.
    """
    assert providers >= 1
    provider = waits = 0
    refused: set[int] = set()
    tried: set[int] = set()
    delay = timedelta(0)
    for count, outcome in enumerate(outcomes, start=1):
        tried.add(provider)
        if outcome is Outcome.PERMANENT:
            refused.add(provider)
            if len(refused) == providers and count < len(outcomes):
                # Heard late, when it had been tried once more: what came of that is the truth about it.
                refused.discard(provider)
        status = _final(outcomes[:count], refused, providers)
        if status is not None:
            return NextTry(delay=None, provider=provider, status=status)
        if outcome is Outcome.MISSED:
            # The provider did its part; it is the person who was not there.
            delay = RING_AGAIN_AFTER
            continue
        unknown = outcome is Outcome.UNKNOWN
        following = _next_provider(provider, providers, refused, tried)
        # What may have gone out is not sent again in the same breath, not even by another provider.
        if following not in tried and not unknown:
            delay = timedelta(0)
        else:
            delay = DELAYS[waits] if waits < len(DELAYS) else DELAY_AFTER_THOSE
            waits += 1
        provider = following
    return NextTry(delay=delay, provider=provider)


def _final(outcomes: Sequence[Outcome], refused: set[int], providers: int) -> Evidence | None:
    """Return what the notification settles as when it is not to be tried again, else None."""
    if Outcome.ACCEPTED in outcomes:
        return Evidence.ACCEPTED
    if Outcome.QUEUED in outcomes:
        # The gateway may still send it, at a time of its own choosing.
        return Evidence.QUEUED
    if outcomes.count(Outcome.MISSED) >= RINGS_MAX:
        return Evidence.FAILED
    if len(refused) == providers:
        return Evidence.FAILED
    # A ring in vain was noticed, and whether an unknown one was nobody can say.
    if outcomes.count(Outcome.UNKNOWN) + outcomes.count(Outcome.MISSED) >= ARRIVALS_MAX:
        return Evidence.UNKNOWN
    return None


def _next_provider(last: int, providers: int, refused: set[int], tried: set[int]) -> int:
    """Return who is next after *last* in turn: an untried one if there is one, never one that refused."""
    in_turn = [(last + step) % providers for step in range(1, providers + 1)]
    willing = [provider for provider in in_turn if provider not in refused]
    return next((provider for provider in willing if provider not in tried), willing[0])
