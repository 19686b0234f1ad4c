"""`nightlight doctor`: everything that can be looked at, in one line each, and what to do about it."""

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nightlight import config
from nightlight.cli.django_setup import data_option, is_migration_due, load_django, migrate_sqlite
from nightlight.cli.failures import MACHINE, Failure, failure_of
from nightlight.cli.output import say, show, show_json, show_table
from nightlight.config_report import in_force

if TYPE_CHECKING:
    from nightlight.intake.doctor import Finding


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print an object instead.")
@click.option("--send-test", "person", metavar="PERSON", help="Send a test by every way of PERSON.")
@data_option
@click.pass_context
def doctor(ctx: click.Context, data: Path | None, as_json: bool, person: str | None) -> None:
    """Look over settings, channels, the clock, the disk, the key, and rows that are stuck.

    Exit code 1 when something is wrong.

    Example: nightlight doctor --send-test sam
    """
    from django.db import OperationalError

    # A database that is away is a finding below; only a host without a key asks it so early.
    with suppress(OperationalError):
        load_django(data)
    from nightlight.intake import doctor as intake

    settings = config.current()
    found = [*intake.look_at_machine(settings), *_database()]
    if person is not None:
        found += _test(person)
    is_wrong = any(finding.grade is intake.Grade.WRONG for finding in found)
    if as_json:
        show_json(
            {
                "ok": not is_wrong,
                "settings": [asdict(setting) for setting in in_force(settings)],
                "findings": [asdict(finding) for finding in found],
            }
        )
    else:
        _tell(settings, found, is_wrong=is_wrong)
    if is_wrong:
        ctx.exit(MACHINE)


def _database() -> list["Finding"]:
    """What the database says; one that cannot be asked is a finding like any other."""
    from nightlight.intake import doctor as intake

    settings = config.current()
    try:
        if not settings.uses_postgresql:
            migrate_sqlite()
        elif is_migration_due():
            return [intake.wrong("database", "it is older than this version; run `nightlight migrate`")]
        return intake.look_at_database(settings)
    except Exception as error:
        failure = failure_of(error)
        if failure is None:
            raise
        return [intake.wrong("database", failure.message)]


def _test(person: str) -> list["Finding"]:
    from nightlight.intake import doctor as intake

    found = intake.send_test(person)
    if found is None:
        raise Failure(f"nobody has the id {person!r}; `nightlight circle export` shows who there is")
    return found


def _tell(settings: config.Settings, found: list["Finding"], *, is_wrong: bool) -> None:
    show_table(
        ("SETTING", "VALUE", "FROM"),
        [[each.name, each.value, each.source] for each in in_force(settings)],
    )
    show("")
    for finding in found:
        show(f"{finding.grade}: {finding.about}: {finding.says}")
    say("something is wrong" if is_wrong else "nothing is wrong")
