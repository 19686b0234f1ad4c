"""Opening a plan that was kept as a file, with nothing but the file and its words: no network, no database."""

import os
import sys
import unicodedata
from pathlib import Path
from typing import TextIO

import click

from nightlight.cli.failures import Failure
from nightlight.cli.output import say

FILE_BYTES_MAX = 10 * 1024 * 1024
WORDS = 7

_HEAD = b"age-encryption.org/v1\n"
_UNDER_WORDS = _HEAD + b"-> scrypt "


@click.group(no_args_is_help=False)
def plan() -> None:
    """Plans that were kept as files."""


@plan.command("open")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--words",
    "from_file",
    type=click.File("r"),
    metavar="FILE|-",
    help="Read the seven words here; - is standard input.",
)
def open_plan(file: Path, from_file: TextIO | None) -> None:
    """Print the plan in FILE, which was kept from the plan's page, with its seven words.

    It works without a network, and keeps nothing. `age -d FILE` opens the same file.

    Example: nightlight plan open notes-2026-11-22.age
    """
    sealed = _sealed(file)
    passphrase = passphrase_of(_typed(from_file))
    click.echo(_opened(sealed, passphrase, file), nl=False)


def passphrase_of(typed: str) -> str:
    """The passphrase that typed words are: small letters, one space between (docs/reference/plan-format.md)."""
    plain = unicodedata.normalize("NFKC", typed.lower())
    return " ".join("".join(letter if letter.isalpha() else " " for letter in plain).split())


def _sealed(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            sealed = opened.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise Failure(
            f"{file} cannot be read ({os.strerror(error.errno or 0)}); name the file you kept"
        ) from error
    if len(sealed) > FILE_BYTES_MAX:
        raise Failure(f"{file} is larger than any plan; name the file you kept, which ends in .age")
    if not sealed.startswith(_HEAD):
        raise Failure(f"{file} is no age file; name the file you kept, which ends in .age")
    if not sealed.startswith(_UNDER_WORDS):
        raise Failure(f"{file} is sealed to a key, not under words; `age -d -i KEY` opens such files")
    return sealed


def _typed(from_file: TextIO | None) -> str:
    if from_file is not None:
        return from_file.read()
    if not sys.stdin.isatty():
        raise Failure(
            "the seven words are asked on a terminal; without one, write --words - and give them there"
        )
    say("The seven words, with spaces between. They are not shown while you type.")
    return str(click.prompt("Words", hide_input=True, err=True))


def _opened(sealed: bytes, passphrase: str, file: Path) -> str:
    import pyrage

    try:
        return bytes(pyrage.passphrase.decrypt(sealed, passphrase)).decode()
    except pyrage.DecryptError as error:
        count = len(passphrase.split())
        told = "" if count == WORDS else f" ({count} were given, and there are {WORDS})"
        raise Failure(
            f"these words do not open {file}{told}; look at each of them, or the file was changed since it was kept"
        ) from error
    except UnicodeDecodeError as error:
        raise Failure(f"{file} opens, and holds no text; `age -d` writes out what it holds") from error
