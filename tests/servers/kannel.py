"""A real Kannel on loopback, with a text message centre behind it that speaks SMPP to made-up phones.

The way of a text is the one it takes at a host's: HTTP to `smsbox`, `bearerbox`, SMPP 3.4, and back
as a report; a reply comes from the phone over SMPP, and by HTTP to our hook.
"""

import fcntl
import json
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.servers.processes import Server, ServerFailed, folder, free_port, listens, program, wait_until

SMSC = Path(__file__).parent / "smsc"
SENDER = "447700900999"

_CONFIGURATION = """\
group = core
admin-port = {ports.admin}
admin-interface = 127.0.0.1
admin-password = admin
smsbox-port = {ports.boxes}
smsbox-interface = 127.0.0.1
log-file = "{home}/bearerbox.log"
log-level = 0
dlr-storage = internal
store-type = file
store-location = "{home}/store"
sms-resend-freq = 1
sms-resend-retry = 30

group = smsc
smsc = smpp
smsc-id = phones
host = 127.0.0.1
port = {ports.smsc}
transceiver-mode = true
smsc-username = kannel
smsc-password = secret
system-type = ""
reconnect-delay = 1
enquire-link-interval = 5
allowed-prefix = "+4"

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {ports.http}
sendsms-interface = 127.0.0.1
log-file = "{home}/smsbox.log"
log-level = 0

group = sendsms-user
username = nightlight
password = "{password}"
max-messages = 3
concatenation = true

group = sms-service
keyword = default
max-messages = 0
catch-all = true
get-url = "{hook_url}?from=%p&text=%b&id=%I&charset=%C"
"""


