"""The model check can fail: every planted fault is caught, by the promise it breaks, and told as a story."""

import pytest

from nightlight.engine.decide import run
from nightlight.simulator import model
from nightlight.simulator.model import Check
from nightlight.simulator.modelled_worlds import world_of
from nightlight.simulator.mutants_rules import MUTANTS, Mutant, TwoMayClaim

TRANSITIONS_MAX = 150_000
"""Within so many transitions every one of them is found."""
STORY_MAX = 30


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_fault_is_found_and_told_as_a_story(mutant: Mutant) -> None:
    result = Check(world_of(2, mutant.shell), mutant.rules).run(TRANSITIONS_MAX)

    assert mutant.promise in result.violation, mutant.breaks
    assert result.story[0] == "Ana calls"
    assert len(result.story) <= STORY_MAX
    assert "The story that leads there" in str(result)


def test_there_are_enough_of_them_and_each_is_told_apart() -> None:
    assert len(MUTANTS) >= 12
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    assert all(mutant.breaks for mutant in MUTANTS)
    assert {mutant.rules is run for mutant in MUTANTS} == {True, False}, "of the rules and of the shell"


def test_a_broken_promise_ends_the_command_with_1_and_the_shortest_story(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(model, "world_named", lambda _name: world_of(2, TwoMayClaim))

    assert model.main(["--states", "100000", "--world", "two"]) == 1

    printed = capsys.readouterr().out
    assert "BROKEN: two workers hold the same message to sam" in printed
    assert printed.splitlines()[-3:] == [
        "  1. Ana calls",
        "  2. worker 1 takes up way 1 of sam",
        "  3. worker 2 takes up way 1 of sam",
    ]
