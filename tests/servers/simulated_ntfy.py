"""A simulated ntfy: no server of it can be installed here, so this peer is ours, and its name says so.

Made from ntfy's documentation (https://docs.ntfy.sh/publish/): publishing as JSON to the root, its limits
and its error codes, access tokens, and the action buttons, which the app presses itself over HTTP.
"""

import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.servers.processes import wait_until

TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}\Z")
MESSAGE_BYTES_MAX = 4096
ACTIONS_MAX = 3
_KNOWN = frozenset({"topic", "message", "title", "tags", "priority", "actions", "click", "attach", "icon", "markdown",
                    "filename", "delay", "email", "call", "cache", "firebase", "sequence_id"})  # fmt: skip


@dataclass
class SimulatedNtfy:
    """A running one, and every phone that listens to a topic there."""

    token: str = ""
    """Without it nothing may be published, when there is one."""
    url: str = ""
    published: list[dict[str, Any]] = field(default_factory=list)

    def publish(self, raw: bytes, authorization: str) -> tuple[int, dict[str, Any]]:
        """Take one message in; the HTTP status and what is said."""
        if self.token and authorization != f"Bearer {self.token}":
            return _error(40101, 401, "unauthorized")
        try:
            told = json.loads(raw)
        except ValueError:
            told = None
        if not isinstance(told, dict) or not set(told) <= _KNOWN:
            return _error(40017, 400, "invalid request: request body must be valid JSON")
        if not TOPIC.match(str(told.get("topic", ""))):
            return _error(40009, 400, "invalid topic")
        if len(str(told.get("message", "")).encode()) > MESSAGE_BYTES_MAX:
            return _error(40022, 400, "message too large")
        if told.get("priority", 3) not in range(1, 6):
            return _error(40007, 400, "invalid priority parameter")
        if len(told.get("actions", [])) > ACTIONS_MAX or any(map(_is_wrong, told.get("actions", []))):
            return _error(40018, 400, "invalid request: actions invalid")
        kept = {**told, "id": f"sim{len(self.published):09}", "event": "message"}
        self.published.append(kept)
        return 200, kept

    def phone(self, topic: str) -> list[dict[str, Any]]:
        """What lies on the phones that listen to *topic*, oldest first."""
        return [each for each in self.published if each["topic"] == topic]

    def wait_for(self, topic: str, text: str) -> dict[str, Any]:
        """The first message for *topic* in which *text* stands. Raises TimeoutError."""
        wait_until(lambda: bool(self._with(topic, text)), f"{text!r} in the topic {topic}")
        return self._with(topic, text)[0]

    def _with(self, topic: str, text: str) -> list[dict[str, Any]]:
        return [each for each in self.phone(topic) if text in each["message"]]


def press(message: dict[str, Any], label: str) -> int:
    """Press the button with *label* as the app on a phone does; the HTTP status it gets."""
    [action] = [each for each in message["actions"] if each["label"] == label]
    request = urllib.request.Request(
        action["url"],
        data=action.get("body", "").encode(),
        headers=action.get("headers", {}),
        # What the documentation says of the action `http`: POST, unless it says another.
        method=action.get("method", "POST"),
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@contextmanager
def simulated_ntfy(*, token: str = "") -> Iterator[SimulatedNtfy]:
    """A running one on loopback, ended when the block is left."""
    simulated = SimulatedNtfy(token=token)
    web = ThreadingHTTPServer(("127.0.0.1", 0), _handler(simulated))
    simulated.url = f"http://127.0.0.1:{web.server_address[1]}"
    threading.Thread(target=web.serve_forever, daemon=True).start()
    try:
        yield simulated
    finally:
        web.shutdown()
        web.server_close()


def _handler(simulated: SimulatedNtfy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, told = (
                simulated.publish(raw, self.headers.get("Authorization", ""))
                if self.path == "/"
                else _error(40401, 404, "page not found")
            )
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _is_wrong(action: dict[str, Any]) -> bool:
    return action.get("action") not in {"view", "http", "broadcast", "copy"} or not (
        action.get("label") and action.get("url")
    )


def _error(code: int, status: int, words: str) -> tuple[int, dict[str, Any]]:
    return status, {"code": code, "http": status, "error": words}