class Rule(StrEnum):
    """What the message centre does with texts to one number."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    """It is refused over SMPP; Kannel tells so only in a report."""
    UNDELIVERABLE = "undeliverable"
    """It is taken, and reported as not delivered."""
    SILENT = "silent"
    """It arrives, and nobody hears so."""
    THROTTLE_ONCE = "throttle_once"
    """The next one must be sent again a little later, which Kannel does."""


@dataclass(frozen=True, kw_only=True)
class _Ports:
    admin: int
    boxes: int
    http: int
    smsc: int


@dataclass(frozen=True, kw_only=True)
class Text:
    """One text as it lies on a phone, its parts put together again."""

    to: str
    text: str
    parts: int


class Gateway:
    """A running Kannel and the phones behind it. Numbers are written with their +."""

    password = "p%/& ss"  # one that must be written with care in a URL

    def __init__(self, home: Path, ports: _Ports) -> None:
        self._home = home
        self._ports = ports
        self._centre: Server | None = None
        self._rules: dict[str, Rule] = {}
        self._lives = 0

    @property
    def url(self) -> str:
        """What a host would write into NIGHTLIGHT_SMS_URL."""
        return f"kannel://nightlight:p%25%2F%26%20ss@127.0.0.1:{self._ports.http}?from=%2B{SENDER}"

    def texts(self, number: str | None = None) -> list[Text]:
        """What reached the phone with *number*, or all phones, oldest first."""
        arrived = (event for event in self._events() if event["event"] == "arrived")
        texts = [
            Text(to="+" + str(e["to"]).lstrip("+"), text=str(e["text"]), parts=int(e["parts"]))
            for e in arrived
        ]
        return [text for text in texts if number is None or text.to == number]

    def wait_for(self, number: str, count: int = 1, *, seconds: float = 10) -> list[Text]:
        """The texts on the phone with *number* once there are *count*. Raises TimeoutError."""
        wait_until(lambda: len(self.texts(number)) >= count, f"{count} texts on {number}", seconds=seconds)
        return self.texts(number)

    def rule(self, number: str, rule: Rule) -> None:
        """From the next text on, those to *number* meet *rule*; kept when the centre is started again."""
        self._rules[number] = rule
        if self._centre is not None:
            before = self._count("ruled")
            self._order({"do": "rule", "number": number.lstrip("+"), "rule": rule.value})
            wait_until(lambda: self._count("ruled") > before, "the message centre to take a rule")

    def reply(self, number: str, text: str) -> None:
        """The phone with *number* sends *text* to us; returns once Kannel has it."""
        before = self._count("sent")
        self._order({"do": "send", "from": number.lstrip("+"), "to": SENDER, "text": text})
        wait_until(lambda: self._count("sent") > before, "Kannel to take a text from a phone")

    def stop_centre(self) -> None:
        """The message centre dies; from now on Kannel can only queue. Returns once Kannel knows."""
        assert self._centre is not None
        self._centre.kill()
        self._centre = None
        wait_until(lambda: not self._is_online(), "Kannel to see that its centre is gone")

    def start_centre(self) -> None:
        """The message centre is there; returns once Kannel is connected to it."""
        self._lives += 1
        log = self._home / f"centre-{self._lives:03}.jsonl"
        command = [program("node", "nodejs"), str(SMSC / "smsc.js"), str(self._ports.smsc), str(self._lives)]
        self._centre = Server(command, log=log, cwd=SMSC)
        self._centre.ready(lambda: listens(self._ports.smsc), "the message centre")
        for number, rule in self._rules.items():
            self.rule(number, rule)
        if self._lives > 1:
            self.wait_online()

    def wait_online(self) -> None:
        """Return once Kannel is connected to its message centre. Raises TimeoutError."""
        wait_until(self._is_online, "Kannel to reach its message centre")

    def end(self) -> None:
        """Take the centre down, at the end of everything."""
        if self._centre is not None:
            self._centre.stop()

    def _is_online(self) -> bool:
        return "(online" in _status(self._ports.admin)

    def _order(self, order: dict[str, str]) -> None:
        assert self._centre is not None
        pipe = self._centre.process.stdin
        assert pipe is not None
        pipe.write(json.dumps(order).encode() + b"\n")
        pipe.flush()

    def _count(self, event: str) -> int:
        return sum(1 for told in self._events() if told["event"] == event)

    def _events(self) -> Iterator[dict[str, str | int]]:
        for log in sorted(self._home.glob("centre-*.jsonl")):
            # What follows the last line's end is still being written.
            whole = log.read_text().rpartition("\n")[0]
            for line in whole.splitlines():
                if line.startswith("{"):
                    yield json.loads(line)


@contextmanager
def kannel(hook_url: str) -> Iterator[Gateway]:
    """A fresh gateway whose replies go to *hook_url*, `…/hooks/sms/PROVIDER/SECRET`.

    Reports go wherever the sender of each text asks for.
    """
    bearerbox, smsbox = program("bearerbox", "kannel"), program("smsbox", "kannel")
    install_centre()
    ports = _Ports(admin=free_port(), boxes=free_port(), http=free_port(), smsc=free_port())
    with folder("kannel") as home:
        file = home / "kannel.conf"
        file.write_text(
            _CONFIGURATION.format(home=home, ports=ports, password=Gateway.password, hook_url=hook_url)
        )
        gateway = Gateway(home, ports)
        started: list[Server] = []
        try:
            gateway.start_centre()
            started.append(Server([bearerbox, "-v", "2", str(file)], log=home / "bearerbox.out", cwd=home))
            started[-1].ready(lambda: "running" in _status(ports.admin), "bearerbox")
            started.append(Server([smsbox, "-v", "2", str(file)], log=home / "smsbox.out", cwd=home))
            started[-1].ready(lambda: listens(ports.http), "smsbox")
            gateway.wait_online()
            yield gateway
        finally:
            for server in reversed(started):
                # Kannel may wait long for a centre's goodbye; what it holds is thrown away in any case.
                server.stop(seconds=1)
            gateway.end()


def install_centre() -> None:
    """Fetch the message centre's few packages, unless they are here; one process at a time."""
    lock, installed = SMSC / "package-lock.json", SMSC / "node_modules" / ".package-lock.json"
    npm = program("npm", "npm")
    with lock.open() as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
            return
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        result = subprocess.run(command, cwd=SMSC, capture_output=True, text=True, check=False)
    if result.returncode:
        raise ServerFailed(f"npm ci in {SMSC} ended with {result.returncode}\n{result.stderr[-2000:]}")


def _status(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/status.txt", timeout=2) as answer:
            body: bytes = answer.read()
    except OSError:
        return ""
    return body.decode("utf-8", "replace")
