"""Sending what is due. Stops 6 and 8 of the road: from `store.outbox`, by `channels`, back to `store.outbox`.

Bounded threads for each channel, so that one slow provider holds up no other way; a claim takes
no more than there are free hands, so that nothing waits under a lease.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections

from nightlight.channels.base import (
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
from nightlight.store import claims, outbox
from nightlight.store.letters import letter_for
from nightlight.store.outbox import Claim
from nightlight.worker.letters import message_for
from nightlight.worker.points import Point, Step, drive

THREADS_PER_CHANNEL = 8
RECHECK_AFTER = timedelta(seconds=1)
"""What did not begin within this long of its claim is checked again before it is sent (design §5)."""

_log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What a provider made of one message."""

    outcome: Outcome
    reason: str = ""
    reference: str = ""
    is_ours: bool = False
    """The fault is on our side (credentials, account), so the host must know."""


def hand_over(channel: Channel, send: Callable[[], Receipt]) -> Sent:
    """Send, and say what came of it; whatever a channel raises becomes one of the five outcomes."""
    try:
        receipt = send()
    except PermanentFailure as failure:
        return Sent(outcome=Outcome.PERMANENT, reason=failure.reason)
    except OutcomeUnknown as failure:
        return Sent(outcome=Outcome.UNKNOWN, reason=failure.reason)
    except ProviderMisconfigured as failure:
        _log.error("provider misconfigured", provider=channel.provider, reason=failure.reason)
        return Sent(outcome=Outcome.TEMPORARY, reason=failure.reason, is_ours=True)
    except SendFailure as failure:
        return Sent(outcome=Outcome.TEMPORARY, reason=failure.reason)
    # A fault in a channel of ours: it may have sent before it broke, so nobody knows.
    except Exception as error:  # noqa: BLE001
        _log.error("channel broke", provider=channel.provider, error=type(error).__name__)
        return Sent(outcome=Outcome.UNKNOWN, reason=type(error).__name__)
    outcome = Outcome.QUEUED if receipt.status is ReceiptStatus.QUEUED else Outcome.ACCEPTED
    if receipt.status is ReceiptStatus.FAILED:
        outcome = Outcome.PERMANENT
    return Sent(outcome=outcome, reason=receipt.reason, reference=receipt.reference)


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
        start: Callable[[Claim], None] | None = None,
    ) -> None:
        """*start* is told of each claim and sees to its `deliver` and `free`; by default threads do."""
        self._channels = channels
        self._clock = clock
        self._base_url = base_url
        self._service_name = service_name
        self._on_free = on_free
        self._start = start or self._start_in_thread
        self._lock = threading.Lock()
        self._busy = dict.fromkeys(channels, 0)
        self._pools = {
            kind: ThreadPoolExecutor(max_workers=THREADS_PER_CHANNEL, thread_name_prefix=kind)
            for kind in channels
        }

    def send_due(self, now: datetime) -> int:
        """Claim what is due and start sending each the moment it is claimed; how many there were."""
        return sum(1 for _ in self.claiming(now))

    def claiming(self, now: datetime) -> Step:
        """The same, yielding after every claim."""
        for claimed in claims.claim_each(now, self._free_slots(), self._providers()):
            with self._lock:
                self._busy[claimed.channel] += 1
            self._start(claimed)
            yield Point.CLAIMED

    def free(self, claimed: Claim) -> None:
        """The hand that held *claimed* is free again."""
        with self._lock:
            self._busy[claimed.channel] -= 1
        self._on_free()

    def stop(self) -> None:
        """Take nothing more on, and let what is being sent be settled."""
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=False)

    def _free_slots(self) -> dict[str, int]:
        with self._lock:
            return {kind: THREADS_PER_CHANNEL - busy for kind, busy in self._busy.items()}

    def _providers(self) -> dict[str, int]:
        return {kind: len(providers) for kind, providers in self._channels.items()}

    def _start_in_thread(self, claimed: Claim) -> None:
        self._pools[claimed.channel].submit(self._deliver_in_thread, claimed)

    def _deliver_in_thread(self, claimed: Claim) -> None:
        try:
            close_old_connections()
            drive(self.deliver(claimed))
        # The lease will lapse and be taken up again; a pool thread has nobody to raise to.
        except Exception as error:  # noqa: BLE001
            _log.error("delivery broke", notification=claimed.notification, error=type(error).__name__)
        finally:
            self.free(claimed)

    def deliver(self, claimed: Claim) -> Step:
        """Send one claimed notification and settle it, yielding at every commit and every send."""
        yield Point.CLAIMED
        now = self._clock.now()
        if now - claimed.claimed_at > RECHECK_AFTER and not claims.still_wanted(
            claimed, now, channels_on=frozenset(self._channels)
        ):
            return
        channel = self._channels[claimed.channel][claimed.provider]
        try:
            message = message_for(claimed, letter_for(claimed, now), self._base_url, self._service_name)
        except (OperationalError, InterfaceError):
            raise  # The database is away; what came of this cannot be written down either.
        # A fault of ours, and nothing went out: the next way must not wait for a lease to lapse.
        except Exception as error:  # noqa: BLE001
            _log.error("no message", notification=claimed.notification, error=type(error).__name__)
            self._settle(claimed, Sent(outcome=Outcome.TEMPORARY, reason=type(error).__name__))
            yield Point.SETTLED
            return
        yield Point.ABOUT_TO_SEND
        sent = hand_over(channel, lambda: channel.send(message))
        yield Point.SENT
        self._settle(claimed, sent)
        yield Point.SETTLED

    def _settle(self, claimed: Claim, sent: Sent) -> None:
        outbox.settle(
            claimed,
            sent.outcome,
            self._clock.now(),
            providers=len(self._channels[claimed.channel]),
            channels_on=frozenset(self._channels),
            reason=sent.reason,
            reference=sent.reference,
            host_must_know=sent.is_ours,
        )
