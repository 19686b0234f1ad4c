"""ARCHITECTURE.md says where an alert goes and how it changes; the code must say the same."""

import ast
import re
from pathlib import Path

import pytest

from tests.docs.project import ROOT, SRC, modules, name_of
from tools.draw_states import redrawn

PAGE = ROOT / "ARCHITECTURE.md"
ROW = re.compile(r"^\| (\d) (\w+) \| (.+?) \|", re.MULTILINE)
STOPS = {
    int(number): re.findall(r"`([\w/.]+)`", places) for number, _, places in ROW.findall(PAGE.read_text())
}


def docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text())) or ""


def stops_named_by(path: Path) -> set[int]:
    """The numbers after the word "stop" or "stops" in a module's docstring: "Stops 3 and 5 of the road"."""
    numbers: set[int] = set()
    for found in re.findall(r"\bstops?\s+(\d(?:(?:,\s*|\s+and\s+)\d)*)", docstring(path), re.IGNORECASE):
        numbers.update(int(number) for number in re.findall(r"\d", found))
    return numbers


def test_there_are_nine_stops() -> None:
    assert sorted(STOPS) == list(range(1, 10))


@pytest.mark.parametrize(("stop", "place"), [(stop, place) for stop in STOPS for place in STOPS[stop]])
def test_every_place_on_the_road_says_which_stop_it_is(stop: int, place: str) -> None:
    """Of a folder, at least one module does."""
    path = SRC / place
    on_the_road = path.rglob("*.py") if path.is_dir() else [path]

    assert any(stop in stops_named_by(module) for module in on_the_road)


def test_no_module_claims_a_stop_that_the_page_does_not_give_it() -> None:
    for path in modules("src"):
        place = str(path.relative_to(SRC))
        for stop in stops_named_by(path):
            assert any(place == given or place.startswith(given) for given in STOPS[stop]), name_of(path)


def test_the_state_diagram_is_drawn_from_the_table() -> None:
    """When this fails, run `.venv/bin/python tools/draw_states.py` and look at what changed."""
    page = PAGE.read_text()

    assert redrawn(page) == page


def test_every_package_has_its_line_in_the_page() -> None:
    page = PAGE.read_text()
    for package in sorted(SRC.glob("*/__init__.py")):
        assert f"`{package.parent.name}/`" in page
