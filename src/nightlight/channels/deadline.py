"""One connection with one end to its time, shared by the channels that speak to a provider.

A socket's own timeout counts from the last byte, so a provider that sends one byte now and then
could hold a sender for ever. Here the whole conversation has one end: when it comes, the connection
is cut off, whatever it is doing.
"""

import queue
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

SPARE_SECONDS = 1


class Deadline:
    """A context in which at most one connection lives, for at most *seconds*."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timer = threading.Timer(seconds, self._cut_off)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self.passed = False
        """Whether the time was up before the conversation was over."""

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._let_go()

    def connect(self, host: str, port: int) -> socket.socket:
        """A socket connected to *host*, each of its addresses tried in turn.

        Raises OSError when none can be reached, TimeoutError when the time was up first.
        """
        addresses = _look_up(host, port, self._seconds)
        failure = OSError("the host has no address")
        for family, kind, protocol, _, address in addresses:
            connection = socket.socket(family, kind, protocol)
            try:
                self._watch(connection)
                # An address that swallows everything must leave time for the next one.
                connection.settimeout(self._seconds / len(addresses))
                connection.connect(address)
                # From here on it is the deadline that ends a wait; this only stands behind it.
                connection.settimeout(self._seconds + SPARE_SECONDS)
                return connection
            except OSError as error:
                connection.close()
                failure = error
        if self.passed:
            raise TimeoutError("the time was up") from failure
        raise failure

    def _watch(self, connection: socket.socket) -> None:
        """Keep a second handle: it stays good when the first is wrapped for TLS or closed."""
        with self._lock:
            if self.passed:
                raise TimeoutError("the time was up")
            self._let_go()
            self._handle = connection.dup()

    def _cut_off(self) -> None:
        with self._lock:
            self.passed = True
            if self._handle is not None:
                with suppress(OSError):
                    self._handle.shutdown(socket.SHUT_RDWR)

    def _let_go(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None


def _look_up(host: str, port: int, seconds: float) -> list[tuple[Any, ...]]:
    """The addresses of *host*. The system's resolver knows no timeout, so it is asked from outside."""
    # A number is no name: that needs no resolver, so nothing to wait for.
    with suppress(OSError, UnicodeError):
        return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))
    answers: queue.SimpleQueue[list[tuple[Any, ...]] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError("not a host name"))

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError("the name was not found in time") from None
    if isinstance(answer, OSError):
        raise answer
    return answer
