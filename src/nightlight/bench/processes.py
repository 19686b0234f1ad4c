"""The real service in processes of their own, on one database, with nothing of the surrounding settings."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from nightlight import clock, config
from nightlight.bench import people

READY_WITHIN_SECONDS = 60
STOP_WITHIN_SECONDS = 20
"""Longer than a message in flight may take, and `serve` waits for its children."""
LOOK_EVERY_SECONDS = 0.05
MAIL_FROM = "circle@example.org"
TOLD_CHARACTERS_MAX = 2000


class BenchFailed(Exception):
    """A measurement cannot be made; the message says why and, where it can be mended, how."""


@dataclass(frozen=True, kw_only=True)
class Database:
    """Where the service under measurement keeps everything."""

    name: str
    """`sqlite` or `postgresql`."""
    url: str = ""
    """Address of an empty PostgreSQL database; empty for SQLite."""


Start = Callable[[Sequence[str], Mapping[str, str], Path], "subprocess.Popen[bytes]"]
"""Starts a command with an environment and a file for its talk, so that it ends when this process does."""


@dataclass(frozen=True, kw_only=True)
class House:
    """One service: a data directory, a database, and whoever takes its messages."""

    data: Path
    database: Database
    start: Start = field(repr=False)
    sms_url: str = ""
    """A text gateway, when people are reached by text."""
    smtp_url: str = ""
    """A mail server, when people are reached by mail."""

    @property
    def environ(self) -> dict[str, str]:
        """What the processes of the service are told."""
        settings = config.load({"NIGHTLIGHT_DATA": str(self.data)})
        ours = {"NIGHTLIGHT_SMS_URL": self.sms_url} if self.sms_url else {}
        if self.smtp_url:
            ours |= {"NIGHTLIGHT_SMTP_URL": self.smtp_url, "NIGHTLIGHT_MAIL_FROM": MAIL_FROM}
        if self.database.url:
            ours["NIGHTLIGHT_DATABASE_URL"] = self.database.url
        return config.child_environ(settings, sample=True) | ours

    def nightlight(self, *arguments: str, text: str = "") -> str:
        """What the command `nightlight` with *arguments* prints. Raises `BenchFailed`."""
        return self._said([sys.executable, "-m", "nightlight.cli.main", *arguments], text)

    def inside(self, what: str, *arguments: str) -> Any:
        """What one of the functions of `nightlight.bench.inside` gives. Raises `BenchFailed`."""
        return json.loads(self._said([sys.executable, "-m", "nightlight.bench.inside", what, *arguments], ""))

    def _said(self, command: Sequence[str], text: str) -> str:
        done = subprocess.run(
            command, env=self.environ, input=text, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BenchFailed(f"`{' '.join(command[2:])}` ended with {done.returncode}: {_end(done.stderr)}")
        return done.stdout

    def furnish(
        self,
        circles: int,
        friends: int,
        ways: people.Ways = people.by_text,
        ladder: people.Ladder = people.all_at_once,
    ) -> None:
        """Make the tables, and import *circles* circles with *friends* people each, reached by *ways*."""
        self.nightlight("migrate")
        for text in people.files(circles, friends, clock.now().date(), ways, ladder):
            self.nightlight("circle", "import", "-", text=text)

    @contextmanager
    def running(self, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
        """`nightlight` with *arguments* in the background, ended with the block. Raises `BenchFailed`."""
        talk = self.data / f"{arguments[0]}.talk"
        process = self.start([sys.executable, "-m", "nightlight.cli.main", *arguments], self.environ, talk)
        try:
            yield process
            if process.poll() is not None:
                raise BenchFailed(f"{arguments[0]} ended with {process.returncode}: {_end(talk.read_text())}")
        finally:
            end(process)


def _end(talk: str) -> str:
    return talk.strip()[-TOLD_CHARACTERS_MAX:] or "it said nothing"


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ask *process* to end, and make it end when it does not."""
    process.terminate()
    try:
        process.wait(STOP_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port of loopback that nobody listens on just now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until(check: Callable[[], bool], what: str) -> None:
    """Return as soon as *check* holds. Raises `BenchFailed`, naming *what*, when it never does."""
    patience = time.monotonic() + READY_WITHIN_SECONDS
    while not check():
        if time.monotonic() > patience:
            raise BenchFailed(f"waited {READY_WITHIN_SECONDS} s in vain for {what}")
        time.sleep(LOOK_EVERY_SECONDS)


@contextmanager
def folder() -> Iterator[Path]:
    """A directory that is gone after the block."""
    path = Path(tempfile.mkdtemp(prefix="nightlight-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Program:
    """A program of the host's that calls for people, over one kept connection."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.headers = {"Authorization": f"Bearer {token}"}
        self._http = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=1, retries=False, timeout=30)

    def is_answered(self, path: str) -> bool:
        """Whether a GET of *path* is answered with 200."""
        try:
            return self._http.request("GET", path).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def report(self, target: str) -> None:
        """Tell the service what became of a message, as a gateway does. Raises `BenchFailed`."""
        answer = self._http.request("GET", target)
        if answer.status != 200:
            raise BenchFailed(f"a report was answered with {answer.status}: {answer.data[:200]!r}")

    def call(self, person: str) -> float:
        """Call for *person*; when the answer was there, in seconds of `time.monotonic`. Raises `BenchFailed`."""
        answer = self._http.request(
            "POST", "/api/v1/calls", json={"person": person, "need": "talk"}, headers=self.headers
        )
        at = time.monotonic()
        if answer.status != 201:
            raise BenchFailed(f"a call for {person} was answered with {answer.status}: {answer.data[:200]!r}")
        return at
