"""What a circle, a call and a check-in cost: rows, bytes, processor time, writes to the disk, connections.

`python -m tests.machines.costs` prints the table of docs/operating/growing.md, measured on this machine with
the real processes: one `nightlight web`, one `nightlight worker`, a text gateway on loopback.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from nightlight import clock
from nightlight.bench.posting import post_all
from tests.campaigns.gateway import gateway
from tests.campaigns.people import People
from tests.campaigns.service import NIGHTLIGHT, run, settings
from tests.campaigns.terminal import chance_for, on_stderr
from tests.campaigns.world import Circle, Mind, circle_file
from tests.machines.meters import (
    Reading,
    connections_of_ours,
    cpu_seconds,
    read_postgresql,
    read_sqlite,
)
from tests.servers.postgres import postgres
from tests.servers.processes import MissingServer, Server, ServerFailed, folder, free_port, wait_until

DATABASES = ("sqlite", "postgresql")
IDLE_SECONDS = 10.0
CHECK_IN_CONNECTIONS = 4
TOLD_AFTER_SECONDS = 1.5
"""PostgreSQL tells what its sessions did a second late."""
SETTLED_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Used:
    """What was used between two looks, for one of what was done in between."""

    rows: float
    bytes: float
    transactions: float
    syncs: float
    log_bytes: float
    web_ms: float
    worker_ms: float
    database_ms: float
    tables: Mapping[str, float] = field(default_factory=dict)
    """The rows by table."""


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What was measured on one database."""

    database: str
    n: int
    circle: Used
    """One person with three others, two of whom agreed, and a ladder of two steps."""
    call: Used
    """Pressed, asked by text, answered with yes, ended by the caller on her page."""
    check_in: Used
    """One that is kept and not due."""
    sign_of_life: Used
    """One that a machine gives over HTTP, and that is in order."""
    idle_second: Used
    """A second in which nothing happens, of one worker."""
    connections_idle: int
    connections_most: int


class _Meters:
    """Everything that is read, of one running service."""

    def __init__(self, read: Callable[[], Reading]) -> None:
        self._read = read
        self.processes: dict[str, Server] = {}

    def look(self) -> tuple[Reading, dict[str, float]]:
        """The database, and the processor time of each process so far."""
        time.sleep(TOLD_AFTER_SECONDS)
        used = {name: cpu_seconds(server.process.pid) for name, server in self.processes.items()}
        return self._read(), used

    @contextmanager
    def metered(self, count: float) -> Iterator[list[Used]]:
        """What the block used, for one of *count*, is put into the list when it ends."""
        used: list[Used] = []
        before, before_cpu = self.look()
        yield used
        after, after_cpu = self.look()
        rows = {
            name: (number - before.rows.get(name, 0)) / count
            for name, number in after.rows.items()
            if number != before.rows.get(name, 0)
        }
        spent = {name: 1000 * (after_cpu[name] - before_cpu.get(name, 0)) / count for name in after_cpu}
        used.append(
            Used(
                rows=sum(rows.values()),
                bytes=(after.size_bytes - before.size_bytes) / count,
                transactions=(after.transactions - before.transactions) / count,
                syncs=(after.syncs - before.syncs) / count,
                log_bytes=(after.log_bytes - before.log_bytes) / count,
                web_ms=spent.get("web", 0.0),
                worker_ms=spent.get("worker", 0.0),
                database_ms=1000 * (after.cpu_seconds - before.cpu_seconds) / count,
                tables=rows,
            )
        )


def measure(database: str, n: int, check_ins: int, say: Callable[[str], None]) -> Costs:
    """Make *n* circles, let each call once, and let *check_ins* machines give a sign of life once each."""
    of = [Circle(number=number, minds={"sam": Mind.YES, "bo": Mind.YES}) for number in range(n)]
    people = People(of, chance_for(1, "people"))
    try:
        with (
            gateway(people.read, chance_for(1, "gateway")) as texts,
            folder("costs") as data,
            _database(database, data) as (url, read),
        ):
            base_url = f"http://127.0.0.1:{free_port()}"
            house = _House(_Meters(read), settings(data, base_url, texts, url), people, data, say)
            return house.measured(database, of, check_ins)
    finally:
        people.end()


@contextmanager
def _database(name: str, data: Path) -> Iterator[tuple[str, Callable[[], Reading]]]:
    if name == "sqlite":
        yield "", lambda: read_sqlite(data / "nightlight.sqlite3")
        return
    with postgres(durable=True, settings=("shared_buffers=256MB", "autovacuum=off")) as url:
        yield url, lambda: read_postgresql(url)


