"""Files that come in and go out, and the rehearsal, from the terminal."""

import json

import pytest

from tests.cli.program import CIRCLE, Program

LADDER = CIRCLE[CIRCLE.index("ladder =") :].strip()


def test_a_circle_comes_in_and_goes_out_again(program: Program) -> None:
    done = program.run("circle", "import", "-", stdin=CIRCLE)
    assert done.code == 0
    assert "added: sam in the circle of ana" in done.out

    written = program.good("circle", "export")
    assert 'to = "sam@example.org"' in written
    again = program.run("circle", "import", "-", stdin=written)
    assert (again.code, again.out) == (0, "")
    assert "nothing was changed" in again.err


def test_a_dry_run_says_what_it_would_do_and_does_nothing(program: Program) -> None:
    done = program.run("circle", "import", "-", "--dry-run", stdin=CIRCLE)

    assert "added: circle of ana" in done.out
    assert "nothing was changed" in done.err
    assert "ana" not in program.good("circle", "export")


def test_pruning_ends_what_the_file_no_longer_names(with_circle: Program) -> None:
    shorter = CIRCLE.replace(', {ask = ["bo"], wait = "5m"} ]', " ]").replace(
        '  {person = "bo", agreed_on = 2026-01-01, agreed_until = 2099-01-01},\n', ""
    )
    assert "--prune would end it" in with_circle.good("circle", "import", "-", "--dry-run", stdin=shorter)

    assert "ended: bo in the circle of ana" in with_circle.good(
        "circle", "import", "-", "--prune", stdin=shorter
    )


@pytest.mark.parametrize(
    ("right", "mistaken", "says"),
    [
        ('ask = ["sam"]', "ask = []", "asks nobody"),
        (LADDER, "ladder = []", "no step"),
        ('{ask = ["sam"], wait = "5m"}', '{ask = ["zed"], wait = "5m"}', "zed"),
        ('wait = "5m"', 'wait = "0s"', "1 second"),
        (", agreed_on = 2026-01-01, agreed_until = 2099-01-01", "", "agreed"),
        ("members = [", 'never_contact = ["sam@example.org"]\nmembers = [', "never_contact"),
        ('id = "bo"', 'id = "sam"', "sam"),
        ("[[people]]", "[[people]", "TOML"),
        ('person = "ana"', 'person = "zed"', "zed"),
    ],
    ids=[
        "an empty step", "an empty ladder", "an unknown person", "a wait of zero", "nobody agreed", "never contact",
        "two people with one id", "no TOML", "a circle of nobody",
    ],
)  # fmt: skip
def test_a_mistaken_file_is_one_line_and_imports_nothing(
    installed: Program, right: str, mistaken: str, says: str
) -> None:
    refused = installed.run("circle", "import", "-", stdin=CIRCLE.replace(right, mistaken))

    assert (refused.code, refused.out) == (2, "")
    assert "standard input" in refused.one_line
    assert says in refused.one_line
    assert "sam" not in installed.good("circle", "export")


def test_a_file_that_is_no_text_is_refused(program: Program) -> None:
    assert program.run("circle", "import", "-", stdin=b"\xff\xfe\x00").code == 2


def test_a_stranger_has_no_file(with_circle: Program) -> None:
    refused = with_circle.run("circle", "export", "zed")

    assert (refused.code, refused.out) == (2, "")
    assert "'zed'" in refused.one_line


def test_a_rehearsal_shows_who_would_be_tried_and_sends_nothing(with_circle: Program) -> None:
    told = json.loads(with_circle.good("rehearse", "ana", "--at", "2026-11-21T23:30", "--json"))

    assert [(each["who"], each["step"], each["channel"]) for each in told["tries"]] == [
        ("sam", 1, "smtp"),
        ("bo", 2, "smtp"),
    ]
    assert told["at"].startswith("2026-11-21T23:30:00")
    assert with_circle.good("status") == ""


def test_a_rehearsal_is_a_table_for_people(with_circle: Program) -> None:
    told = with_circle.run("rehearse", "ana", "--need", "come", "--at", "2026-11-21T23:30:00+01:00")

    assert told.out.splitlines()[1].split()[2:] == ["1", "sam", "Sam", "email"]
    assert "offers something else" in told.out
    assert "22:30:00" in told.err  # Ana's clock
    refused = with_circle.run("rehearse", "zed")
    assert refused.code == 2
    assert "'zed'" in refused.one_line
