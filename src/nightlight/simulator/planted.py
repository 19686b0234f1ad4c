"""Every fault planted by hand, what found it, and after how much: one table.

    python -m nightlight.simulator.planted [--by model|nights|years] [--json]

Some are planted into the rules and the modelled workers, and the model check must find them; some into the
product itself, and nights or years of made-up lives must. Ends with 1 when one was not found.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

TRANSITIONS_MAX = 150_000
"""The model check has found each of its own long before."""
NIGHTS_MAX = 150
"""The rarest needs a hundred and twenty."""


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One planted fault, and what came of it."""

    mutant: str
    what: str
    by: str
    """The promise that found it; empty when none did."""
    after: int
    unit: str
    """Of what `after` counts: states, nights, or lives of some weeks."""


def by_model() -> Iterator[Planted]:
    """Let the model check walk over each of its own, in the world of two people."""
    from nightlight.simulator.model import Check  # noqa: PLC0415  (what another family needs is not loaded)
    from nightlight.simulator.modelled_worlds import world_of  # noqa: PLC0415
    from nightlight.simulator.mutants_rules import MUTANTS  # noqa: PLC0415

    for one in MUTANTS:
        found = Check(world_of(2, one.shell), one.rules).run(TRANSITIONS_MAX)
        by = found.violation if one.promise in found.violation else ""
        yield Planted(mutant=one.name, what=one.breaks, by=by, after=found.states, unit="states")


def by_nights() -> Iterator[Planted]:
    """Let each have nights, from the first on, until a promise breaks."""
    from nightlight.simulator import database  # noqa: PLC0415

    database.prepare()
    from nightlight.simulator.hunt import hunt  # noqa: PLC0415  (after Django is set up)
    from nightlight.simulator.mutants import MUTANTS  # noqa: PLC0415

    for name in MUTANTS:
        found = hunt(name, 1, NIGHTS_MAX)
        yield Planted(mutant=name, what=found.what, by=found.by, after=found.night, unit="nights")


def by_years() -> Iterator[Planted]:
    """Let each have lives with check-ins, from the first on, until a promise breaks."""
    from nightlight.simulator import database  # noqa: PLC0415

    database.prepare()
    from nightlight.simulator.years_hunt import hunt  # noqa: PLC0415  (after Django is set up)
    from nightlight.simulator.years_mutants import PLANTED  # noqa: PLC0415

    for name in PLANTED:
        found = hunt(name)
        yield Planted(mutant=name, what=found.what, by=found.by, after=found.night, unit="lives")


FAMILIES: dict[str, Callable[[], Iterator[Planted]]] = {
    "model": by_model,
    "nights": by_nights,
    "years": by_years,
}


def as_line(found: Planted) -> str:
    """One line of the table."""
    by = found.by or "NOT FOUND"
    return f"{found.mutant:42} {found.after:>7,} {found.unit:6}  {by}"


def main(arguments: list[str] | None = None) -> int:
    """Hunt all of them; 1 when one was not found."""
    parser = ArgumentParser(prog="python -m nightlight.simulator.planted", description=__doc__)
    parser.add_argument("--by", choices=sorted(FAMILIES), action="append", help="only these families")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print for a machine to read")
    chosen = parser.parse_args(arguments)
    found = []
    for name in chosen.by or FAMILIES:
        for one in FAMILIES[name]():
            found.append(one)
            (sys.stderr if chosen.as_json else sys.stdout).write(as_line(one) + "\n")
    missing = sum(not one.by for one in found)
    if chosen.as_json:
        sys.stdout.write(json.dumps([asdict(one) for one in found], indent=2) + "\n")
    else:
        sys.stdout.write(f"{len(found)} planted, {len(found) - missing} found, {missing} not found\n")
    return int(missing > 0)


if __name__ == "__main__":
    sys.exit(main())
