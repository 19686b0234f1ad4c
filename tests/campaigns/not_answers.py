"""The campaign of everything that is no answer: scanners, auto-replies, spoofed senders, reports.

`python -m tests.campaigns.not_answers`; see docs/internals/campaigns.md. Ends with 1 when any of it was
taken for a yes, or a real yes was not, and with 2 when it could not run.
"""

import argparse
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nightlight.engine.ids import PersonId
from tests.campaigns.service import NIGHTLIGHT, run
from tests.campaigns.terminal import bar, chance_for, on_stderr
from tests.campaigns.world import circle_file, circles
from tests.servers.nightlight import environment
from tests.servers.processes import folder
from tests.servers.simulated_twilio import SENDER, SID, TOKEN

CALLS_PER = 8
"""So many trials in one call, and then the real answer."""
INSIDE = [sys.executable, "-m", "tests.campaigns.not_answers_inside"]
BASE_URL = "http://127.0.0.1:8000"
"""Nobody listens there: the pages are asked in the process itself."""


def person(name: str) -> PersonId:
    """The id by which the engine knows somebody."""
    return PersonId(name)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One run; the same *seed* gives the same trials in the same order."""

    trials: int = 10_000
    seed: int = 0


@dataclass(kw_only=True)
class Report:
    """What was tried, and what came of it."""

    seed: int
    tried: dict[str, int] = field(default_factory=dict)
    accepted: list[str] = field(default_factory=list)
    """Trials that were taken for a yes. Must be empty."""
    declined: dict[str, int] = field(default_factory=dict)
    """Trials that were taken for a no: the next person is asked at once. Must be empty."""
    controls: int = 0
    """Real answers after the trials of a call."""
    controls_in_vain: list[str] = field(default_factory=list)
    """Of these, those that were not taken. Must be empty, or nothing here could have been seen."""
    seconds: int = 0

    @property
    def faults(self) -> list[str]:
        """What must not be."""
        found = [f"taken for a yes: {each}" for each in self.accepted]
        found += [f"taken for a no, {count} times: {name}" for name, count in self.declined.items()]
        found += [f"a real yes was not taken, after {each}" for each in self.controls_in_vain]
        return found if self.controls else [*found, "no real yes was tried"]

    def as_json(self) -> str:
        """Everything, for machines."""
        return json.dumps({**asdict(self), "faults": self.faults})

    def as_text(self) -> str:
        """The same to be read."""
        count = sum(self.tried.values())
        lines = [f"no answers, seed {self.seed}, {self.seconds} s: {count:,} trials"]
        lines += [f"  {name.replace('_', ' ')}: {number:,}" for name, number in sorted(self.tried.items())]
        lines.append(
            f"taken for a yes: {len(self.accepted)} (at most {3 / max(count, 1):.1e} of them at 95 %)"
        )
        lines.append(f"taken for a no: {sum(self.declined.values())}")
        lines.append(f"real answers taken: {self.controls - len(self.controls_in_vain)} of {self.controls}")
        return "\n".join([*lines, *self.faults])


def campaign(plan: Plan, say: Callable[[str], None]) -> Report:
    """Run *plan*; *say* hears how far it is. Raises RuntimeError when the trials broke off."""
    report = Report(seed=plan.seed)
    began = time.monotonic()
    with folder("no-answers") as data:
        texts = f"kannel://night:secret@127.0.0.1:9 twilio-plain://{SID}:{TOKEN}@127.0.0.1:9/{SENDER}"
        environ = environment(data, BASE_URL, {"NIGHTLIGHT_SMS_URL": texts})
        of = circles(-(-plan.trials // CALLS_PER), chance_for(plan.seed, "circles"))
        say(f"importing {len(of)} circles")
        run(environ, *NIGHTLIGHT, "circle", "import", "-", given=circle_file(of, wait_seconds=80_000))
        say(f"{plan.trials} trials")
        told = _tried(plan, environ, data / "trials.log")
    for name, value in told.items():
        setattr(report, name, value)
    report.seconds = round(time.monotonic() - began)
    return report


def _tried(plan: Plan, environ: dict[str, str], log: Path) -> dict[str, Any]:
    command = [*INSIDE, str(plan.trials), str(plan.seed)]
    with log.open("w") as said:
        process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=said, text=True)
    assert process.stdout is not None
    told: dict[str, Any] = {}
    before = 0
    with bar("no answers", plan.trials) as advance:
        for line in process.stdout:
            if line.startswith("{"):
                told |= json.loads(line)
            else:
                advance(int(line) - before)
                before = int(line)
    if process.wait() != 0 or not told:
        raise RuntimeError(f"{command[1:]} ended with {process.returncode}: {log.read_text()[-2000:]}")
    return told


def main(words: Sequence[str]) -> int:
    """Run it as *words* say; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.not_answers", description=__doc__)
    parser.add_argument("--trials", type=int, default=Plan.trials)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(words)
    say = on_stderr("no answers")
    try:
        report = campaign(Plan(trials=given.trials, seed=given.seed), say)
    except (RuntimeError, ValueError) as error:
        say(f"NOT RUN: {error}")
        return 2
    sys.stdout.write((report.as_json() if given.json else report.as_text()) + "\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
