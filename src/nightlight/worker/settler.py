"""Writing down what came of each send, many in one commit when many end at once. Stop 8 of the road.

One thread settles for all that send: whoever is done waits here until it is written down, and while
one commit is under way the next ones gather. So nobody's hand is free before what it did is known.
"""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connections

from nightlight.clock import Clock
from nightlight.engine.retries import Outcome
from nightlight.store.acceptances import Taken, settle_accepted
from nightlight.store.outbox import Claim

TOGETHER_MAX = 64
GATHER_SECONDS = 0.005
"""How long whoever is done waits for the next one that is being sent; nothing where it is the only one."""
GATHER_AT_MOST_SECONDS = 0.02
"""How long the first one waits for all that come one after another."""

_log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What a provider made of one message."""

    outcome: Outcome
    reason: str = ""
    reference: str = ""
    is_ours: bool = False
    """The fault is on our side (credentials, account), so the host must know."""
    wait_seconds: float = 0
    """For so long the provider asks to be left alone."""
    units: int = 0
    """What it counts and charges for."""
    is_gone: bool = False
    """Nobody is at the address any more, so the way ends once this is written down."""


SettleOne = Callable[[Claim, Sent], None]


@dataclass(eq=False)
class _Waiting:
    """One send that is over, and whoever waits for it to be written down."""

    claimed: Claim
    sent: Sent
    is_done: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None
    was_left: bool = False
    """Somebody else was writing about it when it was to be settled with others."""


class Settler:
    """Settles for any number of threads.

    *settle_one* settles anything that is not plain; *under_way* says how many are being sent or settled.
    """

    def __init__(self, settle_one: SettleOne, clock: Clock, *, under_way: Callable[[], int]) -> None:
        self._settle_one = settle_one
        self._clock = clock
        self._under_way = under_way
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._left: list[_Waiting] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def settle(self, claimed: Claim, sent: Sent) -> None:
        """Return when it is written down; raises what kept it from being so."""
        self._begin()
        waiting = _Waiting(claimed, sent)
        self._waiting.put(waiting)
        waiting.is_done.wait()
        if waiting.error is not None:
            raise waiting.error

    def stop(self) -> None:
        """End the thread, once nobody settles any more."""
        with self._lock:
            if self._thread is not None:
                self._waiting.put(None)
                self._thread.join()
                self._thread = None

    def _begin(self) -> None:
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="settler", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        try:
            while first := self._first():
                self._settle([*first, *self._others(len(first))])
        finally:
            connections.close_all()

    def _first(self) -> list[_Waiting]:
        """Those the last commit left, or else the next one that is done; nobody when the thread is to end."""
        left, self._left = self._left, []
        if left:
            return left
        first = self._waiting.get()
        return [first] if first is not None else []

    def _others(self, first: int) -> list[_Waiting]:
        """Whoever else is done at this moment, or soon enough when others than those *first* are under way."""
        others: list[_Waiting] = []
        until = time.monotonic() + GATHER_AT_MOST_SECONDS
        while first + len(others) < min(self._under_way(), TOGETHER_MAX):
            left = min(until - time.monotonic(), GATHER_SECONDS)
            try:
                each = self._waiting.get(timeout=max(left, 0))
            except queue.Empty:
                break
            if each is None:
                self._waiting.put(None)
                break
            others.append(each)
        return others

    def _settle(self, together: list[_Waiting]) -> None:
        """Settle all, each whatever becomes of the others; nobody is left waiting."""
        try:
            close_old_connections()
            left = self._without_plain(together)
        except Exception as error:  # noqa: BLE001  (raised again to everyone who waits)
            for each in together:
                each.error = error
                each.is_done.set()
            return
        for each in left:
            try:
                self._settle_one(each.claimed, each.sent)
            except Exception as error:  # noqa: BLE001  (raised again to whoever waits)
                each.error = error
            each.is_done.set()

    def _without_plain(self, together: list[_Waiting]) -> list[_Waiting]:
        """Settle what is plain in one commit; who is still to be settled. Raises when the database is away."""
        plain = {
            each.claimed: Taken(reference=each.sent.reference, units=each.sent.units)
            for each in together
            if each.sent.outcome is Outcome.ACCEPTED and not each.sent.reason
        }
        if len(plain) < 2:
            return together
        try:
            settled = settle_accepted(plain, self._clock.now())
        except (OperationalError, InterfaceError):
            raise
        # Whichever of them broke, nothing of all this was kept: each is settled alone.
        except Exception as error:  # noqa: BLE001
            _log.warning("settled one by one", error=type(error).__name__)
            return together
        left = []
        for each in together:
            if each.claimed in settled:
                each.is_done.set()
            elif each.was_left:
                left.append(each)
            else:
                # Mostly it is our own next claim, of the same call: done in a moment.
                each.was_left = True
                self._left.append(each)
        return left
