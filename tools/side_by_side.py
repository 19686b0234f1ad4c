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


def run(name: str, *command: str) -> tuple[int, str]:
    """Run *command*: its exit code, and what it said, under *name*."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, f"{name}:\n{done.stdout}\n"


def say(said: str) -> None:
    """Print it whole, whoever else is printing."""
    with _printing:
        sys.stdout.write(said)
        sys.stdout.flush()


def run_aloud(part: tuple[str, ...]) -> int:
    """Run *part*, and print what it said when it ends; its exit code."""
    code, said = run(*part)
    say(said)
    return code


def in_a_browser() -> tuple[list[str], list[str]]:
    """The tests of the sealed plan in a browser, and all others there."""
    tests = sorted(str(path) for path in Path("tests/browser").glob("test_*.py"))
    of_the_plan = [test for test in tests if "test_plan" in test]
    return of_the_plan, [test for test in tests if test not in of_the_plan]


def parts() -> list[tuple[str, ...]]:
    """What is run, each with its name before its command. The longest come first; the last is printed last."""
    waiting = [f"tests/{folder}" for folder in WITH_SERVERS]
    others = [f"--ignore=tests/{folder}" for folder in (*WITH_SERVERS, "browser")]
    plan, pages = in_a_browser()
    return [
        ("all others", *PYTEST, *others),
        ("with real servers", *PYTEST, *waiting),
        ("the plan in a browser", *PYTEST, *plan),
        ("on PostgreSQL", *ON_POSTGRESQL, "-m", "both_databases", "--ignore=tests/browser"),
        ("made-up nights", *NIGHTS, "--seeds", "500", "--minutes", "5", "--jobs", "1"),
        ("the pages in a browser", *PYTEST, *pages),
    ]


def main() -> int:
    """Run all parts; 0 when all passed."""
    *first, last = parts()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        codes = pool.map(run_aloud, first)
        code, said = pool.submit(run, *last).result()
        failed = any(list(codes))
    say(said)
    return 1 if failed or code else 0


if __name__ == "__main__":
    sys.exit(main())
