"""`nightlight web` and `nightlight worker`: the parts, as many as wanted, on PostgreSQL."""

import os
from pathlib import Path

import click

from nightlight import config
from nightlight.cli.django_setup import prepare
from nightlight.cli.listening import LISTEN_DEFAULT, Address, CannotListen, bind, shown
from nightlight.cli.serve import web_command


@click.command()
@click.option(
    "--listen", type=Address(), default=LISTEN_DEFAULT, show_default=True, help="Where pages are served."
)
@click.option(
    "--data", type=click.Path(path_type=Path), help="Directory of the key, and of SQLite's database."
)
def web(listen: tuple[str, int], data: Path | None) -> None:
    """Serve pages only; `nightlight worker` does the rest.

    Example: nightlight web --listen 0.0.0.0:8000
    """
    prepare(data)
    try:
        listening = bind(listen)
    except CannotListen as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"nightlight web: pages at {shown(listening)}", err=True)
    command = web_command(listening.fileno())
    os.execve(command[0], command, config.child_environ(config.current()))  # noqa: S606


@click.command()
@click.option(
    "--data", type=click.Path(path_type=Path), help="Directory of the key, and of SQLite's database."
)
def worker(data: Path | None) -> None:
    """Work calls only; `nightlight web` serves the pages.

    Example: nightlight worker
    """
    prepare(data)
    # Django must be set up before anything that knows tables is imported.
    from nightlight.worker import loop

    loop.main()
