"""The link by which somebody begins."""

import click

from nightlight import config
from nightlight.cli.django_setup import uses_data
from nightlight.cli.failures import Failure
from nightlight.cli.output import show


@click.command("start-link")
@click.option("--person", default="", metavar="ID", help="Somebody known already, by id.")
@uses_data
def start_link(person: str) -> None:
    """Print an address where one person begins, once, within seven days.

    With --person it is for somebody who is known already. If they have an account, it is a new start:
    all that opened it before stops. So be sure first who it is that asks for one.

    Example: nightlight start-link --person ana
    """
    from nightlight.store.circles_read import NoSuchPerson
    from nightlight.store.dbclock import database_now
    from nightlight.store.starting import new_start_link

    try:
        token = new_start_link(database_now(), person)
    except NoSuchPerson as error:
        raise Failure(
            f"nobody has the id {person!r}; `nightlight circle export` shows who there is"
        ) from error
    show(f"{config.current().base_url}/start/{token}")
