"""Tests run with a fault planted into the product: those that no night has found, each by the test that notices it.

    python -m tests.simulator.planting [NAME …]

As a plugin of pytest (`-p tests.simulator.planting --plant NAME`) it plants one around every test.
"""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.simulator.planted import FOUND_BY_TESTS


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the name of the fault."""
    parser.addoption("--plant", default="", help="the fault that is planted around every test")


@pytest.fixture(autouse=True)
def planted(request: pytest.FixtureRequest) -> Iterator[None]:
    """Plant the fault for the length of one test."""
    from nightlight.simulator.mutants import MUTANTS  # noqa: PLC0415  (after Django is set up)

    with MUTANTS[request.config.getoption("--plant")].plant():
        yield


def noticed(name: str) -> str:
    """The first test that fails with the fault *name* planted; empty when none does."""
    options = [
        "-q",
        "-x",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        "-m",
        "not postgres and not servers",
    ]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "tests.simulator.planting", "--plant", name),
            *(*options, *FOUND_BY_TESTS[name]),
        ],
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    return failed[0].removeprefix("FAILED ").partition(" - ")[0] if failed and done.returncode == 1 else ""


def main() -> int:
    """Print what noticed each; 1 when one was not noticed."""
    missing = 0
    for name in sys.argv[1:] or FOUND_BY_TESTS:
        by = noticed(name)
        missing += not by
        sys.stdout.write(f"{name:42} {by or 'NOT NOTICED'}\n")
        sys.stdout.flush()
    return int(missing > 0)


if __name__ == "__main__":
    sys.exit(main())
