"""Many histories at once, on several processors, with a report of what was met and what broke."""

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import count, islice

from nightlight.simulator import database
from nightlight.simulator.goals import GOALS, RARE
from nightlight.simulator.history import History
from nightlight.simulator.run import Run

STORY_KEPT = 60
"""Lines of a broken history that a report keeps; `--seed` tells the whole of it."""
SEEDS_FOR_RARE = 5_000
AHEAD = 3
"""Seeds given to each process before it asks for more."""


@dataclass
class Report:
    """What came of many histories."""

    seeds: int = 0
    alerts: int = 0
    hours: float = 0.0
    steps: int = 0
    sends: int = 0
    asks: int = 0
    seconds: float = 0.0
    """By the clock on the wall."""
    goals: Counter[str] = field(default_factory=Counter)
    """By goal: in how many histories it was met."""
    broken: list[History] = field(default_factory=list)

    def add(self, history: History) -> None:
        """Take one history in."""
        self.seeds += 1
        self.alerts += history.alerts
        self.hours += history.hours
        self.steps += history.steps
        self.sends += history.sends
        self.asks += history.asks
        self.goals.update(history.goals.keys())
        if history.violations:
            self.broken.append(history)

    @property
    def violations(self) -> int:
        """How many histories broke a promise."""
        return len(self.broken)

    @property
    def missed(self) -> list[str]:
        """What should sometimes happen and never did."""
        wanted = (*GOALS, *RARE) if self.seeds >= SEEDS_FOR_RARE else GOALS
        return [goal for goal in wanted if not self.goals[goal]]

    @property
    def pace(self) -> float:
        """Nights a minute, by all processes together."""
        return self.seeds / max(self.seconds, 0.001) * 60

    def bound(self) -> float:
        """With nothing lost: the upper 95 % bound of the share of calls lost, 3/n (the rule of three)."""
        return 3 / max(self.alerts, 1)

    def as_dict(self) -> dict[str, object]:
        """The report for programs."""
        return {
            "seeds": self.seeds,
            "alerts": self.alerts,
            "simulated_hours": round(self.hours, 1),
            "steps": self.steps,
            "sends": self.sends,
            "asks_held_against_consent": self.asks,
            "seconds": round(self.seconds, 1),
            "nights_a_minute": round(self.pace, 1),
            "violations": self.violations,
            "lost_share_below": None if self.violations else self.bound(),
            "broken": [{"seed": h.seed, "violations": h.violations} for h in self.broken],
            "goals": {goal: self.goals[goal] for goal in (*GOALS, *RARE)},
            "goals_missed": self.missed,
        }


def live(seed: int) -> History:
    """Live through the history of *seed*; of one that kept every promise only figures come back."""
    history = Run(seed).go()
    if history.violations:
        history.story = history.story[-STORY_KEPT:]
    else:
        history.story = []
    return history


def campaign(
    seeds: Iterable[int],
    *,
    jobs: int = 0,
    is_enough: Callable[[Report], bool] | None = None,
    seen: Callable[[Report], None] | None = None,
) -> Report:
    """Live through *seeds*, in *jobs* processes (0: one for each processor).

    Ends early once *is_enough* says so of the report. *seen* is shown the report as it grows.
    """
    report, began = Report(), time.monotonic()
    jobs = jobs or os.cpu_count() or 1
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=database.prepare) as pool:
        for history in _lived(pool, iter(seeds), jobs * AHEAD):
            report.add(history)
            report.seconds = time.monotonic() - began
            if seen is not None:
                seen(report)
            if is_enough is not None and is_enough(report):
                pool.shutdown(wait=True, cancel_futures=True)
                break
    return report


def _lived(pool: ProcessPoolExecutor, seeds: Iterator[int], ahead: int) -> Iterator[History]:
    under_way: set[Future[History]] = {pool.submit(live, seed) for seed in islice(seeds, ahead)}
    while under_way:
        done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
        for future in done:
            yield future.result()
        under_way |= {pool.submit(live, seed) for seed in islice(seeds, len(done))}


def from_seed(first: int, how_many: int | None = None) -> Iterator[int]:
    """Seeds from *first* on; for ever without *how_many*."""
    return iter(range(first, first + how_many)) if how_many is not None else count(first)
