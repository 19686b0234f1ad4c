"""The campaign of what is no answer, in its short form, and that it would see what it says there is none of."""

import sys

import pytest

from tests.campaigns.not_answers import Plan, Report, campaign


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


@pytest.mark.servers
def test_no_machine_and_no_stranger_answers() -> None:
    report = campaign(Plan(trials=330, seed=7), say)

    assert report.faults == [], report.as_text()
    assert sum(report.tried.values()) == 330
    assert min(report.tried.values()) >= 25
    assert report.controls > 40


@pytest.mark.parametrize(
    ("report", "fault"),
    [
        (Report(seed=1, controls=1, accepted=["receipts"]), "taken for a yes: receipts"),
        (Report(seed=1, controls=1, declined={"auto_reply": 2}), "taken for a no, 2 times: auto_reply"),
        (Report(seed=1, controls=1, controls_in_vain=["x"]), "a real yes was not taken, after x"),
        (Report(seed=1), "no real yes was tried"),
    ],
)
def test_what_was_taken_for_an_answer_is_a_fault(report: Report, fault: str) -> None:
    assert report.faults == [fault]
    assert fault in report.as_text()
