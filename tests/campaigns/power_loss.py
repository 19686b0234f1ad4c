"""The power-loss campaign: the disk dies under the real processes; what was acknowledged must be on it.

`python -m tests.campaigns.power_loss --cycles 40`; see docs/internals/campaigns.md. Ends with 1 when
anything was lost or the control lost nothing, and with 2 when this machine cannot do it.
"""

import argparse
import json
import random
import secrets
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.campaigns.disk import Disk, NoDisk, disk
from tests.campaigns.gateway import Gateway, gateway
from tests.campaigns.ledger import zero_of
from tests.campaigns.service import NIGHTLIGHT, Service, run, settings
from tests.campaigns.terminal import bar, chance_for, on_stderr
from tests.campaigns.visits import post_json
from tests.campaigns.world import circle_file, circles
from tests.servers.processes import free_port, wait_until

CALLERS = 200
THREADS = 6
UNTIL_THE_CUT_SECONDS_MAX = 6
FULL, NORMAL = "FULL", "NORMAL"


@dataclass(kw_only=True)
class Kept:
    """What one way of writing had acknowledged, and how much of it the disk did not keep."""

    cycles: int = 0
    acknowledged: int = 0
    lost: int = 0
    damaged: int = 0
    """Cycles after which the database was not whole."""


@dataclass(kw_only=True)
class Report:
    """The figures of one run, and the faults among them."""

    seed: int
    seconds: int = 0
    service: Kept = field(default_factory=Kept)
    """`serve`, called over the API."""
    writer: Kept = field(default_factory=Kept)
    """The write path alone, opened as the product opens it."""
    control: Kept = field(default_factory=Kept)
    """The same with synchronous=NORMAL."""

    @property
    def cuts(self) -> int:
        """How often the power was cut, without the control."""
        return self.service.cycles + self.writer.cycles

    @property
    def trials(self) -> int:
        """How many commits were acknowledged, without the control's."""
        return self.service.acknowledged + self.writer.acknowledged

    @property
    def lost(self) -> int:
        """How many of them are gone."""
        return self.service.lost + self.writer.lost

    @property
    def faults(self) -> list[str]:
        """Everything that must not be, in words; empty when all is well."""
        found = []
        for name, kept in (("serve", self.service), ("the write path", self.writer)):
            if kept.lost:
                found.append(f"{name} lost {kept.lost} acknowledged commits")
            if kept.damaged:
                found.append(f"{name} left a damaged database {kept.damaged} times")
            if kept.cycles and not kept.acknowledged:
                found.append(f"{name} acknowledged nothing, so nothing was tried")
        if self.control.cycles and not self.control.lost:
            found.append("the control lost nothing: this run could not have seen a loss")
        return found

    def as_json(self) -> str:
        """The figures for a machine."""
        figures = {"cuts": self.cuts, "trials": self.trials, "lost": self.lost, "faults": self.faults}
        return json.dumps({**asdict(self), **figures}, indent=2)

    def as_text(self) -> str:
        """The figures for people."""
        lines = [
            f"power-loss campaign, SQLite on xfs, seed {self.seed}, {self.seconds} s",
            f"  serve, FULL          {_line(self.service)}",
            f"  write path, FULL     {_line(self.writer)}",
            f"  both                 {self.cuts} cuts, lost {zero_of(self.lost, self.trials)}",
            f"  control, NORMAL      {_line(self.control)}",
            *(f"  FAULT                {fault}" for fault in self.faults),
        ]
        return "\n".join(lines)


def _line(kept: Kept) -> str:
    return f"{kept.cycles} cuts, lost {zero_of(kept.lost, kept.acknowledged)}, damaged {kept.damaged}"


@dataclass(kw_only=True)
class Acknowledged:
    """What was acknowledged and is not known to be lost, since the disk was made."""

    raised: set[str] = field(default_factory=set)
    over: set[str] = field(default_factory=set)
    calls_of: Counter[str] = field(default_factory=Counter)
    """By alert, how many calls over the API were acknowledged: its first, and those that joined it."""


