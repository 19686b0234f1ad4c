"""`nightlight bench hold` and `bench ingest`, on few check-ins: that they measure, and what they refuse."""

from pathlib import Path

import pytest

from nightlight.bench import hold, ingest, postgresql
from nightlight.bench.processes import BenchFailed, Database
from nightlight.cli.bench import _start
from tests.cli.program import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program, with a directory that a measurement must not touch."""
    return Program(tmp_path / "data")


def quietly(_words: str) -> None:
    """Nobody listens."""


@pytest.mark.servers
def test_ticks_beside_few_and_beside_more() -> None:
    found = hold.measure(Database(name="sqlite"), _start, quietly, sizes=(1000, 2000), ticks=2)

    assert (found.database, found.idle) == ("sqlite", 2000)
    assert found.tick_ms.keys() == {"1000", "2000"}
    assert min(found.tick_ms.values()) > 0
    assert found.growth >= 1


@pytest.mark.servers
def test_every_machine_that_checks_in_is_answered_and_written_down() -> None:
    found = ingest.measure(Database(name="sqlite"), 20, _start, quietly)

    assert (found.database, found.n, found.webs) == ("sqlite", 20, 1)
    assert found.per_second > 0
    assert found.raw_commits_per_second > 0


@pytest.mark.postgres
def test_ticks_on_postgresql() -> None:
    with postgresql.throw_away_server(_start) as server, postgresql.database(server) as url:
        found = hold.measure(Database(name="postgresql", url=url), _start, quietly, sizes=(1000,), ticks=2)

    assert found.tick_ms.keys() == {"1000"}


def test_too_few_for_the_ticks_is_said_at_once(program: Program) -> None:
    done = program.run("bench", "hold", "--idle", "1000", "--database", "sqlite")

    assert done.code == 2
    assert "too few for 50 ticks; give --idle at least 5,500" in done.err


def test_growth_is_the_dearest_by_the_cheapest() -> None:
    found = hold.summary("sqlite", {"10000": 50.0, "1000000": 40.0})

    assert (found.idle, found.growth) == (1_000_000, 1.25)
    assert hold.summary("sqlite", {"10000": 50.0}).growth == 1.0


def test_a_check_in_that_was_not_written_down_is_no_measurement() -> None:
    ingest.all_made([200] * 10, 10 + ingest.WARM, 10)
    with pytest.raises(BenchFailed, match="209 of 210"):
        ingest.all_made([200] * 10, 9 + ingest.WARM, 10)
    with pytest.raises(BenchFailed, match="503"):
        ingest.all_made([200] * 9 + [503], 10 + ingest.WARM, 10)
