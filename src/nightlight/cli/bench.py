"""`nightlight bench`: how fast this is on this machine, beside what the machine can do at all."""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from nightlight.cli.children import die_with_parent
from nightlight.cli.failures import Failure
from nightlight.cli.output import say, show_json, show_table

if TYPE_CHECKING:
    from nightlight.bench.processes import Database

DATABASES = ("sqlite", "postgresql")

R = TypeVar("R")


@click.group(no_args_is_help=False)
def bench() -> None:
    """Measure how fast this is here. Nothing leaves the machine, and no data of yours is touched."""


def _measuring(command: Callable[..., R]) -> Callable[..., R]:
    """The options all measurements have."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print an object for each database instead."),
        click.option(
            "--postgresql",
            metavar="URL",
            help="A server to make a database on; else one is started and thrown away.",
        ),
        click.option("--database", type=click.Choice(DATABASES), help="Only this one; else both."),
    ):
        command = option(command)
    return command


@bench.command()
@click.option("--n", type=click.IntRange(1, 5000), default=200, show_default=True, help="How many calls.")
@click.option(
    "--hanging",
    is_flag=True,
    help="With 500 calls open, and a mail server that takes every connection and hangs.",
)
@click.option(
    "--open",
    "open_calls",
    type=click.IntRange(0, 20_000),
    default=0,
    show_default=True,
    help="How many other calls are open.",
)
@_measuring
def latency(
    *, n: int, hanging: bool, open_calls: int, database: str | None, postgresql: str | None, as_json: bool
) -> None:
    """Time from the answer to a call until the first provider request, with the service idle.

    Then from a report that a message failed until the next way begins.

    Example: nightlight bench latency --n 50 --database sqlite
    """
    from nightlight.bench import hanging as bench_hanging
    from nightlight.bench import latency as bench_latency
    from nightlight.bench.processes import BenchFailed

    if not hanging:
        _each(
            database,
            postgresql,
            as_json,
            lambda each: bench_latency.measure(each, n, _start, say, open_calls=open_calls),
        )
        return
    try:
        for name in (database,) if database else DATABASES:
            with _database(name, postgresql) as found, _database(name, postgresql) as other:
                figures = bench_hanging.measure(found, other, n, _start, say)
                _tell(asdict(figures), as_json=as_json)
    except BenchFailed as error:
        raise Failure(str(error)) from error


@bench.command()
@click.option("--n", type=click.IntRange(1, 5000), default=1000, show_default=True, help="How many calls.")
@_measuring
def rush(n: int, database: str | None, postgresql: str | None, as_json: bool) -> None:
    """Very many people call at the same moment: time until the first provider request of each.

    Example: nightlight bench rush --n 200 --database sqlite
    """
    from nightlight.bench import rush as bench_rush

    _each(database, postgresql, as_json, lambda each: bench_rush.measure(each, n, _start, say))


@bench.command()
@click.option(
    "--n", type=click.IntRange(5, 20_000), default=10_000, show_default=True, help="How many open calls."
)
@click.option(
    "--spread",
    type=click.IntRange(1, 3600),
    default=300,
    show_default=True,
    help="Within how many seconds their next steps come.",
)
@_measuring
def steps(n: int, spread: int, database: str | None, postgresql: str | None, as_json: bool) -> None:
    """Open calls whose next steps come one after another: how many are taken on time.

    Example: nightlight bench steps --n 500 --spread 60
    """
    from nightlight.bench import steps as bench_steps

    _each(
        database, postgresql, as_json, lambda each: bench_steps.measure(each, n, _start, say, spread=spread)
    )


@bench.command()
@click.option("--n", type=click.IntRange(5, 50_000), default=10_000, show_default=True, help="How many asks.")
@click.option("--mail", is_flag=True, help="By mail, to a mail server of its own; else by text.")
@click.option(
    "--workers",
    type=click.IntRange(1, 16),
    default=1,
    show_default=True,
    help="How many workers; more than one needs PostgreSQL.",
)
@_measuring
def drain(
    *, n: int, mail: bool, workers: int, database: str | None, postgresql: str | None, as_json: bool
) -> None:
    """Send asks that are all due at the same moment.

    Example: nightlight bench drain --n 1000
    """
    from nightlight.bench import drain as bench_drain

    _each(
        database,
        postgresql,
        as_json,
        lambda each: bench_drain.measure(each, n, _start, say, by_mail=mail, workers=workers),
    )


@bench.command()
@click.option(
    "--circles",
    type=click.IntRange(1, 100_000),
    multiple=True,
    help="How many circles; more than once for several sizes. [default: 100, 1000 and 5000]",
)
@_measuring
def size(circles: tuple[int, ...], database: str | None, postgresql: str | None, as_json: bool) -> None:
    """How much room circles take, and a call of each.

    Example: nightlight bench size --circles 100 --circles 500
    """
    from nightlight.bench import size as bench_size

    _each(
        database,
        postgresql,
        as_json,
        lambda each: bench_size.measure(each, _start, say, sizes=circles or bench_size.SIZES),
    )


@bench.command()
@click.option(
    "--idle",
    type=click.IntRange(1000, 20_000_000),
    multiple=True,
    help="How many check-ins; more than once for several sizes. [default: 10000, 1000000 and, on PostgreSQL, 10000000]",
)
@click.option(
    "--ticks", type=click.IntRange(1, 500), default=50, show_default=True, help="How often 100 come due."
)
@_measuring
def hold(
    idle: tuple[int, ...], ticks: int, database: str | None, postgresql: str | None, as_json: bool
) -> None:
    """A worker's round with 100 check-ins due, beside few and beside very many that are idle.

    Example: nightlight bench hold --idle 10000 --idle 100000 --database sqlite
    """
    from nightlight.bench import hold as bench_hold

    _each(
        database,
        postgresql,
        as_json,
        lambda each: bench_hold.measure(each, _start, say, sizes=idle, ticks=ticks),
    )


@bench.command()
@click.option(
    "--n", type=click.IntRange(10, 500_000), default=20_000, show_default=True, help="How many machines."
)
@_measuring
def ingest(n: int, database: str | None, postgresql: str | None, as_json: bool) -> None:
    """Check-ins over HTTP, each by a machine of its own and each committed.

    Example: nightlight bench ingest --n 1000 --database sqlite
    """
    from nightlight.bench import ingest as bench_ingest

    _each(database, postgresql, as_json, lambda each: bench_ingest.measure(each, n, _start, say))


def _each(only: str | None, server: str | None, as_json: bool, measure: Callable[["Database"], Any]) -> None:
    from nightlight.bench.processes import BenchFailed

    try:
        for name in (only,) if only else DATABASES:
            with _database(name, server) as found:
                _tell(asdict(measure(found)), as_json=as_json)
    except BenchFailed as error:
        raise Failure(str(error)) from error


@contextmanager
def _database(name: str, server: str | None) -> Iterator["Database"]:
    from nightlight.bench import postgresql
    from nightlight.bench.processes import Database

    if name == "sqlite":
        yield Database(name=name)
    elif server:
        with postgresql.database(server) as url:
            yield Database(name=name, url=url)
    else:
        say("postgresql: a throw-away server is started")
        with postgresql.throw_away_server(_start) as own, postgresql.database(own) as url:
            yield Database(name=name, url=url)


def _tell(figures: Mapping[str, object], *, as_json: bool) -> None:
    if as_json:
        show_json(figures)
    else:
        show_table([name.upper() for name in figures], [[str(value) for value in figures.values()]])


def _start(command: Sequence[str], environ: Mapping[str, str], talk: Path) -> "subprocess.Popen[bytes]":
    """Start *command*; it ends with this process, whatever ends that."""
    with talk.open("ab") as told:
        return subprocess.Popen(
            command,
            env=dict(environ) or None,
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=subprocess.STDOUT,
            cwd=os.sep if not environ else None,
            preexec_fn=die_with_parent(),  # noqa: PLW1509  (nothing but a system call)
            # Ctrl-C is for us, and we end them in order.
            start_new_session=True,
        )
