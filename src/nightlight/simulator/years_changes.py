"""What people change in the years: they move, travel across the date line, go away, switch off and on again."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from nightlight.engine.checkin import Excuse
from nightlight.intake import checkin
from nightlight.simulator.years_calendar import zone_with_change_near, zones
from nightlight.simulator.years_people import TIMES, Agreed, Inhabitant
from nightlight.store.models import CheckIn, Person, Quiet

if TYPE_CHECKING:
    from nightlight.simulator.years_world import Years

DAY_SECONDS = 86_400.0
CHANGES_EVERY_DAYS = 6.0
LOOKED_AT = 40
"""So many zones are looked at for one in which a clock is about to be changed."""
DATE_LINE = (
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Pacific/Apia",
    "Pacific/Honolulu",
    "Pacific/Auckland",
)


class Changes:
    """The changes of one world."""

    def __init__(self, world: "Years") -> None:
        self._world = world
        self._chance = world.chance_of("changes")

    def plan(self) -> None:
        """Put down who changes something when."""
        for person in self._world.people.values():
            at = 0.0
            while (
                at := at + self._chance.expovariate(1 / CHANGES_EVERY_DAYS) * DAY_SECONDS
            ) < self._world.seconds:
                self._world.agenda.after(at, self._one(person))

    def _one(self, person: Inhabitant) -> Callable[[], None]:
        drawn = self._chance.random()
        agreed = self._chance.choice(person.check_ins)
        for share, change in (
            (0.60, lambda: self._moves(person)),
            (0.72, lambda: self._goes_away(agreed)),
            (0.78, lambda: self._comes_home(agreed)),
            (0.86, lambda: self._another_time(agreed)),
            (0.91, lambda: self._off_and_on(agreed)),
            (0.94, lambda: self._quiet(person)),
        ):
            if drawn < share:
                return lambda: self._if_all_is_well(change)
        return lambda: self._world.visits.calls(person.id)

    def _if_all_is_well(self, change: Callable[[], None]) -> None:
        """A change of mind can wait for a day on which our clock is right."""
        if not self._world.faults.is_out and not self._world.clock_is_wrong:
            change()

    def _changed(self, agreed: Agreed) -> None:
        """What runs, runs on; what lies ahead is counted anew."""
        now = self._world.clock.now()
        agreed.since = now
        if agreed.owed is None or agreed.owed.due > now:
            self._world.begins(agreed)

    def _moves(self, person: Inhabitant) -> None:
        zone = self._another_zone()

        def move() -> None:
            with transaction.atomic():
                Person.objects.filter(pk=person.id).update(time_zone=zone)
                checkin.moved(person.id, self._world.clock.now())
            person.zone = zone
            for agreed in person.check_ins:
                if agreed.is_on:
                    self._changed(agreed)

        self._world.tell(f"{person.id} moves from {person.zone} to {zone}")
        self._do(move, "moves")

    def _another_zone(self) -> str:
        drawn = self._chance.random()
        if drawn < 0.15:
            return self._chance.choice(DATE_LINE)
        some = self._chance.sample(zones(), LOOKED_AT)
        near = zone_with_change_near(self._world.clock.now(), some, 8) if drawn < 0.7 else None
        return near or some[0]

    def _another_time(self, agreed: Agreed) -> None:
        at = self._chance.choice(TIMES)

        def change() -> None:
            with transaction.atomic():
                CheckIn.objects.filter(pk=agreed.id).update(at=at)
                checkin.changed(agreed.id, self._world.clock.now())
            agreed.at = at
            if agreed.is_on:
                self._changed(agreed)

        self._world.tell(f"{agreed.id} is at {at} from now on")
        self._do(change, "changes of time")

    def _goes_away(self, agreed: Agreed) -> None:
        now = self._world.clock.now()
        until = now + timedelta(hours=self._chance.uniform(2, 24 * 9))
        why = self._chance.choice((Excuse.AWAY, Excuse.PHONE))

        def go() -> None:
            checkin.pause(agreed.id, why, until, now)
            agreed.paused_at, agreed.paused_until = now, until

        self._world.tell(f"{agreed.id}: {why} until {until:%Y-%m-%d %H:%M}")
        self._do(go, "pauses")

    def _comes_home(self, agreed: Agreed) -> None:
        def end() -> None:
            checkin.end_pause(agreed.id, self._world.clock.now())
            agreed.paused_at = agreed.paused_until = None

        self._do(end, "pauses ended")

    def _off_and_on(self, agreed: Agreed) -> None:
        def turn() -> None:
            now = self._world.clock.now()
            if agreed.is_on:
                checkin.switch_off(agreed.id, now)
                agreed.is_on, agreed.owed, agreed.since = False, None, now
                self._world.agenda.after(
                    self._chance.uniform(600, 9 * DAY_SECONDS), lambda: self._on_again(agreed)
                )

        self._world.tell(f"{agreed.id} is switched off")
        self._do(turn, "switched off")

    def _on_again(self, agreed: Agreed) -> None:
        if self._world.faults.is_out or self._world.clock_is_wrong:
            self._world.agenda.after(DAY_SECONDS, lambda: self._on_again(agreed))
            return

        def turn() -> None:
            checkin.switch_on(agreed.id, self._world.clock.now())
            agreed.is_on = True
            self._world.begins(agreed)

        self._world.tell(f"{agreed.id} is switched on")
        if not self._do(turn, "switched on"):
            self._world.agenda.after(600, lambda: self._on_again(agreed))

    def _quiet(self, person: Inhabitant) -> None:
        def turn() -> None:
            now = self._world.clock.now()
            if person.is_quiet:
                Quiet.objects.filter(person_id=person.id, ended_at=None).update(
                    ended_at=now, ended_by="person"
                )
            else:
                Quiet.objects.create(person_id=person.id, since=now, by="person")
            person.is_quiet = not person.is_quiet
            person.quiet_changed = now

        if self._do(turn, "one switch") and person.is_quiet:
            self._world.agenda.after(
                self._chance.uniform(600, 6 * DAY_SECONDS), lambda: self._talks_again(person)
            )

    def _talks_again(self, person: Inhabitant) -> None:
        if self._world.faults.is_out or self._world.clock_is_wrong:
            self._world.agenda.after(DAY_SECONDS, lambda: self._talks_again(person))
        elif person.is_quiet:
            self._quiet(person)

    def _do(self, change: Callable[[], None], what: str) -> bool:
        done = self._world.try_to(change)
        self._world.note(what if done else "changes that met a database that was away")
        return done
