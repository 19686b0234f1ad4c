"""One person from the terminal: shown, stopped, erased."""

import json

from tests.cli.program import Program


def test_everything_about_a_person_is_shown_with_addresses_opened(program: Program, call: str) -> None:
    told = json.loads(program.good("export", "sam"))

    assert told["person"]["name"] == "Sam"
    assert told["ways"][0]["address"] == "sam@example.org"
    assert told["in_calls_of_others"]["messages"][0]["alert"] == call
    refused = program.run("export", "zed")
    assert (refused.code, refused.out) == (2, "")


def test_erasing_waits_for_the_end_of_ones_own_call(program: Program, call: str) -> None:
    refused = program.run("erase", "ana")
    assert refused.code == 2
    assert f"nightlight resolve {call}" in refused.one_line
    assert program.good("export", "ana")

    program.good("resolve", call, "--reason", "over")
    done = program.run("erase", "ana")
    assert done.code == 0
    assert "backups" in done.err
    assert program.run("export", "ana").code == 2
    assert program.good("status") == ""


def test_erasing_the_last_one_on_a_ladder_says_whose_ladder_is_empty(with_circle: Program) -> None:
    assert "ladder of ana" not in with_circle.run("erase", "sam").err
    assert "nobody is left on the ladder of ana" in with_circle.run("erase", "bo").err


def test_stopping_everything_for_a_person_does_not_end_their_call(program: Program, call: str) -> None:
    stopped = program.run("stop-all", "ana")

    assert stopped.code == 0
    assert f"nightlight resolve {call}" in stopped.err
    assert json.loads(program.good("status", call, "--json"))["status"] == "triggered"


def test_stopping_everything_is_kept_with_its_reason(with_circle: Program) -> None:
    stopped = with_circle.run("stop-all", "ana", "--reason", "Her family asked.")

    assert stopped.code == 0
    assert "nothing scheduled" in stopped.err
    [kept] = json.loads(with_circle.good("export", "ana"))["quiet"]
    assert (kept["by"], kept["reason"], kept["ended_at"]) == ("command", "Her family asked.", None)
    assert kept["since"]
    assert with_circle.run("stop-all", "ana", "--reason", "x" * 301).code == 2


def test_stopping_everything_for_a_member_moves_the_ladder_on(program: Program, call: str) -> None:
    stopped = program.run("stop-all", "sam")

    assert "resolve" not in stopped.err
    timeline = json.loads(program.good("status", call, "--json"))["timeline"]
    assert [line["who"] for line in timeline if line["what"] == "asked"] == ["sam", "bo"]
    assert program.run("stop-all", "zed").code == 2
