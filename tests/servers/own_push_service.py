"""A push service of the project's own: what a browser vendor runs, as small as it can be and still be one.

No vendor's service can be installed here, so this one is ours and says so. Towards the browser it
speaks what Firefox speaks (a WebSocket: hello, register, notification, ack, unregister), towards whoever
sends it speaks RFC 8030 and checks the signature of RFC 8292. What is said it cannot read.
"""

import base64
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from py_vapid import Vapid02
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve


@dataclass(kw_only=True)
class Channel:
    """One subscription of one browser."""

    id: str
    browser: str
    key: str
    """By which it knows who may send; what a browser was told by the page."""
    waiting: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What came while the browser was away, by topic: a later one takes the place of an earlier one."""


@dataclass(kw_only=True)
class Posted:
    """One request of a sender, and how it was answered."""

    channel: str
    headers: dict[str, str]
    size: int
    status: int


class PushService:
    """A running one."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.acknowledged: list[str] = []
        self.url = ""
        self.socket_url = ""
        self._channels: dict[str, Channel] = {}
        self._lines: dict[str, ServerConnection] = {}
        self._lock = threading.Lock()

    def forget_everyone(self) -> None:
        """Every subscription is gone, as after a browser was reset."""
        with self._lock:
            self._channels.clear()

    # ---------------------------------------------------------------- towards the browser

    def talk(self, line: ServerConnection) -> None:
        """One browser's line, until it hangs up."""
        browser = ""
        try:
            for raw in line:
                told = json.loads(raw)
                kind = told.get("messageType")
                if kind == "hello":
                    browser = told.get("uaid") or uuid.uuid4().hex
                    self._hello(line, browser)
                elif kind == "register":
                    self._register(line, browser, told)
                elif kind == "unregister":
                    with self._lock:
                        self._channels.pop(_path_of(told["channelID"]), None)
                    _say(line, messageType="unregister", channelID=told["channelID"], status=200)
                elif kind == "ack":
                    self.acknowledged += [update["version"] for update in told["updates"]]
                elif kind is None:
                    line.send("{}")
        except ConnectionClosed:
            pass
        with self._lock:
            if self._lines.get(browser) is line:
                del self._lines[browser]

    def _hello(self, line: ServerConnection, browser: str) -> None:
        _say(line, messageType="hello", uaid=browser, status=200, use_webpush=True, broadcasts={})
        with self._lock:
            self._lines[browser] = line
            waiting = [
                each
                for own in self._channels.values()
                if own.browser == browser
                for each in own.waiting.values()
            ]
            for own in self._channels.values():
                if own.browser == browser:
                    own.waiting.clear()
        for each in waiting:
            _say(line, **each)

    def _register(self, line: ServerConnection, browser: str, told: dict[str, Any]) -> None:
        path = _path_of(told["channelID"])
        with self._lock:
            self._channels[path] = Channel(id=told["channelID"], browser=browser, key=told.get("key") or "")
        endpoint = f"{self.url}/wpush/{path}"
        _say(line, messageType="register", channelID=told["channelID"], status=200, pushEndpoint=endpoint)

    # ---------------------------------------------------------------- towards whoever sends

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """Take one message in; the HTTP status it is answered with."""
        with self._lock:
            channel = self._channels.get(path)
        status = 410 if channel is None else self._check(channel, headers, body)
        self.posted.append(Posted(channel=path, headers=headers, size=len(body), status=status))
        if channel is None or status != 201:
            return status
        version = uuid.uuid4().hex
        told = {
            "messageType": "notification",
            "channelID": channel.id,
            "version": version,
            "ttl": int(headers["ttl"]),
            "data": base64.urlsafe_b64encode(body).rstrip(b"=").decode(),
            "headers": {"encoding": headers["content-encoding"]},
        }
        with self._lock:
            line = self._lines.get(channel.browser)
            if line is None:
                channel.waiting[headers.get("topic") or version] = told
        if line is not None:
            _say(line, **told)
        return status

    def _check(self, channel: Channel, headers: dict[str, str], body: bytes) -> int:
        """201, or why not: no TTL, too long, not signed, signed by somebody else than the browser agreed to."""
        if not headers.get("ttl", "").isdigit() or headers.get("content-encoding") != "aes128gcm":
            return 400
        if len(body) > 4096:
            return 413
        signed = headers.get("authorization", "")
        try:
            is_good = Vapid02.verify(signed)
        except Exception:  # noqa: BLE001  (whatever a stranger sends, it is no signature)
            is_good = False
        if not is_good:
            return 401
        claims = json.loads(_unpadded(signed.split("t=")[1].split(".")[1]))
        if claims.get("aud") != self.url or (
            channel.key and signed.split("k=")[1] != channel.key.rstrip("=")
        ):
            return 403
        return 201


def _handler(service: PushService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(service.take(self.path.rpartition("/")[2], headers, body))
            self.send_header("Location", f"{service.url}/m/{uuid.uuid4().hex}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def own_push_service() -> Iterator[PushService]:
    """A running push service on loopback, ended when the block is left."""
    service = PushService()
    web = ThreadingHTTPServer(("127.0.0.1", 0), _handler(service))
    lines: Server = serve(service.talk, "127.0.0.1", 0, subprotocols=["push-notification"])  # type: ignore[list-item]
    service.url = f"http://127.0.0.1:{web.server_address[1]}"
    service.socket_url = f"ws://127.0.0.1:{lines.socket.getsockname()[1]}/"
    threads = [threading.Thread(target=each.serve_forever, daemon=True) for each in (web, lines)]
    for thread in threads:
        thread.start()
    try:
        yield service
    finally:
        web.shutdown()
        web.server_close()
        lines.shutdown()


def _say(line: ServerConnection, **told: object) -> None:
    try:
        line.send(json.dumps(told))
    except ConnectionClosed:
        pass


def _path_of(channel: str) -> str:
    return channel.replace("-", "")


def _unpadded(written: str) -> bytes:
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
