"""Run the checks beside each other: many of the tests wait for real servers, or for a browser, most of the time.

Two at a time, and aside from them what only computes, which takes the time that nobody else wants. Each part
has its own processes, ports and folders, so none knows of another. What a part says is printed whole when it
ends; exit code 1 when any failed.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

WITH_SERVERS = ("bench", "campaigns", "channels", "engine", "journeys", "servers")
"""The folders of tests that mostly wait."""
BY_COMMAND = (
    "tests/machines/test_cut.py::test_a_cut_cable_and_a_database_that_is_away_lose_nothing_and_what_is_lost_is_found",
    "tests/campaigns/test_backups.py::test_every_copy_has_what_was_acknowledged_and_what_is_put_back_waits",
    "tests/campaigns/test_failover.py::test_when_the_databases_machine_dies_nothing_that_was_acknowledged_is_lost",
    "tests/campaigns/test_workers.py::test_workers_that_are_killed_all_the_time_lose_nothing",
)
"""Four tests that take minutes. Plain pytest runs them, `make machines`, `make failover` and `make crash` do the same
at length; the whole check does not yet, for it has to end within 40 minutes on two slow processors."""
HUNTED = tuple(
    f"--deselect=tests/simulator/{test}[{group}]"
    for test, groups in (
        ("test_hunt.py::test_every_planted_fault_is_found", (3, 4, 5)),
        ("test_years.py::test_every_fault_planted_into_check_ins_is_found", (1, 2)),
    )
    for group in groups
)
"""Half of the planted faults are hunted in every check, 26 of them; `make planted` hunts all."""
AT_ONCE = 2
"""One of them waits while the other computes; more of them wait for each other, on two processors."""

SOME_FAILED = 1
"""What pytest ends with then."""

PYTEST = (sys.executable, "-m", "pytest")
NIGHTS = (sys.executable, "-m", "nightlight.cli.main", "simulate")
ON_POSTGRESQL = (sys.executable, "-m", "tests.servers.with_postgres", *PYTEST)

Part = tuple[str, ...]
"""A name, and the command behind it."""

_printing = threading.Lock()


def run(part: Part) -> tuple[int, str]:
    """Run *part*: its exit code, and what it said, under its name and how long it took."""
    name, *command = part
    began = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, f"{name}, {time.monotonic() - began:.0f} s:\n{done.stdout}\n"


def run_aloud(part: Part) -> int:
    """Run *part*, and print what it said when it ends, whoever else is printing; its exit code."""
    code, said = run(part)
    with _printing:
        sys.stdout.write(said)
        sys.stdout.flush()
    return code


def twice(name: str, tests: Sequence[str]) -> int:
    """Run *tests* that wait for a browser or for servers, and what failed once more, alone; the exit code.

    Beside everything else some of them wait in vain now and then. What passes only the second time is said so
    in what the first one printed, and is worth a look all the same.
    """
    command = [*PYTEST, "-o", f"cache_dir=.pytest_cache/{name}", *tests]
    code = subprocess.run(command, check=False).returncode
    if code != SOME_FAILED:
        return code
    sys.stdout.write("\nWhat failed is tried once more, alone:\n")
    sys.stdout.flush()
    return subprocess.run([*command, "--last-failed"], check=False).returncode


def stand_back(command: Sequence[str]) -> NoReturn:
    """Become *command*, which takes only the time that nobody else wants, and ends with whoever began it."""
    # Linux weighs sessions against each other before it looks at how nice anybody in them is.
    os.setsid()
    os.nice(19)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text("19\n")
    os.execvp("setpriv", ["setpriv", "--pdeathsig=TERM", "--", *command])  # noqa: S606


def in_a_browser() -> tuple[list[str], list[str]]:
    """The tests of the sealed plan in a browser, and all others there."""
    tests = sorted(str(path) for path in Path("tests/browser").glob("test_*.py"))
    of_the_plan = [test for test in tests if "test_plan" in test]
    return of_the_plan, [test for test in tests if test not in of_the_plan]


def parts() -> list[Part]:
    """What is run two at a time. The longest come first; the last is printed last."""
    by_command = [f"--deselect={test}" for test in BY_COMMAND]
    waiting = [*(f"tests/{folder}" for folder in WITH_SERVERS), *by_command]
    others = [f"--ignore=tests/{folder}" for folder in (*WITH_SERVERS, "browser", "simulator")] + by_command
    plan, pages = in_a_browser()
    again = (sys.executable, __file__, "twice")
    return [
        ("with real servers", *again, "servers", *waiting),
        ("all others", *PYTEST, *others),
        ("the plan in a browser", *again, "plan", *plan),
        ("on PostgreSQL", *ON_POSTGRESQL, "-m", "both_databases", "--ignore=tests/browser", *by_command),
        ("the pages in a browser", *again, "pages", *pages),
    ]


def aside() -> list[Part]:
    """What is run aside, two at a time as well, so that no processor is idle once the others have ended."""
    back = (sys.executable, __file__, "stand-back")
    return [
        ("style, types and words", *back, "make", "--no-print-directory", "lint"),
        ("the simulator's own tests", *back, *PYTEST, "tests/simulator", *HUNTED),
        ("made-up nights", *back, *NIGHTS, "--seeds", "500", "--minutes", "5", "--jobs", "1"),
    ]


def main() -> int:
    """Run all parts; 0 when all passed."""
    *first, last = parts()
    with ThreadPoolExecutor(AT_ONCE) as pool, ThreadPoolExecutor(AT_ONCE) as back:
        standing_back = back.map(run_aloud, aside())
        codes = pool.map(run_aloud, first)
        code, said = pool.submit(run, last).result()
        failed = [*codes, *standing_back, code]
    sys.stdout.write(said)
    return 1 if any(failed) else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["stand-back"]:
        stand_back(sys.argv[2:])
    if sys.argv[1:2] == ["twice"]:
        sys.exit(twice(sys.argv[2], sys.argv[3:]))
    sys.exit(main())
