"""A text gateway that three machines send to. It knows which of them sent what, and can keep one waiting."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.campaigns.gateway import ANSWER_SECONDS_MAX, Text

KEPT_WAITING_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One text that arrived here, or was on its way when its sender was cut off."""

    text: Text
    machine: str
    at: float
    """By `time.monotonic`."""
    arrived: bool = True


class Provider:
    """What was accepted, and from whom."""

    def __init__(self, on_text: Callable[[Text], None], chance: random.Random) -> None:
        self._on_text = on_text
        self._chance = chance
        self._lock = threading.Lock()
        self._sent: list[Sent] = []
        self._in_hand: list[Sent] = []
        self._waits: dict[str, threading.Event] = {}

    @property
    def sent(self) -> list[Sent]:
        """Everything accepted so far, the oldest first."""
        with self._lock:
            return list(self._sent)

    def keep_waiting(self, machine: str) -> None:
        """Answer nothing to *machine* from now on; of what it sends, half arrives and half is still on its way."""
        with self._lock:
            self._waits[machine] = threading.Event()
            self._in_hand.clear()

    def in_hand(self) -> list[Sent]:
        """What the machine that is kept waiting has begun and heard nothing of."""
        with self._lock:
            return list(self._in_hand)

    def let_go(self, machine: str) -> None:
        """Answer whoever still waits for it; what was on its way is lost on it."""
        with self._lock:
            waiting = self._waits.pop(machine, None)
        if waiting is not None:
            waiting.set()

    def take(self, text: Text, machine: str) -> bool:
        """Take *text* of *machine*, in the time that takes; whether it arrived."""
        with self._lock:
            waiting = self._waits.get(machine)
            arrived = waiting is None or self._chance.random() < 0.5
            sent = Sent(text=text, machine=machine, at=time.monotonic(), arrived=arrived)
            if arrived:
                self._sent.append(sent)
            if waiting is not None:
                self._in_hand.append(sent)
            pause = self._chance.uniform(0, ANSWER_SECONDS_MAX)
        if arrived:
            self._on_text(text)
        if waiting is not None:
            waiting.wait(KEPT_WAITING_SECONDS)
        else:
            time.sleep(pause)
        return arrived


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    provider: Provider
    machines: dict[str, str]

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender whose cable was pulled is what this is for."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """One text, as Kannel takes it."""
        fields = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        report = parse_qs(urlsplit(fields.get("dlr-url", "")).query)
        text = Text(to=fields["to"], text=fields["text"], attempt=report["attempt"][0])
        if not self.server.provider.take(text, self.server.machines[self.client_address[0]]):
            self.close_connection = True
            return
        body = b"0: Accepted for delivery"
        self.send_response(202)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (as the library calls it)
        """Say nothing."""


@contextmanager
def provider(
    place: tuple[str, int],
    machines: dict[str, str],
    on_text: Callable[[Text], None],
    chance: random.Random,
) -> Iterator[Provider]:
    """A gateway at *place*; *machines* are names by address, *on_text* hears of every text that arrived."""
    server = _Server(place, _Handler)
    server.provider = Provider(on_text, chance)
    server.machines = machines
    thread = threading.Thread(target=server.serve_forever, name="gateway", daemon=True)
    thread.start()
    try:
        yield server.provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
