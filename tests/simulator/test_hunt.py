"""The canaries: every fault planted by hand is found, so that a night in which none is found means something."""

import json
import re
import subprocess
import sys

import pytest

from tests.docs.project import SRC
from tests.simulator.planted import NIGHTS, NOT_FOUND_YET

NIGHTS_MORE = 40
"""When the world has changed since a night was written down, so many others are tried."""


def hunt(name: str, first: int) -> dict[str, object]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "nightlight.simulator.hunt", "--json", "--only", name),
            *("--first", str(first), "--nights", str(NIGHTS_MORE)),
        ],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    (found,) = json.loads(done.stdout)
    return dict(found)


@pytest.mark.parametrize("name", sorted(NIGHTS))
def test_a_planted_fault_is_found(name: str) -> None:
    found = hunt(name, NIGHTS[name])
    assert found["by"], f"{name} was not found: {found['what']}"


def test_no_planted_fault_is_forgotten() -> None:
    """Each is found in every run, or stands in the list of those that the simulator has to learn to find."""
    parts = ("sending", "deciding", "reports", "check_ins")
    written = "".join((SRC / "simulator" / f"mutants_{part}.py").read_text() for part in parts)
    planted = re.findall(r"^@mutant\n(?:@contextmanager\n)?def (\w+)", written, re.MULTILINE)

    assert len(planted) == len(set(planted))
    assert set(planted) == NIGHTS.keys() | NOT_FOUND_YET.keys()
    assert not NIGHTS.keys() & NOT_FOUND_YET.keys()
