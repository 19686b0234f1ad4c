"""Years of check-ins on a virtual clock: real rules, store and workers; people, outages and clocks made up.

One number decides everything, so that the same number lives the same years on any machine.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from unittest.mock import patch

from django.db import Error, OperationalError

from nightlight import chance as chances
from nightlight import clock as clocks
from nightlight.channels.base import Message
from nightlight.engine.checkin import How
from nightlight.intake import channels, checkin
from nightlight.simulator import database
from nightlight.simulator.agenda import Agenda, VirtualClock
from nightlight.simulator.years_calendar import offset_at
from nightlight.simulator.years_changes import Changes
from nightlight.simulator.years_desk import Desks
from nightlight.simulator.years_faults import Faults
from nightlight.simulator.years_oracle import Oracle
from nightlight.simulator.years_people import (
    CALLERS,
    Agreed,
    Inhabitant,
    drawn_check_in,
    drawn_person,
)
from nightlight.simulator.years_settling import settle_in
from nightlight.simulator.years_visits import Visits
from nightlight.store import check_ins, wake

FIRST_YEAR, LAST_YEAR = 2024, 2037
YEAR_DAYS = 365.25
SHORT_BEGIN_IN = (2, 3, 10)
"""Around the months in which most clocks are changed."""
DAY_SECONDS = 86_400.0
ROUNDS_AT_ONCE_MAX = 8
STORY_MAX = 20_000
_DUES = """
    SELECT MIN(looks_at) FROM check_in
    UNION ALL SELECT MIN(due) FROM notification WHERE status = 'planned'
    UNION ALL SELECT MIN(lease_until) FROM notification WHERE status = 'leased'
    UNION ALL SELECT MIN(due) FROM notice WHERE status = 'planned'
    UNION ALL SELECT MIN(lease_until) FROM notice WHERE status = 'leased'
    UNION ALL SELECT MIN(timer_due) FROM alert WHERE status <> 'resolved'
    UNION ALL SELECT MIN(poison_next_at) FROM alert WHERE status <> 'resolved'
