"""The crash campaign in its short form: real processes, killed while people call and answer."""

import sys

import pytest

from tests.campaigns.crash import Plan, campaign

SEED = 7


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


@pytest.mark.servers
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_whatever_is_killed_nothing_that_was_acknowledged_is_lost(database: str) -> None:
    plan = Plan(database=database, kills=10, calls=150, seed=SEED, pause_seconds=2, wait_seconds=4)

    report = campaign(plan, say)

    assert report.faults == [], report.as_text()
    assert report.kills == plan.kills
    # Else nobody was asked, and there was nothing to lose.
    assert report.answers_acknowledged > plan.calls / 2


@pytest.mark.servers
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_an_ask_that_vanishes_from_the_database_is_found(database: str) -> None:
    """The control: the campaign can see what it says there is none of."""
    plan = Plan(database=database, kills=1, calls=5, seed=SEED, wait_seconds=1, lose_an_ask=True)

    report = campaign(plan, say)

    assert report.faults == ["1 first asks lost"], report.as_text()
