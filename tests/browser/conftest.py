"""A browser and a sample house for each module, and the last line of the run.

A module, not the whole run, has its browser: while one is open its thread has an event loop, under
which Django refuses to read a database, and other tests of the same run do read it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.inside import session_in
from tests.browser.watched import Looked, Pictures, Watched, chromium, watching
from tests.docs.project import ROOT
from tests.servers.sample import Try, running

KEPT = frozenset(
    {
        "asked-360-light",
        "has-it-360-dark",
        "trying-360-light",
        "wall-asked-1280-light",
        "wall-asked-1280-dark",
        "desk-1280-light",
    }
)
"""The pictures that README and docs show."""

Reading = Callable[..., Watched]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options for taking pictures, known when this folder is named on the command line."""
    parser.addoption("--pictures", action="store_true", help="take the pictures of README and docs anew")
    parser.addoption("--all-pictures", metavar="DIR", help="put a picture of every page looked over into DIR")


def pytest_configure(config: pytest.Config) -> None:
    """Where pictures go."""
    everything = config.getoption("--all-pictures", None)
    if everything:
        Looked.pictures = Pictures(folder=Path(everything))
    elif config.getoption("--pictures", False):
        Looked.pictures = Pictures(folder=ROOT / "docs" / "pictures", wanted=KEPT)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here starts real processes."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.servers)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last line, after pytest's own."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if Looked.pages and terminal is not None:
        terminal.write_line(f"axe: {Looked.pages} pages, {Looked.violations} violations")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def _running_sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Try]:
    with running(tmp_path_factory.mktemp("sample")) as tried:
        yield tried


@pytest.fixture
def sample(_running_sample: Try) -> Iterator[Try]:
    """A sample house in which nothing happened yet."""
    yield _running_sample
    _running_sample.press("start_over")


@pytest.fixture
def read(browser: Browser, sample: Try) -> Iterator[Reading]:
    """`read(width)`: somebody who reads the pages of the sample house, watched to the end of the test."""
    with ExitStack() as stack:

        def start(width: int = 360, **options: Any) -> Watched:
            reader: AbstractContextManager[Watched] = watching(browser, sample.base, width, **options)
            return stack.enter_context(reader)

        yield start


@pytest.fixture
def house(sample: Try) -> str:
    """Its address by a name, as passkeys want it."""
    return sample.base.replace("127.0.0.1", "localhost")


@pytest.fixture
def phone(browser: Browser, sample: Try, house: str) -> Iterator[Reading]:
    """`phone()`: one more phone, on which Ana is signed in unless told otherwise. Her plan is erased at the end."""
    with ExitStack() as stack:

        def start(*, signed_in: bool = True, width: int = 360, **options: Any) -> Watched:
            reader = stack.enter_context(watching(browser, house, width, **options))
            if signed_in:
                reader.context.add_cookies(
                    [{"name": "session", "value": session_in(sample.data, "ana"), "url": house}]
                )
            return reader

        yield start
        last = start()
        last.context.request.post(f"{house}/plan/erase", form={"sure": "yes"})
