"""Run the checks two at a time: many of the tests wait for real servers, or for a browser, most of the time.

Each part has its own processes, ports and folders, so none knows of another. What a part says is printed whole
when it ends; exit code 1 when any failed.
"""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

WITH_SERVERS = ("bench", "campaigns", "channels", "engine", "journeys", "servers")
"""The folders of tests that mostly wait."""
AT_ONCE = 2
"""One of them waits while the other computes; more of them wait for each other, on two processors."""

PYTEST = (sys.executable, "-m", "pytest")
NIGHTS = (sys.executable, "-m", "nightlight.cli.main", "simulate")
ON_POSTGRESQL = (sys.executable, "-m", "tests.servers.with_postgres", *PYTEST)

_printing = threading.Lock()


def run(name: str, *command: str) -> int:
    """Run *command*, and print what it said under *name*; its exit code."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    with _printing:
        sys.stdout.write(f"{name}:\n{done.stdout}\n")
        sys.stdout.flush()
    return done.returncode


def of_the_plan() -> list[str]:
    """The tests of the sealed plan in a browser; the others of `tests/browser` come last, by themselves."""
    return sorted(str(path) for path in Path("tests/browser").glob("test_plan*.py"))


def parts() -> list[tuple[str, ...]]:
    """What is run, each with its name before its command; the longest first."""
    waiting = [f"tests/{folder}" for folder in WITH_SERVERS]
    others = [f"--ignore=tests/{folder}" for folder in (*WITH_SERVERS, "browser")]
    return [
        ("all others", *PYTEST, *others),
        ("with real servers", *PYTEST, *waiting),
        ("on PostgreSQL", *ON_POSTGRESQL, "-m", "both_databases", "--ignore=tests/browser"),
        ("the plan in a browser", *PYTEST, *of_the_plan()),
        ("made-up nights", *NIGHTS, "--seeds", "500", "--minutes", "5", "--jobs", "1"),
    ]


def main() -> int:
    """Run all parts; 0 when all passed."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return 1 if any(list(pool.map(lambda part: run(*part), parts()))) else 0


if __name__ == "__main__":
    sys.exit(main())
