"""Waking the worker when there is something to send. It may only wake, never carry (design §5)."""

import contextlib
import socket
from collections.abc import Callable

from django.db import connection, transaction

from nightlight import config

PG_CHANNEL = "nightlight_wake"
SOCKET_NAME = "wake.sock"


class _Process:
    """How this process knocks."""

    knock: Callable[[], None] | None = None


def use(knock: Callable[[], None] | None) -> None:
    """From now on *knock* is what wakes the worker; None goes back to the socket."""
    _Process.knock = knock


def wake_worker() -> None:
    """Wake the worker once the transaction at hand is committed. Losing this costs at most a second."""
    if connection.vendor == "postgresql":
        # NOTIFY is part of the transaction: it is heard when, and only when, this commits.
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {PG_CHANNEL}")
        return
    transaction.on_commit(_Process.knock or _knock)


def _knock() -> None:
    path = config.current().data / SOCKET_NAME
    # Nobody listening is no fault here: the worker looks for itself every second.
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.setblocking(False)
        door.sendto(b"1", str(path))
