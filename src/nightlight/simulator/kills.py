"""A kill at every step there is: one quiet night, lived through again and again, dying one step later each time.

python -m nightlight.simulator.kills [--seed N] [--json]
"""

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from dataclasses import dataclass, field

from nightlight.simulator import database

SEED = 13
"""A short night: somebody calls, everyone is tried and the host is told, and it ends."""
KILLED = "killed at: "


@dataclass
class Killed:
    """What came of it."""

    seed: int
    steps: int = 0
    """Of the night in which nobody dies; each was died at once."""
    sends: int = 0
    points: Counter[str] = field(default_factory=Counter)
    """At which points of a delivery processes died, and how often."""
    broken: list[str] = field(default_factory=list)


def kill_everywhere(seed: int = SEED) -> Killed:
    """Live through the night of *seed* once for each of its steps, and die there."""
    from nightlight.simulator.run import Run  # noqa: PLC0415  (after Django is set up)

    whole = Run(seed, trouble={}).go()
    done = Killed(seed=seed, steps=whole.steps, sends=whole.sends, broken=list(whole.violations))
    for step in range(1, whole.steps + 1):
        history = Run(seed, trouble={}, kill_at=step).go()
        killed = {goal: times for goal, times in history.goals.items() if goal.startswith(KILLED)}
        done.points.update({goal.removeprefix(KILLED): times for goal, times in killed.items()})
        done.broken += [f"killed at step {step}: {wrong}" for wrong in history.violations]
    return done


def main(arguments: list[str] | None = None) -> int:
    """Kill everywhere by hand; 1 when a promise was broken."""
    parser = ArgumentParser(prog="python -m nightlight.simulator.kills", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true", dest="as_json")
    wanted = parser.parse_args(arguments)
    database.prepare()
    done = kill_everywhere(wanted.seed)
    if wanted.as_json:
        sys.stdout.write(json.dumps({**vars(done), "points": dict(done.points)}, indent=2) + "\n")
    else:
        points = ", ".join(f"{point} {times}" for point, times in sorted(done.points.items()))
        sys.stdout.write(f"{done.steps} steps, a kill at each ({points}): {len(done.broken)} broken\n")
        sys.stdout.writelines(f"BROKEN: {wrong}\n" for wrong in done.broken)
    return int(bool(done.broken))


if __name__ == "__main__":
    sys.exit(main())
