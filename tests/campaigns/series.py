"""The long forms: one campaign after another with new seeds, until there were enough trials.

`python -m tests.campaigns.series WHAT TRIALS FILE`; see docs/internals/campaigns.md. Each run that has ended is one
line of FILE, so a series that was broken off goes on where it was. It ends with 1 as soon as a run found a loss, and
with 2 when one could not run; whatever ends it, Ctrl-C too, the figures reached so far are printed.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

from tests.campaigns.ledger import zero_of
from tests.campaigns.terminal import bar, on_stderr


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One campaign, in runs of *each* trials."""

    module: str
    words: Sequence[str]
    each: int
    trials: str
    """The name of the figure that is counted against what is wanted."""
    option: str
    """How the campaign is told how many."""


def _of_workers(database: str) -> Kind:
    words = ["--database", database, "--calls", "2000"]
    return Kind(module="workers", words=words, each=2000, trials="kills", option="--kills")


def _of_service(database: str) -> Kind:
    words = ["--database", database, "--calls", "2000", "--pause", "1.5"]
    return Kind(module="crash", words=words, each=200, trials="kills", option="--kills")


KINDS = {
    "workers-sqlite": _of_workers("sqlite"),
    "workers-postgresql": _of_workers("postgresql"),
    "serve-sqlite": _of_service("sqlite"),
    "serve-postgresql": _of_service("postgresql"),
    "beginnings": Kind(module="beginnings", words=[], each=100, trials="kills", option="--kills"),
    "power-loss": Kind(module="power_loss", words=[], each=50, trials="cuts", option="--cycles"),
    "promotions": Kind(
        module="failover", words=["--calls", "1000"], each=50, trials="promotions", option="--promotions"
    ),
    "patroni": Kind(
        module="failover",
        words=["--patroni", "--calls", "500"],
        each=10,
        trials="promotions",
        option="--promotions",
    ),
}


class Broken(Exception):
    """A run did not end as it should; `code` is what it ended with."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def run_of(kind: Kind, trials: int, seed: int) -> dict[str, Any]:
    """The figures of one run. Raises Broken when it could not run, or gave none."""
    command = [sys.executable, "-m", f"tests.campaigns.{kind.module}", "--json", "--seed", str(seed)]
    command += [kind.option, str(trials), *kind.words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise Broken(f"seed {seed} gave no figures: {done.stderr[-2000:]}", done.returncode or 2) from None
    return found


def total(runs: Sequence[Mapping[str, Any]], kind: Kind) -> dict[str, Any]:
    """The figures of all *runs* together."""
    summed = (
        kind.trials,
        "trials",
        "lost",
        "messages_accepted",
        "messages_repeated",
        "seconds",
        "rows_acknowledged",
    )
    found: dict[str, Any] = {name: sum(run.get(name, 0) for run in runs) for name in summed}
    found["runs"] = len(runs)
    found["most_of_one"] = max((run.get("most_of_one", 0) for run in runs), default=0)
    found["longest_gap_seconds"] = max((run.get("longest_gap_seconds", 0.0) for run in runs), default=0.0)
    found["writable_seconds"] = sorted(time for run in runs for time in run.get("writable_seconds", []))
    found["faults"] = [fault for run in runs for fault in run["faults"]]
    return found


def as_text(name: str, kind: Kind, of: Mapping[str, Any], wanted: int) -> str:
    """The figures of a series for people."""
    accepted, repeated = of["messages_accepted"], of["messages_repeated"]
    pace = 60 * of[kind.trials] / max(of["seconds"], 1)
    lines = [
        f"{name}: {of[kind.trials]} of {wanted} {kind.trials} in {of['runs']} runs, {of['seconds']} s, {pace:.1f} a minute",
        f"  acknowledged         {of['trials']}, lost {zero_of(of['lost'], of['trials'])}",
    ]
    if accepted:
        share = f"{repeated} of {accepted} messages ({repeated / accepted:.2%})"
        lines.append(f"  repeated             {share}, most of one {of['most_of_one']}")
    if rows := of["rows_acknowledged"]:
        lines.append(f"  rows                 {rows} acknowledged, lost {zero_of(of['rows_lost'], rows)}")
    if times := of["writable_seconds"]:
        middle, late = times[len(times) // 2], times[min(len(times) - 1, len(times) * 95 // 100)]
        longest = f"longest gap {of['longest_gap_seconds']:.1f} s"
        lines.append(f"  writable again       p50 {middle:.1f} s, p95 {late:.1f} s, {longest}")
    return "\n".join([*lines, *(f"  FAULT                {fault}" for fault in of["faults"])])


def kept(file: Path) -> list[dict[str, Any]]:
    """The runs that have ended, of this series and of one that was broken off."""
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def go_on(name: str, wanted: int, file: Path, at_once: int) -> int:
    """Run until *wanted* trials are in *file*; the exit code. Raises Broken, and KeyboardInterrupt."""
    kind, runs = KINDS[name], kept(file)
    done = sum(run[kind.trials] for run in runs)
    seeds = (seed for seed in count(1) if seed not in {run["seed"] for run in runs})
    with bar(name, wanted) as advance, ThreadPoolExecutor(at_once) as pool:
        advance(done)
        while done < wanted:
            sizes = list(islice(_sizes(wanted - done, kind.each), at_once))
            for found in pool.map(lambda given: run_of(kind, *given), zip(sizes, seeds, strict=False)):
                with file.open("a") as output:
                    output.write(json.dumps(found) + "\n")
                done += found[kind.trials]
                advance(found[kind.trials])
                if found["faults"]:
                    return 1
    return 0


def _sizes(left: int, each: int) -> Iterator[int]:
    while left > 0:
        yield min(left, each)
        left -= each


def main(words: Sequence[str]) -> int:
    """Run it as *words* say; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.series", description=__doc__)
    parser.add_argument("what", choices=KINDS)
    parser.add_argument("trials", type=int)
    parser.add_argument("file", type=Path, help="where the figures of each run are kept, one line each")
    parser.add_argument("--at-once", type=int, default=1, help="runs side by side")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(words)
    given.file.parent.mkdir(parents=True, exist_ok=True)
    try:
        code = go_on(given.what, given.trials, given.file, given.at_once)
    except KeyboardInterrupt:
        code = 130
    except Broken as error:
        on_stderr(given.what)(str(error))
        code = error.code
    kind = KINDS[given.what]
    found = total(kept(given.file), kind)
    text = json.dumps(found, indent=2) if given.json else as_text(given.what, kind, found, given.trials)
    sys.stdout.write(f"{text}\n")
    return 1 if found["faults"] else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
