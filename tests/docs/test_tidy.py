"""The house rules that a formatter cannot see: short functions, short modules, nothing left lying about."""

import ast
import re
from pathlib import Path

import pytest

from tests.docs.project import ROOT, files, modules, name_of

FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 400

OURS = modules("src", "tests", "tools")

# Put together here, so that this file does not contain what it looks for.
LEFT_OVER = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK"]) + r")\b")

# In tests too, time is an argument: a test that asks the clock fails on one day of the year. Real
# processes are waited for with `time.monotonic`.
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("timezone", "now"),
}
KEEPER_OF_TIME = "src/nightlight/clock.py"
KEEPER_OF_SETTINGS = "src/nightlight/config.py"


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_every_module_fits_in_one_reading(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MODULE_LINES_MAX


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_every_function_fits_on_a_screen(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            lines = node.end_lineno - node.lineno + 1
            assert lines <= FUNCTION_LINES_MAX, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_the_clock_is_read_in_one_place(path: Path) -> None:
    if name_of(path) == KEEPER_OF_TIME:
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            assert (name, node.func.attr) not in CLOCKS, f"line {node.lineno}"


@pytest.mark.parametrize("path", modules("src"), ids=name_of)
def test_the_environment_is_read_in_one_place(path: Path) -> None:
    if name_of(path) == KEEPER_OF_SETTINGS:
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            assert (getattr(node.value, "id", ""), node.attr) not in {("os", "environ"), ("os", "getenv")}


def test_nothing_is_left_for_later() -> None:
    for path in files():
        if path.suffix in {".py", ".html", ".js", ".css", ".sh", ".md"}:
            found = LEFT_OVER.search(path.read_text())
            assert found is None, (name_of(path), found)


def test_every_module_is_used_by_another() -> None:
    """A module nobody imports and no name refers to is dead, or its test is missing."""
    source = {path: path.read_text() for path in OURS}
    for path in modules("src"):
        if path.name in {"__init__.py", "__main__.py"}:
            continue
        dotted = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
        package, _, name = dotted.rpartition(".")
        imported = re.compile(
            rf"\b{re.escape(dotted)}\b|from {re.escape(package)} import (\([^)]*|[^\n(]*)\b{re.escape(name)}\b"
        )
        others = (text for other, text in source.items() if other != path)
        assert any(imported.search(text) for text in others), dotted


def test_every_sentence_of_a_page_has_its_own_line() -> None:
    """So that a change to one sentence is a change to one line."""
    for path in files():
        if path.suffix != ".md":
            continue
        prose = re.sub(r"^(```|~~~).*?^\1", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
        for line in prose.splitlines():
            if not re.match(r"\||\s*(-|\d+\.) ", line):  # rows and items may hold two short ones
                assert not re.search(r"[a-z)`\"][.?!][\"*]* [A-Z]", line), (name_of(path), line)
