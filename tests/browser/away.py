"""A house whose network can go: the real server, stopped, started again, or replaced by one that never answers."""

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.watched import HEIGHTS, PATIENCE_MS
from tests.servers.processes import Server, free_port, listens, wait_until

NIGHTLIGHT = [sys.executable, "-m", "nightlight.cli.main"]
ELSEWHERE = "https://weather.example.org/"
CIRCLE = """
[host]
name = "Harbour House"
country = "PT"
emergency_number = "112"
lines = [{name = "Evening Line", number = "800 209 899", hours = "every evening"}]

[[people]]
id = "ana"
name = "Ana"
time_zone = "Europe/Lisbon"

[[people]]
id = "sam"
name = "Sam"
time_zone = "Europe/Lisbon"
ways = [{channel = "smtp", to = "sam@example.org"}]

[[circles]]
person = "ana"
members = [{person = "sam", agreed_on = 2026-11-01, agreed_until = 2126-11-01, wake_me = true}]
ladder = [{ask = ["sam"]}]
"""
_CONTROLLED = "() => navigator.serviceWorker.controller !== null"
KEPT = "async (path) => (await caches.match(path, {ignoreSearch: true})) !== undefined"


def is_bound(mute: socket.socket, port: int) -> bool:
    """Whether *mute* has the port now."""
    try:
        mute.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True


@dataclass
class Away:
    """The house, and what is done to its network."""

    folder: Path
    port: int = field(default_factory=free_port)
    server: Server | None = None

    @property
    def base(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environ(self) -> dict[str, str]:
        """What its commands run with."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("NIGHTLIGHT_")}
        return own | {
            "NIGHTLIGHT_DATA": str(self.data),
            "NIGHTLIGHT_BASE_URL": self.base,
            "NIGHTLIGHT_EXIT_URL": ELSEWHERE,
        }

    def do(self, *words: str, given: str = "") -> str:
        """Run `nightlight` with *words*; what it printed."""
        done = subprocess.run(
            [*NIGHTLIGHT, *words], env=self.environ, input=given, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def start(self) -> None:
        """It is there."""
        command = [*NIGHTLIGHT, "web", "--listen", f"127.0.0.1:{self.port}"]
        self.server = Server(command, log=self.folder / "log", environment=self.environ)
        self.server.ready(lambda: listens(self.port), "nightlight web")

    def stop(self) -> None:
        """Nobody answers at its address any more, from one moment to the next."""
        if self.server is not None:
            self.server.kill()
            self.server = None

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Somebody takes every connection and never says a word."""
        self.stop()
        with socket.socket() as mute:
            mute.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # What the dead server had opened may take a moment to be gone.
            wait_until(lambda: is_bound(mute, self.port), "the port of the house")
            mute.listen(64)
            yield

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self.folder / "data"

    def calls(self) -> int:
        """How many calls there have been."""
        with sqlite3.connect(f"file:{self.data}/nightlight.sqlite3?mode=ro", uri=True) as database:
            [(found,)] = database.execute("SELECT count(*) FROM alert").fetchall()
        return int(found)

    def nothing_open(self) -> None:
        """Every call is over."""
        with sqlite3.connect(f"file:{self.data}/nightlight.sqlite3?mode=ro", uri=True) as database:
            rows = database.execute("SELECT id FROM alert WHERE resolved_at IS NULL").fetchall()
        for (call,) in rows:
            self.do("resolve", call, "--reason", "the test is over")


@contextmanager
def away_house(folder: Path) -> Iterator[Away]:
    """Ana's circle, ready, with its server running."""
    house = Away(folder)
    house.do("migrate")
    house.do("circle", "import", "-", given=CIRCLE)
    house.start()
    try:
        yield house
    finally:
        house.stop()


@contextmanager
def phone(browser: Browser, width: int = 360) -> Iterator[BrowserContext]:
    """A phone that keeps what pages ask it to keep."""
    context = browser.new_context(viewport={"width": width, "height": HEIGHTS[width]}, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    context.route(f"{ELSEWHERE}**", lambda route: route.fulfill(body="<h1>Rain later</h1>"))
    try:
        yield context
    finally:
        context.close()


def visited(context: BrowserContext, address: str) -> Page:
    """A page at *address* of a phone that has kept by now what it needs without a network."""
    page = context.new_page()
    page.goto(address)
    page.wait_for_function(_CONTROLLED)
    for path in ("/offline", "/static/nightlight.css", "/static/sealed/offline.js"):
        page.wait_for_function(KEPT, arg=path)
    return page
