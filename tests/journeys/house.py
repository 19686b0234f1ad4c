"""A whole Nightlight as a host runs it: real processes, driven from outside by command line, pages and phones."""

import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nightlight.channels import registry
from tests.servers.kannel import Gateway, kannel
from tests.servers.postfix import Mailboxes, postfix
from tests.servers.postgres import postgres
from tests.servers.processes import Server, folder, free_port, wait_until

KEY = "a-key-for-journeys-that-protects-nobody-at-all"
NIGHTLIGHT = [sys.executable, "-m", "nightlight.cli.main"]


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a browser got."""

    status: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


class House:
    """One running service, with the mail server and the text gateway it uses."""

    def __init__(self, data: Path, environ: dict[str, str], mail: Mailboxes, texts: Gateway) -> None:
        self.data = data
        self.environ = environ
        self.mail = mail
        self.texts = texts
        self.base_url = environ["NIGHTLIGHT_BASE_URL"]
        self.processes: list[Server] = []

    def run(self, *words: str, given: str = "") -> Ran:
        """Run `nightlight` with *words*."""
        done = subprocess.run(
            [*NIGHTLIGHT, *words], env=self.environ, input=given, capture_output=True, text=True, check=False
        )
        return Ran(code=done.returncode, out=done.stdout, err=done.stderr)

    def do(self, *words: str, given: str = "") -> str:
        """The same, for what must work; what it printed."""
        ran = self.run(*words, given=given)
        assert ran.code == 0, f"{words}: {ran.code} {ran.out} {ran.err}"
        return ran.out.strip()

    def status(self, alert: str) -> dict[str, Any]:
        """The call as `status --json` tells it."""
        told: dict[str, Any] = json.loads(self.do("status", alert, "--json"))
        return told

    def lines(self, alert: str) -> list[tuple[str, str | None, str | None]]:
        """What happened, to whom, by which channel."""
        return [
            (line["what"], line["who"] or None, line["channel"] or None)
            for line in self.status(alert)["timeline"]
        ]

    def until(self, alert: str, what: str, who: str | None = None, *, seconds: float = 20) -> None:
        """Wait until the timeline has a line *what* about *who*. Raises TimeoutError."""
        wait_until(
            lambda: any(line[0] == what and who in (None, line[1]) for line in self.lines(alert)),
            f"{what} of {who}",
            seconds=seconds,
        )

    def get(self, url: str, *, method: str = "GET") -> Page:
        """Open a page."""
        return self._open(urllib.request.Request(url, method=method))

    def post(self, url: str, **fields: str) -> Page:
        """Press a button."""
        return self._open(
            urllib.request.Request(url, data=urllib.parse.urlencode(fields).encode(), method="POST")
        )

    @staticmethod
    def _open(request: urllib.request.Request) -> Page:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return Page(status=answer.status, text=answer.read().decode())
        except urllib.error.HTTPError as error:
            return Page(status=error.code, text=error.read().decode())

    def link_in(self, text: str) -> str:
        """The answer link, which stands on a line of its own."""
        found = [line.strip() for line in text.splitlines() if line.strip().startswith(f"{self.base_url}/")]
        assert len(found) == 1, text
        return found[0]

    def mailed_link(self, address: str, count: int = 1) -> str:
        """The link in the latest mail to *address*, once there are *count*."""
        mails = self.mail.wait_for(address, count, seconds=20)
        return self.link_in(mails[-1].get_content())

    def digits_to(self, number: str, count: int = 1) -> str:
        """The six digits in the latest text on the phone with *number*, once there are *count*."""
        texts = self.texts.wait_for(number, count, seconds=20)
        found = re.search(r"Reply (\d{6})", texts[-1].text)
        assert found, texts[-1].text
        return found.group(1)


def hook_url(base_url: str) -> str:
    """Where the gateway hands in replies; what `doctor` tells a host."""
    secret = hmac.new(KEY.encode(), b"nightlight hooks v1", hashlib.sha256).digest()
    return f"{base_url}/hooks/sms/kannel-1/{registry.hook_secret(secret, 'sms', 'kannel-1')}"


@contextmanager
def house(*, on_postgres: bool) -> Iterator[House]:
    """A running service: `serve` on SQLite, or `web` and `worker` on PostgreSQL."""
    port = free_port()
    base_url = f"http://127.0.0.1:{port}"
    with folder("nightlight-journey-") as data, postfix() as mail, kannel(hook_url(base_url)) as texts:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("NIGHTLIGHT_")}
        environ |= {
            "NIGHTLIGHT_DATA": str(data),
            "NIGHTLIGHT_KEY": KEY,
            "NIGHTLIGHT_BASE_URL": base_url,
            "NIGHTLIGHT_SMTP_URL": mail.url,
            "NIGHTLIGHT_MAIL_FROM": "circle@example.org",
            "NIGHTLIGHT_SMS_URL": texts.url,
            "NIGHTLIGHT_NAME": "Harbour",
            "NIGHTLIGHT_DATABASE_URL": "",
        }
        if not on_postgres:
            with _running(House(data, environ, mail, texts), f"127.0.0.1:{port}", parts=("serve",)) as up:
                yield up
            return
        with postgres() as database_url:
            environ["NIGHTLIGHT_DATABASE_URL"] = database_url
            built = House(data, environ, mail, texts)
            built.do("migrate")
            with _running(built, f"127.0.0.1:{port}", parts=("web", "worker")) as up:
                yield up


@contextmanager
def _running(built: House, listen: str, *, parts: tuple[str, ...]) -> Iterator[House]:
    try:
        for part in parts:
            words = [part] if part == "worker" else [part, "--listen", listen]
            built.processes.append(
                Server([*NIGHTLIGHT, *words], log=built.data / f"{part}.log", environment=built.environ)
            )
        wait_until(lambda: _is_ready(built), "the service to be ready", seconds=20)
        yield built
    finally:
        for process in reversed(built.processes):
            process.stop()


def _is_ready(built: House) -> bool:
    try:
        return built.get(f"{built.base_url}/readyz").status == 200
    except OSError:
        return False
