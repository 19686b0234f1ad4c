"""The worker: look, send, sleep until woken or due, for ever. It survives a database that is away."""

import os
import signal
import socket
import threading
import time
from collections.abc import Generator
from datetime import datetime, timedelta

import structlog
from django.db import Error, close_old_connections, connections

from nightlight import config
from nightlight.clock import Clock, boottime
from nightlight.intake import channels
from nightlight.store import check_ins, heartbeats, outbox, timers
from nightlight.store.dbclock import DatabaseClock
from nightlight.store.postgresql import ANSWER_SECONDS, answer_within
from nightlight.store.resealing import reseal_in_pieces
from nightlight.store.sealing import UnreadableError
from nightlight.worker.health import ProviderHealth
from nightlight.worker.listening import Listening
from nightlight.worker.liveness import BEAT_EVERY, OUTAGE_AFTER, ClockWatch, Watchdog
from nightlight.worker.noticing import Noticer
from nightlight.worker.points import Point, Step, outcome_of
from nightlight.worker.sender import Sender, Start
from nightlight.worker.waker import Waker
from nightlight.worker.wakeup import Wakeup, make_wakeup

POLL_SECONDS = 1.0
"""The net under every wake-up that may get lost."""
SLEEP_MIN_SECONDS = 0.02
"""Work that is due and cannot be done this instant (every hand busy, a row in use) is looked at this often."""
ROUND_EVERY_SECONDS = 0.5
"""While there is more to send than hands to send it, everything else is looked at this often."""
HANDS_WITHIN_SECONDS = 0.05
"""While there is more to send than hands, so long is waited for half of them: one commit takes up many."""
SEND_EVERY_SECONDS = 0.1
"""In a long round what is due to be sent is looked at this often."""
LET_GO_SECONDS = 0.005
"""What was claimed has this long to be on its way before anything else is looked at."""
AWAY_SECONDS = 0.5
"""How long to wait before asking again for a database that is away."""

_log = structlog.get_logger()


