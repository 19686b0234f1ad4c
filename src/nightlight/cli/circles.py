"""Circles: bring a file in, write one out, see who would be tried. Part of stop 1 of the road."""

from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

import click

from nightlight.cli.calls import NEEDS
from nightlight.cli.django_setup import uses_data
from nightlight.cli.failures import Failure
from nightlight.cli.output import clock_time, say, show, show_json, show_table
from nightlight.engine.needs import Need

if TYPE_CHECKING:
    from nightlight.intake.circle import ImportReport
    from nightlight.intake.rehearse import Rehearsal


@click.group(no_args_is_help=False)
def circle() -> None:
    """Bring circles in from a file, or write them to one."""


@circle.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--prune", is_flag=True, help="End what the file no longer names.")
@uses_data
def import_(file: IO[bytes], dry_run: bool, prune: bool) -> None:
    """Bring in people and circles from FILE, or from standard input when it is -.

    The file is checked as a whole first; one mistake, and nothing is imported.

    Example: nightlight circle import circle.toml --dry-run
    """
    from nightlight.intake.channels import kinds_on
    from nightlight.intake.circle import import_circles
    from nightlight.intake.circle_file import FILE_BYTES_MAX, parse_circle_file
    from nightlight.store.dbclock import database_now

    now = database_now()
    name = "standard input" if file.name in ("-", "<stdin>") else file.name
    document = parse_circle_file(file.read(FILE_BYTES_MAX + 1), file=name, today=now.date())
    report = import_circles(document, now=now, dry_run=dry_run, prune=prune, channels_on=kinds_on())
    _report(report)


def _report(report: "ImportReport") -> None:
    for change in report.changes:
        show(f"{change.kind}: {change.what}")
    for warning in report.warnings:
        say(f"note: {warning}")
    if report.dry_run:
        say("nothing was changed; without --dry-run this is what would be done")
    elif not report.changes:
        say("everything stood so already; nothing was changed")


@circle.command("export")
@click.argument("person", required=False)
@uses_data
def export_circle(person: str | None) -> None:
    """Write a file that `circle import` reads: of PERSON's circle, or of everything.

    Example: nightlight circle export > circles.toml
    """
    from nightlight.intake.circle import export_circles
    from nightlight.store.circles_read import NoSuchPerson

    try:
        click.echo(export_circles(person), nl=False)
    except NoSuchPerson as error:
        raise Failure(
            f"nobody has the id {person!r}; `nightlight circle export` shows who there is"
        ) from error


@click.command()
@click.argument("person")
@click.option("--need", type=NEEDS, default="talk", show_default=True, help="What would be asked for.")
@click.option(
    "--at",
    metavar="TIME",
    help="When they would call, like 2026-11-21T23:30; their local time unless it says its own zone.",
)
@click.option("--json", "as_json", is_flag=True, help="Print an object instead of tables.")
@uses_data
def rehearse(person: str, need: str, at: str | None, as_json: bool) -> None:
    """Show who would be tried if PERSON called, when and how. Sends and writes nothing.

    It is one lap of the ladder in which nobody answers and no way fails.

    Example: nightlight rehearse ana --at 2026-11-21T23:30
    """
    from nightlight.intake.alert import NotPossible
    from nightlight.intake.rehearse import rehearse as imagine
    from nightlight.store.dbclock import database_now

    moment = _moment(at, person) if at else database_now()
    try:
        rehearsal = imagine(person, Need(need), moment)
    except NotPossible as error:
        raise Failure(str(error)) from error
    if as_json:
        show_json(_as_json(rehearsal))
    else:
        _tell(rehearsal)


def _moment(text: str, person: str) -> datetime:
    from nightlight.store.standing import time_zone_of

    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Failure(f"--at: {text!r} is no time; write it like 2026-11-21T23:30") from error
    if moment.tzinfo is None:
        # Somebody unknown has no circle either, and whoever asked hears that next.
        moment = moment.replace(tzinfo=time_zone_of(person) or UTC)
    return moment


def _tell(rehearsal: "Rehearsal") -> None:
    from nightlight.cli import words

    zone = rehearsal.zone
    say(
        f"If {rehearsal.person} called at {clock_time(rehearsal.at, zone)} ({zone.key}), and nobody answered:"
    )
    show_table(
        ("WHEN", "STEP", "WHO", "NAME", "BY"),
        [
            [clock_time(each.at, zone), str(each.step), each.who, each.name, words.way_word(each.channel)]
            for each in rehearsal.tries
        ],
    )
    if any(each.wished for each in rehearsal.tries):
        say("Nobody offers what is wished for, so they are asked for something less.")
    if rehearsal.not_asked:
        show("")
        show_table(
            ("NOT ASKED", "NAME", "WHY"),
            [[each.who, each.name, _why(each.why)] for each in rehearsal.not_asked],
        )
    say(
        f"Everyone was tried at {clock_time(rehearsal.all_tried_at, zone)};"
        f" the next round begins at {clock_time(rehearsal.next_round_at, zone)}."
    )


def _why(code: str | None) -> str:
    from nightlight.cli import words

    return words.WHY_NOT[code] if code else "not available when their step came"


def _as_json(rehearsal: "Rehearsal") -> dict[str, object]:
    return {
        "person": rehearsal.person,
        "need": rehearsal.need,
        "at": rehearsal.at.isoformat(),
        "tries": [
            {
                "at": each.at.isoformat(),
                "step": each.step,
                "who": each.who,
                "name": each.name,
                "channel": each.channel,
                "wished": each.wished,
            }
            for each in rehearsal.tries
        ],
        "not_asked": [{"who": each.who, "name": each.name, "why": each.why} for each in rehearsal.not_asked],
        "all_tried_at": rehearsal.all_tried_at.isoformat(),
        "next_round_at": rehearsal.next_round_at.isoformat(),
    }
