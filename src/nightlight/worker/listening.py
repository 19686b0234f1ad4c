"""Listening on lines of our own: a mailbox, a chat, a telephone. Stop 1 of the road, from outside to `intake.hearing`.

Each line has a thread to itself, so that one that hangs keeps nobody else waiting; and listening never
takes a hand from whoever sends.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from django.db import Error, close_old_connections, connections

from nightlight.chance import new_id
from nightlight.channels.base import Heard, Listener, SendFailure
from nightlight.clock import Clock
from nightlight.intake.hearing import take_heard
from nightlight.store import listener_places

LISTEN_SECONDS = 10.0
"""At a stretch; what comes in meanwhile is heard at once. With a slow answer on top shorter than the lease."""
LOOK_AGAIN_SECONDS = 5.0
"""A line that another worker listens on is asked for again this often."""
BACK_OFF_SECONDS = (1.0, 2.0, 5.0, 15.0, 30.0)
"""After each failure of a line in a row it is left alone for so long, at last always for the longest."""
STOP_WITHIN_SECONDS = 1.0
"""Nothing heard is lost when a thread is left behind: its place is kept only after it was taken in."""

Take = Callable[[str, Heard, datetime], None]

_log = structlog.get_logger()


class Line:
    """One line, and where listening on it has come to."""

    def __init__(self, listener: Listener, clock: Clock, holder: str, take: Take = take_heard) -> None:
        self.name = listener.name
        self._listener = listener
        self._clock = clock
        # The end of it tells processes apart; a row holds no more.
        self._holder = holder[-listener_places.HOLDER_CHARACTERS_MAX :]
        self._take = take
        self._own_position = ""
        self._failures = 0

    def turn(self) -> float:
        """Listen once, take in what was heard and keep the place; after how many seconds to come again."""
        position = self._position()
        if position is None:
            return LOOK_AGAIN_SECONDS
        try:
            heard = self._listener.listen(position, LISTEN_SECONDS)
        except SendFailure as failure:
            return self._broken(failure.reason)
        # A fault of ours in a listener: other lines go on, and this one is tried again.
        except Exception as error:  # noqa: BLE001
            _log.error("listener broke", line=self.name, error=type(error).__name__)
            return self._broken(type(error).__name__)
        self._take(self._listener.kind, heard, self._clock.now())
        self._own_position = heard.position
        listener_places.keep(self.name, self._holder, heard.position, self._clock.now())
        self._failures = 0
        return 0.0

    def let_go(self) -> None:
        """Somebody else may listen on it now."""
        listener_places.let_go(self.name, self._holder)

    def _position(self) -> str | None:
        """From where to listen, or None while the line is another worker's."""
        if self._listener.is_shared:
            return listener_places.take(self.name, self._holder, self._clock.now())
        # Each worker has its own; whichever wrote last says how they are.
        listener_places.take_over(self.name, self._holder)
        return self._own_position

    def _broken(self, reason: str) -> float:
        listener_places.note_trouble(self.name, self._holder, reason)
        pause = BACK_OFF_SECONDS[min(self._failures, len(BACK_OFF_SECONDS) - 1)]
        self._failures += 1
        _log.warning("line broken", line=self.name, reason=reason, again_in_seconds=pause)
        return pause


def unlike_any_other(process: str) -> str:
    """A name for one worker that no other has, made of the host and number of its *process*.

    Containers often share both; then each would take itself for the other, and both would listen.
    """
    return f"{process}:{new_id()}"


class Listening:
    """A thread for each line, from `start` until `stop`."""

    def __init__(self, listeners: Sequence[Listener], clock: Clock, holder: str) -> None:
        own = unlike_any_other(holder)
        self._lines = [Line(listener, clock, own) for listener in listeners]
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(line,), name=f"listen-{line.name}", daemon=True)
            for line in self._lines
        ]

    def start(self) -> None:
        """Begin to listen on all of them."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin nothing more, and give what is being taken in a moment to end."""
        self._stopping.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(STOP_WITHIN_SECONDS)

    def _run(self, line: Line) -> None:
        try:
            while not self._stopping.is_set():
                self._stopping.wait(_turn(line))
            line.let_go()
        except Error as error:
            _log.warning("line not let go of", line=line.name, error=type(error).__name__)
        finally:
            connections.close_all()


def _turn(line: Line) -> float:
    close_old_connections()
    try:
        return line.turn()
    except Error as error:
        # From the same place again, once the database is back.
        _log.error("database away", line=line.name, error=type(error).__name__)
        connections.close_all()
    # Whatever broke, it must be listened on again.
    except Exception as error:  # noqa: BLE001
        _log.error("listening broke", line=line.name, error=type(error).__name__)
    return BACK_OFF_SECONDS[0]
