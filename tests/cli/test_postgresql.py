"""The same commands on PostgreSQL, where a migration is a decision of its own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.cli.program import CIRCLE, Program
from tests.servers.postgres import postgres

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with postgres() as address:
        yield address


@pytest.fixture
def other_url(url: str) -> Iterator[str]:
    """An empty database beside the first."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CREATE DATABASE other")
        yield url.rpartition("/")[0] + "/other"
        server.execute("DROP DATABASE other WITH (FORCE)")


def test_from_an_empty_database_to_a_call(url: str, tmp_path: Path) -> None:
    program = Program(tmp_path / "data", NIGHTLIGHT_DATABASE_URL=url)

    for word in ("status", "web", "worker"):
        refused = program.run(word)
        assert (refused.code, refused.out) == (3, "")
        assert "nightlight migrate" in refused.one_line
    assert "older than this version" in program.run("doctor").out

    program.good("migrate")
    program.good("circle", "import", "-", stdin=CIRCLE)
    alert = program.good("call", "ana").strip()
    assert alert in program.good("status")
    program.good("resolve", alert, "--reason", "over")
    program.good("erase", "ana")
    told = program.run("doctor").out
    assert "good: calls: 0 are open" in told
    # The server of this test does not write through to the disk, and doctor sees it.
    assert "fsync is off" in told

    assert "no call is held" in program.run("restore", "--continue").err


def test_a_call_moves_from_sqlite_to_postgresql_and_back(
    other_url: str, tmp_path: Path, with_circle: Program
) -> None:
    key = (with_circle.data / "key").read_text().strip()
    moved = Program(tmp_path / "moved", NIGHTLIGHT_DATABASE_URL=other_url, NIGHTLIGHT_KEY=key)
    call = with_circle.good("call", "ana").strip()
    with_circle.good("backup", tmp_path / "there")
    assert moved.run("restore", tmp_path / "there").code == 3
    moved.good("migrate")

    told = moved.run("restore", tmp_path / "there").err
    assert f"held: call {call} of ana" in told
    assert "no key here" not in told
    assert "already" in moved.run("restore", tmp_path / "there").one_line
    assert "1 held calls go on" in moved.run("restore", "--continue").err
    assert "1 the same" in moved.run("replay").err
    moved.good("answer", call, "sam", "yes")

    back = Program(tmp_path / "back", NIGHTLIGHT_KEY=key)
    assert back.run("restore", "-", stdin=moved.run("backup", "-").raw).code == 0
    assert "sam" in back.good("status", call, "--json")
    assert back.good("circle", "export") == with_circle.good("circle", "export")
    assert "1 the same" in back.run("replay").err


def test_nothing_is_put_back_while_anything_is_connected(
    other_url: str, tmp_path: Path, with_circle: Program
) -> None:
    moved = Program(tmp_path / "moved", NIGHTLIGHT_DATABASE_URL=other_url)
    with_circle.good("backup", tmp_path / "there")
    moved.good("migrate")
    with psycopg.connect(other_url, application_name="nightlight"):
        refused = moved.run("restore", tmp_path / "there")

    assert refused.code == 2
    assert "connected" in refused.one_line


def test_a_second_machine_waits_for_the_first_to_migrate_and_makes_no_key_of_its_own(tmp_path: Path) -> None:
    key = "a-key-for-two-machines-that-protects-nobody"
    with postgres() as url:
        first, second = (
            Program(tmp_path / name, NIGHTLIGHT_DATABASE_URL=url, NIGHTLIGHT_KEY=key) for name in "ab"
        )
        with ThreadPoolExecutor() as pool:
            ran = list(pool.map(lambda machine: machine.run("migrate"), (first, second)))
        assert [done.code for done in ran] == [0, 0], [done.err for done in ran]
        first.good("circle", "import", "-", stdin=CIRCLE)

        third = Program(tmp_path / "c", NIGHTLIGHT_DATABASE_URL=url)
        key_file = tmp_path / "c" / "key"
        for word in ("worker", "serve"):
            refused = third.run(word)
            assert refused.code == 2
            assert "give this machine the one of the others" in refused.err
            assert not key_file.exists()

        key_file.write_text(key)
        key_file.chmod(0o600)
        assert "sam" in third.good("circle", "export")
