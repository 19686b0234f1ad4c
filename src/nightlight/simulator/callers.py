"""Made-up callers: who press twice, change their mind, end a call, take somebody out, and look at their page."""

from collections.abc import Mapping
from contextlib import suppress
from random import Random

from nightlight.engine.events import EndedBy
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.intake import alert as calls
from nightlight.intake import arranging
from nightlight.simulator.agenda import Action
from nightlight.simulator.house import House
from nightlight.simulator.scenario import NAMES, Arranged, Resident
from nightlight.store.members import NoSuchMember
from nightlight.store.models import Alert
from nightlight.store.queries import open_alert_of


class Caller:
    """Somebody who calls their circle, and looks at their page now and then."""

    def __init__(
        self, house: House, arranged: Arranged, chance: Random, people: Mapping[PersonId, Resident]
    ) -> None:
        self._circle = arranged
        self._people: Mapping[str, Resident] = {str(person): each for person, each in people.items()}
        self.id = arranged.caller
        self.name = NAMES[arranged.caller]
        self.calls = 0
        self._house = house
        self._chance = chance
        self._is_calm = False

    def becomes_calm(self) -> None:
        """From now on they say what is so, and end a call once they are in touch, or when nobody is left."""
        self._is_calm = True

    def begins(self) -> None:
        """They call for the first time, and look at their page from then on."""
        self.call()
        self.watches()

    def watches(self) -> None:
        """They look at their page now and then."""
        self._house.agenda.after(60.0, self._looks)

    def rearranges(self, chance: Random) -> None:
        """They take somebody out of their circle, or never want to reach them again, most likely in a call."""
        out = {member for caller, member in self._house.truth.left if caller == self.id}
        left = [member.person for member in self._circle.members if member.person not in out]
        if left:
            member, how = chance.choice(left), chance.choice((self._takes_out, self._keeps_away, self._bars))
            how(member)

    def _takes_out(self, member: str) -> None:
        self._house.tell(f"{self.name} takes {NAMES[member]} out of the circle")

        def press() -> None:
            with suppress(NoSuchMember):
                arranging.remove(self.id, member, self._house.clock.now(), tell=False)
            self._is_out(member)

        self._house.do(press)
        self._house.note("a member was taken out by the caller")

    def _keeps_away(self, member: str) -> None:
        self._house.tell(f"{self.name} never wants {NAMES[member]} to be reached")

        def press() -> None:
            arranging.keep_member_away(self.id, member, self._house.clock.now())
            self._is_out(member)

        self._house.do(press)
        self._house.note("a member is never contacted any more")

    def _bars(self, member: str) -> None:
        """By a number or mail of theirs, which another may share. A device has no address that anybody types."""
        address = next(way.address for way in self._people[member].ways if way.channel != "push")
        self._house.tell(f"{self.name} bars an address of {NAMES[member]}")

        def press() -> None:
            arranging.keep_away(self.id, address, self._house.clock.now())
            for person, resident in self._people.items():
                if address in {way.address for way in resident.ways}:
                    self._is_out(person)

        self._house.do(press)
        self._house.note("an address is never contacted any more")

    def _is_out(self, member: str) -> None:
        self._house.truth.left.setdefault((self.id, member), self._house.clock.passed)

    def call(self) -> None:
        """They press "I need someone"."""
        need = self._chance.choice(list(Need))
        self._house.tell(f"{self.name} calls ({need.value})")

        def press() -> None:
            try:
                raised = calls.call(self.id, need, self._house.clock.now())
            except calls.NotPossible:
                self._house.note("nobody was left to call")
                return
            self._house.truth.raised.add(raised.alert_id)
            self.calls += raised.is_new
            if not raised.is_new:
                self._house.note("a call joined the one that was open")

        self._house.do(press)
        if self._chance.random() < 0.1:
            self._house.do(press)

    def _looks(self) -> None:
        self._house.do(self._sees, tries=0)
        wait = 120.0 if self._is_calm else self._chance.uniform(60, 900)
        self._house.agenda.after(wait, self._looks)

    def _sees(self) -> None:
        alert = open_alert_of(self.id)
        if alert is not None:
            status = Alert.objects.values_list("status", flat=True).get(pk=alert)
            self._says(alert, AlertStatus(status))
        elif not self._is_calm and self._chance.random() < 0.1:
            self.call()

    def _says(self, alert: str, status: AlertStatus) -> None:
        lot = self._chance.random()
        if status is AlertStatus.IN_CONTACT:
            if self._is_calm or lot < 0.3:
                self._ends(alert)
            elif lot < 0.4:
                self._still_needs(alert)
        elif status is AlertStatus.ACKNOWLEDGED:
            if self._is_calm or lot < 0.4:
                self._in_touch(alert)
            elif lot < 0.5:
                self._still_needs(alert)
        elif self._is_calm and self._house.is_hopeless(alert):
            self._ends(alert)
        elif not self._is_calm and lot < 0.25:
            self._changes(alert)

    def _changes(self, alert: str) -> None:
        match self._chance.randrange(5):
            case 0:
                self._ends(alert)
            case 1:
                self.call()
            case 2:
                self._still_needs(alert)
            case 3:
                need = self._chance.choice(list(Need))
                self._house.tell(f"{self.name} needs something else ({need.value})")
                self._speaks(alert, lambda: calls.change_need(alert, need, self._house.clock.now()))
            case _:
                self._in_touch(alert, named=False)

    def _still_needs(self, alert: str) -> None:
        self._house.tell(f"{self.name} still needs someone")
        self._speaks(alert, lambda: calls.still_needed(alert, self._house.clock.now()))

    def _speaks(self, alert: str, action: Action) -> None:
        def press() -> None:
            action()
            self._house.truth.spoke.add(alert)

        self._house.do(press)

    def _in_touch(self, alert: str, *, named: bool = True) -> None:
        state = Alert.objects.values_list("state", flat=True).get(pk=alert) or {}
        taker = (state.get("hold") or {}).get("taker") if named else None
        self._house.tell(f"{self.name} is in touch with {NAMES.get(taker or '', 'somebody')}")
        self._house.truth.callers_word.add(alert)
        self._speaks(alert, lambda: calls.in_touch(alert, self._house.clock.now(), person=taker))

    def _ends(self, alert: str) -> None:
        by = EndedBy.HOST if self._chance.random() < 0.1 else EndedBy.CALLER
        self._house.tell(f"{self.name if by is EndedBy.CALLER else 'The host'} ends the call of {self.name}")
        self._house.truth.may_end.add(alert)
        reason = "rang the desk" if by is EndedBy.HOST else ""
        self._house.do(lambda: calls.resolve(alert, by, self._house.clock.now(), reason=reason))
