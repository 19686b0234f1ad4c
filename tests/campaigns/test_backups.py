"""The backup campaign in its short form: copies of real processes at work, put back into the other database."""

import sys
from pathlib import Path

import pytest

from nightlight.store.backup import write_backup
from nightlight.store.models import Alert
from tests.campaigns.backups import Plan, campaign
from tests.campaigns.backups_accounts import Report, Start, account_for_copy
from tests.campaigns.world import Mind
from tests.factories import an_alert
from tests.people import ANA, SAM

SEED = 7


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


@pytest.mark.servers
@pytest.mark.postgres
def test_every_copy_has_what_was_acknowledged_and_what_is_put_back_waits() -> None:
    plan = Plan(source="postgresql", target="sqlite", backups=3, calls=24, seed=SEED, wait_seconds=2)

    report = campaign(plan, say)

    assert report.faults == [], report.as_text()
    assert report.copies == 3
    # Else there was nothing to lose, and nothing to hold back.
    assert report.calls_due > 0
    assert report.held > 0


@pytest.mark.django_db(transaction=True)
def test_whatever_a_copy_is_without_is_found(tmp_path: Path) -> None:
    """The control: the accounts can see what they say there is none of."""
    call = an_alert(ANA).pk
    Alert.objects.update(version=1)
    write_backup(tmp_path / "copy")
    report = Report(source="sqlite", target="sqlite", seed=SEED)

    account_for_copy(
        report,
        tmp_path / "copy",
        Start(calls={ANA: call, "noa": "a-call-that-is-nowhere"}, answers=[(ANA, SAM, Mind.YES)], ends=[ANA]),
    )

    assert report.faults == [
        "1 acknowledged calls not in a copy",
        "1 acknowledged answers not in a copy",
        "1 acknowledged ends not in a copy",
        # It says that one event made it what it is, and has none.
        "1 calls torn in a copy",
    ]
