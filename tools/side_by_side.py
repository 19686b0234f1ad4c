"""Run the tests that need no browser in two rows side by side: many of them wait for real servers most of the time.

The first row is the tests with real servers, and behind them those of both databases on PostgreSQL; the second
is all others. Each has its own processes, ports and folders, so neither knows of the other. What a part says is
printed whole when it ends; exit code 1 when any failed.
"""

import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

WITH_SERVERS = ("bench", "campaigns", "channels", "engine", "journeys", "servers")
"""The folders of tests that begin the first row; the second row is all others but `browser`."""

PYTEST = (sys.executable, "-m", "pytest")
ON_POSTGRESQL = (sys.executable, "-m", "tests.servers.with_postgres", *PYTEST)

_printing = threading.Lock()


def run(name: str, *command: str) -> int:
    """Run *command*, and print what it said under *name*; its exit code."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    with _printing:
        sys.stdout.write(f"{name}:\n{done.stdout}\n")
        sys.stdout.flush()
    return done.returncode


def in_turn(parts: Sequence[tuple[str, ...]]) -> int:
    """Run *parts* one after another, also behind one that failed; 0 when all passed."""
    return max([run(*part) for part in parts])


def main() -> int:
    """Run both rows; 0 when all passed."""
    first = [f"tests/{folder}" for folder in WITH_SERVERS]
    others = [f"--ignore=tests/{folder}" for folder in (*WITH_SERVERS, "browser")]
    rows: list[list[tuple[str, ...]]] = [
        [
            ("with real servers", *PYTEST, *first),
            ("on PostgreSQL", *ON_POSTGRESQL, "-m", "both_databases", "--ignore=tests/browser"),
        ],
        [("all others", *PYTEST, *others)],
    ]
    with ThreadPoolExecutor(len(rows)) as pool:
        return 1 if any(list(pool.map(in_turn, rows))) else 0


if __name__ == "__main__":
    sys.exit(main())
