"""The table of everything that was planted by hand: enough of it, and one that is not found is not passed over."""

import json

import pytest

from nightlight.simulator import planted
from nightlight.simulator.mutants_rules import MUTANTS
from nightlight.simulator.planted import Planted, main
from tests.simulator.planted import FOUND_BY_TESTS, NIGHTS, NOT_FOUND_YET

FOUND = Planted(mutant="a_yes_ends_the_call", what="…", by="it ended by itself", after=8, unit="states")
MISSED = Planted(mutant="nobody_knows", what="…", by="", after=150, unit="nights")


def test_at_least_forty_are_planted_and_whatever_no_night_finds_a_test_does() -> None:
    assert len(MUTANTS) + len(NIGHTS) >= 40
    assert FOUND_BY_TESTS.keys() == NOT_FOUND_YET.keys()


def test_the_table_says_what_found_each_and_after_how_much(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(planted.FAMILIES, "model", lambda: iter([FOUND]))

    assert main(["--by", "model"]) == 0
    line, summary = capsys.readouterr().out.splitlines()
    assert line.split() == ["a_yes_ends_the_call", "8", "states", "it", "ended", "by", "itself"]
    assert summary == "1 planted, 1 found, 0 not found"


def test_one_that_is_not_found_is_said_and_ends_the_command_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(planted.FAMILIES, "nights", lambda: iter([FOUND, MISSED]))

    assert main(["--by", "nights", "--json"]) == 1
    printed = capsys.readouterr()
    assert "NOT FOUND" in printed.err
    assert [one["by"] for one in json.loads(printed.out)] == ["it ended by itself", ""]