class Bench:
    """One disk with a database of made-up circles on it."""

    def __init__(self, own: Disk, texts: Gateway, chance: random.Random) -> None:
        self._disk = own
        self._chance = chance
        self._logs = own.path.parent
        self._base_url = f"http://127.0.0.1:{free_port()}"
        self._environ = settings(own.path / "data", self._base_url, texts)
        people = circles(CALLERS, chance)
        self._callers = [circle.id("ana") for circle in people]
        file = circle_file(people, wait_seconds=60)
        run(self._environ, *NIGHTLIGHT, "circle", "import", "-", given=file)
        self._token = run(self._environ, *NIGHTLIGHT, "token", "create", "campaign", "--scope", "call")
        own.switch_off()
        own.switch_on()
        self._acknowledged = Acknowledged()

    def cut_under_writer(self, synchronous: str, kept: Kept) -> None:
        """One cycle under the write path alone."""
        told = self._logs / "told"
        log = self._logs / "writer.log"
        command = [sys.executable, "-m", "tests.campaigns.writer", synchronous]
        with told.open("wb") as output, log.open("ab") as errors:
            writer = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=output, stderr=errors, env=self._environ
            )
            assert writer.stdin is not None
            writer.stdin.write(" ".join(self._callers).encode())
            writer.stdin.close()
            try:
                wait_until(lambda: told.stat().st_size > 0 or writer.poll() is not None, "a first commit")
                self._cut()
            finally:
                writer.kill()
                writer.wait()
        lines = [line.split() for line in told.read_text().rpartition("\n")[0].splitlines()]
        self._acknowledged.raised |= {alert for what, alert in lines if what == "raised"}
        self._acknowledged.over |= {alert for what, alert in lines if what == "over"}
        self._count(kept, len(lines))

    def cut_under_service(self, kept: Kept) -> None:
        """One cycle under `serve`, called over the API by several programs at once."""
        data = self._disk.path / "data"
        house = Service(data, self._base_url, self._environ, logs=self._logs)
        told: list[str] = []
        gone = threading.Event()
        try:
            house.start()
            callers = [
                threading.Thread(target=self._call, args=(own, told, gone), daemon=True)
                for own in (self._callers[number::THREADS] for number in range(THREADS))
            ]
            for caller in callers:
                caller.start()
            wait_until(lambda: bool(told), "a first call")
            self._cut()
        finally:
            gone.set()
            house.kill_all()
        for caller in callers:
            caller.join()
        self._acknowledged.calls_of.update(told)
        self._count(kept, len(told))

    def _call(self, callers: Sequence[str], told: list[str], gone: threading.Event) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        while not gone.is_set():
            for caller in callers:
                wanted = {"person": caller, "need": "talk"}
                answered = post_json(f"{self._base_url}/api/v1/calls", wanted, **headers)
                if answered is not None and answered.status in (200, 201):
                    told.append(json.loads(answered.body)["id"])
                elif gone.is_set():
                    return

    def _cut(self) -> None:
        time.sleep(self._chance.uniform(0.5, UNTIL_THE_CUT_SECONDS_MAX))
        self._disk.cut()
        # Whoever is in the middle of a commit may still say that it worked.
        time.sleep(0.2)

    def _count(self, kept: Kept, acknowledged: int) -> None:
        self._disk.switch_off()
        self._disk.switch_on()
        kept.cycles += 1
        kept.acknowledged += acknowledged
        try:
            kept.lost += _missing(self._disk.path / "data" / "nightlight.sqlite3", self._acknowledged)
        except sqlite3.DatabaseError:
            kept.damaged += 1


def _missing(database: Path, acknowledged: Acknowledged) -> int:
    """How many acknowledged commits *database* does not have; they are forgotten, to be counted once.

    Raises sqlite3.DatabaseError when it is not whole.
    """
    with closing(sqlite3.connect(database)) as connection:
        [(verdict,)] = connection.execute("PRAGMA integrity_check(1)").fetchall()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        kept = dict(connection.execute("SELECT id, status FROM alert"))
        calls = Counter(
            dict(
                connection.execute(
                    "SELECT alert_id, count(*) FROM event WHERE kind = 'AlertRaised' GROUP BY 1"
                )
            )
        )
    raised = acknowledged.raised - kept.keys()
    over = {alert for alert in acknowledged.over if kept.get(alert) != "resolved"}
    joined = acknowledged.calls_of - calls
    acknowledged.raised -= raised
    acknowledged.over -= over
    acknowledged.calls_of -= joined
    return len(raised) + len(over) + joined.total()


def campaign(cycles: int, seed: int, say: Callable[[str], None]) -> Report:
    """Cut the power *cycles* times, under `serve` and the write path in turn, and under the control.

    Raises NoDisk where that cannot be done.
    """
    report = Report(seed=seed)
    began = time.monotonic()
    chance = chance_for(seed, "power loss")
    with gateway(lambda _: None, chance) as texts:
        with disk() as own:
            bench = Bench(own, texts, chance)
            with bar("power loss", cycles) as advance:
                for cycle in range(cycles):
                    if cycle % 2 == 0:
                        bench.cut_under_service(report.service)
                    else:
                        bench.cut_under_writer(FULL, report.writer)
                    advance(1)
            say(f"{_line(report.service)}; {_line(report.writer)}")
        with disk() as own:
            bench = Bench(own, texts, chance)
            for _ in range(max(2, cycles // 10)):
                bench.cut_under_writer(NORMAL, report.control)
                say(f"control: {_line(report.control)}")
    report.seconds = round(time.monotonic() - began)
    return report


def main(words: Sequence[str]) -> int:
    """Run it as *words* say; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.power_loss", description=__doc__)
    parser.add_argument("--cycles", type=int, default=40)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(words)
    try:
        report = campaign(given.cycles, given.seed, on_stderr("power loss"))
    except NoDisk as error:
        on_stderr("power loss")(f"NOT RUN: {error}")
        return 2
    sys.stdout.write((report.as_json() if given.json else report.as_text()) + "\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
