"""One history: a made-up world lived through, first with faults, then without; held to every promise on the way.

The rules, the write path, the outbox and the worker are the real ones, on real transactions. One
number decides everything else, so that it replays the same history on any machine.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from random import Random
from typing import Any
from unittest.mock import patch

from django.db import Error, OperationalError

from nightlight import chance as chances
from nightlight import clock as clocks
from nightlight.channels.base import Message
from nightlight.engine.decide import Decision
from nightlight.intake import channels, checkin
from nightlight.simulator import database
from nightlight.simulator.agenda import Action, Agenda, VirtualClock
from nightlight.simulator.callers import Caller
from nightlight.simulator.check_ins_lived import CheckInLived
from nightlight.simulator.checks import Promises
from nightlight.simulator.faults import Faults
from nightlight.simulator.further_faults import DRIFTS, OTHER_TROUBLE, FurtherFaults, WebDies, drawn
from nightlight.simulator.history import History
from nightlight.simulator.met import met
from nightlight.simulator.noticing import NoticeHands
from nightlight.simulator.people import Supporter
from nightlight.simulator.providers import Weather
from nightlight.simulator.scenario import Scenario, draw
from nightlight.simulator.settling import settle_in
from nightlight.simulator.switchboard import Switchboard
from nightlight.simulator.truth import Truth
from nightlight.simulator.workers import Delivery, SimulatedProcess
from nightlight.store import advance, wake
from nightlight.store.models import Alert, Notification
from nightlight.store.notices_send import NoticeClaim
from nightlight.store.outbox import Claim

FAULTS_HOURS = (0.3, 1.0, 2.5)
CALM_HOURS = 12.0
"""So long at most a call may take to end once nothing goes wrong any more and everybody is willing."""
SETTLES_SECONDS = 300.0
REARRANGING_WORLDS = 0.3
"""The share of worlds in which a caller takes somebody out, or never wants to reach them again."""
KILLED_OF_STEPS = 0.02
"""The share of steps at which a process dies, times how often this world kills."""
AWAY_OF_QUERIES = 0.002
"""The share of queries that meet a database that has just gone away, times how often it does."""
LOOK_EVERY = 20
"""Once all is well, whether something is left lying is asked after so many steps."""
STEPS_MAX = 8_000
"""Far more than any night has taken."""
STORY_MAX = 4000


class Run:
    """One world, from its first call to its last."""

    def __init__(self, seed: int, *, kill_at: int = 0, trouble: dict[str, float] | None = None) -> None:
        """*kill_at* kills whoever takes that step, counted from 1; *trouble* takes the place of the world's own."""
        self.history = History(seed=seed)
        self.scenario: Scenario = draw(seed)
        self.truth = Truth()
        self.weather = Weather(dict(self.scenario.trouble if trouble is None else trouble))
        further = self._further_kinds()
        drift = self._chance_of("drift").choice(DRIFTS) if "drift" in further else 0.0
        self.clock = VirtualClock(self.scenario.start, drift=drift)
        self.agenda = Agenda(self.clock)
        self._kill_at = kill_at
        self._chance = Random(f"{seed}:faults")  # noqa: S311  (made-up faults, not a secret)
        self._promises = Promises(self.scenario, self.truth)
        self._faults = Faults(self, self._chance)
        self._looking = False
        self._last_send = 0.1
        self._clock_is_wrong = self._promises.clock_was_wrong = "drift" in further
        self._further = FurtherFaults(self, self._chance_of("further faults' course"), further)
        self._calm_since, self._well_since = self.clock.now(), 0.0
        self.processes = [self._process(number) for number in (1, 2)]
        agreed = self.scenario.check_in
        self.check_in = CheckInLived(self, agreed, self._chance_of("check-in")) if agreed else None
        people = self._chance_of("people")
        self._supporters = {
            person: Supporter(self, resident, people, self.scenario.circles)
            for person, resident in self.scenario.people.items()
        }
        self._switchboard = Switchboard(self, self._promises, self._supporters, self._chance_of)
        self._callers = [
            Caller(self, circle, people, self.scenario.people) for circle in self.scenario.circles
        ]

    def _chance_of(self, what: str) -> Random:
        return Random(f"{self.history.seed}:{what}")  # noqa: S311  (a made-up world, not a secret)

    def _further_kinds(self) -> frozenset[str]:
        """None where all is to go well, and none beside a check-in: what came of its word is not known then."""
        if self.scenario.check_in is not None or not any(self.weather.trouble.values()):
            return frozenset()
        return drawn(self._chance_of("further faults"))

    def _process(self, number: int) -> SimulatedProcess:
        process = SimulatedProcess(
            name=f"worker {number}",
            clock=self.clock,
            agenda=self.agenda,
            chance=self._chance_of(f"worker {number}"),
            weather=self.weather,
            watching=self,
        )
        if self.scenario.check_in is not None:
            process.hands = NoticeHands(process)
        return process

    # ------------------------------------------------------------------ the course of it

    def go(self) -> History:
        """Live through it."""
        agreed = self.scenario.check_in
        with self._in_this_world():
            with self.unseen():
                settle_in(self.scenario)
                if self.check_in is not None:
                    self.check_in.begin()
            faults = self._chance.choice(FAULTS_HOURS) * 3600
            for process in self.processes:
                process.begin()
            for caller in self._callers:
                self.agenda.after(self._chance.uniform(1, 600), self._first_of(caller))
            self._faults.plan(faults)
            self._plan_rearranging(faults)
            self._further.plan(faults)
            if agreed is not None:
                faults = max(faults, agreed.faults_last(self.scenario.start))
            self._live(faults)
            self._put_right()
            self._live(faults + CALM_HOURS * 3600, stop=self._all_is_over)
            # What is due is sent before the last look.
            self._live(self.clock.passed + SETTLES_SECONDS)
            self._end()
        return self.history

    def _first_of(self, caller: Caller) -> Action:
        """In some nights with a check-in whoever agreed to it does not call by themself at first."""
        agreed = self.scenario.check_in
        is_quiet = agreed is not None and agreed.person == caller.id and not agreed.calls_first
        return caller.watches if is_quiet else caller.begins

    @contextmanager
    def _in_this_world(self) -> Iterator[None]:
        with ExitStack() as stack:
            chances.use(self._chance_of("ids").randbytes)
            clocks.use(self.clock)
            wake.use(self._knock)
            channels.use(self._switchboard.channels())
            for restore in (chances, clocks, wake, channels):
                stack.callback(restore.use, None)
            database.empty()
            stack.enter_context(database.before_every_query(self._before_a_query))
            stack.enter_context(self._further.over_commits(lambda: self._looking))
            self._promises.rules = vars(advance)["run"]
            stack.enter_context(patch.object(advance, "run", self._rules(vars(advance)["run"])))
            if self.check_in is not None:
                fatal = self.check_in.fatal(vars(checkin)["_miss"])
                stack.enter_context(patch.object(checkin, "_miss", fatal))
            yield

    def _live(self, until: float, stop: Callable[[], bool] = lambda: False) -> None:
        while not self.history.violations and not stop():
            action = self.agenda.next_action(until)
            if action is None:
                return
            action()

    def _all_is_over(self) -> bool:
        if self.check_in is not None and not self.check_in.is_over():
            return False
        return not database.glance("SELECT 1 FROM alert WHERE status <> 'resolved' LIMIT 1")

    def _put_right(self) -> None:
        """The faults are over: everything heals, and everybody is willing."""
        self.tell("from here on nothing goes wrong, and everybody is willing")
        self.weather.clear()
        self._further.end()
        self._faults.is_away = False
        self.clock.put_right()
        self._clock_is_wrong = False
        self._calm_since, self._well_since = self.clock.now(), self.clock.passed
        for process in self.processes:
            if not process.alive:
                process.begin()
            process.wake()
        for supporter in self._supporters.values():
            supporter.becomes_willing()
        for caller in self._callers:
            caller.becomes_calm()

    def _end(self) -> None:
        history = self.history
        if not history.violations:
            with self.unseen():
                history.violations += list(self._promises.at_the_end(self.clock.now(), self._calm_since))
                history.violations += list(self._switchboard.at_the_end())
                if self.check_in is not None:
                    history.violations += list(self.check_in.promises.at_the_end(self.clock.now()))
                for goal in met():
                    self.note(goal)
        history.hours = self.clock.passed / 3600
        history.asks = self._promises.asks
        history.alerts = sum(caller.calls for caller in self._callers)
        if self.check_in is not None:
            history.alerts += self.check_in.promises.calls
        history.digest = hashlib.sha256("\n".join(history.story).encode()).hexdigest()[:16]

    # ------------------------------------------------------------------ faults

    def _plan_rearranging(self, until: float) -> None:
        """In some worlds callers change who is in their circle while the night goes on."""
        chance = self._chance_of("arranging")
        if chance.random() < REARRANGING_WORLDS:
            for _ in range(chance.randint(1, 2)):
                caller = chance.choice(self._callers)
                at = chance.uniform(60, until)
                self.agenda.after(at, lambda caller=caller: caller.rearranges(chance))  # type: ignore[misc]

    def _before_a_query(self, sql: str) -> None:
        if self._looking:
            return
        self._further.before_a_query(sql)
        if self.check_in is not None:
            self.check_in.before_a_query()
        often = self.weather.trouble.get("away", 0.0)
        if self._faults.is_away or (often and self._chance.random() < often * AWAY_OF_QUERIES):
            raise OperationalError("the simulated database is away")

    def _rules(self, run: Callable[..., Decision]) -> Callable[..., Decision]:
        def ruled(*arguments: Any) -> Decision:
            if self.weather.is_bad("broken_rule", self._chance) and self._chance.random() < 0.1:
                self.note("a rule broke")
                raise RuntimeError("a simulated fault of ours")
            return run(*arguments)

        return ruled

    def _knock(self) -> None:
        """Wake one process; the other would find nothing left, unless the first is kept from its work."""
        if self.weather.is_bad("lost_wake", self._chance):
            self.note("a wake-up was lost")
            self.poll()
            return
        alive = [process for process in self.processes if process.alive]
        if alive:
            self._chance.choice(alive).wake()

    def poll(self) -> None:
        """The poll, once a second, is the net under every wake-up that is lost."""
        for process in self.processes:
            self.agenda.after(1.0, process.wake)

    def clock_is_wrong(self) -> None:
        """From here on what the clock shows proves nothing, in this whole night."""
        self._clock_is_wrong = self._promises.clock_was_wrong = True

    def somebody_withdraws(self) -> None:
        """Somebody leaves, rests or stops a way, most likely while they are being asked."""
        members = [member.person for circle in self.scenario.circles for member in circle.members]
        supporter = self._supporters[self._chance.choice(members)]
        self.do(supporter.withdraws)

    # ------------------------------------------------------------------ what everybody needs

    def dies_now(self) -> bool:
        """Whether the process whose step comes now dies before it."""
        self.history.steps += 1
        if self.history.steps > STEPS_MAX:
            self.breaks("it never ends: work makes work")
        if self.history.steps == self._kill_at:
            return True
        often = self.weather.trouble.get("killed", 0.0)
        return often > 0 and self._chance.random() < often * KILLED_OF_STEPS

    def note(self, goal: str) -> None:
        """Something worth counting happened."""
        self.history.goals[goal] += 1
        if self.check_in is not None:
            self.check_in.noted(goal)

    def tell(self, words: str) -> None:
        """Write a line of the story."""
        if len(self.history.story) < STORY_MAX:
            passed = timedelta(seconds=round(self.clock.passed, 3))
            self.history.story.append(f"{passed!s:>15}  {words}")

    def worked(self) -> None:
        """One of the processes did something."""
        if self.check_in is not None:
            self.check_in.worked()

    def took(self, claimed: Claim | NoticeClaim) -> float:
        """How long the provider took for what was sent last."""
        return self._switchboard.took(claimed)

    def ask_of(self, message: Message) -> tuple[str, str]:
        """The call that a message speaks of, and whom it is for first; empty when there is none."""
        with self.unseen():
            row = Notification.objects.filter(pk=message.notification)
            alert, person = row.values_list("alert_id", "person_id").first() or ("", "")
            return str(alert), str(person or "")

    def do(self, action: Action, *, tries: int = 8) -> None:
        """Let somebody do something at a door; when the database is away they try again."""
        if not self._is_done(action) and tries:
            self.agenda.after(20.0, lambda: self.do(action, tries=tries - 1))
        self.look()

    def _is_done(self, action: Action) -> bool:
        """Whether whoever did it heard that it is done; what was done is another matter."""
        if not self._further.answers():
            return False
        try:
            with self._further.request():
                action()
        except Error:
            self.note("somebody met a database that was away")
            self._further.heard_an_error()
            return False
        except WebDies:
            self._further.died()
            return False
        return True

    def goes_on(self) -> None:
        """Hold it against the promise that all goes on, now that one fault is over and no other was about."""
        if not any(self.weather.trouble.get(kind) for kind in OTHER_TROUBLE):
            with self.unseen():
                self.breaks_any(self._promises.left_lying(self.clock.now()))
            self.note("all went on after a full disk")

    def is_hopeless(self, alert: str) -> bool:
        """Whether nobody is left who could be asked in this call."""
        with self.unseen():
            return not self._promises.somebody_can_be_asked(Alert.objects.get(pk=alert))

    def lease_of(self, claimed: Claim) -> str:
        """The lease that somebody holds on what was claimed; empty when nobody does."""
        held = "SELECT lease_token FROM notification WHERE id = ? AND status = 'leased'"
        return next((token for (token,) in database.glance(held, claimed.notification)), "")

    def settled(self, claimed: Claim) -> None:
        """What came of one send is written down."""
        with self.unseen():
            self.breaks_any(self._promises.after_a_settle(claimed.notification, self.clock.now()))

    def breaks(self, wrong: str) -> None:
        """A promise is broken."""
        self.breaks_any(iter([wrong]))

    def look(self) -> None:
        """Hold what is kept against what is promised."""
        with self.unseen():
            now = None if self._clock_is_wrong else self.clock.now()
            self.breaks_any(self._promises.after_a_step(self.clock.passed, now))
            if self.check_in is not None:
                self.check_in.look()
            is_well = not self.weather.trouble and self.clock.passed - self._well_since > SETTLES_SECONDS
            if is_well and self.history.steps % LOOK_EVERY == 0:
                self.breaks_any(self._promises.left_lying(self.clock.now()))

    @contextmanager
    def unseen(self) -> Iterator[None]:
        """The simulator's own look at the tables meets no fault."""
        self._looking, before = True, self._looking
        try:
            yield
        finally:
            self._looking = before

    def breaks_any(self, found: Iterator[str]) -> None:
        """Promises were looked at; what is *found* broken is written down."""
        for wrong in found:
            if wrong not in self.history.violations:
                self.history.violations.append(wrong)
                self.tell(f"BROKEN: {wrong}")

    def delivery_of(self, attempt: str) -> Delivery | None:
        """In which hands an attempt is."""
        held = (delivery for process in self.processes for delivery in process.deliveries)
        return next((delivery for delivery in held if delivery.claimed.attempt == attempt), None)
