"""The ladder written down a second time, in TLA+: TLC finds nothing in it, and something in each that is wrong."""

import re
from importlib import import_module

import pytest

from tools.tla import ENGINE, PLANTED, check

pytestmark = pytest.mark.servers
"""`make servers` brings the Java that TLC needs."""

LADDER = (ENGINE / "Ladder.tla").read_text()
MODEL_OF = re.compile(r"^\\\* is (\S+).*\n(\w+)", re.MULTILINE)
"""Above each action: which function of the product it is a model of."""
OURS_IS_NOT = ("nothing", "Die")
"""A worker is ended by the power or the kernel, by no function."""


def test_every_promise_holds_at_every_moment_and_every_state_was_met() -> None:
    done = check()
    assert (done.refuted, done.states > 50_000) == ("", True), done.said


def test_a_call_that_is_open_goes_on_and_a_lease_ends() -> None:
    done = check(tries=1, in_time=True)
    assert (done.refuted, done.states > 3_000) == ("", True), done.said


@pytest.mark.parametrize(("planted", "promise"), PLANTED.items())
def test_a_planted_mistake_is_refuted_by_the_promise_it_breaks(planted: str, promise: str) -> None:
    assert f'Planted = "{planted}"' in LADDER or f'Planted # "{planted}"' in LADDER
    in_time = promise not in LADDER
    assert check(planted, tries=1 if in_time else 2, in_time=in_time).refuted == promise


def found(name: str) -> object:
    """What is called *name* in the product: a function of a module, or of a class in it."""
    module, _, function = name.rpartition(".")
    try:
        return getattr(import_module(module), function)
    except ModuleNotFoundError:
        module, _, owner = module.rpartition(".")
        return getattr(getattr(import_module(module), owner), function)


def test_every_action_says_which_function_it_is_a_model_of_and_that_function_is_there() -> None:
    models = {action: name for name, action in MODEL_OF.findall(LADDER)}
    steps = LADDER.partition("\nNext ==\n")[2].partition("\n\n")[0]
    actions = set(re.findall(r"\b([A-Z]\w+)\b", steps)) - {"People", "Workers"}

    assert actions <= models.keys()
    assert len(actions) >= 16
    assert models.pop(OURS_IS_NOT[1]) == OURS_IS_NOT[0]
    for name in models.values():
        assert callable(found(name)), name


def test_no_function_is_found_that_is_not_there() -> None:
    with pytest.raises(AttributeError):
        found("nightlight.engine.rules_timer.no_such_rule")
