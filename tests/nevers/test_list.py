"""The list of what must never be, and what holds each: a test, or the reason why there is none yet.

A test of a never is called `test_<its key>_…` and says in its docstring, in a few words, what must
never be. The keys: `n8` comes from requirement 8, `d11` from the last chapter of the design. When one
is built that stands in `NOT_YET`, the test below fails until its never has a test.
"""

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.apps import apps

from tests.docs.project import SRC

HERE = Path(__file__).parent

# Frozen: a key may be added, none may go.
NEVERS = {
    "n8_words": "names of methods or means, in any file",
    "n8_pictures": "the same, in a picture",
    "n8_prompts": "the same, in what a plan suggests or asks",
    "n14_contacts": "taking an address book",
    "n14_discovery": "finding people by their number",
    "n14_enrolling": "putting somebody into a circle, or calling for them, without their word",
    "n14_check_ins": "switching check-ins on for somebody else",
    "n27_lines": "counting a line that was rung as an answer",
    "n31_location": "asking where somebody is, or keeping it",
    "n31_check_ins": "a check-in that wants to know where somebody is",
    "n42_scores": "scores, bands, predictions, reading of moods",
    "n42_ranking": "ranking people who call or help",
    "n43_content": "what people wrote, used for analytics, research or training",
    "n43_plan": "the same of a plan, which not even the host may read",
    "n43_trackers": "trackers, and anything fetched from elsewhere",
    "n50_promises": "a promise on a page or in a message",
    "n50_claims": "a claim in a document",
    "n66_counting": "streaks, bars, days since, confetti on pages",
    "n66_streaks": "the same in code and tables",
    "d11_police": "calling police or an ambulance by machine",
    "d11_guilt": "making anybody ashamed",
    "d11_response_times": "showing how fast or how often somebody answers",
    "d11_agreed": "contacting anybody who did not agree",
}

# Every requirement marked N, and every never of the design's last chapter, by the keys that hold it.
REQUIREMENTS = {8, 14, 27, 31, 42, 43, 50, 66}
DESIGN = {
    "no risk score, band, prediction or sentiment analysis": {"n42_scores"},
    "no automatic police or ambulance": {"d11_police"},
    "no location by default": {"n31_location", "n31_check_ins"},
    "no address-book upload, no discovery by number": {"n14_contacts", "n14_discovery"},
    "no check-in, no circle that someone else switches on": {"n14_check_ins", "n14_enrolling"},
    "no streaks": {"n66_counting", "n66_streaks"},
    "no guilt": {"d11_guilt"},
    "no ranking": {"n42_ranking"},
    "no response times shown": {"d11_response_times"},
    "no methods or means: code, tests, sample data, pages, pictures": {"n8_words", "n8_pictures"},
    "no trackers, no requests to third parties": {"n43_trackers"},
    "no claim to prevent, treat, detect, keep safe, always answer": {"n50_promises", "n50_claims"},
    "nobody is contacted who did not agree": {"d11_agreed"},
}


@dataclass(frozen=True, kw_only=True)
class NotYet:
    """Why there is no test, and how to see that there must be one."""

    reason: str
    is_built: Callable[[], bool]


def has_tables_for(part: str) -> bool:
    """Whether a table or a module of this part of the product is there."""
    tables = [model._meta.db_table for model in apps.get_app_config("store").get_models()]
    return any(part in table for table in tables) or any(SRC.rglob(f"{part.replace('_', '*')}*.py"))


NOT_YET: dict[str, NotYet] = {}


def read_tests(paths: Iterable[Path]) -> dict[str, str]:
    """Every test, with its docstring."""
    return {
        node.name: ast.get_docstring(node) or ""
        for path in paths
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def key_of(test: str, keys: Iterable[str]) -> str | None:
    """Which never a test holds, by its name."""
    return next((key for key in keys if test.startswith(f"test_{key}_")), None)


TESTS = read_tests(sorted(HERE.glob("test_*.py")))


@pytest.mark.parametrize("never", NEVERS)
def test_every_never_is_held_or_stands_in_the_list_with_a_reason(never: str) -> None:
    held = [test for test in TESTS if key_of(test, [never])]

    assert bool(held) is not (never in NOT_YET), f"{never}: {NEVERS[never]}"


def test_nothing_is_forgotten() -> None:
    assert {int(key[1:].partition("_")[0]) for key in NEVERS if key.startswith("n")} == REQUIREMENTS
    assert set().union(*DESIGN.values()) <= set(NEVERS)
    assert {key for key in NEVERS if key.startswith("d11")} <= set().union(*DESIGN.values())
    assert set(NOT_YET) <= set(NEVERS)


@pytest.mark.parametrize("never", NOT_YET)
def test_what_is_not_held_yet_is_not_built_yet(never: str) -> None:
    assert not NOT_YET[never].is_built(), f"{never} needs a test now: {NEVERS[never]}"


def test_something_that_gets_built_would_be_seen() -> None:
    assert has_tables_for("never_contact")
    assert has_tables_for("reply_try")
    assert has_tables_for("wording")
    assert not has_tables_for("nobody_thought_of_this")


def test_every_test_of_a_never_says_what_must_never_be() -> None:
    numbered = {test: says for test, says in TESTS.items() if re.match(r"test_(n\d+|d11)_", test)}

    assert [test for test in numbered if key_of(test, NEVERS) is None] == []
    assert [test for test, says in numbered.items() if len(says) < 20] == []


def test_a_never_without_a_test_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text('def test_n8_words_x() -> None:\n    """Says what."""\n')
    found = read_tests(tmp_path.glob("*.py"))

    assert found == {"test_n8_words_x": "Says what."}
    assert key_of("test_n8_words_x", NEVERS) == "n8_words"
    assert key_of("test_n99_words_x", NEVERS) is None
