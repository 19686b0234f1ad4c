"""How the worker is woken: a knock from this machine, a NOTIFY from the database, or its own threads."""

import contextlib
import os
import selectors
import socket
from pathlib import Path
from typing import Protocol

import psycopg
from django.db import connection

from nightlight import config
from nightlight.store.wake import PG_CHANNEL, SOCKET_NAME

_DRAIN_BYTES = 4096


class Wakeup(Protocol):
    """Something to sleep on."""

    def wait(self, seconds: float) -> None:
        """Sleep until woken, or for *seconds*."""
        ...

    def wake(self) -> None:
        """Wake whoever waits; from any thread."""
        ...

    def close(self) -> None:
        """Let go of what was held."""
        ...


class _Base:
    """A pipe to oneself, and whatever else is to be listened to."""

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._theirs.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._ours, selectors.EVENT_READ)

    def wake(self) -> None:
        """Wake whoever waits; from any thread."""
        # A full pipe means that a wake-up is waiting already.
        with contextlib.suppress(OSError):
            self._theirs.send(b"1")

    def close(self) -> None:
        """Let go of what was held."""
        self._selector.close()
        self._ours.close()
        self._theirs.close()


class SocketWakeup(_Base):
    """For SQLite: every process of this machine knocks at a socket in the data directory."""

    def __init__(self, data: Path) -> None:
        super().__init__()
        self._path = data / SOCKET_NAME
        # One a crash left behind must not keep us from starting; one `serve` per directory holds a lock.
        self._path.unlink(missing_ok=True)
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        # A path longer than the kernel takes is no reason not to run: there is still the poll.
        with contextlib.suppress(OSError):
            self._door.bind(str(self._path))
            self._path.chmod(0o600)
        self._door.setblocking(False)
        self._selector.register(self._door, selectors.EVENT_READ)

    def wait(self, seconds: float) -> None:
        """Sleep until woken, or for *seconds*."""
        for key, _ in self._selector.select(seconds):
            with contextlib.suppress(OSError):
                while os.read(key.fd, _DRAIN_BYTES):
                    pass

    def close(self) -> None:
        """Let go of what was held."""
        super().close()
        self._door.close()
        self._path.unlink(missing_ok=True)


class NotifyWakeup(_Base):
    """For PostgreSQL: a connection that only listens. When it breaks, the poll goes on and it is made anew."""

    def __init__(self) -> None:
        super().__init__()
        self._listening: psycopg.Connection[tuple[object, ...]] | None = None

    def wait(self, seconds: float) -> None:
        """Sleep until woken, or for *seconds*."""
        if self._listening is None:
            self._listen()
        for key, _ in self._selector.select(seconds):
            if key.fileobj is self._ours:
                with contextlib.suppress(OSError):
                    while self._ours.recv(_DRAIN_BYTES):
                        pass
            else:
                self._drain()

    def _listen(self) -> None:
        try:
            # By the backend's own hands, so that a server that says nothing is not waited for for ever.
            listening = connection.get_new_connection(connection.get_connection_params())
            listening.autocommit = True
            listening.execute(f"LISTEN {PG_CHANNEL}")
            # Asked of a connection that broke just now, this raises as well.
            self._selector.register(listening.fileno(), selectors.EVENT_READ)
        except psycopg.Error:
            return
        self._listening = listening

    def _drain(self) -> None:
        listening = self._listening
        assert listening is not None
        try:
            for _ in listening.notifies(timeout=0):
                pass
        except psycopg.Error:
            self._forget()

    def _forget(self) -> None:
        if self._listening is not None:
            with contextlib.suppress(KeyError, ValueError, psycopg.Error):
                self._selector.unregister(self._listening.fileno())
            # A closed connection no longer tells its number, but the selector still knows it.
            for key in list(self._selector.get_map().values()):
                if key.fileobj is not self._ours:
                    self._selector.unregister(key.fileobj)
            self._listening.close()
            self._listening = None

    def close(self) -> None:
        """Let go of what was held."""
        self._forget()
        super().close()


def make_wakeup() -> Wakeup:
    """The way to be woken that fits the database in use."""
    if connection.vendor == "postgresql":
        return NotifyWakeup()
    return SocketWakeup(config.current().data)
