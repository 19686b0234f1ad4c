"""What the people of the years do: signs of life by every door, early, in time and late, and calls of their own."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import Error

from nightlight.channels.base import Message
from nightlight.engine.checkin import By, How, Window
from nightlight.engine.events import EndedBy
from nightlight.engine.needs import Need
from nightlight.intake import alert as calls
from nightlight.intake import checkin
from nightlight.intake.answer import Saying, say
from nightlight.intake.checkin import Taken
from nightlight.simulator import database
from nightlight.simulator.years_people import COMES, LATE, Agreed
from nightlight.store.check_ins import Schedule
from nightlight.store.models import Notice

if TYPE_CHECKING:
    from nightlight.simulator.years_world import Years

EARLIEST = timedelta(hours=5, minutes=30)
"""A sign of life counts up to six hours before it is due."""
AGAIN_SECONDS = 20.0


class Visits:
    """What the people of one world do."""

    def __init__(self, world: "Years") -> None:
        self._world = world
        self._heard: list[str] = []
        """For which check-ins the sign of life at hand was taken in."""
        self._queued: list[Callable[[], None]] = []

    def owes(self, agreed: Agreed) -> None:
        """Something else is owed now: the person makes up their mind about it."""
        owed = agreed.owed
        if owed is None:
            return
        chance = self._world.chance
        plan = agreed.plan(chance)
        if plan == COMES:
            early = chance.random() < 0.4
            within = -EARLIEST * chance.random() if early else agreed.grace * (0.85 * chance.random())
            how = How.NOT_OK if chance.random() < 0.08 else How.OK
        elif plan == LATE:
            within = agreed.grace + timedelta(minutes=chance.uniform(5, 400))
            how = How.NOT_OK if chance.random() < 0.2 else How.OK
        else:
            return
        seconds = (owed.due + within - self._world.start).total_seconds() - self._world.clock.passed
        self._world.agenda.after(
            seconds, lambda: self._comes_if_still_owed(agreed, owed.on, how, is_late=plan == LATE)
        )

    def _comes_if_still_owed(self, agreed: Agreed, on: date, how: How, *, is_late: bool) -> None:
        still = agreed.is_on and agreed.owed is not None and agreed.owed.on == on
        if still or (is_late and agreed.missing):
            self.comes(agreed, how)

    def comes(self, agreed: Agreed, how: How) -> None:
        """A sign of life, by one of the doors; when we are away it waits in the person's phone."""
        if self._world.faults.is_out:
            self._queued.append(partial(self.comes, agreed, how))
            return
        door = self._world.chance.choice(("page", "text", "machine"))
        self._heard = []
        is_taken = self._is_taken(agreed, how, door, self._world.clock.now())
        self._world.tell(f"{agreed.id}: {how} by {door}" + ("" if is_taken else ", and the database is away"))
        self._world.look(self._heard, how)
        if is_taken:
            self._world.note("signs of life")
            self._world.round()
        else:
            self._world.agenda.after(AGAIN_SECONDS, lambda: self.comes(agreed, how))

    def _is_taken(self, agreed: Agreed, how: How, door: str, now: datetime) -> bool:
        try:
            if door == "machine" and how is How.OK:
                checkin.take_from_machine(agreed.key, now)
            elif door == "text":
                checkin.take_from_person(agreed.person, how, By.TEXT, now)
            else:
                checkin.take(agreed.id, how, By.PAGE, now)
        except Error:
            return False
        return True

    def is_back(self) -> None:
        """We are there again: what waited in phones comes in."""
        waiting, self._queued = self._queued, []
        for each in waiting:
            self._world.agenda.after(self._world.chance.uniform(0.01, 120), each)

    def handed(self, channel: str, message: Message) -> None:
        """A provider took a message; whoever means to come does so now, when it reminds them."""
        with self._world.unseen():
            check_in = (
                Notice.objects.filter(pk=message.notification, purpose="check_in")
                .values_list("check_in_id", flat=True)
                .first()
            )
        agreed = self._world.agreed.get(check_in or "")
        if agreed is None or agreed.owed is None or agreed.owed.due > self._world.clock.now():
            return
        agreed.reminded.append((self._world.clock.passed, channel))
        self._world.note("reminders")
        if agreed.plan(self._world.chance) == COMES:
            on = agreed.owed.on
            seconds = self._world.chance.uniform(0.05, 0.4) * agreed.grace.total_seconds()
            self._world.agenda.after(
                seconds, lambda: self._comes_if_still_owed(agreed, on, How.OK, is_late=False)
            )

    def calls(self, person: str) -> None:
        """Somebody calls their circle themself."""
        self._world.oracle.may_begin.add(person)
        self._world.try_to(lambda: calls.call(person, Need.TALK, self._world.clock.now()))
        self._world.note("calls by the person")

    def after_a_call(self, person: str) -> None:
        """Somebody may take it, and the person ends it some hours later."""
        if self._world.chance.random() < 0.4:
            self._world.agenda.after(200, lambda: self._answers(person))
        self._world.agenda.after(self._world.chance.uniform(600, 8 * 3600), lambda: self.ends(person))

    def _answers(self, person: str) -> None:
        call = self.call_of(person)
        if call:
            self._world.try_to(lambda: say(call, "sam", Saying.YES, self._world.clock.now()))

    def ends(self, person: str) -> None:
        """The person ends their call, if one is open."""
        call = self.call_of(person)
        if call and not self._world.faults.is_out:
            self._world.oracle.may_end.add(call)
            self._world.try_to(lambda: calls.resolve(call, EndedBy.CALLER, self._world.clock.now()))
        if self.call_of(person):
            self._world.agenda.after(1800, lambda: self.ends(person))

    def call_of(self, person: str) -> str:
        """The open call of *person*; empty when there is none."""
        with self._world.unseen():
            found = database.look(
                "SELECT id FROM alert WHERE status <> 'resolved' AND person_id = %s", person
            )
        return found[0][0] if found else ""

    def noting(self, taking: Callable[..., Taken | None]) -> Callable[..., Taken | None]:
        """For which check-ins a sign of life was taken in; a database that is away may let in some of them."""

        def taken(found: tuple[Schedule, Window | None] | None, *rest: Any) -> Taken | None:
            done = taking(found, *rest)
            if found is not None:
                self._heard.append(found[0].id)
            return done

        return taken
