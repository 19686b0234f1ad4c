"""A short run of the campaign of voicemails and screening machines."""

import pytest

from tests.campaigns.no_keys import Report, campaign

pytestmark = pytest.mark.servers


def test_nothing_that_is_nobody_answers_a_phone() -> None:
    report = campaign(200, 6, lambda _: None)

    assert report.faults == []
    assert sum(report.tried.values()) == 200
    assert len(report.tried) == 8
    assert report.controls >= 10


@pytest.mark.parametrize(
    ("report", "fault"),
    [
        (Report(seed=0, controls=1, accepted=["a_machine_that_screens"]), "taken for an answer"),
        (Report(seed=0, controls=2, controls_in_vain=1), "1 real keys were not taken"),
        (Report(seed=0), "no real key was tried"),
    ],
)
def test_a_run_in_which_something_was_wrong_says_so(report: Report, fault: str) -> None:
    assert any(fault in each for each in report.faults)
    assert fault in report.as_text()
