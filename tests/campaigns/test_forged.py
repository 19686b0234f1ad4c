"""The campaign of forgeries in its short form, and that it would see what it says there is none of."""

import random
import sys

import pytest

from tests.campaigns.forged import TRIES, Plan, Report, campaign
from tests.campaigns.forgeries import forged

REAL = "Hq3vD0_xkq2wYB-Zf5nLrA7tPzE1cWm4"


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


@pytest.mark.servers
def test_nothing_forged_opens_any_door() -> None:
    report = campaign(Plan(inside=10_000, over_http=200, seed=7), say)

    assert report.faults == [], report.as_text()
    assert sum(report.inside.values()) == 10_000
    assert sum(report.over_http.values()) == 200
    assert min(report.inside.values()) > 500
    assert set(report.over_http) == {name for name, *_ in TRIES}


@pytest.mark.parametrize("seed", range(20))
def test_a_forgery_is_never_the_real_one_and_is_one_that_resembles_it(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  (a plan, not a secret)
    made = {forged(REAL, ["another"], chance) for _ in range(200)}

    assert REAL not in made
    assert "another" in made
    assert any(abs(len(each) - len(REAL)) == 1 for each in made)


def test_what_was_accepted_or_changed_or_wrongly_refused_is_a_fault() -> None:
    report = Report(seed=1, accepted=["answer: 'x'"], changed=["a became b"], real_refused=["answer"])

    assert report.faults == ["accepted: answer: 'x'", "changed: a became b", "real, and refused: answer"]
    assert all(fault in report.as_text() for fault in report.faults)
