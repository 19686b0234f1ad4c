"""Workers by the thousand: forked from one process that has everything loaded, and killed at random moments.

`python -m tests.campaigns.nursery WORKERS KILLS MEAN_LIFE SEED`, with the settings of a service in its environment.
It prints how many it has killed, a line each second, and `done`; then its last workers live on until its input
is closed. A worker that is forked is in every other way the one that `nightlight worker` runs.
"""

import ctypes
import os
import random
import select
import signal
import sys
import time
from collections.abc import Callable

from nightlight.cli.django_setup import prepare

SAY_EVERY_SECONDS = 1.0
LOOK_SECONDS = 0.002
_PR_SET_PDEATHSIG = 1


class Nursery:
    """Keeps *workers* of them alive until *kills* are done."""

    def __init__(self, workers: int, kills: int, mean_life: float, chance: random.Random) -> None:
        self._workers = workers
        self._left = kills
        self._mean_life = mean_life
        self._chance = chance
        self._die_at: dict[int, float] = {}
        self.kills = 0
        self.ended_by_themselves = 0

    def run(self, work: Callable[[], None]) -> None:
        """Kill and fork until enough were killed, then let the last ones live until the input is closed."""
        said = 0.0
        while self._left:
            self._fill_up(work)
            self._kill_whose_time_it_is()
            if time.monotonic() - said > SAY_EVERY_SECONDS:
                said = time.monotonic()
                _say(f"{self.kills}")
            if select.select([sys.stdin], [], [], LOOK_SECONDS)[0]:
                self._end()
                return
        self._fill_up(work)
        _say(f"{self.kills}\n{self.ended_by_themselves} ended by themselves\ndone")
        while not select.select([sys.stdin], [], [], 0.2)[0]:
            self._notice_ends()
            self._fill_up(work)
        self._end()

    def _fill_up(self, work: Callable[[], None]) -> None:
        while len(self._die_at) < self._workers:
            pid = os.fork()
            if pid == 0:
                _live(work)
            self._die_at[pid] = time.monotonic() + self._chance.uniform(0, 2 * self._mean_life)

    def _kill_whose_time_it_is(self) -> None:
        self._notice_ends()
        now = time.monotonic()
        for pid, at in list(self._die_at.items()):
            if at <= now and self._left:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                del self._die_at[pid]
                self.kills += 1
                self._left -= 1

    def _notice_ends(self) -> None:
        """A worker that ended before it was killed is none of our kills, and must not happen."""
        for pid in list(self._die_at):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del self._die_at[pid]
                self.ended_by_themselves += 1

    def _end(self) -> None:
        for pid in self._die_at:
            os.kill(pid, signal.SIGTERM)
        for pid in self._die_at:
            os.waitpid(pid, 0)


def _live(work: Callable[[], None]) -> None:
    """Be a worker, and never come back into the nursery."""
    try:
        # The nursery may itself be killed: nobody would end its workers then.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        os.setsid()
        random.seed()
        work()
    finally:
        os._exit(1)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(words: list[str]) -> None:
    """Run as *words* say."""
    workers, kills, mean_life, seed = int(words[0]), int(words[1]), float(words[2]), words[3]
    prepare(None)
    # Django must be ready before what knows tables is imported.
    from django.db import connections  # noqa: PLC0415

    from nightlight.worker import loop  # noqa: PLC0415

    # A connection is used by one process only; each worker makes its own.
    connections.close_all()
    Nursery(workers, kills, mean_life, random.Random(seed)).run(loop.main)  # noqa: S311  (a plan, not a secret)


if __name__ == "__main__":
    main(sys.argv[1:])
