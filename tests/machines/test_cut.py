"""Three machines in their short form: network namespaces, a cut cable, and a database that is away."""

import sys

import pytest

from tests.campaigns.ledger import Report
from tests.machines.counted import Away, Cut, MachinesReport
from tests.machines.cut import Plan, campaign
from tests.servers.processes import MissingServer


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def run(plan: Plan) -> MachinesReport:
    try:
        return campaign(plan, say)
    except MissingServer as reason:
        pytest.skip(f"three machines NOT TRIED: {reason}")


@pytest.mark.servers
@pytest.mark.postgres
def test_a_cut_cable_and_a_database_that_is_away_lose_nothing_and_what_is_lost_is_found() -> None:
    """With the control in the same run: of all asks the one that was taken away at the end is missing, and no other."""
    report = run(Plan(seed=7, calls=15, away_seconds=15, wait_seconds=15, lose_an_ask=True))

    assert report.faults == ["1 first asks lost"], report.as_text()
    # Else nothing was tried.
    assert report.in_hand > 0, report.as_text()
    assert report.aways[0].pages_asked > 0
    assert report.accounts.answers_acknowledged > 0


@pytest.mark.parametrize(
    ("report", "faults"),
    [
        (MachinesReport(accounts=Report(database="", seed=1)), []),
        (
            MachinesReport(accounts=Report(database="", seed=1), left_lying=2),
            ["2 messages left lying with a machine that was cut off"],
        ),
        (
            MachinesReport(accounts=Report(database="", seed=1), late_words_taken=1),
            ["1 late words that were taken"],
        ),
        (
            MachinesReport(
                accounts=Report(database="", seed=1), aways=[Away(seconds=30, pages_asked=3, pages_true=2)]
            ),
            ["1 pages that did not say that nothing went out"],
        ),
        (
            MachinesReport(
                accounts=Report(database="", seed=1),
                cuts=[Cut(machine="b", at=1.0, back_at=2.0, in_hand=())],
            ),
            ["1 machines that did not go on by themselves"],
        ),
    ],
)
def test_each_fault_is_named(report: MachinesReport, faults: list[str]) -> None:
    assert report.faults == faults
    assert all(fault in report.as_text() for fault in faults)
