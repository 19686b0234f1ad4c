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


GROUPS = 6
"""So many processes hunt; to begin one costs more than most hunts do."""


def hunt(names: list[str]) -> dict[str, dict[str, object]]:
    """What came of hunting *names*, one after the other in one process."""
    wanted = [f"--only={name}@{NIGHTS[name]}" for name in names]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "nightlight.simulator.hunt", "--json", *wanted),
            *("--nights", str(NIGHTS_MORE)),
        ],
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert done.stdout, done.stderr[-2000:]
    return {str(found["mutant"]): found for found in json.loads(done.stdout)}


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_planted_fault_is_found(group: int) -> None:
    names = sorted(NIGHTS)[group::GROUPS]
    found = hunt(names)
    assert found.keys() == set(names)
    assert not {name: each["what"] for name, each in found.items() if not each["by"]}


def test_no_planted_fault_is_forgotten() -> None:
    """Each is among those that are hunted, or stands in the list of those that the simulator has to learn to find."""
    parts = ("sending", "deciding", "reports", "check_ins", "failover")
    written = "".join((SRC / "simulator" / f"mutants_{part}.py").read_text() for part in parts)
    planted = re.findall(r"^@mutant\n(?:@contextmanager\n)?def (\w+)", written, re.MULTILINE)

    assert len(planted) == len(set(planted))
    assert set(planted) == NIGHTS.keys() | NOT_FOUND_YET.keys()
    assert not NIGHTS.keys() & NOT_FOUND_YET.keys()
