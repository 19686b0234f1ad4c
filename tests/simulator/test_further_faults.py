"""What comes over a night beside the faults of every night: each kind alone, and what it leaves alone."""

from collections import Counter
from datetime import UTC, datetime
from random import Random

import pytest
from click.testing import CliRunner
from django.db import OperationalError

from nightlight.cli.simulate import simulate
from nightlight.simulator.agenda import Agenda, VirtualClock
from nightlight.simulator.covered import summed_up
from nightlight.simulator.further_faults import KINDS, FurtherFaults, WebDies, drawn

NIGHT = 3600.0


class House:
    """A world in which nothing else happens."""

    def __init__(self) -> None:
        self.clock = VirtualClock(datetime(2026, 11, 21, 21, tzinfo=UTC))
        self.agenda = Agenda(self.clock)
        self.noted: Counter[str] = Counter()
        self.polls = 0
        self.held = 0

    def tell(self, words: str) -> None:
        self.noted[words] += 1

    def note(self, goal: str) -> None:
        self.noted[goal] += 1

    def poll(self) -> None:
        self.polls += 1

    def goes_on(self) -> None:
        self.held += 1

    def live(self, until: float) -> None:
        while (action := self.agenda.next_action(until)) is not None:
            action()


def with_faults(*kinds: str) -> tuple[House, FurtherFaults]:
    house = House()
    faults = FurtherFaults(house, Random(3), frozenset(kinds))  # noqa: S311  (a made-up night, not a secret)
    faults.plan(NIGHT)
    return house, faults


def refused(faults: FurtherFaults, sql: str) -> bool:
    try:
        faults.before_a_query(sql)
    except OperationalError:
        return True
    return False


def test_some_nights_have_further_faults_and_most_have_none() -> None:
    nights = [drawn(Random(f"{seed}:further faults")) for seed in range(400)]  # noqa: S311
    assert 80 < sum(1 for kinds in nights if kinds) < 160
    assert frozenset().union(*nights) == set(KINDS)


def test_a_full_disk_takes_no_write_and_still_reads_and_all_is_held_to_go_on_a_minute_later() -> None:
    house, faults = with_faults("disk")
    while not house.noted["a disk was full"]:
        house.live(house.clock.passed + 1)

    assert refused(faults, 'UPDATE "alert" SET "status" = %s')
    assert refused(faults, 'INSERT INTO "attempt" VALUES (%s)')
    assert not refused(faults, 'SELECT "id" FROM "alert"')

    house.live(NIGHT + 400)
    assert not refused(faults, 'UPDATE "alert" SET "status" = %s')
    assert house.held


def test_nothing_of_it_happens_any_more_once_all_is_to_go_well() -> None:
    house, faults = with_faults(*KINDS)
    faults.end()
    house.live(NIGHT + 400)

    assert faults.answers()
    assert not refused(faults, "DELETE FROM alert")
    assert set(house.noted) == {"a clock drifted"}


def test_a_web_process_is_away_for_a_while_while_the_database_answers() -> None:
    house, faults = with_faults("web")
    while faults.answers():
        house.live(house.clock.passed + 1)
    assert house.noted["somebody found the web process away, while workers ran"]
    assert not refused(faults, "UPDATE alert SET status = 1")
    house.live(NIGHT + 400)
    assert faults.answers()


def test_a_web_process_dies_in_the_middle_of_some_requests_and_of_none_in_another_night() -> None:
    def deaths(*kinds: str) -> int:
        _, faults = with_faults(*kinds)
        died = 0
        for _ in range(100):
            try:
                with faults.request():
                    for _ in range(30):
                        faults.before_a_query("SELECT 1")
            except WebDies:
                died += 1
        return died

    assert 5 <= deaths("web") <= 30
    assert deaths("disk", "failover", "drift") == 0


def test_what_nights_went_through_is_summed_up_by_package_and_the_least_comes_first() -> None:
    def each(covered: int, of: int) -> dict[str, dict[str, int]]:
        summary = {"num_statements": of, "covered_lines": covered, "num_branches": 4, "covered_branches": 1}
        return {"summary": summary}

    report = summed_up(
        {
            "/somewhere/nightlight/src/nightlight/engine/decide.py": each(90, 100),
            "/somewhere/nightlight/src/nightlight/store/models/alert.py": each(10, 100),
            "/somewhere/nightlight/src/nightlight/store/tiny.py": each(0, 2),
        }
    )
    assert report["packages"]["engine"] == {"statements": 100, "lines": 90.0, "branches": 25.0}
    assert report["packages"]["store"]["statements"] == 102
    assert [least["module"] for least in report["least"]] == ["store.models.alert", "engine.decide"]


@pytest.mark.parametrize("other", [("--seed", "3"), ("--check-ins",), ("--minutes", "1"), ("--jobs", "2")])
def test_coverage_goes_by_seeds_alone(other: tuple[str, ...]) -> None:
    refused = CliRunner().invoke(simulate, ["--coverage", *other])
    assert refused.exit_code == 2
    assert "--coverage goes by --seeds and --first" in refused.output
