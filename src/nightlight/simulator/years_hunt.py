"""Hunting faults planted into check-ins: each is given years until a promise breaks, and says which one did.

python -m nightlight.simulator.years_hunt [--only NAME] [--json]
"""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict

from nightlight.simulator import database
from nightlight.simulator.hunt import BROKE_DOWN, Found

SEEDS_MAX = 12
YEARS = 0.12
TROUBLE = 4.0
MONTH = 3
"""Most clocks are changed in the weeks after."""


def hunt(name: str, first: int = 1) -> Found:
    """Live through years with the planted fault *name* until a promise breaks."""
    from nightlight.simulator.years_mutants import PLANTED  # noqa: PLC0415  (after Django is set up)
    from nightlight.simulator.years_world import Years  # noqa: PLC0415

    mutant = PLANTED[name]
    for seed in range(first, first + SEEDS_MAX):
        with mutant.plant():
            try:
                violations = Years(seed, YEARS, month=MONTH, trouble=TROUBLE).go().violations
            # What the write path itself refuses to do is found, too.
            except Exception as error:  # noqa: BLE001
                violations = [f"{BROKE_DOWN}{type(error).__name__}"]
        if violations:
            return Found(mutant=name, what=mutant.what, night=seed, by=violations[0])
    return Found(mutant=name, what=mutant.what, night=first + SEEDS_MAX - 1, by="")


def main(arguments: list[str] | None = None) -> int:
    """Hunt by hand; 1 when one was not found."""
    parser = ArgumentParser(prog="python -m nightlight.simulator.years_hunt", description=__doc__)
    parser.add_argument(
        "--only", action="append", metavar="NAME[@SEED]", help="hunt this one, from this seed on"
    )
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--json", action="store_true", dest="as_json")
    wanted = parser.parse_args(arguments)
    database.prepare()
    from nightlight.simulator.years_mutants import PLANTED  # noqa: PLC0415

    found = []
    for each in wanted.only or PLANTED:
        name, _, seed = each.partition("@")
        found.append(hunt(name, int(seed or wanted.first)))
        sys.stderr.write(f"{name}: seed {found[-1].night}: {found[-1].by or 'NOT FOUND'}\n")
    if wanted.as_json:
        sys.stdout.write(json.dumps([asdict(one) for one in found], indent=2) + "\n")
    return int(not all(one.by for one in found))


if __name__ == "__main__":
    sys.exit(main())
