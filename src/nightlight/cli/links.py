"""Ways in: a person's own page, the host's desk, tokens for other programs. Each is shown once."""

import click

from nightlight import config
from nightlight.cli.django_setup import uses_data
from nightlight.cli.failures import Failure
from nightlight.cli.output import clock_time, say, show, show_table


@click.command()
@click.argument("person")
@uses_data
def link(person: str) -> None:
    """Print the address of PERSON's own page, once; the one before stops working.

    Give it to them in a way that only they read.

    Example: nightlight link ana
    """
    from nightlight.store.access import new_person_link
    from nightlight.store.circles_read import NoSuchPerson
    from nightlight.store.dbclock import database_now

    try:
        token = new_person_link(person, database_now())
    except NoSuchPerson as error:
        raise Failure(
            f"nobody has the id {person!r}; `nightlight circle export` shows who there is"
        ) from error
    show(f"{config.current().base_url}/m/{token}")


@click.group(no_args_is_help=False)
def host() -> None:
    """The host's own desk."""


@host.command("link")
@uses_data
def host_link() -> None:
    """Print an address whose one button, within 15 minutes, opens the host's desk for 12 hours.

    Example: nightlight host link
    """
    from nightlight.store.access import new_host_link
    from nightlight.store.dbclock import database_now

    show(f"{config.current().base_url}/desk/{new_host_link(database_now())}")


@click.group(no_args_is_help=False)
def token() -> None:
    """Tokens with which other programs use the HTTP interface."""


@token.command("create")
@click.argument("name")
@click.option(
    "--scope",
    default="read",
    show_default=True,
    metavar="call,read",
    help="What it may do: call, read, metrics.",
)
@uses_data
def token_create(name: str, scope: str) -> None:
    """Make a token called NAME and print it, once.

    Example: nightlight token create front-desk --scope call,read
    """
    from nightlight.store.access import Scope, TokenError, create_api_token
    from nightlight.store.dbclock import database_now

    wanted = [part.strip() for part in scope.split(",") if part.strip()]
    unknown = [part for part in wanted if part not in set(Scope)]
    if unknown:
        raise Failure(
            f"--scope: {unknown[0]!r} is no scope; write call, read or metrics, or several as call,read"
        )
    try:
        show(create_api_token(name, frozenset(map(Scope, wanted)), database_now()))
    except TokenError as error:
        raise Failure(str(error)) from error


@token.command("list")
@uses_data
def token_list() -> None:
    """Name the tokens that are good.

    Example: nightlight token list
    """
    from datetime import UTC

    from nightlight.store.access import api_tokens

    rows = [
        [
            each.name,
            ",".join(each.scopes),
            clock_time(each.created_at, UTC),
            clock_time(each.last_called_at, UTC) if each.last_called_at else "-",
        ]
        for each in api_tokens()
    ]
    if rows:
        show_table(("NAME", "SCOPE", "MADE (UTC)", "LAST CALLED (UTC)"), rows)
    else:
        say("there is no token")


@token.command("revoke")
@click.argument("name")
@uses_data
def token_revoke(name: str) -> None:
    """End the token called NAME at once.

    Example: nightlight token revoke front-desk
    """
    from nightlight.store.access import TokenError, revoke_api_token
    from nightlight.store.dbclock import database_now

    try:
        revoke_api_token(name, database_now())
    except TokenError as error:
        raise Failure(str(error)) from error
    say("it opens nothing any more")
