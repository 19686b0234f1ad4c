"""The pictures that README and docs show are those the browser tests take, and small."""

import re

from tests.browser.conftest import KEPT
from tests.docs.project import ROOT, files

FOLDER = ROOT / "docs" / "pictures"
SHOWN = re.compile(r"pictures/([\w-]+)\.png")
BYTES_MAX = 1_500_000
"""Of all of them together: a clone stays quick."""


def test_every_picture_is_one_that_the_browser_tests_take() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == KEPT


def test_every_picture_is_shown_and_every_one_shown_is_there() -> None:
    pages = [path.read_text() for path in files() if path.suffix == ".md"]
    assert {name for page in pages for name in SHOWN.findall(page)} == KEPT


def test_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < BYTES_MAX
