"""A text gateway of our own on loopback: it takes every message, and notes when it came and for whom."""

import asyncio
import contextlib
import threading
import time
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from nightlight.channels.sms_kannel import PATH

_END_OF_REQUEST = b"\r\n\r\n"
_FAILED = 2
"""What Kannel calls a delivery that failed."""
_REQUEST_BYTES_MAX = 16 * 1024
_BODY = b"0: Accepted for delivery"
_TAKEN = b"HTTP/1.1 202 Accepted\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(_BODY), _BODY)


class Gateway:
    """Speaks what `channels.sms_kannel` expects, for as long as its block lasts, in a thread of its own."""

    def __init__(self) -> None:
        self.port = 0
        self._arrivals: list[tuple[str, float]] = []
        self._reports: list[str] = []
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="gateway", daemon=True)
        self._is_up = threading.Event()

    @property
    def url(self) -> str:
        """The address of the gateway, as NIGHTLIGHT_SMS_URL wants it."""
        return f"kannel://bench:bench@127.0.0.1:{self.port}{PATH}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._is_up.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def count(self) -> int:
        """How many messages came so far."""
        return len(self._arrivals)

    def arrivals(self) -> list[tuple[str, float]]:
        """The number each message was for, and when its request was read, in seconds of `time.monotonic`."""
        return list(self._arrivals)

    def report_failed(self, place: int) -> str:
        """Path and query by which it is reported that the message at *place*, counted from 0, did not arrive."""
        report = urlsplit(self._reports[place])
        return f"{report.path}?{report.query.replace('%d', str(_FAILED))}"

    def wait_for(self, count: int, seconds: float) -> bool:
        """Wait until *count* messages came, for at most *seconds*; whether they did."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._arrivals) >= count, seconds)

    def take(self, target: str, at: float) -> None:
        """Note one message, by the target of its request."""
        fields = parse_qs(urlsplit(target).query)
        to = fields.get("to", [""])[0]
        with self._changed:
            self._reports.append(fields.get("dlr-url", [""])[0])
            self._arrivals.append((to, at))
            self._changed.notify_all()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        listening = self._loop.run_until_complete(
            self._loop.create_server(lambda: _Conversation(self), "127.0.0.1", 0, backlog=512)
        )
        self.port = listening.sockets[0].getsockname()[1]
        self._is_up.set()
        with contextlib.closing(listening):
            self._loop.run_forever()
        self._loop.close()


class _Conversation(asyncio.Protocol):
    """One connection with one request."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        at = time.monotonic()
        self._read += data
        if _END_OF_REQUEST in self._read:
            _, target, _ = self._read.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
            self._gateway.take(target, at)
            self._transport.write(_TAKEN)
            self._transport.close()
        elif len(self._read) > _REQUEST_BYTES_MAX:
            self._transport.abort()
