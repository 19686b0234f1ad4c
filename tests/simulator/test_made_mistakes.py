"""Mistakes made by a tool: each kind is made, alone, and what cannot be seen is not counted as killed."""

from pathlib import Path

import pytest

from tools.mutation import interval
from tools.mutation_made import Made, constant_named, made_in, told, with_mistake

SOURCE = '''"""A rule."""
LIMIT = 3

class Ask:
    people: int = 2

def rule(waits: int, held: bool) -> int:
    """Whether 7 people wait."""
    assert waits != 9
    if held and not waits:
        log("x")
        return 0
    return waits + 1 if waits < LIMIT else waits
'''


@pytest.fixture
def made(tmp_path: Path) -> list[Made]:
    (tmp_path / "rule.py").write_text(SOURCE)
    return [told(tmp_path, one) for one in made_in(tmp_path, "rule.py")]


def test_every_kind_is_made_in_functions_and_constants_and_in_nothing_else(made: list[Made]) -> None:
    assert {(one.function, one.kind, one.after) for one in made} == {
        ("", "number", "LIMIT = 4"),
        ("rule", "and or", "if held or not waits:"),
        ("rule", "not", "if held and (not not waits):"),
        ("rule", "left out", ""),
        ("rule", "returns nothing", "return None"),
        ("rule", "number", "return 1"),
        ("rule", "operator", "return waits - 1 if waits < LIMIT else waits"),
        ("rule", "number", "return waits + 2 if waits < LIMIT else waits"),
        ("rule", "comparison", "return waits + 1 if waits <= LIMIT else waits"),
    }
    assert len(made) == len({one.number for one in made}) == 10


def test_each_is_made_alone_and_changes_what_the_function_does(made: list[Made]) -> None:
    (number,) = (one.number for one in made if one.kind == "operator")
    names: dict[str, object] = {}
    exec(compile(with_mistake(SOURCE, number), "rule.py", "exec"), names)  # noqa: S102  (our own source)

    rule = names["rule"]
    assert callable(rule)
    assert (rule(1, False), rule(5, False)) == (0, 5)


def test_a_constant_is_known_by_its_name(made: list[Made]) -> None:
    tree = with_mistake(SOURCE, 0)
    assert constant_named(tree, 0) == "LIMIT"


def test_a_mistake_keeps_its_name_when_lines_move(tmp_path: Path, made: list[Made]) -> None:
    (tmp_path / "rule.py").write_text(f"\n\n\n{SOURCE}")
    moved = [told(tmp_path, one) for one in made_in(tmp_path, "rule.py")]

    assert [one.key for one in moved] == [one.key for one in made]
    assert [one.line for one in moved] != [one.line for one in made]


def test_the_share_killed_is_known_the_better_the_more_were_tried() -> None:
    few, many = interval(19, 20), interval(950, 1000)
    assert few[0] < many[0] < 0.95 < many[1] < few[1]
    assert interval(0, 0) == (0.0, 1.0)
