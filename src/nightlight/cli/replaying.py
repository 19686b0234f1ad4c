"""`nightlight replay`: what this version would have decided about the calls there were."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nightlight import __version__, config
from nightlight.cli.django_setup import data_option, load_django
from nightlight.cli.failures import MACHINE, Failure
from nightlight.cli.output import say, show_json, show_table

if TYPE_CHECKING:
    from nightlight.simulator.replay import Recorded, Verdict

STANDARD = "-"


@click.command()
@click.argument(
    "file", required=False, type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), metavar="[FILE]"
)
@click.option("--json", "as_json", is_flag=True, help="Print an object instead.")
@data_option
@click.pass_context
def replay(ctx: click.Context, /, *, file: Path | None, as_json: bool, data: Path | None) -> None:
    """Decide every call there was once more by this version's rules, and say whether it comes out the same.

    FILE is a backup; without it, it is the database in use, which is only read. Before an upgrade, let
    the next version look at a backup of this one. Nothing is sent, no key is needed, and only ids and
    names of fields are shown. Exit code 1 when anything comes out otherwise.

    Example: nightlight replay /backup/nightlight-2026-11-21
    """
    from nightlight.simulator.replay import Came, told_again
    from nightlight.store.backup_file import BackupError

    try:
        with _records(file, data) as records:
            verdicts = [told_again(recorded) for recorded in records]
    except (BackupError, FileNotFoundError, PermissionError) as error:
        raise Failure(str(error)) from error
    _tell(verdicts, as_json=as_json)
    if any(verdict.came is not Came.SAME for verdict in verdicts):
        ctx.exit(MACHINE)


@contextmanager
def _records(file: Path | None, data: Path | None) -> Iterator["Iterator[Recorded]"]:
    from nightlight.simulator import recorded

    if file is None:
        load_django(data)
        if not (config.current().uses_postgresql or config.current().database_file.exists()):
            raise Failure(f"there is no database in {config.current().data}; name its directory with --data")
        yield recorded.of_installation()
    elif str(file) == STANDARD:
        with tempfile.TemporaryDirectory(prefix="nightlight-replay-") as folder:
            copy = Path(folder) / "copy"
            with copy.open("wb") as written:
                shutil.copyfileobj(sys.stdin.buffer, written)
            yield recorded.of_file(copy)
    else:
        yield recorded.of_file(file)


def _tell(verdicts: list["Verdict"], *, as_json: bool) -> None:
    from nightlight.simulator.replay import Came

    counts = {came.value: sum(verdict.came is came for verdict in verdicts) for came in Came}
    if as_json:
        show_json({"version": __version__, **counts, "calls": [_as_dict(verdict) for verdict in verdicts]})
        return
    worth_a_line = [verdict for verdict in verdicts if verdict.is_open or verdict.came is not Came.SAME]
    if worth_a_line:
        rows = [
            [verdict.call, verdict.status, verdict.came.value, _where(verdict)] for verdict in worth_a_line
        ]
        show_table(["CALL", "STATUS", "COMES OUT", "WHERE"], rows)
    say(
        f"{len(verdicts):,} calls told again by version {__version__}: {counts['same']:,} the same,"
        f" {counts['different']:,} different, {counts['unreadable']:,} unreadable"
    )


def _where(verdict: "Verdict") -> str:
    if not verdict.fields and verdict.event is None:
        return "-"
    where = f"event {verdict.event} of {verdict.events}" if verdict.event else "at the end"
    return f"{where}: {', '.join(verdict.fields)}"


def _as_dict(verdict: "Verdict") -> dict[str, Any]:
    return {
        "call": verdict.call,
        "status": verdict.status,
        "comes_out": verdict.came.value,
        "events": verdict.events,
        "event": verdict.event,
        "fields": list(verdict.fields),
    }
