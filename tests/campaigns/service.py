"""A service of real processes that are killed, and started again as a service manager would do it."""

import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.campaigns.gateway import Gateway
from tests.servers.postgres import postgres
from tests.servers.processes import Server, folder, free_port, wait_until

KEY = "a-key-for-campaigns-that-protects-nobody-at-all"
NIGHTLIGHT = [sys.executable, "-m", "nightlight.cli.main"]
START_AGAIN_SECONDS = 0.2


def settings(data: Path, base_url: str, gateway: Gateway, database_url: str = "") -> dict[str, str]:
    """The environment of a service that sends texts by *gateway*."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("NIGHTLIGHT_")}
    return others | {
        "NIGHTLIGHT_DATA": str(data),
        "NIGHTLIGHT_KEY": KEY,
        "NIGHTLIGHT_BASE_URL": base_url,
        "NIGHTLIGHT_SMS_URL": gateway.url,
        "NIGHTLIGHT_DATABASE_URL": database_url,
    }


def run(environ: Mapping[str, str], *command: str, given: str = "") -> str:
    """What *command* printed. Raises RuntimeError with what it said when it ends with anything but 0."""
    done = subprocess.run(command, env=environ, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[1:]} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout.strip()


Parts = Callable[[str, bool], dict[str, list[str]]]
"""By name, the command of each part, given where pages are served and whether the database is PostgreSQL."""


def parts_of(listen: str, on_postgres: bool) -> dict[str, list[str]]:
    """What a host runs."""
    if not on_postgres:
        return {"serve": [*NIGHTLIGHT, "serve", "--listen", listen]}
    worker = [*NIGHTLIGHT, "worker"]
    return {"web": [*NIGHTLIGHT, "web", "--listen", listen], "worker 1": worker, "worker 2": worker}


class Service:
    """`serve` on SQLite, or `web` and two workers on PostgreSQL. Used from one thread."""

    def __init__(
        self,
        data: Path,
        base_url: str,
        environ: dict[str, str],
        *,
        logs: Path | None = None,
        parts: Parts | None = None,
    ) -> None:
        self.data = data
        self._logs = logs or data
        self.base_url = base_url
        self.environ = environ
        self.database_url = environ["NIGHTLIGHT_DATABASE_URL"]
        self.kills: dict[str, int] = {}
        self.starts = 0
        self._commands = (parts or parts_of)(base_url.removeprefix("http://"), bool(self.database_url))
        self._running: dict[str, Server] = {}
        self._start_at: dict[str, float] = {}

    @property
    def database_file(self) -> Path:
        """Where SQLite's database lies."""
        return self.data / "nightlight.sqlite3"

    def start(self) -> None:
        """Start all of it, and wait until it is ready."""
        self.look_after()
        self.wait_until_ready()

    def look_after(self) -> None:
        """Start again what has ended."""
        now = time.monotonic()
        for name, command in self._commands.items():
            running = self._running.get(name)
            if running is not None and running.process.poll() is not None:
                running.kill()  # what it left of its group ends with it
                del self._running[name]
                self._start_at[name] = now + START_AGAIN_SECONDS
            elif running is None and now >= self._start_at.get(name, 0):
                log = self._logs / f"{name.replace(' ', '-')}.log"
                self._running[name] = Server(command, log=log, environment=self.environ)
                self.starts += 1

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Return once it answers that it is ready. Raises TimeoutError."""

        def is_ready() -> bool:
            self.look_after()
            try:
                with urllib.request.urlopen(f"{self.base_url}/readyz", timeout=5) as answer:
                    return bool(answer.status == 200)
            except OSError:
                return False

        wait_until(is_ready, "the service to be ready", seconds=seconds)

    def kill_something(self, chance: random.Random) -> str | None:
        """`kill -9` one part or several at once; which, or None when nothing is running just now."""
        parts = self._parts()
        if not parts:
            return None
        # One draw for each kill, whatever is running, so that one seed stays one plan.
        names = sorted(parts)
        name = names[int(chance.random() * len(names))]
        for pid in parts[name]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.kills[name] = self.kills.get(name, 0) + 1
        return name

    def pause(self, part: str) -> list[int]:
        """Hold one part still; its processes, for `os.kill(…, SIGCONT)`."""
        pids = self._parts()[part]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        return pids

    def kill_all(self) -> None:
        """`kill -9` everything at once."""
        for pid in [pid for pids in self._parts().values() for pid in pids]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        for server in self._running.values():
            server.kill()
        self._running.clear()

    def stop(self) -> None:
        """End all of it."""
        for server in self._running.values():
            server.stop()
        self._running.clear()

    def said(self, part: str) -> str:
        """The end of what *part* wrote; nothing when it does not run."""
        return self._running[part].said() if part in self._running else ""

    def last_words(self) -> list[str]:
        """The last lines each part wrote; they name ids only."""
        return [
            f"{name} said: {' / '.join(server.said().splitlines()[-5:])}"
            for name, server in self._running.items()
        ]

    def _parts(self) -> dict[str, list[int]]:
        """What can be killed just now: by name, the processes that go together."""
        parts: dict[str, list[int]] = {}
        for name, server in self._running.items():
            own = server.process.pid
            below = _below(own)
            web = [pid for pid in below if "nightlight.web.server" in _command(pid)]
            workers = [pid for pid in below if _command(pid).endswith("worker")]
            if name == "serve":
                parts |= {"all": [own, *below], "supervisor": [own], "worker": workers, "web": web}
            else:
                parts[name] = [own]
        return {name: pids for name, pids in parts.items() if pids}


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    except OSError:
        return ""


def _parent(pid: int) -> int:
    try:
        # The name in the second field may hold anything, also brackets.
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _below(pid: int) -> list[int]:
    """The children of *pid*, and theirs."""
    parents = {int(path.name): _parent(int(path.name)) for path in Path("/proc").glob("[0-9]*")}
    found: list[int] = []
    generation = [pid]
    while generation:
        generation = [child for child, parent in parents.items() if parent in generation]
        found += generation
    return found


@contextmanager
def service(gateway: Gateway, *, on_postgres: bool) -> Iterator[Service]:
    """A service with an empty database, not started yet; ended, with all it has, when the block is left."""
    if not on_postgres:
        with service_on(gateway, "") as built:
            yield built
        return
    with postgres(durable=True) as database_url, service_on(gateway, database_url) as built:
        yield built


@contextmanager
def service_on(gateway: Gateway, database_url: str, parts: Parts = parts_of) -> Iterator[Service]:
    """The same on the empty database of *database_url*; on SQLite, when that is empty. *parts* is what runs."""
    base_url = f"http://127.0.0.1:{free_port()}"
    with folder("campaign") as data:
        environ = settings(data, base_url, gateway, database_url)
        if database_url:
            run(environ, *NIGHTLIGHT, "migrate")
        built = Service(data, base_url, environ, parts=parts)
        try:
            yield built
        finally:
            built.stop()
