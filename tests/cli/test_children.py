"""A child never outlives its parent, at whatever moment the parent dies."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.servers.processes import wait_until

PARENT = """
    import os, signal, subprocess, sys, time
    from nightlight.cli.children import die_with_parent

    signal.signal(signal.SIGTERM, lambda *_: None)  # as a supervisor: it ends in its own time
    ask = die_with_parent()
    parent = os.getpid()

    def killed() -> None:
        os.kill(parent, signal.SIGKILL)
        while os.getppid() == parent:
            time.sleep(0.01)

    def before_exec() -> None:
        with open(sys.argv[1], "w") as file:
            file.write(str(os.getpid()))
        {steps}

    subprocess.Popen(["sleep", "600"], preexec_fn=before_exec)
    {behind}
"""


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("steps", "behind"),
    [("killed(); ask()", ""), ("ask(); killed()", ""), ("ask()", "killed()")],
    ids=["before it asked", "between asking and exec", "later"],
)
def test_a_parent_that_is_killed_leaves_no_child_behind(steps: str, behind: str, tmp_path: Path) -> None:
    written = tmp_path / "pid"
    program = textwrap.dedent(PARENT).format(steps=steps, behind=behind)
    subprocess.run([sys.executable, "-c", program, str(written)], check=False)

    child = int(written.read_text())
    try:
        wait_until(lambda: not _lives(child), "the child to end with its parent")
    finally:
        if _lives(child):
            os.kill(child, signal.SIGKILL)
