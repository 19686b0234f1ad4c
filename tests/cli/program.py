"""The real program, in a process of its own, as somebody at a terminal has it."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SECONDS_MAX = 60

# Compiled once for all of these processes, also where nothing may be written beside the source.
_COMPILED = tempfile.TemporaryDirectory(prefix="nightlight-compiled-")

CIRCLE = """
[host]
name = "Harbour House"
emergency_number = "112"
ways = [ {channel = "smtp", to = "desk@example.org"} ]

[[people]]
id = "ana"
name = "Ana"
time_zone = "Europe/Lisbon"

[[people]]
id = "sam"
name = "Sam"
time_zone = "Europe/Lisbon"
ways = [ {channel = "smtp", to = "sam@example.org"} ]

[[people]]
id = "bo"
name = "Bo"
time_zone = "Europe/Lisbon"
ways = [ {channel = "smtp", to = "bo@example.org"} ]

[[people]]
id = "noa"
name = "Noa"

[[circles]]
person = "ana"
members = [
  {person = "sam", agreed_on = 2026-01-01, agreed_until = 2099-01-01, offers = ["talk", "come"]},
  {person = "bo", agreed_on = 2026-01-01, agreed_until = 2099-01-01},
]
ladder = [ {ask = ["sam"], wait = "5m"}, {ask = ["bo"], wait = "5m"} ]
"""


@dataclass(frozen=True, kw_only=True)
class Done:
    """How the program ended, and what it said."""

    code: int
    out: str
    err: str
    raw: bytes
    """Standard output as it came."""

    @property
    def one_line(self) -> str:
        """What it said on standard error, which is one line and nothing else."""
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("nightlight"), self.err
        return self.err.strip()


class Program:
    """`nightlight` on one data directory. Mail is set up to a port where nobody listens."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self._settings = {
            "NIGHTLIGHT_DATA": str(data),
            "NIGHTLIGHT_SMTP_URL": "smtp://127.0.0.1:9",
            "NIGHTLIGHT_MAIL_FROM": "circle@example.org",
            "PYTHONPYCACHEPREFIX": _COMPILED.name,
            "PYTHONDONTWRITEBYTECODE": "",
            **settings,
        }

    def run(self, *arguments: str | Path, stdin: str | bytes = b"", **settings: str) -> Done:
        """Run one command, with further *settings*; an empty one takes a setting away."""
        inherited = {name: value for name, value in os.environ.items() if "NIGHTLIGHT" not in name}
        environment = inherited | self._settings | settings
        done = subprocess.run(
            [sys.executable, "-m", "nightlight.cli.main", *map(str, arguments)],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            env={name: value for name, value in environment.items() if value},
            timeout=SECONDS_MAX,
            check=False,
        )
        return Done(
            code=done.returncode,
            out=done.stdout.decode(errors="replace"),
            err=done.stderr.decode(),
            raw=done.stdout,
        )

    def good(self, *arguments: str | Path, stdin: str | bytes = b"", **settings: str) -> str:
        """The data of a command that ends well."""
        done = self.run(*arguments, stdin=stdin, **settings)
        assert done.code == 0, done.err
        return done.out
