"""Many lives of many years at once, on several processors, with a report of what was tried and what broke."""

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field

from nightlight.simulator import database
from nightlight.simulator.years_world import Lived, Years

STORY_KEPT = 60
"""Lines of broken years that a report keeps."""


@dataclass
class YearsReport:
    """What came of many lives."""

    seeds: int = 0
    seconds: float = 0.0
    """By the clock on the wall."""
    figures: Counter[str] = field(default_factory=Counter)
    zones: set[str] = field(default_factory=set)
    changes: set[tuple[str, str]] = field(default_factory=set)
    broken: list[Lived] = field(default_factory=list)

    def add(self, lived: Lived) -> None:
        """Take one life in."""
        self.seeds += 1
        self.figures.update(lived.figures)
        self.zones |= lived.zones
        self.changes |= lived.changes
        if lived.violations:
            self.broken.append(lived)

    def as_dict(self) -> dict[str, object]:
        """The report for programs."""
        return {
            "seeds": self.seeds,
            "seconds": round(self.seconds, 1),
            "zones": len(self.zones),
            "offset_changes": len(self.changes),
            "tried": dict(sorted(self.figures.items())),
            "violations": len(self.broken),
            "broken": [{"seed": each.seed, "violations": each.violations} for each in self.broken],
        }


def live(seed: int, years: float) -> Lived:
    """Live through the years of *seed*; of those that kept every promise only figures come back."""
    lived = Years(seed, years).go()
    lived.story = lived.story[-STORY_KEPT:] if lived.violations else []
    return lived


def campaign(
    seeds: Iterable[int], years: float, *, jobs: int = 0, seen: Callable[[YearsReport], None] | None = None
) -> YearsReport:
    """Live through *years* of each of *seeds*, in *jobs* processes (0: one for each processor)."""
    report, began = YearsReport(), time.monotonic()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        jobs or os.cpu_count() or 1, mp_context=context, initializer=database.prepare
    ) as pool:
        for future in as_completed([pool.submit(live, seed, years) for seed in seeds]):
            report.add(future.result())
            report.seconds = time.monotonic() - began
            if seen is not None:
                seen(report)
    return report