class Worker:
    """One worker. Any number of them may run on one PostgreSQL; on SQLite one."""

    def __init__(self, clock: Clock, wakeup: Wakeup, *, start: Start | None = None, name: str = "") -> None:
        """*start* takes the place of the threads that send, see `Sender`; *name* that of host and process."""
        settings = config.current()
        switched_on = channels.switched_on()
        self._clock = clock
        self._wakeup = wakeup
        self._process = name or f"{socket.gethostname()}:{os.getpid()}"
        self._stopping = threading.Event()
        health = ProviderHealth({kind: len(own) for kind, own in switched_on.items()})
        self.sender = Sender(
            switched_on,
            clock,
            base_url=settings.base_url,
            service_name=settings.name,
            on_free=wakeup.wake,
            start=start,
            health=health,
        )
        # Who brings their own hands for calls (the simulator) has no messages outside them.
        self.noticer = (
            Noticer(
                switched_on,
                clock,
                base_url=settings.base_url,
                service_name=settings.name,
                on_free=wakeup.wake,
                health=health,
            )
            if start is None
            else None
        )
        self._listening = Listening(channels.listeners() if start is None else (), clock, self._process)
        self._waker = Waker(frozenset(switched_on), {kind: len(own) for kind, own in switched_on.items()})
        self._watchdog = Watchdog(settings.watchdog_url)
        self._clock_watch = ClockWatch()
        self._beaten_at: datetime | None = None

    def stop(self) -> None:
        """End after the round under way; from any thread or signal."""
        self._stopping.set()
        self._wakeup.wake()

    def run(self) -> None:
        """Work until stopped."""
        self._listening.start()
        while not self._stopping.is_set():
            try:
                if self.full_round():
                    self._keep_sending()
                seconds = self.seconds_to_sleep()
            except Error as error:
                # Half a minute without a database is survived, not waited for.
                _log.error("database away", error=type(error).__name__)
                connections.close_all()
                seconds = AWAY_SECONDS
            # Whatever broke, the next round must come; without full rounds the outside watch rings.
            except Exception as error:  # noqa: BLE001
                _log.error("round broke", error=type(error).__name__)
                seconds = AWAY_SECONDS
            if not self._stopping.is_set():
                self._wakeup.wait(seconds)
        # First, so that no answer comes in that nobody sends on any more.
        self._listening.stop()
        self.stop_sending()

    def stop_sending(self) -> None:
        """Let what is being sent be settled, and take nothing more on."""
        self.sender.stop()
        if self.noticer is not None:
            self.noticer.stop()

    def full_round(self) -> bool:
        """Look at everything once, and hand over what is due; whether the hands to send it ran out."""
        close_old_connections()
        return outcome_of(self.round())

    def round(self) -> Generator[Point, None, bool]:
        """The same, yielding after every commit."""
        began = boottime()
        now = self._clock.now()
        # Held against the other clock at once: what comes between would look like a step.
        was_set = self._clock_watch.was_set(now)
        # First asks go before everything else, also before the waking of other calls.
        yield from self.sender.claiming(now)
        self.sender.let_them_go(LET_GO_SECONDS)
        # Read anew: what another worker wrote while this one claimed must not look like the future, and
        # whoever was held up while claiming was away as well.
        looked = self._clock.now()
        if was_set or self._was_away(looked):
            yield from self._give_everyone_time_again(looked, was_set=was_set)
            looked = self._clock.now()
        yield from self._sending_beside(self._waker.round(looked))
        ran_out = yield from self.sender.claiming(self._clock.now())
        # Only behind everything that belongs to a call.
        if self.noticer is not None:
            yield from self._sending_beside(self.noticer.round(self._clock.now(), is_quiet=not ran_out))
        self.beat(now, round((boottime() - began) * 1000))
        return ran_out

    def _give_everyone_time_again(self, now: datetime, *, was_set: bool) -> Step:
        given = 0
        for point in self._sending_beside(self._waker.give_everyone_time_again(now)):
            given += point is Point.ADVANCED
            yield point
        if given:
            _log.warning("waits begin anew", given=given, clock_was_set=was_set)

    def _sending_beside(self, step: Step) -> Step:
        """*step* to its end, however long that takes; what is due is sent meanwhile."""
        looked = boottime()
        for point in step:
            if boottime() - looked >= SEND_EVERY_SECONDS:
                yield from self.sender.claiming(self._clock.now())
                looked = boottime()
            yield point

    def _keep_sending(self) -> None:
        """Send on as hands come free, until there is nothing more due or another full round is."""
        until = time.monotonic() + ROUND_EVERY_SECONDS
        ran_out = True
        while ran_out and not self._stopping.is_set() and time.monotonic() < until:
            self.sender.wait_for_hands(HANDS_WITHIN_SECONDS)
            ran_out = self.sender.send_due(self._clock.now())

    def _was_away(self, now: datetime) -> bool:
        """Whether no worker finished a full round for so long that it is nobody's silence (rule 12).

        Nothing is written down here: whoever is killed while giving time again begins once more.
        """
        if self._beaten_at is not None and now - self._beaten_at <= OUTAGE_AFTER:
            return False
        # We were held up, or just began; but perhaps another worker was there.
        latest = heartbeats.last_beat()
        return latest is None or now - latest > OUTAGE_AFTER

    def beat(self, now: datetime, round_ms: int) -> None:
        """A full round is done: write down the sign of life, and ping the outside watch, each now and then."""
        if self._beaten_at is None or not timedelta(0) <= now - self._beaten_at < BEAT_EVERY:
            heartbeats.beat(self._process, round_ms, now)
            self._beaten_at = now
        self._watchdog.full_round(now)

    def seconds_to_sleep(self) -> float:
        """How long there is nothing to do, as far as is known, and never longer than the poll."""
        now = self._clock.now()
        notice_due = self.noticer.next_due(now) if self.noticer is not None else None
        nearest = (timers.first_due(), outbox.first_due(), check_ins.first_due(), notice_due)
        dues = [due for due in nearest if due is not None]
        if not dues:
            return POLL_SECONDS
        until = (min(dues) - now).total_seconds()
        return min(max(until, SLEEP_MIN_SECONDS), POLL_SECONDS)


def main() -> None:
    """Run one worker in this process until it is told to stop."""
    answer_within(ANSWER_SECONDS)
    worker = Worker(DatabaseClock(), make_wakeup())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    threading.Thread(target=_reseal, name="reseal", daemon=True).start()
    worker.run()


def _reseal() -> None:
    """After a change of keys: what an older one sealed is sealed anew, in short pieces beside the work."""
    try:
        changed = sum(reseal_in_pieces())
        if changed:
            _log.info("sealed anew under the newest key", rows=changed)
    except (UnreadableError, Error) as error:
        # `doctor` names the rows; nothing here depends on them all being done.
        _log.error("not all rows sealed anew", error=type(error).__name__)
    finally:
        connections.close_all()
