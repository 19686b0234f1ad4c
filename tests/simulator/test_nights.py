"""Made-up nights: the same number lives the same night, a kill at every step loses nothing, old faults stay mended.

Each is a process of its own: a simulation takes clock, chance, channels and database for itself.
"""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

WITH_A_CHECK_IN = "61"
EVERY_FURTHER_FAULT = "33"
KEPT = tomllib.loads((Path(__file__).parent / "kept_seeds.toml").read_text())["kept"]


def python(*arguments: str, code: int = 0, **environment: str) -> str:
    """What a command prints; it has to end with *code*."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == code, done.stderr[-2000:] + done.stdout[-2000:]
    return done.stdout


def simulate(*arguments: str, code: int = 0, **environment: str) -> Any:
    """What `nightlight simulate --json` prints."""
    return json.loads(
        python("nightlight.cli.main", "simulate", "--json", *arguments, code=code, **environment)
    )


def test_one_number_lives_the_same_night_whatever_the_process() -> None:
    nights = [
        simulate("--seed", "3", PYTHONHASHSEED=seed, TZ=zone)
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]
    assert nights[0] == nights[1]
    assert nights[0]["digest"] != simulate("--seed", "4")["digest"]


def test_a_night_with_a_check_in_is_the_same_night_again_as_well() -> None:
    nights = [
        simulate("--seed", WITH_A_CHECK_IN, PYTHONHASHSEED=seed, TZ=zone)
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]
    assert nights[0] == nights[1]
    assert "Ana is to check in at" in nights[0]["story"][0]
    assert not any("is to check in" in line for line in simulate("--seed", "3")["story"])


def test_a_night_needs_no_data_directory(tmp_path: Path) -> None:
    simulate("--seed", "1", HOME=str(tmp_path), XDG_DATA_HOME=str(tmp_path), NIGHTLIGHT_DATA="")
    assert list(tmp_path.iterdir()) == []


def test_a_story_is_told_in_plain_words() -> None:
    told = python("nightlight.cli.main", "simulate", "--seed", "1")
    assert "Ana calls" in told
    assert "from here on nothing goes wrong" in told
    assert "BROKEN" not in told


def test_a_kill_at_every_step_of_a_quiet_night_loses_nothing() -> None:
    done = json.loads(python("nightlight.simulator.kills", "--json"))
    assert done["broken"] == []
    assert done["steps"] >= 50
    assert {"claimed", "about_to_send", "sent", "settled"} <= set(done["points"])


LIVE_THROUGH = """
import json, sys
from nightlight.simulator import database
database.prepare()
from nightlight.simulator.run import Run
print(json.dumps({seed: Run(int(seed)).go().violations for seed in sys.argv[1:]}))
"""


def lived(code: str, *seeds: str) -> Any:
    """What a few lines of Python print, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, *seeds], capture_output=True, text=True, timeout=1800, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_nights_that_once_broke_a_promise_break_none_now() -> None:
    broken = lived(LIVE_THROUGH, *(str(kept["seed"]) for kept in KEPT))
    assert len(broken) == len(KEPT)
    assert not {kept["why"]: broken[str(kept["seed"])] for kept in KEPT if broken[str(kept["seed"])]}


WITHOUT_KEPT_QUERIES = """
import json, sys
from nightlight.simulator import compiled, database
if sys.argv[1] == "plain":
    compiled.keep_queries = lambda: None
database.prepare()
from nightlight.simulator.run import Run
print(json.dumps([Run(4).go().digest, compiled.figures.kept > 1000, compiled.figures.checked > 10]))
"""


def test_a_query_that_is_written_once_changes_nothing_in_a_night() -> None:
    plain, kept = lived(WITHOUT_KEPT_QUERIES, "plain"), lived(WITHOUT_KEPT_QUERIES, "kept")
    assert plain[0] == kept[0]
    assert plain[1:] == [False, False]
    assert kept[1:] == [True, True]


SPOILT = """
import json
from nightlight.simulator import compiled, database
database.prepare()
from nightlight.simulator.run import Run
Run(1).go()
for each in compiled._shapes.values():
    each.sql, each.used = each.sql + " ", 0
try:
    Run(1).go()
except compiled.Differs as differs:
    print(json.dumps(str(differs)))
"""


def test_a_query_that_was_kept_wrongly_is_noticed_and_nothing_survives_it() -> None:
    assert "Django writes" in lived(SPOILT)


def test_a_night_with_every_further_fault_is_told_and_keeps_every_promise() -> None:
    told = simulate("--seed", EVERY_FURTHER_FAULT)
    story = "\n".join(told["story"])
    for words in ("the database fails over", "the disk is full", "the web process is away"):
        assert words in story
    assert told["broken"] == []


def test_one_story_and_many_are_not_asked_for_at_once() -> None:
    python("nightlight.cli.main", "simulate", "--seed", "1", "--seeds", "5", code=2)


def test_few_nights_are_reported_with_what_they_can_show() -> None:
    report = simulate("--seeds", "4", "--jobs", "2")
    assert report["seeds"] == 4
    assert report["violations"] == 0
    assert report["lost_share_below"] == pytest.approx(3 / report["alerts"])
    assert "a worker was killed" in report["goals"]
