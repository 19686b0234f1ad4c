"""The failover campaign in its short form: the primary dies twice while people call, and nothing is lost."""

import sys

import pytest

from tests.campaigns.failover import FailoverReport, How, Plan, campaign, share
from tests.campaigns.ledger import Report

SEED = 7


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


@pytest.mark.servers
@pytest.mark.postgres
def test_when_the_databases_machine_dies_nothing_that_was_acknowledged_is_lost() -> None:
    plan = Plan(promotions=2, calls=12, seed=SEED, pause_seconds=2, wait_seconds=4)

    report = campaign(plan, say)

    # The control, whose standbys nobody waits for, must have lost something.
    assert report.faults == [], report.as_text()
    assert report.control_lost > 0
    assert report.promotions == plan.promotions
    # Commits were cancelled in their wait, or there was nothing to take for a success by mistake.
    assert report.died == {How.CANCELLED.value: 1, How.BEHIND.value: 1}
    assert report.calls.answers_acknowledged > 0
    assert report.rows_acknowledged > 0


def test_the_report_names_what_must_not_be() -> None:
    calls = Report(database="postgresql", seed=1)

    assert FailoverReport(calls=calls, control_deaths=1, control_lost=3).faults == []
    assert FailoverReport(calls=calls, rows_lost=2).faults == ["2 acknowledged rows lost"]
    assert FailoverReport(calls=calls, control_deaths=1).faults == [
        "the control lost nothing: this run could not have seen a loss"
    ]


@pytest.mark.parametrize(("part", "time"), [(0.5, 2.0), (0.95, 9.0), (0.0, 1.0)])
def test_a_share_of_the_times(part: float, time: float) -> None:
    assert share([9.0, 2.0, 1.0], part) == time
    assert share([], part) == 0.0
