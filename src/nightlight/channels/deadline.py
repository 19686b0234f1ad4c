"""One connection with one end to its time, shared by the channels that speak to a provider.

A socket's own timeout counts from the last byte, so a provider that sends one byte now and then
could hold a sender for ever. Here the whole conversation has one end: when it comes, the connection
is cut off, whatever it is doing.
"""

import queue
import socket
import ssl
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from nightlight.channels.base import ProviderMisconfigured, TemporaryFailure

SPARE_SECONDS = 1


class _Watch:
    """One thread that cuts off whatever is over its time: a thread for each connection would cost as much as it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._ends: dict[Deadline, float] = {}
        self._wakes_at: float | None = None
        """When it looks again by itself; None while it sleeps until it is told."""
        self._thread: threading.Thread | None = None

    def over(self, deadline: "Deadline", seconds: float) -> None:
        """Cut *deadline* off in so many seconds."""
        end = time.monotonic() + seconds
        with self._changed:
            self._ends[deadline] = end
            # Also after a fork, which takes no threads along.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif self._wakes_at is None or end < self._wakes_at:
                self._changed.notify()

    def no_longer(self, deadline: "Deadline") -> None:
        """Leave *deadline* alone: it is over."""
        with self._changed:
            self._ends.pop(deadline, None)

    def _run(self) -> None:
        while True:
            for deadline in self._wait():
                deadline.cut_off()

    def _wait(self) -> "list[Deadline]":
        """Those whose time is up, as soon as there is one, or none when what is watched has changed."""
        with self._changed:
            self._wakes_at = min(self._ends.values(), default=None)
            self._changed.wait(None if self._wakes_at is None else max(self._wakes_at - time.monotonic(), 0))
            now = time.monotonic()
            late = [deadline for deadline, end in self._ends.items() if end <= now]
            for deadline in late:
                del self._ends[deadline]
        return late


_watch = _Watch()


class Deadline:
    """A context in which at most one connection lives, for at most *seconds*."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self.passed = False
        """Whether the time was up before the conversation was over."""

    def __enter__(self) -> Self:
        _watch.over(self, self._seconds)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _watch.no_longer(self)
        with self._lock:
            self._let_go()

    def connect(self, host: str, port: int) -> socket.socket:
        """A socket connected to *host*, each of its addresses tried in turn.

        Raises OSError when none can be reached, TimeoutError when the time was up first.
        """
        return self.connect_to(self.look_up(host, port))

    def look_up(self, host: str, port: int) -> list[tuple[Any, ...]]:
        """The addresses of *host* as `socket.getaddrinfo` gives them. Raises OSError when there is none."""
        return _look_up(host, port, self._seconds)

    def connect_to(self, addresses: list[tuple[Any, ...]]) -> socket.socket:
        """A socket connected to one of *addresses*, tried in turn; no name is looked up any more.

        Raises as `connect` does.
        """
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

    def keep(self, connection: socket.socket) -> None:
        """Watch over *connection*, made under an earlier deadline. Raises TimeoutError when the time is up."""
        connection.settimeout(self._seconds + SPARE_SECONDS)
        self._watch(connection)

    def _watch(self, connection: socket.socket) -> None:
        """Keep a second handle: it stays good when the first is wrapped for TLS or closed."""
        with self._lock:
            if self.passed:
                raise TimeoutError("the time was up")
            self._let_go()
            # Not its own `dup`, which a connection wrapped for TLS does not have.
            self._handle = socket.fromfd(connection.fileno(), connection.family, connection.type)

    def cut_off(self) -> None:
        """The time is up: whoever waits on the connection is waited for no longer."""
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


def tls_context(*, is_checked: bool) -> ssl.SSLContext:
    """How a provider is spoken to in secret; *is_checked* says whether its certificate must be good.

    Only on loopback it need not be: a machine's own server often signed its own, and nothing leaves the machine.
    """
    context = ssl.create_default_context()
    if not is_checked:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def why_it_broke(error: Exception, deadline: Deadline) -> TemporaryFailure:
    """What a conversation that broke off with *error*, before anything was handed over, amounts to."""
    if deadline.passed or isinstance(error, TimeoutError):
        return TemporaryFailure("timeout")
    if isinstance(error, ssl.SSLCertVerificationError):
        return ProviderMisconfigured("certificate_refused")
    if isinstance(error, ssl.SSLError):
        return ProviderMisconfigured("tls_failed")
    if isinstance(error, ConnectionRefusedError):
        return TemporaryFailure("connection_refused")
    if isinstance(error, socket.gaierror):
        return TemporaryFailure("host_not_found")
    return TemporaryFailure("disconnected")
