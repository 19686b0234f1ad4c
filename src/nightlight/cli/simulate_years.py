"""`nightlight simulate --check-ins`: years of check-ins, held against a calendar of their own."""

import sys
from typing import TYPE_CHECKING

import click

from nightlight.cli.output import say, show, show_json

if TYPE_CHECKING:
    from nightlight.simulator.years_campaign import YearsReport

YEARS = 1.0
SEEDS = 10


def live(seed: int | None, years: float, seeds: int | None, first: int, jobs: int, *, as_json: bool) -> int:
    """Live through *years* of one *seed*, or of many from *first* on; how many broke a promise."""
    from nightlight.simulator import database

    database.prepare()
    from nightlight.simulator.years_campaign import campaign

    if seed is not None and seeds:
        raise click.UsageError("--seed tells one story; leave --seeds out")
    if seed is not None:
        return _one(seed, years, as_json=as_json)
    report = campaign(range(first, first + (seeds or SEEDS)), years, jobs=jobs, seen=_seen)
    if as_json:
        show_json(report.as_dict())
    else:
        _tell(report)
    return len(report.broken)


def _one(seed: int, years: float, *, as_json: bool) -> int:
    from nightlight.simulator.years_campaign import YearsReport
    from nightlight.simulator.years_world import Years

    lived = Years(seed, years).go()
    report = YearsReport()
    report.add(lived)
    if as_json:
        show_json({"seed": seed, **report.as_dict(), "digest": lived.digest, "story": lived.story})
        return len(lived.violations)
    for line in lived.story:
        show(line)
    _tell_figures(report)
    show(f"digest {lived.digest}")
    return len(lived.violations)


def _seen(report: "YearsReport") -> None:
    words = f"{report.seeds:,} lives, {report.figures['windows']:,} windows, {len(report.broken)} broken"
    if sys.stderr.isatty():
        click.echo(f"\r{words} ", err=True, nl=False)
    elif report.seeds % 10 == 0:
        say(words)


def _tell(report: "YearsReport") -> None:
    for lived in report.broken:
        show(f"\nseed {lived.seed}: {'; '.join(lived.violations)}")
        for line in lived.story:
            show(line)
        show(f"the whole story: nightlight simulate --check-ins --seed {lived.seed}, with the same --years")
    _tell_figures(report)
    if report.broken:
        show(f"{len(report.broken)} of {report.seeds} lives broke a promise")
    else:
        show(
            f"0 promises broken in {report.seeds} lives: each local date one window, no miss without its consequence,"
        )
        show("and nobody called or told because we were away")


def _tell_figures(report: "YearsReport") -> None:
    for what, count in sorted(report.figures.items()):
        show(f"{count:10,}  {what}")
    show(f"{len(report.zones):10,}  time zones lived in")
    show(f"{len(report.changes):10,}  clock changes lived through, each counted once a zone")
