"""A night's check-in as it is lived: reminders that arrive, signs of life by every door, and our own outages."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from random import Random
from typing import Any, Protocol

from nightlight.channels.base import Message
from nightlight.engine.checkin import By, How
from nightlight.intake import checkin
from nightlight.intake.key import take_key
from nightlight.intake.reply import take_text
from nightlight.simulator.agenda import Action
from nightlight.simulator.check_ins_drawn import RULE, Agreed, Plan
from nightlight.simulator.checks_check_in_words import WordPromises
from nightlight.simulator.checks_check_ins import CheckInPromises
from nightlight.simulator.house import House
from nightlight.simulator.noticing import NoticeDelivery
from nightlight.simulator.providers import Handed, Weather
from nightlight.simulator.scenario import NAMES, Scenario
from nightlight.simulator.workers import DiesHere, SimulatedProcess
from nightlight.store import check_ins
from nightlight.store.models import CheckIn, Notice, Person
from nightlight.store.notices import NoticePurpose

DISTURBING = frozenset(
    {
        "a worker was killed",
        "a process was held up",
        "the database was away",
        "a round met a database that was away",
        "a delivery met a database that was away",
        "somebody met a database that was away",
        "a clock was set back",
        "a clock was set forward",
        "everything was down for a while",
        "a rule broke",
        "a wake-up was lost",
        "a worker was killed while a miss was being kept",
    }
)
"""What, having happened a moment ago, excuses that something is late."""
DIES_IN_A_MISS = 0.4
QUERIES_OF_A_MISS = 12
DOWN_AGAIN_SECONDS = 60.0
AGAIN_SHARE = 0.5
"""How often somebody who said late that they are not OK says later that they are."""
_LINK = re.compile(r"/c/([\w-]+)")
_KEY = re.compile(r"If you are all right, press (\d)\.")


class World(House, Protocol):
    """What this needs of the world."""

    scenario: Scenario
    weather: Weather
    processes: list[SimulatedProcess]

    def unseen(self) -> AbstractContextManager[None]:
        """What is done here meets no fault."""
        ...

    def breaks_any(self, found: Any) -> None:
        """Promises were looked at; what is *found* broken is written down."""
        ...


class CheckInLived:
    """One check-in of one night."""

    def __init__(self, world: World, agreed: Agreed, chance: Random) -> None:
        self._world = world
        self._agreed = agreed
        self._chance = chance
        self._name = NAMES[agreed.person]
        self._own = world.scenario.people[agreed.person]
        self._key = ""
        self._comes = agreed.plan in (Plan.IN_TIME, Plan.LATE)
        self._has_read = False
        self._queries_left = -1
        self.promises = CheckInPromises(agreed, world.scenario, world.truth, world.note)
        self._words = WordPromises(agreed, world.scenario, world.truth, self.promises)

    # ------------------------------------------------------------------ the course of it

    def begin(self) -> None:
        """Write down what was agreed, and let the night take its course."""
        agreed = self._agreed
        row = CheckIn.objects.create(
            id=agreed.id,
            circle_id=agreed.person,
            key=agreed.id,
            rule=RULE,
            at=agreed.at,
            starts_on=agreed.on,
            grace=agreed.grace,
            remind=list(agreed.remind),
            on_miss=agreed.on_miss,
            need=agreed.need,
            created_at=self._world.scenario.start,
        )
        row.told.set(Person.objects.filter(pk__in=agreed.told))
        self._key = check_ins.new_machine_key(row.pk)
        checkin.switch_on(row.pk, self._world.scenario.start)
        self._world.tell(f"{self._name} is to check in at {agreed.at:%H:%M}; a miss means: {agreed.on_miss}")
        due = (agreed.due - self._world.scenario.start).total_seconds()
        if self._comes:
            self._world.agenda.after(
                due + agreed.comes_after, lambda: self._says(agreed.how, self._door(agreed.how))
            )
        if agreed.outage is not None:
            begins = due - agreed.outage.before
            self._world.agenda.after(begins, lambda: self._goes_away(begins + agreed.outage.lasts))  # type: ignore[union-attr]

    def _goes_away(self, until: float) -> None:
        """Nobody of ours is there until then; whoever was dead already is not started meanwhile either."""
        seconds = until - self._world.clock.passed
        if seconds <= 0 or not self._world.weather.trouble:
            return
        for process in self._world.processes:
            if process.alive:
                process.die(seconds)
        self._world.note("everything was down for a while")
        self._world.agenda.after(DOWN_AGAIN_SECONDS, lambda: self._goes_away(until))

    def look(self) -> None:
        """Hold what is kept against what is promised."""
        self._world.breaks_any(self.promises.after_a_step())

    def worked(self) -> None:
        """One of ours did something."""
        if self.promises.worked(self._world.clock.passed):
            with self._world.unseen():
                running = CheckIn.objects.filter(pk=self._agreed.id, window_deadline__isnull=False)
                if running.exists():
                    self._world.note("our outage fell into the time of a check-in")

    def noted(self, goal: str) -> None:
        """Something happened in this world."""
        if goal in DISTURBING:
            self.promises.disturbed_at = self._world.clock.passed
        if goal.startswith("a clock was set"):
            self.promises.clock_was_wrong = True

    # ------------------------------------------------------------------ dying in the middle of a miss

    def fatal(self, miss: Callable[..., None]) -> Callable[..., None]:
        """*miss*, in which now and then the process that keeps it dies."""

        def missed(*arguments: Any) -> None:
            if self._world.weather.trouble and self._chance.random() < DIES_IN_A_MISS:
                self._queries_left = self._chance.randrange(QUERIES_OF_A_MISS)
            try:
                miss(*arguments)
            finally:
                self._queries_left = -1

        return missed

    def before_a_query(self) -> None:
        """Die here, if it is to be."""
        if self._queries_left < 0:
            return
        self._queries_left -= 1
        if self._queries_left < 0:
            self._world.note("a worker was killed while a miss was being kept")
            raise DiesHere

    # ------------------------------------------------------------------ what goes out, and arrives

    def handed(self, handed: Handed) -> bool:
        """A provider was handed a message; whether it is one outside calls."""
        delivery = self._delivery_of(handed.message.attempt)
        # What belongs to a call is in other hands.
        row = self._notice(handed.message) if delivery is not None else None
        if row is None or delivery is None:
            return False
        took = "taken" if handed.taken else "not taken"
        self._world.tell(f"{row.purpose} to {row.person_id} by {handed.kind}: {took}")
        self._world.breaks_any(self._words.at_a_send(handed, row, delivery, self._world.clock.now()))
        return True

    def _delivery_of(self, attempt: str) -> NoticeDelivery | None:
        hands = (process.hands for process in self._world.processes if process.hands is not None)
        held = (delivery for each in hands for delivery in each.deliveries)
        return next((delivery for delivery in held if delivery.claimed.attempt == attempt), None)

    def _notice(self, message: Message) -> Notice | None:
        return Notice.objects.filter(pk=message.notification).first()

    def arrives(self, message: Message) -> bool:
        """A message reached somebody; whether it is one outside calls."""
        row = self._notice(message)
        if row is None:
            return False
        link = _LINK.search(f"{message.text}\n{message.link}")
        is_reminder = row.purpose == NoticePurpose.CHECK_IN and row.person_id == self._agreed.person
        if is_reminder and link is not None and self._wants_to_come():
            token = link[1]
            self._world.agenda.after(
                self._agreed.comes_after, lambda: self._says(self._agreed.how, "link", token)
            )
        return True

    def _wants_to_come(self) -> bool:
        if self._agreed.plan is not Plan.WHEN_REMINDED or self._has_read:
            return False
        self._has_read = self._chance.random() < 0.7
        return self._has_read

    def rings(self, message: Message) -> bool | None:
        """Whether somebody picks up and hears it out, or presses what was announced; None for a call's message."""
        row = self._notice(message)
        if row is None:
            return None
        if message.spoken is None or not message.spoken.waits_for_key:
            return self._chance.random() < 0.5
        if self._chance.random() < 0.3:
            self._presses(message, "1", How.OK, is_heard=False)
            return False
        key = next((found[1] for each in message.spoken.said if (found := _KEY.search(each))), None)
        if key is None or not self._wants_to_come():
            return False
        self._presses(message, key, How.OK, is_heard=True)
        return True

    # ------------------------------------------------------------------ signs of life

    def _door(self, how: How) -> str:
        doors = ["page", "text"] if any(way.channel == "sms" for way in self._own.ways) else ["page"]
        return self._chance.choice([*doors, "machine"] if how is How.OK else doors)

    def _says(self, how: How, door: str, token: str = "") -> None:
        self._world.tell(f"{self._name} checks in by {door}: {how}")
        self._sign(how, lambda: self._comes_in(how, door, token))
        if how is How.NOT_OK and self._chance.random() < AGAIN_SHARE:
            after = self._chance.uniform(60, 900)
            self._world.agenda.after(after, lambda: self._says(How.OK, "page"))

    def _comes_in(self, how: How, door: str, token: str) -> None:
        now = self._world.clock.now()
        if door == "text":
            number = next(way.address for way in self._own.ways if way.channel == "sms")
            word = "ok" if how is How.OK else "not ok"
            self._world.note(f"a text was taken for: {take_text('sms', number, word, now)}")
        elif door == "machine":
            checkin.take_from_machine(self._key, now)
        else:
            found = check_ins.with_token(token) if token else self._agreed.id
            checkin.take(found or "", how, By.PAGE, now)

    def _presses(self, message: Message, key: str, how: How, *, is_heard: bool) -> None:
        def press() -> None:
            self._world.tell(f"{key} is pressed on the phone of {self._name}")
            if is_heard:
                self._sign(how, take)
            else:
                self._world.do(take)

        def take() -> None:
            taken = take_key(message.attempt, key, self._world.clock.now())
            self._world.note(f"a key was taken for: {taken.taken_for}")

        self._world.agenda.after(self._chance.uniform(5, 20), press)

    def _sign(self, how: How, comes_in: Action) -> None:
        """A sign of life at a door; what it has to lead to is looked at with what it led to."""

        def press() -> None:
            now = self._world.clock.now()
            with self._world.unseen():
                self.promises.before_a_sign(how, now)
            try:
                comes_in()
            except BaseException:
                self.promises.nothing_was_said()
                raise
            if how is How.OK or not self.promises.has_missed:
                self._words.heard_at = self._world.clock.passed

        self._world.do(press)

    def is_over(self) -> bool:
        """Whether nothing is owed any more just now."""
        return self.promises.is_over(self._world.clock.now() - timedelta(seconds=1))
