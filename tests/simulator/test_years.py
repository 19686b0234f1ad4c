"""Years of check-ins: the same number lives the same years, no promise breaks, and every planted fault is found.

Each is a process of its own: a simulation takes clock, chance, channels and database for itself.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from nightlight.simulator import years_calendar
from tests.docs.project import SRC

FOUND_IN = {
    "our_outage_is_their_silence": 8,
    "one_reminder_is_enough": 1,
    "both_reminders_by_the_same_way": 1,
    "whoever_was_to_be_told_is_called": 1,
    "a_miss_calls_nobody": 1,
    "a_late_word_ends_nothing": 1,
    "not_ok_ends_a_call": 1,
    "a_move_is_not_noticed": 1,
    "the_offset_of_january_holds_all_year": 1,
    "a_night_without_that_hour_has_no_window": 3,
    "whoever_is_away_is_asked": 1,
    "the_quiet_word_goes_to_everybody": 1,
    "an_early_word_is_forgotten": 1,
    "two_days_are_looked_at_as_one": 1,
}
"""Planted faults, and the first of the seeds in which they are looked for."""


def python(*arguments: str, code: int = 0, environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    assert done.returncode == code, done.stderr[-2000:] + done.stdout[-2000:]
    return done.stdout


def simulate(*arguments: str, **environment: str) -> Any:
    command = ("nightlight.cli.main", "simulate", "--check-ins", "--json", *arguments)
    return json.loads(python(*command, environment=environment))


def test_one_number_lives_the_same_years_whatever_the_process() -> None:
    lives = [
        simulate("--seed", "3", "--years", "0.05", PYTHONHASHSEED=seed, TZ=zone)
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]
    assert lives[0] == {**lives[1], "seconds": lives[0]["seconds"]}
    assert lives[0]["story"]


def test_some_months_of_several_lives_keep_every_promise() -> None:
    report = simulate("--years", "0.12", "--seeds", "4", "--first", "2")
    assert report["violations"] == 0, report["broken"]
    tried = report["tried"]
    for what in ("moves", "outages", "kills", "windows: made", "windows: missed", "windows: excused (away)"):
        assert tried[what], what
    assert tried["local dates"] > 300


GROUPS = 3
"""So many processes hunt; to begin one costs more than most hunts do."""


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_fault_planted_into_check_ins_is_found(group: int) -> None:
    names = sorted(FOUND_IN)[group::GROUPS]
    wanted = [f"--only={name}@{FOUND_IN[name]}" for name in names]
    found = json.loads(python("nightlight.simulator.years_hunt", "--json", *wanted))
    assert {each["mutant"] for each in found} == set(names)
    assert not {each["mutant"]: each["what"] for each in found if not each["by"]}


def test_no_fault_planted_into_check_ins_is_forgotten() -> None:
    written = (SRC / "simulator" / "years_mutants.py").read_text()
    planted = re.findall(r"^@planted\n(?:@contextmanager\n)?def (\w+)", written, re.MULTILINE)
    assert set(planted) == FOUND_IN.keys()


@pytest.mark.parametrize(
    ("on", "at", "zone", "expected"),
    [
        (date(2026, 3, 29), time(2, 30), "Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30), "Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2026, 4, 5), time(1, 45), "Australia/Lord_Howe", datetime(2026, 4, 4, 14, 45, tzinfo=UTC)),
        (date(2026, 3, 8), time(2, 0, 30), "America/St_Johns", datetime(2026, 3, 8, 5, 30, tzinfo=UTC)),
        (date(2011, 12, 30), time(21), "Pacific/Apia", None),
    ],
)
def test_the_calendar_on_the_wall_knows_nights_in_which_a_clock_is_changed(
    on: date, at: time, zone: str, expected: datetime | None
) -> None:
    assert years_calendar.due(on, at, zone) == expected


def test_years_are_of_check_ins_only() -> None:
    python("nightlight.cli.main", "simulate", "--years", "2", code=2)
    python("nightlight.cli.main", "simulate", "--check-ins", "--minutes", "2", code=2)
