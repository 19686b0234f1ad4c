"""Run the tests that need no browser in two halves side by side: half of them wait for real servers most of the time.

Each half has its own processes, ports and folders, so neither knows of the other. What a half says is
printed whole when it ends; exit code 1 when either failed.
"""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

FIRST = ("bench", "campaigns", "channels", "docs", "engine", "journeys", "nevers", "servers")
"""The folders of tests that make up the first half, most of which wait; the second is all others but `browser`."""

_printing = threading.Lock()


def run(name: str, *arguments: str) -> int:
    """Run pytest with *arguments*, and print what it said under *name*; its exit code."""
    command = [sys.executable, "-m", "pytest", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    with _printing:
        sys.stdout.write(f"{name}:\n{done.stdout}\n")
        sys.stdout.flush()
    return done.returncode


def main() -> int:
    """Run both; 0 when both passed."""
    first = [f"tests/{folder}" for folder in FIRST]
    others = [f"--ignore=tests/{folder}" for folder in (*FIRST, "browser")]
    with ThreadPoolExecutor(2) as pool:
        halves = [
            pool.submit(run, "the half with real servers", *first),
            pool.submit(run, "the other half", *others),
        ]
        return 1 if any(half.result() for half in halves) else 0


if __name__ == "__main__":
    sys.exit(main())
