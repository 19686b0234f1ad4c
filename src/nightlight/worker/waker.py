"""What time brings: due timers, lapsed leases, people who became available. Stop 1 of the road, to `store.advance`.

Each is a transaction of its own, and none can stop another.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from django.db import InterfaceError, OperationalError

from nightlight.engine.events import ResponderAvailable, WaitInterrupted
from nightlight.engine.retries import Outcome
from nightlight.intake import checkin
from nightlight.store import check_ins, lapses, looks, outbox, poison, timers
from nightlight.store.advance import advance, newly_available_for, try_again
from nightlight.worker.points import Point, Step

DUE_MAX = 200
AVAILABILITY_EVERY = timedelta(seconds=15)

_log = structlog.get_logger()
_Thing = TypeVar("_Thing")


class Waker:
    """Looks for what has come due, and lets it happen."""

    def __init__(self, channels_on: frozenset[str], providers: dict[str, int]) -> None:
        self._channels_on = channels_on
        self._providers = providers
        self._availability_at: datetime | None = None

    def round(self, now: datetime) -> Step:
        """One look at everything, yielding after every commit."""
        yield from self._each(timers.too_far_ahead(now), lambda alert: self._give_time_again(alert, now))
        yield from self._each(outbox.too_far_ahead(now), lambda row: outbox.bring_nearer(row, now))
        yield from self._each(
            timers.due(now, DUE_MAX),
            lambda due: advance(due[0], due[1], now=now, channels_on=self._channels_on),
        )
        yield from self._each(
            poison.due_again(now),
            lambda alert: try_again(alert, now=now, channels_on=self._channels_on),
        )
        yield from self._each(check_ins.too_far_ahead(now), lambda each: checkin.interrupt(each, now))
        if looks.is_any_check_in_due(now):
            yield from self._each(check_ins.due(now, DUE_MAX), lambda each: checkin.look(each, now))
        yield from self._each(lapses.lapsed(now), lambda claimed: self._settle_lapsed(claimed, now))
        before = self._availability_at
        # A clock set back must not put this off until it has caught up.
        if before is None or not timedelta(0) <= now - before < AVAILABILITY_EVERY:
            self._availability_at = now
            yield from self._each(timers.between_rounds(), lambda alert: self._look_who_is_back(alert, now))

    def give_everyone_time_again(self, now: datetime) -> Step:
        """After an outage of ours: every wait that was running begins anew (rule 12)."""
        yield from self._each(timers.running(now), lambda alert: self._give_time_again(alert, now))
        yield from self._each(check_ins.running(), lambda each: checkin.interrupt(each, now))

    def _each(self, things: Iterable[_Thing], let_happen: Callable[[_Thing], object]) -> Step:
        for thing in things:
            try:
                let_happen(thing)
            except (OperationalError, InterfaceError):
                raise  # The database is away: nothing else would fare better.
            # One thing that breaks must not keep the others from happening.
            except Exception as error:  # noqa: BLE001
                _log.error("due work broke", error=type(error).__name__)
            yield Point.ADVANCED

    def _give_time_again(self, alert: str, now: datetime) -> None:
        advance(alert, WaitInterrupted(), now=now, channels_on=self._channels_on)

    def _look_who_is_back(self, alert: str, now: datetime) -> None:
        for person in newly_available_for(alert, now=now, channels_on=self._channels_on)[:1]:
            advance(alert, ResponderAvailable(person=person), now=now, channels_on=self._channels_on)

    def _settle_lapsed(self, claimed: outbox.Claim, now: datetime) -> None:
        outbox.settle(
            claimed,
            Outcome.UNKNOWN,
            now,
            providers=self._providers.get(claimed.channel, 1),
            channels_on=self._channels_on,
            reason="lapsed",
        )