@dataclass(frozen=True)
class _House:
    meters: _Meters
    environ: dict[str, str]
    people: People
    data: Path
    say: Callable[[str], None]

    def measured(self, database: str, of: Sequence[Circle], check_ins: int) -> Costs:
        """Everything, one after the other."""
        n = len(of)
        run(self.environ, *NIGHTLIGHT, "migrate")
        self.say(f"{database}: {n} circles")
        with self.meters.metered(n) as circle:
            run(self.environ, *NIGHTLIGHT, "circle", "import", "-", given=circle_file(of, wait_seconds=600))
        self._get_ready(of)
        with self._running():
            self.say(f"{database}: idle")
            with self.meters.metered(IDLE_SECONDS) as idle:
                time.sleep(IDLE_SECONDS - TOLD_AFTER_SECONDS)
            at_rest = self._connections()
            self.say(f"{database}: {n} calls")
            with self.meters.metered(n) as call, self._most_connections() as most:
                self._call(of)
            self.say(f"{database}: {check_ins} check-ins")
            now = clock.now().replace(microsecond=0) + timedelta(seconds=1)
            self._inside("hold_begin", now.isoformat())
            with self.meters.metered(check_ins) as kept:
                self._inside("hold_fill", "0", str(check_ins), now.isoformat())
            keys = self._inside("ingest_keys", str(check_ins), now.isoformat())
            port = urlsplit(self.environ["NIGHTLIGHT_BASE_URL"]).port or 0
            paths = [f"/api/v1/check-ins/{key}" for key in json.loads(keys)]
            with self.meters.metered(check_ins) as sign:
                _, statuses = post_all([port], paths, CHECK_IN_CONNECTIONS)
            assert statuses == [200] * check_ins, "a sign of life was not taken in"
        return Costs(
            database=database,
            n=n,
            circle=circle[0],
            call=call[0],
            check_in=kept[0],
            sign_of_life=sign[0],
            idle_second=idle[0],
            connections_idle=at_rest,
            connections_most=max(most),
        )

    def _get_ready(self, of: Sequence[Circle]) -> None:
        token = run(self.environ, *NIGHTLIGHT, "token", "create", "costs", "--scope", "call,read")
        callers = "\n".join(circle.id("ana") for circle in of)
        pages = run(self.environ, sys.executable, "-m", "tests.campaigns.own_pages", given=callers)
        self.people.get_ready(self.environ["NIGHTLIGHT_BASE_URL"], token, json.loads(pages))

    @contextmanager
    def _running(self) -> Iterator[None]:
        base_url = self.environ["NIGHTLIGHT_BASE_URL"]
        listen = ["--listen", base_url.removeprefix("http://")]
        for name, words in (("web", ["web", *listen]), ("worker", ["worker"])):
            log = self.data / f"{name}.log"
            self.meters.processes[name] = Server([*NIGHTLIGHT, *words], log=log, environment=self.environ)
        try:
            wait_until(self._is_ready, "the service to be ready", seconds=120)
            yield
        finally:
            for server in self.meters.processes.values():
                server.stop()

    def _is_ready(self) -> bool:
        port = urlsplit(self.environ["NIGHTLIGHT_BASE_URL"]).port or 0
        try:
            _, [status] = post_all([port], ["/api/v1/check-ins/nobody-has-this-key"], 1)
        except OSError:
            return False
        return status == 404

    def _call(self, of: Sequence[Circle]) -> None:
        for number, circle in enumerate(of):
            self.people.call(circle, number * 0.02)
        wait_until(
            lambda: len(self.people.told.ends) == len(of), "all calls to be over", seconds=SETTLED_SECONDS
        )

    def _connections(self) -> int:
        url = self.environ["NIGHTLIGHT_DATABASE_URL"]
        return connections_of_ours(url) if url else 0

    @contextmanager
    def _most_connections(self) -> Iterator[list[int]]:
        seen, ended = [0], threading.Event()

        def look() -> None:
            while not ended.wait(0.2):
                seen.append(self._connections())

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield seen
        finally:
            ended.set()
            thread.join()

    def _inside(self, *words: str) -> str:
        return run(self.environ, sys.executable, "-m", "nightlight.bench.inside", *words)


_WHAT = {
    "circle": "a circle",
    "call": "a call",
    "check_in": "a check-in that is kept",
    "sign_of_life": "a sign of life",
    "idle_second": "a second of one idle worker",
}
_FIGURES = ("rows", "bytes", "log_bytes", "transactions", "syncs", "web_ms", "worker_ms", "database_ms")


def as_text(costs: Costs) -> str:
    """The table for people, as docs/operating/growing.md has it."""
    head = "| on " + " | ".join((costs.database, *_FIGURES)) + " |"
    lines = [head, "|" + "---|" * (len(_FIGURES) + 1)]
    for name, words in _WHAT.items():
        used: Used = getattr(costs, name)
        figures = " | ".join(f"{getattr(used, figure):,.1f}" for figure in _FIGURES)
        lines.append(f"| {words} | {figures} |")
    lines.append(
        f"connections: {costs.connections_idle} at rest, {costs.connections_most} at most, of one web and one worker"
    )
    return "\n".join(lines)


def main(words: Sequence[str]) -> int:
    """Measure as *words* say; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.machines.costs", description=__doc__)
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--circles", type=int, default=200)
    parser.add_argument("--check-ins", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(words)
    say = on_stderr("costs")
    try:
        found = [measure(name, given.circles, given.check_ins, say) for name in given.database or DATABASES]
    except (MissingServer, ServerFailed, TimeoutError) as error:
        say(f"NOT RUN: {error}")
        return 2
    told = json.dumps([asdict(each) for each in found], indent=2) if given.json else None
    sys.stdout.write((told or "\n\n".join(map(as_text, found))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
