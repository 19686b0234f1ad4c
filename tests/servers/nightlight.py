"""Nightlight itself as a host runs it: real processes, driven from outside by command line and pages."""

import hashlib
import hmac
import json
import os
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nightlight.channels import registry
from tests.servers.processes import Server, wait_until

KEY = "a-key-for-journeys-that-protects-nobody-at-all"
COMMAND = [sys.executable, "-m", "nightlight.cli.main"]


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


class Nightlight:
    """One running service."""

    def __init__(self, data: Path, environ: dict[str, str]) -> None:
        self.data = data
        self.environ = environ
        self.base_url = environ["NIGHTLIGHT_BASE_URL"]
        self.processes: list[Server] = []

    def run(self, *words: str, given: str = "") -> Ran:
        """Run `nightlight` with *words*."""
        done = subprocess.run(
            [*COMMAND, *words], env=self.environ, input=given, capture_output=True, text=True, check=False
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


def environment(data: Path, base_url: str, settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a service on SQLite in *data* with *settings*, and no other setting of ours."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("NIGHTLIGHT_")}
    return environ | {
        "NIGHTLIGHT_DATA": str(data),
        "NIGHTLIGHT_KEY": KEY,
        "NIGHTLIGHT_BASE_URL": base_url,
        "NIGHTLIGHT_NAME": "Harbour",
        "NIGHTLIGHT_DATABASE_URL": "",
        **settings,
    }


def hook_url(base_url: str, kind: str, provider: str) -> str:
    """Where *provider* reports to and hands in replies; what `doctor` tells a host."""
    secret = hmac.new(KEY.encode(), b"nightlight hooks v1", hashlib.sha256).digest()
    return f"{base_url}/hooks/{kind}/{provider}/{registry.hook_secret(secret, kind, provider)}"


@contextmanager
def started(built: Nightlight, parts: Sequence[str] = ("serve",)) -> Iterator[None]:
    """Run *parts* (`serve`, or `web` and `worker`) until the block is left; begins once they are ready."""
    listen = built.base_url.removeprefix("http://")
    try:
        for part in parts:
            words = [part] if part == "worker" else [part, "--listen", listen]
            built.processes.append(
                Server([*COMMAND, *words], log=built.data / f"{part}.log", environment=built.environ)
            )
        wait_until(lambda: _is_ready(built), "the service to be ready", seconds=20)
        yield
    finally:
        for process in reversed(built.processes):
            process.stop()


def _is_ready(built: Nightlight) -> bool:
    try:
        return built.get(f"{built.base_url}/readyz").status == 200
    except OSError:
        return False
