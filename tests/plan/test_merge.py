"""What becomes of a part that two phones changed at the same time, in the browsers' own code."""

import subprocess

from tests.docs.project import ROOT

SECONDS_MAX = 60


def test_nothing_written_is_lost_and_nothing_taken_back_comes_again() -> None:
    done = subprocess.run(
        ["node", "tests/run.mjs", "merge.ts"],
        cwd=ROOT / "frontend",
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "what was taken back stays taken back, whichever phone is asked" in done.stdout