"""


@dataclass
class Lived:
    """What came of the years of one number."""

    seed: int
    figures: Counter[str] = field(default_factory=Counter)
    zones: set[str] = field(default_factory=set)
    changes: set[tuple[str, str]] = field(default_factory=set)
    """Zone and local date of the first window after a clock was changed there."""
    violations: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    digest: str = ""


class Years:
    """Some people, for some years."""

    def __init__(self, seed: int, years: float, *, month: int = 0, trouble: float = 1.0) -> None:
        """*month* is the one they begin in; by default January, and for less than a year also others.

        *trouble* is how much more often than usual things go wrong.
        """
        self.lived = Lived(seed=seed)
        self.chance = self.chance_of("years")
        last = max(int(LAST_YEAR + 1 - years), FIRST_YEAR)
        year = FIRST_YEAR + (seed - 1) % (last - FIRST_YEAR + 1)
        month = month or (1 if years >= 1 else self.chance.choice(SHORT_BEGIN_IN))
        self.start = datetime(year, month, 1, 12, tzinfo=UTC) + timedelta(days=self.chance.randrange(10))
        self.seconds = years * YEAR_DAYS * DAY_SECONDS
        self.clock = VirtualClock(self.start)
        self.agenda = Agenda(self.clock)
        self.kills = 0.002
        self.clock_is_wrong = False
        self.last_fault = self.last_outage = self.last_provider_trouble = -DAY_SECONDS
        self.people: dict[str, Inhabitant] = {}
        self.agreed: dict[str, Agreed] = {}
        self.oracle = Oracle(self, self.agreed)
        self.desks = Desks(self)
        self.faults = Faults(self, trouble)
        self.visits = Visits(self)
        self._changes = Changes(self)
        self._looking = False
        self._round_number = 0

    def chance_of(self, what: str) -> Random:
        """Chances of their own, so that what is added for one thing leaves the others as they were."""
        return Random(f"{self.lived.seed}:check-ins:{what}")  # noqa: S311  (made up, not a secret)

    # ------------------------------------------------------------------ the course of it

    def go(self) -> Lived:
        """Live through them."""
        with self._in_this_world():
            with self.unseen():
                self._draw()
            self.desks.begin()
            self.faults.plan()
            self._changes.plan()
            self.agenda.after(DAY_SECONDS, self._daily)
            self.round(anyway=True)
            while not self.lived.violations:
                action = self.agenda.next_action(self.seconds)
                if action is None:
                    break
                action()
        self.note("days", round(self.clock.passed / DAY_SECONDS))
        self.lived.digest = hashlib.sha256("\n".join(self.lived.story).encode()).hexdigest()[:16]
        return self.lived

    @contextmanager
    def _in_this_world(self) -> Iterator[None]:
        with ExitStack() as stack:
            chances.use(self.chance_of("ids").randbytes)
            clocks.use(self.clock)
            wake.use(lambda: None)
            channels.use(dict(self.desks.channels))
            for restore in (chances, clocks, wake, channels):
                stack.callback(restore.use, None)
            database.empty()
            stack.enter_context(database.before_every_query(self._before_a_query))
            taking = vars(checkin)["_take"]
            stack.enter_context(patch.object(checkin, "_take", self.visits.noting(taking)))
            yield

    def _before_a_query(self, _sql: str) -> None:
        if not self._looking and self.faults.is_away():
            raise OperationalError("the simulated database is away")

    def _draw(self) -> None:
        today = self.start.date()
        for number in range(len(CALLERS)):
            person = drawn_person(number, self.lived.seed)
            person.check_ins = [
                drawn_check_in(person.id, place, today, self.chance)
                for place in range(self.chance.choice((1, 1, 2)))
            ]
            self.people[person.id] = person
        settle_in(self.people.values(), self.start)
        for person in self.people.values():
            for agreed in person.check_ins:
                self.agreed[agreed.id] = agreed
                agreed.key = check_ins.new_machine_key(agreed.id)
                checkin.switch_on(agreed.id, self.start)
                self.begins(agreed)

    def begins(self, agreed: Agreed) -> None:
        """What holds for *agreed* holds from now on."""
        agreed.since = self.clock.now()
        agreed.expect(self.people[agreed.person].zone, agreed.since)
        self.owes(agreed)

    def _daily(self) -> None:
        if not self.faults.is_out:
            try:
                self.desks.care()
            except Error:
                self.note("the days met a database that was away")
            self.breaks_any(self.oracle.left_lying())
        self.agenda.after(DAY_SECONDS, self._daily)

    # ------------------------------------------------------------------ the workers

    def round(self, *, anyway: bool = False) -> None:
        """Let the workers look until nothing is due at this moment; *anyway*: also when nothing is."""
        for _ in range(ROUNDS_AT_ONCE_MAX):
            seconds = self._seconds_to_next()
            if seconds > 0 and not anyway:
                self._round_after(seconds)
                return
            anyway = False
            if not self.desks.is_any_alive:
                return
            if self.desks.round():
                self.fault()
                self._round_after(1.0)
                return
        self.note("kept from work")
        self._round_after(1.0)

    def _seconds_to_next(self) -> float:
        with self.unseen():
            dues = [datetime.fromisoformat(due) for (due,) in database.look(_DUES) if due]
        now = self.clock.now().replace(tzinfo=None)
        return min((max((due - now).total_seconds(), 0.0) for due in dues), default=DAY_SECONDS)

    def _round_after(self, seconds: float) -> None:
        self._round_number += 1
        number = self._round_number

        def unless_before() -> None:
            if number == self._round_number:
                self.round()

        # The poll looks once a second; half of that is the mean.
        self.agenda.after(max(seconds, 0.02), unless_before)

    def died(self, seconds: float) -> None:
        """A worker was killed, and comes again after *seconds*."""
        self.fault()
        self.note("kills")
        down_since = self.clock.passed
        was_last = not self.desks.is_any_alive

        def again() -> None:
            if self.faults.is_out:
                return
            if was_last and self.clock.passed - down_since > 1:
                self.fault(outage=True)
            self.desks.begin()
            self.fault()
            self.round(anyway=True)

        self.agenda.after(seconds, again)

    # ------------------------------------------------------------------ the people

    def owes(self, agreed: Agreed) -> None:
        """Something else is owed now: the person makes up their mind about it."""
        self.visits.owes(agreed)

    def handed(self, channel: str, message: Message) -> None:
        """A provider took a message."""
        self.visits.handed(channel, message)

    def is_down(self, channel: str) -> bool:
        """Whether the provider of *channel* takes nothing just now."""
        return channel in self.faults.down

    def try_to(self, action: Callable[[], object]) -> bool:
        """Somebody does something at a door; whether it was taken in."""
        if self.faults.is_out:
            return False
        try:
            action()
        except Error:
            self.look()
            return False
        self.look()
        self.round()
        return True

    # ------------------------------------------------------------------ what everybody needs

    def fault(self, *, outage: bool = False) -> None:
        """Something went wrong until now."""
        self.last_fault = self.clock.passed
        if outage:
            self.last_outage = self.clock.passed

    def look(self, heard: tuple[str, ...] | list[str] = (), how: How | None = None) -> None:
        """Hold what is kept against what is promised."""
        if self.faults.down:
            self.last_provider_trouble = self.last_fault = self.clock.passed
        with self.unseen():
            before = self.lived.figures["calls"]
            open_before = set(self.oracle.open_people())
            self.breaks_any(self.oracle.look(heard, how))
            if self.lived.figures["calls"] != before:
                for person in sorted(set(self.oracle.open_people()) - open_before):
                    self.visits.after_a_call(person)

    @contextmanager
    def unseen(self) -> Iterator[None]:
        """The simulator's own look at the tables meets no fault."""
        self._looking, before = True, self._looking
        try:
            yield
        finally:
            self._looking = before

    def note(self, what: str, count: int = 1) -> None:
        """Something worth counting happened."""
        self.lived.figures[what] += count

    def tell(self, words: str) -> None:
        """Write a line of the story."""
        if len(self.lived.story) < STORY_MAX:
            self.lived.story.append(f"{self.clock.now():%Y-%m-%d %H:%M:%S}  {words}")

    def lived_on(self, agreed: Agreed) -> None:
        """A window of *agreed* is over: which zone that was in, and whether the clock was changed before it."""
        assert agreed.owed is not None
        zone = self.people[agreed.person].zone
        self.lived.zones.add(zone)
        self.note("local dates")
        before, due = agreed.last_due, agreed.owed.due
        is_here = before is not None and before >= (agreed.since or before)
        if before is not None and is_here and offset_at(before, zone) != offset_at(due, zone):
            self.lived.changes.add((zone, agreed.owed.on.isoformat()))
        agreed.last_due = due

    def breaks_any(self, found: Iterator[str]) -> None:
        """Promises were looked at; what is *found* broken is written down."""
        for wrong in found:
            if wrong not in self.lived.violations:
                self.lived.violations.append(wrong)
                self.tell(f"BROKEN: {wrong}")
