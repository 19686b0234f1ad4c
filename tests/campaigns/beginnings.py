"""`serve` is killed while it begins: whatever moment that is, nothing of it may live on and hold its port.

`python -m tests.campaigns.beginnings --kills 100`; see docs/internals/campaigns.md. Ends with 1 when a part of a
killed service outlived it.
"""

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.campaigns.ledger import zero_of
from tests.campaigns.service import KEY, NIGHTLIGHT, run
from tests.campaigns.terminal import bar, chance_for, on_stderr
from tests.servers.processes import folder, free_port, listens

GONE_SECONDS = 12.0
"""Longer than what a part is given to settle what is under way (8 s) and to answer whoever is being answered (3 s)."""
LOOK_SECONDS = 0.05


@dataclass(kw_only=True)
class Report:
    """The figures of one run."""

    seed: int
    seconds: int = 0
    kills: int = 0
    outlived: int = 0
    """Services of which a part lived on."""
    slowest_seconds: float = 0.0
    """The longest time a part needed to end."""
    parts_met: dict[int, int] = field(default_factory=dict)
    """By the number of processes there were at the kill, how often: 1 when nothing was started yet."""
    examples: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Everything that must not be, in words; empty when all is well."""
        return [f"{self.outlived} killed services lived on in a part"] if self.outlived else []

    def as_json(self) -> str:
        """The figures for a machine."""
        both = {"trials": self.kills, "lost": self.outlived, "faults": self.faults}
        return json.dumps({**asdict(self), **both}, indent=2)

    def as_text(self) -> str:
        """The figures for people."""
        met = ", ".join(f"{count} processes {times}" for count, times in sorted(self.parts_met.items()))
        lines = [
            f"beginnings of serve, seed {self.seed}, {self.seconds} s",
            f"  kills                {self.kills} ({met})",
            f"  outlived             {zero_of(self.outlived, self.kills)}, slowest {self.slowest_seconds:.1f} s",
            *(f"  FAULT                {fault}" for fault in self.faults),
            *(f"  for example          {example}" for example in self.examples[:10]),
        ]
        return "\n".join(lines)


def campaign(kills: int, latest_seconds: float, seed: int) -> Report:
    """Begin and kill *kills* times, each within *latest_seconds*."""
    report, chance, began = Report(seed=seed), chance_for(seed, "beginnings"), time.monotonic()
    with folder("beginnings") as data, bar("beginnings", kills) as advance:
        environ = {**os.environ, "NIGHTLIGHT_DATA": str(data), "NIGHTLIGHT_KEY": KEY}
        run(environ, *NIGHTLIGHT, "migrate")
        for _ in range(kills):
            _begin_and_kill(environ, data, chance.uniform(0, latest_seconds), report)
            advance(1)
    report.seconds = round(time.monotonic() - began)
    return report


def _begin_and_kill(environ: dict[str, str], data: Path, after: float, report: Report) -> None:
    port = free_port()
    command = [*NIGHTLIGHT, "serve", "--listen", f"127.0.0.1:{port}"]
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(command, env=environ, stdout=nowhere, stderr=nowhere) as served:
        time.sleep(after)
        met = len(_of(data))
        served.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    report.kills += 1
    report.parts_met[met] = report.parts_met.get(met, 0) + 1
    while left := _of(data):
        if time.monotonic() - killed > GONE_SECONDS:
            break
        time.sleep(LOOK_SECONDS)
    report.slowest_seconds = max(report.slowest_seconds, time.monotonic() - killed)
    if left or listens(port):
        report.outlived += 1
        report.examples.append(f"{after:.3f} s after it began: {', '.join(left.values())}")
        for pid in left:
            os.kill(pid, signal.SIGKILL)


def _of(data: Path) -> dict[int, str]:
    """Every process that works on *data*, by its environment, and what it is."""
    mark, found = f"NIGHTLIGHT_DATA={data}\0".encode(), {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (path / "environ").read_bytes():
                found[int(path.name)] = (path / "cmdline").read_text().replace("\0", " ").strip()
        except OSError:
            continue
    return found


def main(words: Sequence[str]) -> int:
    """Run it as *words* say; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.beginnings", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--latest", type=float, default=2.0, help="seconds within which each kill comes")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(words)
    on_stderr("beginnings")(f"{given.kills} kills within {given.latest:g} s of the beginning")
    report = campaign(given.kills, given.latest, given.seed)
    sys.stdout.write((report.as_json() if given.json else report.as_text()) + "\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
