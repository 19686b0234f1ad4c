"""The power-loss campaign in its short form; it needs root and a loop device."""

import sys

import pytest

from tests.campaigns.disk import NoDisk, disk
from tests.campaigns.power_loss import Kept, Report, campaign


def test_a_power_cut_takes_nothing_that_was_acknowledged() -> None:
    try:
        with disk():
            pass
    except NoDisk as reason:
        pytest.skip(f"power loss NOT TRIED: {reason}")

    report = campaign(cycles=4, seed=7, say=lambda text: print(text, file=sys.stderr))  # noqa: T201

    # The control, which opens the database with synchronous=NORMAL, must have lost something.
    assert report.faults == [], report.as_text()
    assert report.control.lost > 0
    assert report.service.acknowledged > 0
    assert report.writer.acknowledged > 0


@pytest.mark.parametrize(
    ("report", "faults"),
    [
        (Report(seed=1), []),
        (
            Report(seed=1, service=Kept(cycles=1, acknowledged=9, lost=2)),
            ["serve lost 2 acknowledged commits"],
        ),
        (
            Report(seed=1, writer=Kept(cycles=2, acknowledged=9, damaged=1)),
            ["the write path left a damaged database 1 times"],
        ),
        (
            Report(seed=1, writer=Kept(cycles=1)),
            ["the write path acknowledged nothing, so nothing was tried"],
        ),
        (
            Report(seed=1, control=Kept(cycles=3, acknowledged=9)),
            ["the control lost nothing: this run could not have seen a loss"],
        ),
        (Report(seed=1, control=Kept(cycles=3, acknowledged=9, lost=1)), []),
    ],
)
def test_the_report_names_what_must_not_be(report: Report, faults: list[str]) -> None:
    assert report.faults == faults
