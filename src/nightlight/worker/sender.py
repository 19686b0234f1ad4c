"""Sending what is due. Stops 6 and 8 of the road: from `store.outbox`, by `channels`, back to `store.outbox`.

Bounded threads for each channel, so that one slow provider holds up no other way; a claim takes
no more than there are free hands, so that nothing waits under a lease.
"""

import threading
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import InterfaceError, OperationalError, connections

from nightlight.channels.base import (
    AddressGone,
    Channel,
    OutcomeUnknown,
    PermanentFailure,
    ProviderMisconfigured,
    Receipt,
    ReceiptStatus,
    SendFailure,
)
from nightlight.clock import Clock
from nightlight.engine.retries import Outcome
from nightlight.store import claims, gone, outbox
from nightlight.store.letters import Letter, letter_for, letters_for
from nightlight.store.outbox import Claim
from nightlight.worker.health import ProviderHealth
from nightlight.worker.letters import message_for
from nightlight.worker.points import Point, Step, drive, outcome_of
from nightlight.worker.settler import Sent, SettleOne, Settler

Start = Callable[[Claim, Letter | None], None]

HANDS = 24
"""Threads of a kind of way. Two workers together stay below the 50 connections that mail servers commonly
allow one client."""
HANDS_BY_KIND = {"sms": 48}
"""Gateways take more at once, and with more hands one commit takes up more. Two workers together stay below 100."""
FREE_OF = 2
"""When there is more to send, the next ones are taken up once one of so many hands of a channel is free: the
others are at work while they are."""
RECHECK_AFTER = timedelta(seconds=1)
"""What did not begin within this long of its claim is checked again before it is sent (design §5)."""
OFF_EVERY = timedelta(seconds=1)
"""Messages for channels that are off are looked for this often."""

_log = structlog.get_logger()


def hands_of(kind: str) -> int:
    """How many messages of a kind of way one worker sends at once."""
    return HANDS_BY_KIND.get(kind, HANDS)


def hand_over(channel: Channel, send: Callable[[], Receipt]) -> Sent:
    """Send, and say what came of it; whatever a channel raises becomes one of the five outcomes."""
    try:
        receipt = send()
    except AddressGone as failure:
        return Sent(outcome=Outcome.PERMANENT, reason=failure.reason, is_gone=True)
    except PermanentFailure as failure:
        return Sent(outcome=Outcome.PERMANENT, reason=failure.reason)
    except OutcomeUnknown as failure:
        return Sent(outcome=Outcome.UNKNOWN, reason=failure.reason)
    except ProviderMisconfigured as failure:
        _log.error("provider misconfigured", provider=channel.provider, reason=failure.reason)
        return Sent(outcome=Outcome.TEMPORARY, reason=failure.reason, is_ours=True)
    except SendFailure as failure:
        return Sent(outcome=Outcome.TEMPORARY, reason=failure.reason, wait_seconds=failure.wait_seconds)
    # A fault in a channel of ours: it may have sent before it broke, so nobody knows.
    except Exception as error:  # noqa: BLE001
        _log.error("channel broke", provider=channel.provider, error=type(error).__name__)
        return Sent(outcome=Outcome.UNKNOWN, reason=type(error).__name__)
    outcome = Outcome.QUEUED if receipt.status is ReceiptStatus.QUEUED else Outcome.ACCEPTED
    if receipt.status is ReceiptStatus.FAILED:
        outcome = Outcome.PERMANENT
    return Sent(outcome=outcome, reason=receipt.reason, reference=receipt.reference, units=receipt.units)


