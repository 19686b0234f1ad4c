"""Hunting planted faults: each is given nights until a promise breaks, and says which one did.

python -m nightlight.simulator.hunt [--only NAME[@NIGHT]]... [--first N] [--nights N] [--json]
"""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict, dataclass

from nightlight.simulator import database

NIGHTS_MAX = 60
"""So many nights are enough for any planted fault, or the proof is too weak."""
BROKE_DOWN = "the product broke down: "


@dataclass(frozen=True, kw_only=True)
class Found:
    """What came of hunting one planted fault."""

    mutant: str
    what: str
    night: int
    """In which it was found, or the last one that was tried."""
    by: str
    """The promise that broke; empty when it was never found."""


def hunt(name: str, first: int = 1, nights: int = NIGHTS_MAX) -> Found:
    """Live through *nights* nights from *first* on, with the planted fault *name*, until a promise breaks."""
    from nightlight.simulator import mutating  # noqa: PLC0415  (after Django is set up)
    from nightlight.simulator.mutants import MUTANTS  # noqa: PLC0415
    from nightlight.simulator.run import Run  # noqa: PLC0415
    from nightlight.simulator.scenario import ROUGH  # noqa: PLC0415

    mutant = MUTANTS[name]
    # Found in the same night, whatever was hunted before it in this process.
    mutating.begin_anew()
    # Nights as they come, nights in which everything goes wrong, and those with a clock that is set.
    troubles = (None, ROUGH, {**ROUGH, "clock": 0.4})
    for seed in range(first, first + nights):
        with mutant.plant():
            try:
                violations = Run(seed, trouble=troubles[seed % 3]).go().violations
            # What the write path itself refuses to do is found, too.
            except Exception as error:  # noqa: BLE001
                violations = [f"{BROKE_DOWN}{type(error).__name__}"]
        if violations:
            return Found(mutant=name, what=mutant.what, night=seed, by=violations[0])
    return Found(mutant=name, what=mutant.what, night=first + nights - 1, by="")


def main(arguments: list[str] | None = None) -> int:
    """Hunt by hand; 1 when one was not found."""
    parser = ArgumentParser(prog="python -m nightlight.simulator.hunt", description=__doc__)
    parser.add_argument(
        "--only", action="append", metavar="NAME[@NIGHT]", help="hunt this one, from this night on"
    )
    parser.add_argument("--first", type=int, default=1, help="the first night")
    parser.add_argument("--nights", type=int, default=NIGHTS_MAX, help="how many at most")
    parser.add_argument("--json", action="store_true", dest="as_json")
    wanted = parser.parse_args(arguments)
    database.prepare()
    from nightlight.simulator.mutants import MUTANTS  # noqa: PLC0415

    found = []
    for each in wanted.only or MUTANTS:
        name, _, night = each.partition("@")
        found.append(hunt(name, int(night or wanted.first), wanted.nights))
        words = found[-1].by or "NOT FOUND"
        sys.stderr.write(f"{name}: night {found[-1].night}: {words}\n")
    if wanted.as_json:
        sys.stdout.write(json.dumps([asdict(one) for one in found], indent=2) + "\n")
    return int(not all(one.by for one in found))


if __name__ == "__main__":
    sys.exit(main())
