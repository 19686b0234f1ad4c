"""A backup, and putting one back, from the terminal."""

import fcntl
import json
import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from nightlight.cli.serve import LOCK_NAME
from tests.cli.program import Program


def test_a_backup_is_for_its_owner_alone_and_overwrites_nothing(with_circle: Program, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    done = with_circle.run("backup", copy)

    assert done.code == 0
    assert "the key is not in it" in done.err
    assert str(with_circle.data / "key") in done.err
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert list(tmp_path.glob("copy*")) == [copy]
    assert (with_circle.data / "key").read_bytes().strip() not in copy.read_bytes()
    before = copy.read_bytes()
    refused = with_circle.run("backup", copy)
    assert refused.code == 2
    assert "there already" in refused.one_line
    assert copy.read_bytes() == before
    assert with_circle.run("backup", tmp_path / "nowhere" / "copy").code == 2


def test_what_is_put_back_is_held_until_the_host_says_go_on(
    program: Program, call: str, tmp_path: Path
) -> None:
    program.good("backup", tmp_path / "copy")
    other = Program(tmp_path / "other")
    other.data.mkdir(mode=0o700)
    shutil.copy(program.data / "key", other.data / "key")

    done = other.run("restore", tmp_path / "copy")

    assert done.code == 0
    assert f"held: call {call} of ana" in done.err
    assert "no key here" not in done.err
    found = json.loads(other.good("status", call, "--json"))
    assert (found["status"], found["next"]) == ("triggered", None)
    assert "Held since a backup was put back" in other.good("status", call)

    assert "1 held calls go on" in other.run("restore", "--continue").err
    assert json.loads(other.good("status", call, "--json"))["next"]["what"] == "asked"
    assert "no call is held" in other.run("restore", "--continue").err


def test_a_backup_without_its_key_says_so(with_circle: Program, tmp_path: Path) -> None:
    with_circle.good("backup", tmp_path / "copy")

    done = Program(tmp_path / "other").run("restore", tmp_path / "copy")

    assert done.code == 0
    assert "no key here opens the addresses" in done.err


def test_nothing_that_is_there_is_overwritten(with_circle: Program, tmp_path: Path) -> None:
    with_circle.good("backup", tmp_path / "copy")
    before = with_circle.good("circle", "export")

    refused = with_circle.run("restore", tmp_path / "copy")

    assert refused.code == 2
    assert "already" in refused.one_line
    assert with_circle.good("circle", "export") == before


def test_nothing_is_put_back_under_a_running_serve(with_circle: Program, tmp_path: Path) -> None:
    with_circle.good("backup", tmp_path / "copy")
    other = Program(tmp_path / "other")
    other.good("migrate")
    lock = os.open(other.data / LOCK_NAME, os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        refused = other.run("restore", tmp_path / "copy")
    finally:
        os.close(lock)

    assert refused.code == 2
    assert "serve" in refused.one_line
    assert other.run("restore", tmp_path / "copy").code == 0


def test_what_is_no_backup_is_refused(program: Program, tmp_path: Path) -> None:
    (tmp_path / "words").write_text("These are words.")

    refused = program.run("restore", tmp_path / "words")
    assert refused.code == 2
    assert "no backup" in refused.one_line
    assert "there is no file" in program.run("restore", tmp_path / "nonesuch").one_line


def test_a_backup_goes_through_a_pipe_as_well(with_circle: Program, tmp_path: Path) -> None:
    copy = with_circle.run("backup", "-").raw
    other = Program(tmp_path / "other")

    assert other.run("restore", "-", stdin=copy).code == 0

    assert other.run("call", "ana").code == 0
    assert sorted(path.name for path in other.data.iterdir() if path.is_dir()) == []


def test_a_backup_changes_nothing_and_makes_no_database(program: Program, tmp_path: Path) -> None:
    refused = program.run("backup", tmp_path / "copy")

    assert refused.code == 2
    assert "no database" in refused.one_line
    assert not list(program.data.glob("*.sqlite3"))


def test_the_next_version_looks_at_a_backup_without_key_or_directory(
    program: Program, call: str, tmp_path: Path
) -> None:
    program.good("backup", tmp_path / "copy")
    other = Program(tmp_path / "other")

    looked = json.loads(other.good("replay", "--json", tmp_path / "copy"))

    assert (looked["same"], looked["different"], looked["unreadable"]) == (1, 0, 0)
    assert looked["calls"] == [
        {"call": call, "status": "triggered", "comes_out": "same", "events": 1, "event": None, "fields": []}
    ]
    assert not other.data.exists()
    assert call in other.good("replay", "-", stdin=(tmp_path / "copy").read_bytes())
    assert "no database" in other.run("replay").one_line


def test_a_call_that_comes_out_otherwise_ends_with_1_and_says_where(program: Program, call: str) -> None:
    with closing(sqlite3.connect(program.data / "nightlight.sqlite3")) as database, database:
        database.execute("UPDATE alert SET state = json_set(state, '$.round', 7)")

    found = program.run("replay")

    assert found.code == 1
    assert "1 different" in found.err
    assert f"{call}  triggered  different  at the end: round" in found.out
    assert "ana" not in found.out