class Sender:
    """Claims what is due and has it sent, a bounded number at a time."""

    def __init__(
        self,
        channels: Mapping[str, tuple[Channel, ...]],
        clock: Clock,
        *,
        base_url: str,
        service_name: str,
        on_free: Callable[[], None],
        start: Start | None = None,
        health: ProviderHealth | None = None,
    ) -> None:
        """*start* is told of each claim and sees to its `deliver` and `free`; by default threads do.

        *health* is shared with whoever else sends by these channels; by default it is this sender's own.
        """
        self._channels = channels
        self._clock = clock
        self._base_url = base_url
        self._service_name = service_name
        self._on_free = on_free
        self._health = health or ProviderHealth(self._providers())
        self._start = start or self._start_in_thread
        self._has_threads = start is None
        self._lock = threading.Lock()
        self._came_free = threading.Condition(self._lock)
        self._busy = dict.fromkeys(channels, 0)
        self._settler = Settler(self.settle_one, clock, under_way=self._under_way)
        self._passed_over_at: datetime | None = None
        self._pools = {
            kind: ThreadPoolExecutor(max_workers=hands_of(kind), thread_name_prefix=kind) for kind in channels
        }

    def send_due(self, now: datetime) -> bool:
        """Claim what is due and start sending each the moment it is claimed; whether the hands ran out."""
        return outcome_of(self.claiming(now))

    def claiming(self, now: datetime) -> Generator[Point, None, bool]:
        """The same, yielding after every commit that takes up messages."""
        free = self._free_slots()
        taken = dict.fromkeys(free, 0)
        first = partial(self._health.first, now=now)
        for together in claims.claim_batches(now, free, self._providers(), first):
            letters = self._letters(together, now)
            for claimed in together:
                with self._lock:
                    self._busy[claimed.channel] += 1
                taken[claimed.channel] += 1
                self._start(claimed, letters.get(claimed.notification))
            yield Point.CLAIMED
        # What can be sent goes before what cannot.
        self._pass_over_what_is_off(now)
        return any(taken[kind] >= free[kind] for kind in free)

    def free(self, claimed: Claim) -> None:
        """The hand that held *claimed* is free again."""
        with self._lock:
            self._busy[claimed.channel] -= 1
            # Nobody waits for a hand before that.
            if not self._is_full(claimed.channel):
                self._came_free.notify_all()
        self._on_free()

    def _start_in_thread(self, claimed: Claim, letter: Letter | None) -> None:
        self._pools[claimed.channel].submit(self._deliver_in_thread, claimed, letter)

    def _pass_over_what_is_off(self, now: datetime) -> None:
        before = self._passed_over_at
        # A clock set back must not put this off until it has caught up.
        if before is None or not timedelta(0) <= now - before < OFF_EVERY:
            self._passed_over_at = now
            claims.pass_over_what_is_off(now, frozenset(self._channels))

    def _letters(self, together: list[Claim], now: datetime) -> Mapping[str, Letter]:
        """What is sent this instant, read at once; whatever is not in it reads its own."""
        try:
            return letters_for(together, now)
        # They are claimed, so they must be handed on; each meets its own fault again, alone.
        except Exception as error:  # noqa: BLE001
            _log.warning("letters read one by one", error=type(error).__name__)
            return {}

    def stop(self) -> None:
        """Take nothing more on, and let what is being sent be settled."""
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=False)
        self._settler.stop()

    def let_them_go(self, seconds: float) -> None:
        """Return when nothing is being sent any more, or after *seconds*: who waits takes no time from them."""
        if self._has_threads:
            with self._came_free:
                self._came_free.wait_for(lambda: not any(self._busy.values()), seconds)

    def wait_for_hands(self, seconds: float) -> None:
        """Return when half the hands of a channel that was full are free, or after *seconds*.

        One commit then takes up many; whoever looked for each hand would make as many commits as messages.
        """
        with self._came_free:
            full = [kind for kind in self._busy if self._is_full(kind)]
            self._came_free.wait_for(lambda: not full or not all(map(self._is_full, full)), seconds)

    def _is_full(self, kind: str) -> bool:
        """Whether it is too soon to take up more of *kind*; the lock is held."""
        return self._busy[kind] > hands_of(kind) // FREE_OF

    def _under_way(self) -> int:
        with self._lock:
            return sum(self._busy.values())

    def _free_slots(self) -> dict[str, int]:
        with self._lock:
            return {kind: hands_of(kind) - busy for kind, busy in self._busy.items()}

    def _providers(self) -> dict[str, int]:
        return {kind: len(providers) for kind, providers in self._channels.items()}

    def _deliver_in_thread(self, claimed: Claim, letter: Letter | None) -> None:
        try:
            drive(self.deliver(claimed, letter=letter, settle=self._settler.settle))
        # The lease will lapse and be taken up again; a pool thread has nobody to raise to.
        except Exception as error:  # noqa: BLE001
            _log.error("delivery broke", notification=claimed.notification, error=type(error).__name__)
        finally:
            # Few deliveries need one of their own, and a server has only so many to give.
            connections.close_all()
            self.free(claimed)

    def deliver(
        self, claimed: Claim, *, letter: Letter | None = None, settle: SettleOne | None = None
    ) -> Step:
        """Send one claimed notification and settle it, yielding at every commit and every send.

        *letter* is its letter when it was read just now, *settle* what writes down how it ended: by
        default a transaction of its own.
        """
        settle = settle or self.settle_one
        yield Point.CLAIMED
        now = self._clock.now()
        if now - claimed.claimed_at > RECHECK_AFTER:
            if not claims.still_wanted(claimed, now, channels_on=frozenset(self._channels)):
                return
            letter = None
        channel = self._channels[claimed.channel][claimed.provider]
        try:
            letter = letter or letter_for(claimed, now)
            message = message_for(
                claimed,
                letter,
                self._base_url,
                self._service_name,
                replies_are_read=getattr(channel, "replies_are_read", False),
            )
        except (OperationalError, InterfaceError):
            raise  # The database is away; what came of this cannot be written down either.
        # A fault of ours, and nothing went out: the next way must not wait for a lease to lapse.
        except Exception as error:  # noqa: BLE001
            _log.error("no message", notification=claimed.notification, error=type(error).__name__)
            settle(claimed, Sent(outcome=Outcome.TEMPORARY, reason=type(error).__name__))
            yield Point.SETTLED
            return
        yield Point.ABOUT_TO_SEND
        sent = hand_over(channel, lambda: channel.send(message))
        self._health.note(claimed.channel, claimed.provider, sent, self._clock.now())
        yield Point.SENT
        settle(claimed, sent)
        if sent.is_gone:
            gone.end_ways_of_lease(claimed.lease_token, self._clock.now(), frozenset(self._channels))
        yield Point.SETTLED

    def settle_one(self, claimed: Claim, sent: Sent) -> None:
        """Write down what came of one send, in a transaction of its own."""
        outbox.settle(
            claimed,
            sent.outcome,
            self._clock.now(),
            providers=len(self._channels[claimed.channel]),
            channels_on=frozenset(self._channels),
            reason=sent.reason,
            reference=sent.reference,
            units=sent.units,
            host_must_know=sent.is_ours,
        )
