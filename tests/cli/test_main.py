"""The command as a whole: help, versions, one line for whatever goes wrong."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from nightlight import __version__
from nightlight.cli.main import main
from tests.cli.program import CIRCLE, Program


def all_commands(group: click.Group, *above: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield " ".join((*above, name)), command
        if isinstance(command, click.Group):
            yield from all_commands(command, *above, name)


COMMANDS = dict(all_commands(main))
PROMISED = (
    "serve", "web", "worker", "migrate", "circle import", "circle export", "call", "status", "answer", "resolve",
    "link", "host link", "rehearse", "doctor", "token create", "token list", "token revoke", "backup", "restore",
    "export", "erase", "stop-all", "replay",
)  # fmt: skip


@pytest.mark.parametrize("name", PROMISED)
def test_every_promised_command_is_there_and_shows_an_example(name: str) -> None:
    text = COMMANDS[name].help or ""

    assert f"Example: nightlight {name}" in text


def test_alone_it_prints_its_help(program: Program) -> None:
    alone = program.run()

    assert alone.code == 0
    assert "Usage: nightlight" in alone.out
    assert program.good("--version") == f"nightlight, version {__version__}\n"
    assert not program.data.exists()


def test_its_words_are_read_without_django() -> None:
    code = "import sys, nightlight.cli.main; sys.exit('django' in sys.modules or 'rich' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("sing",), "No such command 'sing'"),
        (("call",), "Missing argument 'PERSON'"),
        (("circle",), "Missing command"),
        (("status", "--loudly"), "No such option"),
        (("circle", "import", "/nonesuch.toml"), "No such file"),
        (("rehearse", "ana", "--at", "soon"), "2026-11-21T23:30"),
        (("restore",), "--continue"),
    ],
)
def test_a_wrong_word_is_one_line_and_exit_code_2(
    program: Program, arguments: tuple[str, ...], says: str
) -> None:
    refused = program.run(*arguments)

    assert (refused.code, refused.out) == (2, "")
    assert says in refused.one_line


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"NIGHTLIGHT_BASE_URL": "somewhere"}, "NIGHTLIGHT_BASE_URL"),
        ({"NIGHTLIGHT_KEY": "short"}, "NIGHTLIGHT_KEY"),
        ({"NIGHTLIGHT_DATABASE_URL": "mysql://127.0.0.1/x"}, "NIGHTLIGHT_DATABASE_URL"),
        ({"NIGHTLIGHT_MAIL_FROM": ""}, "NIGHTLIGHT_MAIL_FROM"),
        ({"NIGHTLIGHT_SMTP_URL": "http://127.0.0.1:25"}, "NIGHTLIGHT_SMTP_URL"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_line_and_exit_code_2(
    with_circle: Program, settings: dict[str, str], says: str
) -> None:
    refused = with_circle.run("call", "ana", **settings)

    assert (refused.code, refused.out) == (2, "")
    assert says in refused.one_line
    assert with_circle.good("status") == ""


def test_a_database_server_that_is_not_there_is_one_line_and_exit_code_2(program: Program) -> None:
    url = "postgresql://nightlight:hunter2hunter2@127.0.0.1:9/nightlight"

    refused = program.run("status", NIGHTLIGHT_DATABASE_URL=url)

    assert (refused.code, refused.out) == (2, "")
    assert "NIGHTLIGHT_DATABASE_URL" in refused.one_line
    assert "hunter2" not in refused.err


def test_a_data_directory_that_cannot_be_made_is_one_line_and_exit_code_2(
    program: Program, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no directory")

    refused = program.run("status", "--data", tmp_path / "file" / "data")

    assert refused.code == 2
    assert "data directory" in refused.one_line


def test_a_file_that_is_no_database_is_one_line_and_exit_code_2(program: Program) -> None:
    program.data.mkdir(mode=0o700)
    (program.data / "nightlight.sqlite3").write_text("nothing of the kind" * 100)

    refused = program.run("status")

    assert refused.code == 2
    assert "is no database" in refused.one_line


def test_data_wins_over_the_environment(with_circle: Program, tmp_path: Path) -> None:
    with_circle.good("circle", "import", "-", "--data", tmp_path / "other", stdin=CIRCLE)

    assert (tmp_path / "other" / "nightlight.sqlite3").exists()


def test_a_change_of_key_is_carried_out_by_migrate(program: Program) -> None:
    old, new = "old-" * 10, "new-" * 10
    program.good("circle", "import", "-", stdin=CIRCLE, NIGHTLIGHT_KEY=old)

    changed = program.run("migrate", NIGHTLIGHT_KEY=f"{new} {old}")

    assert changed.code == 0
    assert "re-encrypted" in changed.err
    assert "sam@example.org" in program.good("circle", "export", NIGHTLIGHT_KEY=new)
    lost = program.run("circle", "export", NIGHTLIGHT_KEY=old)
    assert lost.code == 2
    assert "NIGHTLIGHT_KEY" in lost.one_line
