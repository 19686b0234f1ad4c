"""A plan that was kept as a file, opened on a machine that has nothing else."""

from pathlib import Path

import pyrage
import pytest

from tests.cli.program import Program
from tests.plan.sealed_format import read
from tests.plan.vectors import published

VECTORS = {each["name"]: each for each in published() if each["check"] == "kept"}
WORDS = VECTORS["opens with its words"]["words"]
PLAN = VECTORS["opens with its words"]["text"]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A file as the browser makes it: plain age, under the seven words."""
    file = tmp_path / "notes-2026-11-22.age"
    file.write_bytes(read(VECTORS["opens with its words"]["file"]))
    return file


@pytest.mark.parametrize("typed", [WORDS, f"{WORDS}\n", WORDS.upper().replace(" ", ",\n2-")])
def test_the_seven_words_open_it_however_they_were_typed(program: Program, kept: Path, typed: str) -> None:
    done = program.run("plan", "open", kept, "--words", "-", stdin=typed)

    assert (done.code, done.out, done.err) == (0, PLAN, "")
    assert not program.data.exists(), "it needs no data directory, and makes none"


def test_the_words_may_lie_in_a_file(program: Program, kept: Path, tmp_path: Path) -> None:
    (tmp_path / "words").write_text(WORDS)

    assert program.good("plan", "open", kept, "--words", tmp_path / "words") == PLAN


def test_wrong_words_open_nothing_and_are_not_repeated(program: Program, kept: Path) -> None:
    wrong = program.run("plan", "open", kept, "--words", "-", stdin=f"abacus {WORDS.partition(' ')[2]}")
    assert (wrong.code, wrong.out) == (2, "")
    assert "these words do not open" in wrong.one_line
    assert "abacus" not in wrong.one_line

    short = program.run("plan", "open", kept, "--words", "-", stdin="abacus bench")
    assert short.code == 2
    assert "2 were given, and there are 7" in short.one_line


def test_a_file_that_was_changed_or_cut_prints_nothing(program: Program, kept: Path) -> None:
    whole = kept.read_bytes()
    for broken in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[:-20], whole[:120]):
        kept.write_bytes(broken)
        done = program.run("plan", "open", kept, "--words", "-", stdin=WORDS)
        assert (done.code, done.out) == (2, "")
        assert "changed since it was kept" in done.one_line


def test_what_is_no_such_file_is_said_before_any_word_is_asked(program: Program, tmp_path: Path) -> None:
    own = pyrage.x25519.Identity.generate()
    other, to_key, nothing = tmp_path / "other.txt", tmp_path / "key.age", tmp_path / "missing.age"
    other.write_text("a shopping list")
    to_key.write_bytes(pyrage.encrypt(b"words", [own.to_public()]))

    for file, says in (
        (nothing, "No such file"),
        (tmp_path, "Is a directory"),
        (other, "is no age file"),
        (to_key, "sealed to a key"),
    ):
        done = program.run("plan", "open", file)
        assert (done.code, done.out) == (2, "")
        assert says in done.one_line


def test_without_a_terminal_it_says_how_the_words_are_given(program: Program, kept: Path) -> None:
    done = program.run("plan", "open", kept)

    assert done.code == 2
    assert "--words -" in done.one_line


def test_what_holds_no_text_is_not_poured_over_the_terminal(program: Program, kept: Path) -> None:
    kept.write_bytes(read(VECTORS["it holds no text"]["file"]))

    done = program.run("plan", "open", kept, "--words", "-", stdin=WORDS)

    assert (done.code, done.out) == (2, "")
    assert "holds no text" in done.one_line
