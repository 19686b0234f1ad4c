"""Tests of a kind of way, which the host sends to their own ways: how often, and what came of the latest."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import IntegrityError
from django.db.models import Q

from nightlight.store.models import ChannelTest
from nightlight.store.races import LostRace, racing
from nightlight.store.timers import CLOCK_SLACK

AGAIN_AFTER = timedelta(minutes=1)
"""A test costs money, and a hand that slipped is no reason to send two."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What one provider made of it."""

    provider: str
    place: int
    """Which of the host's ways of this kind, counted from 1."""
    outcome: str
    reason: str = ""
    """A short code, never an address."""


@dataclass(frozen=True, kw_only=True)
class LatestTest:
    """The latest test of one kind of way."""

    at: datetime
    results: tuple[Trial, ...]
    """Empty while it is under way, or when whoever sent it was interrupted."""


def may_test(channel: str, now: datetime) -> bool:
    """Whether a test of *channel* may go out now; if so it counts as begun, whoever else asks."""
    return racing(partial(_begin, channel, now))


def _begin(channel: str, now: datetime) -> bool:
    # A clock that was set back must not keep the host waiting.
    is_over = Q(began_at__lte=now - AGAIN_AFTER) | Q(began_at__gt=now + CLOCK_SLACK)
    if ChannelTest.objects.filter(is_over, channel=channel).update(began_at=now, results=[]):
        return True
    if ChannelTest.objects.filter(channel=channel).exists():
        return False
    try:
        ChannelTest.objects.create(channel=channel, began_at=now)
    except IntegrityError as error:
        raise LostRace from error
    return True


def keep_results(channel: str, began_at: datetime, results: Sequence[Trial]) -> None:
    """What came of the test that began at *began_at*; a later one has taken its place already, or not."""
    rows = ChannelTest.objects.filter(channel=channel, began_at=began_at)
    rows.update(results=[asdict(result) for result in results])


def latest_tests() -> Mapping[str, LatestTest]:
    """The latest test of each kind of way that was ever tested."""
    return {
        row.channel: LatestTest(at=row.began_at, results=tuple(Trial(**result) for result in row.results))
        for row in ChannelTest.objects.all()
    }
