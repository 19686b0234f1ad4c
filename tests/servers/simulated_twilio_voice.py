"""A voice service of our own that rings and calls back as Twilio's documentation says Twilio does. It is not Twilio.

It reads what it is to say (TwiML) as documented, and its calls are signed as documented. No phone rings:
a test says who picks up, and which key is pressed. What Twilio does beyond its documentation nobody
learns here.
"""

import base64
import json
import threading
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode

from tests.servers.processes import wait_until
from tests.servers.simulated_twilio import SENDER, SID, TOKEN, sign


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is said, and where a key goes."""

    said: tuple[str, ...]
    languages: frozenset[str]
    action: str
    """Empty where no key is waited for."""


@dataclass(kw_only=True)
class Ring:
    """One phone that rings."""

    sid: str
    to: str
    status_callback: str
    words: Words
    heard: list[str] = field(default_factory=list)
    """Everything that was said so far to whoever picked up."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What we were answered with."""

    status: int
    words: Words | None = None


def read_twiml(twiml: str) -> Words:
    """What *twiml* says. Raises ValueError when it is none, as documented, or longer than is taken along."""
    if len(twiml) > 4000:
        raise ValueError("longer than 4000")
    response = ET.fromstring(twiml)  # noqa: S314  (our own words, in a test)
    gather = response.find("Gather")
    says = list(response.iter("Say"))
    if response.tag != "Response" or response[-1].tag != "Hangup":
        raise ValueError("no response that ends")
    if {element.tag for element in response.iter()} - {"Response", "Say", "Pause", "Gather", "Hangup"}:
        raise ValueError("a verb nobody knows")
    return Words(
        said=tuple(say.text or "" for say in says),
        languages=frozenset(say.attrib["language"] for say in says),
        action="" if gather is None else gather.attrib["action"],
    )


class SimulatedTwilioVoice:
    """The service as a test sees it."""

    def __init__(self) -> None:
        self._rings: list[Ring] = []
        self._refused: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """What a host would write into NIGHTLIGHT_VOICE_URL."""
        return f"twilio-plain://{SID}:{TOKEN}@127.0.0.1:{self._server.server_port}/{SENDER}"

    def rings(self, number: str | None = None) -> list[Ring]:
        """Every ring at *number*, or at all, the oldest first."""
        with self._lock:
            return [ring for ring in self._rings if number in (None, ring.to)]

    def wait_for(self, number: str, count: int = 1, *, seconds: float = 10) -> list[Ring]:
        """The rings at *number* once there are *count*. Raises TimeoutError."""
        wait_until(lambda: len(self.rings(number)) >= count, f"{count} rings at {number}", seconds=seconds)
        return self.rings(number)

    def refuse(self, number: str, status: int, code: int) -> None:
        """From now on rings at *number* are refused with this status and error code."""
        with self._lock:
            self._refused[number] = (status, code)

    def press(self, ring: Ring, key: str) -> Answer:
        """Whoever picked up presses *key*, where one is waited for; what is said then."""
        assert ring.words.action, "no key is waited for"
        answer = call(ring.words.action, self._fields(ring, "in-progress") | {"Digits": key})
        if answer.words is not None:
            ring.words = answer.words
            ring.heard += answer.words.said
        return answer

    def end(self, ring: Ring, state: str = "completed") -> int:
        """It is over: `completed`, `no-answer`, `busy`, `failed`, `canceled`; the status of our answer."""
        return call(ring.status_callback, self._fields(ring, state) | {"CallDuration": "21"}).status

    def stop(self) -> None:
        """Take it down."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @staticmethod
    def _fields(ring: Ring, state: str) -> dict[str, str]:
        return {
            "AccountSid": SID,
            "ApiVersion": "2010-04-01",
            "CallSid": ring.sid,
            "CallStatus": state,
            "Direction": "outbound-api",
            "From": SENDER,
            "To": ring.to,
        }

    def _take(self, fields: dict[str, str]) -> tuple[int, dict[str, object]]:
        with self._lock:
            status, code = self._refused.get(fields["To"], (0, 0))
            if status:
                return status, {"code": code, "message": "refused", "status": status}
            try:
                words = read_twiml(fields["Twiml"])
            except (KeyError, ValueError, ET.ParseError) as error:
                return 400, {"code": 12100, "message": str(error), "status": 400}
            sid = f"CA{len(self._rings):032x}"
            callback = fields["StatusCallback"]
            self._rings.append(
                Ring(sid=sid, to=fields["To"], status_callback=callback, words=words, heard=list(words.said))
            )
        return 201, {"account_sid": SID, "sid": sid, "status": "queued", "to": fields["To"], "from": SENDER}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self
        expected = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers["Authorization"] != expected:
                    return self._say(401, {"code": 20003, "message": "Authenticate", "status": 401})
                if self.path != f"/2010-04-01/Accounts/{SID}/Calls.json":
                    return self._say(404, {"code": 20404, "message": "not found", "status": 404})
                return self._say(*service._take(dict(parse_qsl(body.decode(), keep_blank_values=True))))

            def _say(self, status: int, words: dict[str, object]) -> None:
                told = json.dumps(words).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing: what is asked of it can be read in `rings`."""

        return Handler


def call(url: str, fields: dict[str, str], *, token: str = TOKEN) -> Answer:
    """Call *url* as Twilio would; what is answered."""
    headers = {"X-Twilio-Signature": sign(token, url, fields)}
    request = urllib.request.Request(url, data=urlencode(fields).encode(), headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            body, kind = answer.read().decode(), answer.headers.get_content_type()
    except urllib.error.HTTPError as error:
        error.close()
        return Answer(status=error.code)
    return Answer(status=200, words=read_twiml(body) if kind == "text/xml" else None)


@contextmanager
def simulated_twilio_voice() -> Iterator[SimulatedTwilioVoice]:
    """A fresh service where no phone rings yet."""
    service = SimulatedTwilioVoice()
    try:
        yield service
    finally:
        service.stop()
