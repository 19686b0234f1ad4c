"""`nightlight simulate`: made-up nights around the real rules, write path and worker. Needs no data directory."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from nightlight.cli.failures import MACHINE
from nightlight.cli.output import say, show, show_json

if TYPE_CHECKING:
    from nightlight.simulator.campaign import Report
    from nightlight.simulator.history import History

SEEDS_DEFAULT = 100
SEEDS_FOR_GOALS = 500
"""In so many histories each goal must have been met."""


@click.command()
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", help="Live through this one, and tell its story."
)
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"How many histories; with --minutes at least so many. [default: {SEEDS_DEFAULT}]",
)
@click.option(
    "--alerts", type=click.IntRange(min=1), metavar="N", help="Stop once so many calls were raised."
)
@click.option("--minutes", type=click.FloatRange(min=0), metavar="N", help="Go on for so long.")
@click.option("--first", type=click.IntRange(min=0), default=1, show_default=True, help="The first seed.")
@click.option("--jobs", type=click.IntRange(min=0), default=0, help="Processes; 0 is one a processor.")
@click.option("--check-ins", is_flag=True, help="Years of check-ins instead of nights.")
@click.option(
    "--years",
    type=click.FloatRange(min=0.01, max=14),
    metavar="N",
    help="Of each life, with --check-ins. [default: 1]",
)
@click.option("--coverage", is_flag=True, help="How much of the product the nights go through.")
@click.option("--json", "as_json", is_flag=True, help="Print an object instead.")
@click.pass_context
def simulate(
    ctx: click.Context,
    /,
    *,
    seed: int | None,
    check_ins: bool,
    years: float | None,
    coverage: bool,
    as_json: bool,
    **many: Any,
) -> None:
    """Live through made-up nights in which everything that can go wrong does, and hold them to every promise.

    The same number lives through the same night on any machine. Exit code 1 when a promise was broken, or
    when in 500 nights or more something never happened that sometimes must.

    With --coverage, how many lines and branches of rules, store, worker and doors the nights go through.
    With --check-ins, years of people who move, forget and go away, with outages and clocks that are set.

    Example: nightlight simulate --seeds 500, nightlight simulate --check-ins --years 2 --seeds 10
    """
    if years is not None and not check_ins:
        raise click.UsageError("--years is of check-ins; add --check-ins")
    if coverage:
        from nightlight.cli import simulate_coverage

        if seed is not None or check_ins or many["alerts"] or many["minutes"] or many["jobs"]:
            raise click.UsageError("--coverage goes by --seeds and --first, in one process")
        violations = simulate_coverage.live(many["seeds"] or SEEDS_DEFAULT, many["first"], as_json=as_json)
    elif check_ins:
        from nightlight.cli import simulate_years

        if many["alerts"] or many["minutes"]:
            raise click.UsageError(
                "--check-ins goes by --years and --seeds; leave --alerts and --minutes out"
            )
        violations = simulate_years.live(
            seed, years or simulate_years.YEARS, many["seeds"], many["first"], many["jobs"], as_json=as_json
        )
    elif seed is None:
        violations = _many(Wanted(**many), as_json=as_json)
    elif many["seeds"] or many["alerts"] or many["minutes"]:
        raise click.UsageError("--seed tells one story; leave --seeds, --alerts and --minutes out")
    else:
        violations = _one(seed, as_json=as_json)
    if violations:
        ctx.exit(MACHINE)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How much is to be lived through."""

    seeds: int | None
    alerts: int | None
    minutes: float | None
    first: int
    jobs: int

    @property
    def how_many(self) -> int | None:
        """How many histories; None for as many as there is time for."""
        if self.minutes is not None or self.alerts is not None:
            return None
        return self.seeds or SEEDS_DEFAULT

    def is_enough(self, report: "Report") -> bool:
        """Whether *report* has all that was wanted when no number of histories alone says so."""
        return (
            report.seconds >= (self.minutes or 0) * 60
            and report.alerts >= (self.alerts or 0)
            and report.seeds >= (self.seeds or 0)
        )


def _one(seed: int, *, as_json: bool) -> int:
    from nightlight.simulator import database

    database.prepare()
    from nightlight.simulator.run import Run

    history = Run(seed).go()
    if as_json:
        show_json({**_figures(history), "story": history.story})
    else:
        for line in history.story:
            show(line)
        show(f"\n{history.alerts} calls, {history.hours:.1f} simulated hours, digest {history.digest}")
        for broken in history.violations:
            show(f"BROKEN: {broken}")
    return len(history.violations)


def _figures(history: "History") -> dict[str, object]:
    return {
        "seed": history.seed,
        "alerts": history.alerts,
        "simulated_hours": round(history.hours, 1),
        "steps": history.steps,
        "sends": history.sends,
        "violations": len(history.violations),
        "broken": history.violations,
        "digest": history.digest,
    }


def _many(wanted: Wanted, *, as_json: bool) -> int:
    from nightlight.simulator import database

    database.prepare()
    from nightlight.simulator.campaign import campaign, from_seed

    report = campaign(
        from_seed(wanted.first, wanted.how_many),
        jobs=wanted.jobs,
        is_enough=wanted.is_enough if wanted.how_many is None else None,
        seen=_progress(wanted.how_many),
    )
    if as_json:
        show_json(report.as_dict())
    else:
        _tell(report)
    return report.violations or (len(report.missed) if report.seeds >= SEEDS_FOR_GOALS else 0)


def _progress(how_many: int | None) -> Callable[["Report"], None]:
    """On a terminal one line that grows; else a line now and then."""
    of = f" of {how_many:,}" if how_many else ""

    def seen(report: "Report") -> None:
        words = f"{report.seeds:,}{of} histories, {report.alerts:,} calls, {report.violations} broken"
        if sys.stderr.isatty():
            click.echo(f"\r{words} ", err=True, nl=False)
        elif report.seeds % 100 == 0:
            say(words)

    return seen


def _tell(report: "Report") -> None:
    for history in report.broken:
        show(f"\nseed {history.seed}: {'; '.join(history.violations)}")
        for line in history.story:
            show(line)
        show(f"the whole story: nightlight simulate --seed {history.seed}")
    show("\nIn how many histories it happened:")
    for goal, count in report.as_dict()["goals"].items():  # type: ignore[attr-defined]
        show(f"{count:8,}  {goal}" + ("" if count else "   NEVER"))
    show(
        f"\n{report.seeds:,} histories in {report.seconds:,.0f} s, {report.pace:,.0f} nights a minute;"
        f" {report.hours:,.0f} simulated hours, {report.steps:,} steps, {report.sends:,} sends"
    )
    show(
        f"{report.asks:,} asks were each held, as they were sent, against what their reader had agreed to by then"
    )
    if report.violations:
        show(f"{report.violations} histories broke a promise")
    else:
        show(
            f"0 of {report.alerts:,} calls lost, 0 promises broken;"
            f" so with 95 % certainty fewer than {report.bound():.2g} of calls are, under these faults"
        )
