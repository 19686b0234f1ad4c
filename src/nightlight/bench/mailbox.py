"""A mail server of our own on loopback: it notes when each conversation begins, and takes every mail or hangs."""

import asyncio
import contextlib
import threading
import time
from types import TracebackType
from typing import Self

_ANSWERS = {b"EHLO": b"250 bench\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
_END_OF_MAIL = b"\r\n.\r\n"


class Mailbox:
    """Speaks what `channels.smtp` expects, for as long as its block lasts, in a thread of its own."""

    def __init__(self, *, hangs: bool = False) -> None:
        """One that *hangs* takes every connection, and never says a word."""
        self.port = 0
        self.hangs = hangs
        self._begun: list[float] = []
        self._arrivals: list[tuple[str, float]] = []
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="mailbox", daemon=True)
        self._is_up = threading.Event()

    @property
    def url(self) -> str:
        """The address of the server, as NIGHTLIGHT_SMTP_URL wants it."""
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._is_up.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def begun(self) -> list[float]:
        """When each conversation began, in seconds of `time.monotonic`."""
        return list(self._begun)

    def count(self) -> int:
        """How many mails came so far."""
        return len(self._arrivals)

    def arrivals(self) -> list[tuple[str, float]]:
        """The address each mail was for, and when its conversation began, in seconds of `time.monotonic`."""
        return list(self._arrivals)

    def take(self, to: str, at: float) -> None:
        """Note one mail."""
        self._arrivals.append((to, at))

    def wait_for(self, count: int, seconds: float) -> bool:
        """Wait until *count* conversations began, for at most *seconds*; whether they did."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._begun) >= count, seconds)

    def begins(self, at: float) -> None:
        """Note one conversation."""
        with self._changed:
            self._begun.append(at)
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
    """One connection."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._read = b""
        self._in_mail = False
        self._to = ""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._began = time.monotonic()
        self._mailbox.begins(self._began)
        if not self._mailbox.hangs:
            transport.write(b"220 bench\r\n")

    def data_received(self, data: bytes) -> None:
        self._read += data
        end = _END_OF_MAIL if self._in_mail else b"\r\n"
        while end in self._read:
            said, _, self._read = self._read.partition(end)
            word = said[:4].upper()
            if self._in_mail:
                self._mailbox.take(self._to, self._began)
            elif word == b"RCPT":
                self._to = said.partition(b"<")[2].partition(b">")[0].decode("latin-1")
            self._transport.write(b"250 ok\r\n" if self._in_mail else _ANSWERS.get(word, b"250 ok\r\n"))
            self._in_mail = word == b"DATA" and not self._in_mail
            end = _END_OF_MAIL if self._in_mail else b"\r\n"
