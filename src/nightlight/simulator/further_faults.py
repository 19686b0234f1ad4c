"""Faults beside those of every night: a failover, a full disk, a web process that dies apart from the workers, drift.

Drawn from chances of their own: a night without them lives as it lived before there were any.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Protocol
from unittest.mock import patch

from django.db import OperationalError, connections

from nightlight.simulator.agenda import Action, Agenda, VirtualClock

NIGHTS = 0.3
"""The share of nights that have some of them."""
KINDS = ("failover", "disk", "web", "drift")
FAILOVER_SECONDS = (1.0, 10.0, 30.0)
"""How long no database answers while another takes over; half a minute is what is promised to be survived."""
FROM_THE_BEGINNING = 0.3
"""The share of nights with a failover in which one waits for the first commit at a door."""
AT_A_DOOR = 0.5
"""The share of failovers that break a commit which somebody at a door waits for, not one of a worker."""
FULL_SECONDS = (15.0, 40.0, 90.0)
GOES_ON_SECONDS = 60.0
"""Once there is space again, all goes on within so long."""
WEB_AWAY_SECONDS = (5.0, 45.0, 110.0)
WEB_DIES = 0.15
"""The share of requests in whose middle the web process dies, in a night in which it does."""
QUERIES_OF_A_REQUEST = 30
DRIFTS = (-0.005, -0.0005, 0.0005, 0.005)
"""Seconds that a clock gains in each second; half a second in a hundred is far worse than any real one."""
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLAC")
OTHER_TROUBLE = ("killed", "paused", "away", "clock", "outage", "broken_rule", "lost_wake")
"""With none of it about, whatever is left lying once there is space again was left by the full disk."""


class WebDies(BaseException):
    """The web process dies in the middle of a request: nothing of its transaction is kept, nothing catches this."""


class World(Protocol):
    """What these faults need of the world they come over."""

    clock: VirtualClock
    agenda: Agenda

    def tell(self, words: str) -> None:
        """Write a line of the story."""
        ...

    def note(self, goal: str) -> None:
        """Something worth counting happened."""
        ...

    def poll(self) -> None:
        """The others look a second later."""
        ...

    def goes_on(self) -> None:
        """Hold it against the promise that all goes on."""
        ...


def drawn(chance: Random) -> frozenset[str]:
    """Which kinds come over this night; none in most."""
    if chance.random() >= NIGHTS:
        return frozenset()
    return frozenset(kind for kind in KINDS if chance.random() < 0.5)


class FurtherFaults:
    """What comes over one night."""

    def __init__(self, world: World, chance: Random, kinds: frozenset[str]) -> None:
        self._world = world
        self._chance = chance
        self.kinds = kinds
        self._is_over = False
        self._breaks_next_commit = self._only_at_a_door = self._is_at_a_door = False
        self._unreachable = self._is_full = self._is_web_away = False
        self._was_kept = False
        self._queries_left = -1

    # ------------------------------------------------------------------ the course of it

    def plan(self, until: float) -> None:
        """Put down when what happens, up to *until*."""
        if "drift" in self.kinds:
            self._world.note("a clock drifted")
        if "failover" in self.kinds and self._chance.random() < FROM_THE_BEGINNING:
            # The first commit at a door is mostly that of the first call.
            self._breaks_next_commit = self._only_at_a_door = True
        for kind, fault in (
            ("failover", self._fail_over),
            ("disk", self._fill_up),
            ("web", self._web_goes_away),
        ):
            for _ in range(self._chance.randint(1, 4) if kind in self.kinds else 0):
                self._world.agenda.after(self._chance.uniform(30, until), self._unless_over(fault))

    def _unless_over(self, fault: Action) -> Action:
        return lambda: None if self._is_over else fault()

    def end(self) -> None:
        """From now on nothing of this happens any more."""
        self._is_over = True
        self._breaks_next_commit = self._unreachable = self._is_full = self._is_web_away = False
        self._queries_left = -1

    # ------------------------------------------------------------------ the database

    def before_a_query(self, sql: str) -> None:
        """What the query *sql* meets."""
        if self._queries_left > 0:
            self._queries_left -= 1
            if self._queries_left == 0:
                raise WebDies
        if self._unreachable:
            raise OperationalError("the simulated connection was lost")
        if self._is_full and sql.lstrip()[:6].upper() in _WRITES:
            self._world.note("a write met a full disk")
            raise OperationalError("database or disk is full")

    @contextmanager
    def over_commits(self, is_unseen: Callable[[], bool]) -> Iterator[None]:
        """Let a commit break now and then: it was durable, or was not, and nobody hears which."""
        connection = connections["default"]
        commit = connection._commit  # type: ignore[attr-defined]

        def committed() -> None:
            is_wanted = self._is_at_a_door or not self._only_at_a_door
            if not self._breaks_next_commit or not is_wanted or is_unseen():
                commit()
                return
            self._break(commit, connection._rollback)  # type: ignore[attr-defined]

        with patch.object(connection, "_commit", committed):
            yield

    def _fail_over(self) -> None:
        self._breaks_next_commit = True
        self._only_at_a_door = self._chance.random() < AT_A_DOOR

    def _break(self, commit: Callable[[], None], rollback: Callable[[], None]) -> None:
        self._breaks_next_commit = False
        self._was_kept = self._chance.random() < 0.5
        (commit if self._was_kept else rollback)()
        self._unreachable = True
        seconds = self._chance.choice(FAILOVER_SECONDS)
        self._world.tell(
            f"the database fails over for {seconds:g} s; the last commit was {'' if self._was_kept else 'not '}kept"
        )
        kept = "kept" if self._was_kept else "lost"
        self._world.note(f"a database failed over in a commit that was {kept}")
        self._world.agenda.after(seconds, self._is_there_again)
        raise OperationalError("the simulated server closed the connection unexpectedly")

    def _is_there_again(self) -> None:
        self._unreachable = False
        # Nobody was woken for what was kept: the poll finds it.
        self._world.poll()

    def _fill_up(self) -> None:
        seconds = self._chance.choice(FULL_SECONDS)
        self._world.tell(f"the disk is full for {seconds:g} s")
        self._world.note("a disk was full")
        self._is_full = True
        self._world.agenda.after(seconds, self._has_space)

    def _has_space(self) -> None:
        self._is_full = False
        self._world.poll()
        self._world.agenda.after(GOES_ON_SECONDS, self._unless_over(self._looks_whether_it_went_on))

    def _looks_whether_it_went_on(self) -> None:
        if not (self._is_full or self._unreachable or self.kinds & {"failover", "drift"}):
            self._world.goes_on()

    # ------------------------------------------------------------------ the web process

    def _web_goes_away(self) -> None:
        self._is_web_away = True
        self._world.tell("the web process is away")
        self._world.agenda.after(self._chance.choice(WEB_AWAY_SECONDS), self._web_comes_back)

    def _web_comes_back(self) -> None:
        self._is_web_away = False

    def answers(self) -> bool:
        """Whether anybody is at the door."""
        if self._is_web_away:
            self._world.note("somebody found the web process away, while workers ran")
        return not self._is_web_away

    @contextmanager
    def request(self) -> Iterator[None]:
        """One request, in whose middle the web process may die."""
        if "web" in self.kinds and not self._is_over and self._chance.random() < WEB_DIES:
            self._queries_left = self._chance.randint(1, QUERIES_OF_A_REQUEST)
        self._is_at_a_door = True
        try:
            yield
        finally:
            self._queries_left, self._is_at_a_door = -1, False

    def died(self) -> None:
        """The web process died in the middle of a request."""
        self._world.tell("the web process dies in the middle of it")
        self._world.note("the web process died in the middle of a request")

    def heard_an_error(self) -> None:
        """Somebody at a door heard an error."""
        if self._is_full:
            self._world.note("somebody met a full disk")
        if self._unreachable and self._was_kept:
            self._was_kept = False
            self._world.note("somebody heard an error of what was kept, perhaps their own")
