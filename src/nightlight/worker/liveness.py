"""The service's own sign of life: a heartbeat after every full round, and a ping to an outside watch.

The outside watch is pinged only after a full round, so that a worker that runs and does nothing is
missed as surely as one that stopped.
"""

import threading
from datetime import datetime, timedelta

import structlog
import urllib3

from nightlight import clock

OUTAGE_AFTER = timedelta(seconds=60)
"""No full round for this long is an outage of ours (rule 12)."""
BEAT_EVERY = timedelta(seconds=5)
PING_EVERY = timedelta(seconds=30)
PING_AGAIN_AFTER = timedelta(seconds=5)
"""After one that did not get through: the alarm outside may ring a minute after the last that did."""
PING_TIMEOUT_SECONDS = 8
CLOCK_STEP = timedelta(seconds=5)
"""A wall clock that moved this much against the time since the machine started was set by somebody."""

_log = structlog.get_logger()


class Watchdog:
    """Pings an outside address, at most twice a minute, without ever holding up a round."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(total=PING_TIMEOUT_SECONDS), maxsize=1
        )
        self._pinged_at: datetime | None = None
        self._pause = PING_EVERY
        self._under_way = threading.Lock()

    def full_round(self, now: datetime) -> None:
        """A full round is done: say so to the outside, unless that was said just now."""
        if not self._url or self._pinged_just_now(now):
            return
        if self._under_way.acquire(blocking=False):
            self._pinged_at = now
            threading.Thread(target=self._ping, name="watchdog", daemon=True).start()

    def _pinged_just_now(self, now: datetime) -> bool:
        # A clock set back must not silence the ping until it has caught up.
        return self._pinged_at is not None and timedelta(0) <= now - self._pinged_at < self._pause

    def _ping(self) -> None:
        try:
            self._pause = PING_EVERY if self._is_taken() else PING_AGAIN_AFTER
        finally:
            self._under_way.release()

    def _is_taken(self) -> bool:
        """Call the address once. The record never says which: whoever knows it could keep the alarm quiet."""
        try:
            # What comes behind the status is not waited for, however long it is.
            response = self._http.request("GET", self._url, redirect=False, preload_content=False)
            response.close()
        # Whatever goes wrong here, the next ping must come.
        except Exception as error:  # noqa: BLE001
            _log.warning("watchdog not reached", error=type(error).__name__)
            return False
        # A redirect was sent on to nowhere: it is no answer either.
        if response.status >= 300:
            _log.warning("watchdog refused the ping", status=response.status)
        return response.status < 300


class ClockWatch:
    """Notices that the wall clock was set, by holding it against a clock nobody can set."""

    def __init__(self) -> None:
        self._offset: timedelta | None = None

    def was_set(self, now: datetime) -> bool:
        """Whether the wall clock was moved since the last look."""
        offset = timedelta(seconds=now.timestamp() - clock.boottime())
        before, self._offset = self._offset, offset
        return before is not None and abs(offset - before) > CLOCK_STEP
