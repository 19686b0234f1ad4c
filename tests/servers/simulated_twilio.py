"""A gateway of our own that answers and calls as Twilio's documentation says Twilio does. It is not Twilio.

Its answers, reports and replies have the fields of the documented examples, and its calls are signed
as documented. What Twilio really does beyond its documentation, nobody learns here.
"""

import base64
import hashlib
import hmac
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode

from tests.servers.processes import wait_until

SID = "AC0123456789abcdef0123456789abcdef"
TOKEN = "a-token-of-the-tests"
SENDER = "+447700900888"


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text as it was handed over."""

    sid: str
    to: str
    text: str
    callback: str


def sign(token: str, url: str, fields: dict[str, str]) -> str:
    """The signature of a call to *url*, written down here a second time, from the documentation alone."""
    told = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), told.encode(), hashlib.sha1).digest()).decode()


class SimulatedTwilio:
    """The gateway as a test sees it: what it was handed, and what it is to say."""

    def __init__(self, hook_url: str) -> None:
        self.hook_url = hook_url
        self._texts: list[Text] = []
        self._refused: dict[str, tuple[int, int]] = {}
        self._replies = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens on loopback."""
        return self._server.server_port

    @property
    def url(self) -> str:
        """What a host would write into NIGHTLIGHT_SMS_URL."""
        return f"twilio-plain://{SID}:{TOKEN}@127.0.0.1:{self.port}/{SENDER}"

    def texts(self, number: str | None = None) -> list[Text]:
        """What was handed over for *number*, or for all, the oldest first."""
        with self._lock:
            return [text for text in self._texts if number in (None, text.to)]

    def wait_for(self, number: str, count: int = 1, *, seconds: float = 10) -> list[Text]:
        """The texts for *number* once there are *count*. Raises TimeoutError."""
        wait_until(lambda: len(self.texts(number)) >= count, f"{count} texts for {number}", seconds=seconds)
        return self.texts(number)

    def refuse(self, number: str, status: int, code: int) -> None:
        """From now on texts to *number* are refused with this status and error code; 0, 0 ends that."""
        with self._lock:
            self._refused[number] = (status, code)

    def report(self, text: Text, state: str, error: str = "") -> int:
        """Tell what became of *text*; the status of the answer. As often and in whatever order one likes."""
        fields = {
            "AccountSid": SID,
            "ApiVersion": "2010-04-01",
            "From": SENDER,
            "MessageSid": text.sid,
            "MessageStatus": state,
            "SmsSid": text.sid,
            "SmsStatus": state,
            "To": text.to,
        }
        return call_signed(text.callback, fields | ({"ErrorCode": error} if error else {}))

    def reply(self, number: str, body: str, *, pictures: int = 0) -> int:
        """Somebody sends *body* from *number*; the status of the answer."""
        return call_signed(self.hook_url, self.reply_fields(number, body, pictures=pictures))

    def reply_fields(self, number: str, body: str, *, pictures: int = 0) -> dict[str, str]:
        """What a reply is told with. Each has an id of its own."""
        self._replies += 1
        sid = f"SM{self._replies:032x}"
        media = {f"MediaUrl{place}": f"https://media.example.org/{place}" for place in range(pictures)}
        return media | {
            "AccountSid": SID,
            "ApiVersion": "2010-04-01",
            "Body": body,
            "From": number,
            "MessageSid": sid,
            "NumMedia": str(pictures),
            "NumSegments": "1",
            "SmsMessageSid": sid,
            "SmsSid": sid,
            "SmsStatus": "received",
            "To": SENDER,
        }

    def stop(self) -> None:
        """Take it down."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take(self, fields: dict[str, str]) -> tuple[int, dict[str, object]]:
        with self._lock:
            status, code = self._refused.get(fields["To"], (0, 0))
            if status:
                return status, {"code": code, "message": "refused", "status": status}
            sid = f"SM{len(self._texts) + 0xF000:032x}"
            callback = fields.get("StatusCallback", "")
            self._texts.append(Text(sid=sid, to=fields["To"], text=fields["Body"], callback=callback))
        return 201, {
            "account_sid": SID,
            "body": fields["Body"],
            "direction": "outbound-api",
            "error_code": None,
            "from": fields["From"],
            "num_segments": "1",
            "sid": sid,
            "status": "queued",
            "to": fields["To"],
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        gateway = self
        expected = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers["Authorization"] != expected:
                    return self._say(401, {"code": 20003, "message": "Authenticate", "status": 401})
                if self.path != f"/2010-04-01/Accounts/{SID}/Messages.json":
                    return self._say(404, {"code": 20404, "message": "not found", "status": 404})
                return self._say(*gateway._take(dict(parse_qsl(body.decode(), keep_blank_values=True))))

            def _say(self, status: int, words: dict[str, object]) -> None:
                told = json.dumps(words).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing: what is asked of it can be read in `texts`."""

        return Handler


def call_signed(url: str, fields: dict[str, str], *, token: str = TOKEN) -> int:
    """Call *url* as Twilio would; the status of the answer."""
    return call(url, fields, sign(token, url, fields))


def call(url: str, fields: dict[str, str], signature: str) -> int:
    """The same with a *signature* of one's own; whatever is made of it, the status of the answer."""
    request = urllib.request.Request(
        url, data=urlencode(fields).encode(), headers={"X-Twilio-Signature": signature}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            status: int = answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    return status


@contextmanager
def simulated_twilio(hook_url: str = "") -> Iterator[SimulatedTwilio]:
    """A fresh gateway whose replies go to *hook_url*, which may be set later."""
    gateway = SimulatedTwilio(hook_url)
    try:
        yield gateway
    finally:
        gateway.stop()
