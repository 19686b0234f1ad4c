"""The campaign of everything that picks up a phone and is nobody: voicemails, machines that screen, forged keys.

`python -m tests.campaigns.no_keys`; see docs/internals/campaigns.md. Ends with 1 when any of it was
taken for an answer, or a real key was not, and with 2 when it could not run.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from tests.campaigns.service import NIGHTLIGHT, run
from tests.campaigns.terminal import bar, chance_for, on_stderr
from tests.servers.nightlight import environment
from tests.servers.processes import folder
from tests.servers.simulated_twilio import SENDER, SID, TOKEN
from tests.servers.trips.house import circle_file

RINGS_PER_CALL = 20
"""So many trials in one call, and then the real key."""
BASE_URL = "http://127.0.0.1:8000"
NUMBER = "+447700900101"
_INSIDE = "--inside"


@dataclass(kw_only=True)
class Report:
    """What was tried, and what came of it."""

    seed: int
    tried: dict[str, int] = field(default_factory=dict)
    accepted: list[str] = field(default_factory=list)
    """Trials after which somebody had answered. Must be empty."""
    controls: int = 0
    """Real keys after the trials of a call."""
    controls_in_vain: int = 0
    """Of these, those that were not taken. Must be 0, or nothing here could have been seen."""
    seconds: int = 0

    @property
    def faults(self) -> list[str]:
        """What must not be."""
        found = [f"taken for an answer: {each}" for each in self.accepted]
        found += [f"{self.controls_in_vain} real keys were not taken"] if self.controls_in_vain else []
        return found if self.controls else [*found, "no real key was tried"]

    def as_text(self) -> str:
        """The same to be read."""
        count = sum(self.tried.values())
        lines = [f"no keys, seed {self.seed}, {self.seconds} s: {count:,} trials"]
        lines += [f"  {name.replace('_', ' ')}: {number:,}" for name, number in sorted(self.tried.items())]
        at_most = f"at most {3 / max(count, 1):.1e} of them at 95 %"
        lines.append(f"taken for an answer: {len(self.accepted)} ({at_most})")
        lines.append(f"real keys taken: {self.controls - self.controls_in_vain} of {self.controls}")
        return "\n".join([*lines, *self.faults])


def campaign(trials: int, seed: int, say: Callable[[str], None]) -> Report:
    """Run it in a process of its own, with a database of its own. Raises RuntimeError when it broke off."""
    with folder("no-keys") as data:
        voice = f"twilio-plain://{SID}:{TOKEN}@127.0.0.1:9/{SENDER}"
        environ = environment(data, BASE_URL, {"NIGHTLIGHT_VOICE_URL": voice})
        ways = {"sam": [{"channel": "voice", "to": NUMBER}]}
        run(environ, *NIGHTLIGHT, "circle", "import", "-", given=circle_file(ways, wait="20h"))
        say(f"{trials} trials")
        command = [sys.executable, "-m", "tests.campaigns.no_keys", _INSIDE, str(trials), str(seed)]
        done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode or not done.stdout:
            raise RuntimeError(f"it ended with {done.returncode}")
        return Report(**json.loads(done.stdout.splitlines()[-1]))


# ------------------------------------------------------------------------- inside, where Django is


def _inside(trials: int, seed: int) -> Report:
    import django  # noqa: PLC0415  (the settings are in the environment by now)

    os.environ["DJANGO_SETTINGS_MODULE"] = "nightlight.settings"
    django.setup()
    from tests.campaigns.no_keys_inside import tried  # noqa: PLC0415  (what knows tables)

    began = time.monotonic()
    with bar("no keys", trials) as advance:
        report = Report(seed=seed, **tried(trials, chance_for(seed, "keys"), advance))
    report.seconds = round(time.monotonic() - began)
    return report


def main(words: Sequence[str]) -> int:
    """Run it as *words* say; the exit code."""
    if words[:1] == [_INSIDE]:
        sys.stdout.write(json.dumps(asdict(_inside(int(words[1]), int(words[2])))) + "\n")
        return 0
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.no_keys", description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(words)
    say = on_stderr("no keys")
    try:
        report = campaign(given.trials, given.seed, say)
    except (RuntimeError, ValueError) as error:
        say(f"NOT RUN: {error}")
        return 2
    told = json.dumps({**asdict(report), "faults": report.faults}) if given.json else report.as_text()
    sys.stdout.write(told + "\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
