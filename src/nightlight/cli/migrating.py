"""`nightlight migrate`: the tables of this version, and rows under the newest key."""

from pathlib import Path

import click

from nightlight.cli.django_setup import data_option, load_django, migrate_now, migrate_sqlite
from nightlight.cli.output import say


@click.command()
@data_option
def migrate(data: Path | None) -> None:
    """Bring the database up to date, and re-encrypt what an older key encrypted.

    It may run while everything else does: long work is done in short pieces.

    Example: nightlight migrate
    """
    load_django(data)
    from nightlight import config
    from nightlight.store.resealing import reseal_in_pieces

    if config.current().uses_postgresql:
        migrate_now()
    else:
        migrate_sqlite()
    changed = sum(reseal_in_pieces())
    if changed:
        say(f"re-encrypted under the newest key: {changed} rows")
    say("the database is up to date")
