"""Made-up providers that fail in ways a real Postfix or Kannel cannot be made to.

Each listens on loopback, and does to every client exactly what it was told. What can be shown on the
real servers is shown there (`test_smtp_real.py`, `test_sms_kannel_real.py`).
"""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

DRIP_SECONDS = 0.05


class Fault(Enum):
    """What a provider does instead of answering."""

    HANG = "says nothing more, and keeps the line open"
    DRIP = "sends a little now and then, and never comes to an end"
    CLOSE = "closes the line"


Step = bytes | Fault


class FaultyProvider:
    """A listener that hands each connection to *talk*, and keeps what was said to it."""

    def __init__(self, talk: Callable[["Line"], None], *, drop: bytes, tls: Path | None = None) -> None:
        self.heard = b""
        self.drop = drop
        self._talk = talk
        self._tls = tls
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Break every line off."""
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
                with connection:
                    self._talk(Line(self._wrapped(connection), self, self._over))
            except OSError:
                # A client may hang up at any time; without the listener it is over.
                if self._over.is_set():
                    return

    def _wrapped(self, connection: socket.socket) -> socket.socket:
        if self._tls is None:
            return connection
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._tls / "certificate.pem", self._tls / "key.pem")
        return context.wrap_socket(connection, server_side=True)


class Line:
    """One connection, as the provider sees it."""

    def __init__(self, connection: socket.socket, provider: FaultyProvider, over: threading.Event) -> None:
        self._connection = connection
        self._provider = provider
        self._drop = provider.drop
        self._over = over
        self._unread = b""

    def read_until(self, mark: bytes) -> bytes:
        """What comes up to and with *mark*."""
        while mark not in self._unread:
            received = self._connection.recv(65536)
            if not received:
                raise ConnectionError("the client hung up")
            self._provider.heard += received
            self._unread += received
        found, _, self._unread = self._unread.partition(mark)
        return found + mark

    def read(self, count: int) -> bytes:
        """The next *count* bytes."""
        while len(self._unread) < count:
            received = self._connection.recv(65536)
            if not received:
                raise ConnectionError("the client hung up")
            self._provider.heard += received
            self._unread += received
        found, self._unread = self._unread[:count], self._unread[count:]
        return found

    def do(self, step: Step) -> None:
        """Answer, or fail. After a fault the line is of no more use."""
        if isinstance(step, bytes):
            self._connection.sendall(step)
            return
        if step is Fault.HANG:
            self._over.wait()
        while step is Fault.DRIP and not self._over.wait(DRIP_SECONDS):
            self._connection.sendall(self._drop)
        raise ConnectionError(step.value)


@contextmanager
def _stopped(provider: FaultyProvider) -> Iterator[FaultyProvider]:
    try:
        yield provider
    finally:
        provider.stop()


@contextmanager
def faulty_gateway(step: Step, *, tls: Path | None = None) -> Iterator[FaultyProvider]:
    """A text gateway that reads a request and then does *step*; over TLS with the certificate in *tls*."""

    def talk(line: Line) -> None:
        head = line.read_until(b"\r\n\r\n")
        line.read(_length(head))
        line.do(step)

    with _stopped(FaultyProvider(talk, drop=b"HTTP/1.1 202 Told\r\n", tls=tls)) as provider:
        yield provider


def _length(head: bytes) -> int:
    """How long the body behind *head* is: who hangs up on what was not read yet breaks its own answer off."""
    found = re.search(rb"(?im)^content-length: *([0-9]+)", head)
    return int(found[1]) if found else 0


def answer(status: int, body: str, **headers: str) -> bytes:
    """An HTTP answer as Kannel gives it; further *headers* are written with `_` for `-`."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} Told\r\n{more}Content-Length: {len(body.encode())}\r\n\r\n{body}".encode()


@contextmanager
def faulty_homeserver(*, membership: str = "join", **steps: Step) -> Iterator[FaultyProvider]:
    """A Matrix homeserver that does *steps* where they are named (whoami, put), and else its job.

    Its answers are those of the client interface (spec.matrix.org, v1.11); *membership* is the reader's.
    """
    answers: dict[str, Step] = {
        "whoami": answer(200, '{"user_id": "@nightlight:chat.example.org"}'),
        "directory": answer(200, '{"room_id": "!one:chat.example.org"}'),
        "state": answer(200, f'{{"membership": "{membership}"}}'),
        "put": answer(200, '{"event_id": "$event"}'),
        **steps,
    }

    def talk(line: Line) -> None:
        asked = line.read_until(b"\r\n\r\n").split(b" ")
        path = asked[1].decode()
        kind = (
            "put" if asked[0] == b"PUT" else next((name for name in answers if f"/{name}" in path), "state")
        )
        line.do(answers[kind])

    with _stopped(FaultyProvider(talk, drop=b"HTTP/1.1 202 Told\r\n")) as provider:
        yield provider


_MAIL_ANSWERS: Mapping[str, Step] = {
    "banner": b"220 faulty.example.org ESMTP\r\n",
    "EHLO": b"250-faulty.example.org\r\n250 AUTH PLAIN LOGIN\r\n",
    "AUTH": b"235 2.7.0 welcome\r\n",
    "MAIL": b"250 2.1.0 ok\r\n",
    "RCPT": b"250 2.1.5 ok\r\n",
    "DATA": b"354 go on\r\n",
    "dot": b"250 2.0.0 ok: queued as F4011\r\n",
    "QUIT": b"221 2.0.0 bye\r\n",
}


@contextmanager
def faulty_mail_server(**steps: Step) -> Iterator[FaultyProvider]:
    """A mail server that does *steps* where they are named (banner, EHLO, MAIL … dot), and else its job."""
    answers = {**_MAIL_ANSWERS, **steps}

    def talk(line: Line) -> None:
        line.do(answers["banner"])
        while True:
            word = line.read_until(b"\r\n").decode("latin-1").split()[0].upper()
            line.do(answers.get(word, b"502 5.5.1 what\r\n"))
            if word == "DATA" and answers["DATA"] == _MAIL_ANSWERS["DATA"]:
                line.read_until(b"\r\n.\r\n")
                line.do(answers["dot"])

    with _stopped(FaultyProvider(talk, drop=b"250-more\r\n")) as provider:
        yield provider
