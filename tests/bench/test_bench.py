"""`nightlight bench` from the terminal, on few calls: that it measures, and what it says when it cannot."""

import json
from pathlib import Path

import pytest

from nightlight.bench import drain, hanging, postgresql, rush
from nightlight.bench.processes import BenchFailed, Database
from nightlight.cli.bench import _start
from tests.cli.program import Program
from tests.servers.processes import free_port


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program, with settings of its own that a measurement must not touch."""
    return Program(tmp_path / "data", NIGHTLIGHT_SMS_URL=f"kannel://a:b@127.0.0.1:{free_port()}")


@pytest.mark.servers
def test_latency_on_sqlite_is_one_object(program: Program) -> None:
    done = program.run("bench", "latency", "--n", "3", "--database", "sqlite", "--json")

    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert (found["database"], found["n"]) == ("sqlite", 3)
    assert 0 <= found["p50_ms"] <= found["p99_ms"] == found["max_ms"]
    assert found["raw_commit_ms"] > 0
    assert 0 < found["fall_ms"] <= found["fall_max_ms"]
    assert not program.data.exists()


@pytest.mark.servers
def test_first_asks_are_measured_beside_a_mail_server_that_hangs() -> None:
    sqlite = Database(name="sqlite")
    found = hanging.measure(sqlite, sqlite, 3, _start, lambda _words: None, open_calls=4)

    assert (found.n, found.open_calls) == (3, 4)
    assert 0 <= found.p50_ms <= found.p99_ms
    assert 0 <= found.answered_p50_ms <= found.answered_p99_ms
    assert found.delayed_ms == round(found.p99_ms - found.answered_p99_ms, 2)
    assert found.mails_begun >= 1


@pytest.mark.servers
def test_everything_that_is_due_is_sent_once_and_settled(program: Program) -> None:
    done = program.run("bench", "drain", "--n", "23", "--database", "sqlite", "--json")

    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert (found["database"], found["n"]) == ("sqlite", 25)
    assert (found["lost"], found["doubled"], found["unsettled"]) == (0, 0, 0)
    assert found["per_second"] > 0
    assert found["raw_per_second"] > 0


@pytest.mark.servers
def test_people_who_call_at_once_are_each_answered_and_each_circle_is_asked() -> None:
    found = rush.measure(Database(name="sqlite"), 6, _start, lambda _words: None)

    assert (found.n, found.doubled) == (6, 0)
    assert 0 <= found.p50_ms <= found.p99_ms <= found.max_ms <= found.pressed_p99_ms


def test_more_than_one_worker_needs_postgresql() -> None:
    with pytest.raises(BenchFailed, match="--database postgresql"):
        drain.measure(Database(name="sqlite"), 5, _start, lambda _words: None, workers=2)


@pytest.mark.postgres
def test_on_postgresql_a_server_is_started_and_thrown_away(program: Program) -> None:
    done = program.run("bench", "drain", "--n", "10", "--database", "postgresql")

    assert done.code == 0, done.err
    heads, figures = (line.split() for line in done.out.splitlines())
    found = dict(zip(heads, figures, strict=True))
    assert (found["DATABASE"], found["N"]) == ("postgresql", "10")
    assert (found["LOST"], found["DOUBLED"], found["UNSETTLED"]) == ("0", "0", "0")


def test_a_server_that_is_not_there_is_said_in_one_line(program: Program) -> None:
    nowhere = f"postgresql://ana:hunter2hunter2@127.0.0.1:{free_port()}/x"
    done = program.run("bench", "latency", "--database", "postgresql", "--postgresql", nowhere)

    assert done.code == 2
    assert "the server of --postgresql cannot be used" in done.one_line
    assert "hunter2" not in done.err


def test_without_postgresql_installed_it_says_what_would_be_right(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgresql, "PROGRAMS", tmp_path)
    with (
        pytest.raises(BenchFailed, match=r"not installed.*apt-get install postgresql.*--database sqlite"),
        postgresql.throw_away_server(_start),
    ):
        pass
