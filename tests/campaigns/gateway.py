"""A text gateway of our own. It writes down what it accepts before it answers, and answers slowly.

A worker that is killed while it waits for the answer leaves a message of which nobody knows, and
which the gateway has: that is what repeats come from.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ANSWER_SECONDS_MAX = 0.15


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text as the gateway accepted it."""

    to: str
    text: str
    attempt: str
    """What the sender calls this try of this message."""


class Gateway:
    """What was accepted, and the address to write into NIGHTLIGHT_SMS_URL."""

    def __init__(
        self, port: int, on_text: Callable[[Text], None], chance: random.Random, answer_seconds_max: float
    ) -> None:
        self.url = f"kannel://campaign:campaign@127.0.0.1:{port}"
        self._on_text = on_text
        self._chance = chance
        self._answer_seconds_max = answer_seconds_max
        self._lock = threading.Lock()
        self._texts: list[Text] = []

    @property
    def texts(self) -> list[Text]:
        """Everything accepted so far, the oldest first."""
        with self._lock:
            return list(self._texts)

    def accept(self, text: Text) -> float:
        """Take *text*; how many seconds to wait before saying so."""
        with self._lock:
            self._texts.append(text)
            pause = self._chance.uniform(0, self._answer_seconds_max)
        self._on_text(text)
        return pause


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    gateway: Gateway

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that was killed in the middle is what this is for."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """One text, as Kannel takes it."""
        fields = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        report = parse_qs(urlsplit(fields.get("dlr-url", "")).query)
        text = Text(to=fields["to"], text=fields["text"], attempt=report["attempt"][0])
        time.sleep(self.server.gateway.accept(text))
        body = b"0: Accepted for delivery"
        self.send_response(202)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (as the library calls it)
        """Say nothing."""


@contextmanager
def gateway(
    on_text: Callable[[Text], None], chance: random.Random, answer_seconds_max: float = ANSWER_SECONDS_MAX
) -> Iterator[Gateway]:
    """A gateway on a free port of loopback; *on_text* hears of every text, in a thread of its own."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.gateway = Gateway(server.server_address[1], on_text, chance, answer_seconds_max)
    thread = threading.Thread(target=server.serve_forever, name="gateway", daemon=True)
    thread.start()
    try:
        yield server.gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
