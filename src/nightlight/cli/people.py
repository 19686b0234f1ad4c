"""One person: everything kept about them, erased, or everything to them stopped."""

from typing import TYPE_CHECKING

import click

from nightlight.cli.django_setup import uses_data
from nightlight.cli.failures import Failure
from nightlight.cli.output import say, show_json

if TYPE_CHECKING:
    from nightlight.store.withdrawals import Moment


def _unknown(person: str) -> Failure:
    return Failure(f"nobody has the id {person!r}; `nightlight circle export` shows who there is")


def _moment() -> "Moment":
    from nightlight.intake.channels import kinds_on
    from nightlight.store.dbclock import database_now
    from nightlight.store.withdrawals import Moment

    return Moment(now=database_now(), channels_on=kinds_on())


@click.command()
@click.argument("person")
@uses_data
def export(person: str) -> None:
    """Write everything that is kept about PERSON, with addresses opened, as JSON.

    It holds what nobody else should read: give it to them alone.

    Example: nightlight export sam > sam.json
    """
    from nightlight.store.circles_read import NoSuchPerson
    from nightlight.store.erasure import everything_about

    try:
        show_json(everything_about(person))
    except NoSuchPerson as error:
        raise _unknown(person) from error


@click.command()
@click.argument("person")
@uses_data
def erase(person: str) -> None:
    """Remove PERSON, and make them nobody in what is other people's.

    Refused while a call of theirs is open. It cannot be taken back, and older backups still have them.

    Example: nightlight erase sam
    """
    from nightlight.store.circles_read import NoSuchPerson
    from nightlight.store.erasure import CallOpen
    from nightlight.store.erasure import erase as remove

    try:
        erased = remove(person, _moment())
    except NoSuchPerson as error:
        raise _unknown(person) from error
    except CallOpen as error:
        raise Failure(
            f"{person} has a call open, so nothing was erased; end it first:"
            f" nightlight resolve {error} --reason TEXT"
        ) from error
    say(f"{person} is erased; take them out of the import file too, or the next import brings them back")
    say("backups that were made before still have them")
    for owner in erased.emptied:
        say(f"nobody is left on the ladder of {owner}: until somebody is put on it, {owner} cannot call")


@click.command("stop-all")
@click.argument("person")
@click.option("--reason", default="", help="Why; it is kept, and the person reads it if they look.")
@uses_data
def stop_all(person: str, reason: str) -> None:
    """Stop every message to PERSON, at once, by ending every way of theirs; and all that is scheduled about them.

    What is scheduled stops for everybody: reminders, notes in their name, questions about them. Who did it and
    when is kept. A call of theirs that is open is not ended by it.

    Example: nightlight stop-all ana
    """
    from nightlight.intake.quiet import stop_everything
    from nightlight.store.circles_read import NoSuchPerson
    from nightlight.store.quiet import REASON_MAX

    if len(reason) > REASON_MAX:
        raise Failure(f"the reason has {len(reason)} characters; it may have at most {REASON_MAX}")
    try:
        stopped = stop_everything(person, _moment(), reason=reason)
    except NoSuchPerson as error:
        raise _unknown(person) from error
    say(f"nothing more is sent to {person}; what was being sent this very moment may still arrive")
    say(f"their own page still opens; `nightlight link {person}` makes the old address stop working")
    say("nothing scheduled about them goes to anybody; the desk, or their own page, takes that back")
    if stopped.open_alert:
        say(
            f"{person} has a call open, and it goes on: their circle is still asked. To end it too:"
            f" nightlight resolve {stopped.open_alert} --reason TEXT"
        )
