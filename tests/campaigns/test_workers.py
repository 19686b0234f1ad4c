"""Workers killed several times a second, in the short form; and a series that goes on where it was broken off."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns import series
from tests.campaigns.workers import Plan, campaign

SEED = 7


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


@pytest.mark.servers
def test_workers_that_are_killed_all_the_time_lose_nothing() -> None:
    plan = Plan(database="sqlite", kills=20, calls=10, seed=SEED, wait_seconds=4)

    report = campaign(plan, say)

    assert report.faults == [], report.as_text()
    assert report.kills == plan.kills
    assert report.answers_acknowledged > 0


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What was run in place of campaigns: trials and seed."""
    done: list[tuple[int, int]] = []

    def run_of(kind: series.Kind, trials: int, seed: int) -> dict[str, Any]:
        done.append((trials, seed))
        lost = seed == 13
        return {
            kind.trials: trials,
            "seed": seed,
            "trials": 10 * trials,
            "lost": int(lost),
            "faults": ["x"] * lost,
        }

    monkeypatch.setattr(series, "run_of", run_of)
    return done


def test_a_series_goes_on_where_it_was_broken_off(tmp_path: Path, runs: list[tuple[int, int]]) -> None:
    file = tmp_path / "cuts"

    assert series.go_on("power-loss", 60, file, 1) == 0
    assert runs == [(50, 1), (10, 2)]
    assert series.go_on("power-loss", 120, file, 1) == 0
    assert runs[2:] == [(50, 3), (10, 4)]

    kind = series.KINDS["power-loss"]
    told = series.as_text("power-loss", kind, series.total(series.kept(file), kind), 120)
    assert "120 of 120 cuts in 4 runs" in told
    assert "1200, lost 0 of 1200 (95 % bound 3/n: below 0.0025)" in told


def test_a_series_stops_at_the_first_loss(tmp_path: Path, runs: list[tuple[int, int]]) -> None:
    file = tmp_path / "cuts"

    assert series.go_on("power-loss", 10_000, file, 1) == 1
    assert len(runs) == 13
    assert series.main(["power-loss", "10000", str(file)]) == 1
