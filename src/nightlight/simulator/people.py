"""Made-up supporters, who sleep, answer late, twice or by the wrong word, leave, and go quiet after a yes.

They know only what reached them: links and digits are read out of the words of a message.
"""

import re
from datetime import timedelta
from random import Random

from nightlight.channels.base import Message
from nightlight.engine.effects import Purpose
from nightlight.intake.answer import Saying, say
from nightlight.intake.channels import kinds_on
from nightlight.intake.reply import take_text
from nightlight.simulator.agenda import Action
from nightlight.simulator.house import House
from nightlight.simulator.scenario import NAMES, Arranged, Habits, Resident
from nightlight.store import withdrawals
from nightlight.store.access import find_notification
from nightlight.store.models import Alert, Membership, Notification
from nightlight.store.races import racing

LINK = re.compile(r"/a/([\w-]+)")
DIGITS = re.compile(r"\b\d{6}\b")
WILLING = Habits(reads=1, yes=1, no=0, quiet=0, by_text=0.3, odd=0, seconds=(5.0, 60.0))
"""How everybody is once the faults are over, so that a call can end."""
ASKS = frozenset({Purpose.ASK, Purpose.REOPENED})
GARBAGE = ("", "ok??", "who is this", "YES YES 12", "\u2764", "maybe later", "0" * 400, "yes", "no")


class Supporter:
    """One person who may be asked, in whatever circles."""

    def __init__(
        self, house: House, resident: Resident, chance: Random, callers: tuple[Arranged, ...]
    ) -> None:
        self.resident = resident
        self.habits = resident.habits
        self.name = NAMES[resident.id]
        self._house = house
        self._chance = chance
        self._circles = callers
        self._looked: set[tuple[str, int]] = set()

    def becomes_willing(self) -> None:
        """From now on they answer whatever reaches them."""
        self.habits = WILLING
        self._looked.clear()

    def reads(self, message: Message, kind: str) -> None:
        """A message arrived at an address of theirs."""
        row = Notification.objects.filter(pk=message.notification).first()
        link = self._own_link(message)
        if row is None or link is None or row.purpose not in ASKS:
            return
        key = (row.alert_id, row.message)
        if key in self._looked or self._chance.random() >= self.habits.reads:
            return
        self._looked.add(key)
        delay = self._chance.uniform(*self.habits.seconds)
        self._later(delay, lambda: self._reacts(row.alert_id, link, kind, message))
        if self._chance.random() < self.habits.odd:
            self._later(delay * self._chance.uniform(0.2, 3), lambda: self._odd(row.alert_id, link, message))

    def _own_link(self, message: Message) -> str | None:
        """The link that is theirs: a message to a shared address has one for each of its readers."""
        now = self._house.clock.now()
        for token in LINK.findall(f"{message.text}\n{message.link}"):
            found = find_notification(token, now)
            if found is not None and found.person == self.resident.id:
                return str(token)
        return None

    def _later(self, seconds: float, action: Action) -> None:
        self._house.agenda.after(seconds, action)

    def _reacts(self, alert: str, link: str, kind: str, message: Message) -> None:
        lot = self._chance.random()
        if lot < self.habits.yes:
            self._answers(alert, link, kind, message, Saying.YES)
            if self._chance.random() >= self.habits.quiet:
                self._later(self._chance.uniform(30, 900), lambda: self._goes_on(alert, link))
        elif lot < self.habits.yes + self.habits.no:
            self._answers(alert, link, kind, message, Saying.NO)

    def _answers(self, alert: str, link: str, kind: str, message: Message, saying: Saying) -> None:
        digits = self._own_digits(message)
        if kind == "sms" and digits and self._chance.random() < self.habits.by_text:
            word = digits if saying is Saying.YES else f"{digits} no"
            self._texts(alert, word, saying is Saying.YES)
        else:
            self._presses(alert, link, saying)

    def _own_digits(self, message: Message) -> str:
        """The digits that are theirs: a text to two people who share a telephone names each before their own."""
        own = re.search(rf"^{self.name}: .*?(\d{{6}})", message.text, re.MULTILINE)
        found = DIGITS.findall(message.text)
        return own[1] if own else found[0] if found else ""

    def _presses(self, alert: str, link: str, saying: Saying) -> None:
        self._house.tell(f"{self.name} presses {saying.value}")
        if saying is Saying.YES:
            self._house.truth.yes.add((alert, self.resident.id))

        def press() -> None:
            now = self._house.clock.now()
            found = find_notification(link, now)
            if found is not None:
                said = say(found.alert, found.person, saying, now)
                if said.advanced.refused:
                    self._house.note(f"refused: {said.advanced.refused}")

        self._house.do(press)

    def _texts(self, alert: str, text: str, is_yes: bool) -> None:
        number = next((way.address for way in self.resident.ways if way.channel == "sms"), None)
        if number is None:
            return
        self._house.tell(f"{self.name} texts {text[:12]!r}")
        if is_yes:
            self._house.truth.yes.add((alert, self.resident.id))

        def text_in() -> None:
            taken_for = take_text("sms", number, text, self._house.clock.now())
            self._house.note(f"a text was taken for: {taken_for}")

        self._house.do(text_in)

    def _goes_on(self, alert: str, link: str) -> None:
        self._house.do(lambda: self._does_next(alert, link), tries=0)

    def _does_next(self, alert: str, link: str) -> None:
        """After a yes: more time, in touch, handed over, taken back."""
        saying = self._chance.choice(
            (Saying.IN_CONTACT, Saying.IN_CONTACT, Saying.RENEW, Saying.HAND_ON, Saying.UNDO)
        )
        if self.habits is WILLING:
            saying = Saying.RENEW
        row = Alert.objects.filter(pk=alert).values_list("state", flat=True).first() or {}
        if (row.get("hold") or {}).get("taker") != self.resident.id:
            return
        self._presses(alert, link, saying)
        if saying is not Saying.HAND_ON:
            self._later(self._chance.uniform(60, 900), lambda: self._goes_on(alert, link))

    def _odd(self, alert: str, link: str, message: Message) -> None:
        digits = self._own_digits(message)
        match self._chance.randrange(11):
            case 0:
                self._presses(alert, link, Saying.YES)
                self._presses(alert, link, Saying.YES)
            case 1:
                self._presses(alert, link, Saying.UNDO)
            case 2 | 9 | 10:
                self._texts(alert, "yes", is_yes=False)
            case 3:
                self._texts(alert, f"{self._chance.randrange(10**6):06}", is_yes=False)
            case 4:
                self._texts(alert, self._chance.choice(GARBAGE), is_yes=False)
            case 5:
                self._stops()
            case 6:
                self._leaves()
            case 7:
                self._later(self._chance.uniform(2000, 9000), lambda: self._presses(alert, link, Saying.YES))
            case _:
                if digits:
                    self._texts(alert, f"{digits} no", is_yes=False)

    def withdraws(self) -> None:
        """They leave, rest or stop a way, whatever else they are doing."""
        if self._chance.random() < 0.3:
            self._stops()
        else:
            self._leaves()

    def _stops(self) -> None:
        way = next((way for way in self.resident.ways if way.channel == "sms"), None)
        if way is None:
            return
        self._house.tell(f"{self.name} texts 'STOP'")

        def text_in() -> None:
            # Only from here on: a text that met a database that is away comes again.
            taken_for = take_text("sms", way.address, "STOP", self._house.clock.now())
            self._house.note(f"a text was taken for: {taken_for}")
            if taken_for == "stopped":
                self._house.truth.stopped.setdefault(way.id, self._house.clock.passed)
                self._house.note("a way was stopped by its owner")

        self._house.do(text_in)
        if self._chance.random() < 0.5:
            self._later(self._chance.uniform(20, 1200), lambda: self._starts(way.id, way.address))

    def _starts(self, way: str, number: str) -> None:
        """They want the way back that they stopped."""
        self._house.tell(f"{self.name} texts 'START'")

        def text_in() -> None:
            if take_text("sms", number, "START", self._house.clock.now()) == "started":
                self._house.truth.stopped.pop(way, None)
                self._house.truth.taken_up_again.add(way)
                self._house.note("a way was taken up again by its owner")

        self._house.do(text_in)

    def _leaves(self) -> None:
        """They leave a circle for good, or rest from it."""
        mine = [c.caller for c in self._circles if any(m.person == self.resident.id for m in c.members)]
        caller = self._chance.choice(mine)
        if self._chance.random() < 0.5:
            self._house.tell(f"{self.name} rests from {NAMES[caller]}'s circle")
            self._house.do(lambda: self._rest(caller))
        else:
            self._house.tell(f"{self.name} leaves {NAMES[caller]}'s circle")
            self._house.do(lambda: self._leave(caller))

    def _rest(self, caller: str) -> None:
        far = self._house.clock.now() + timedelta(days=1000)
        membership = Membership.objects.filter(circle=caller, person=self.resident.id)
        membership.update(paused_until=far)
        self._house.truth.paused[caller, self.resident.id] = self._house.clock.passed
        self._house.note("a member rests")

    def _leave(self, caller: str) -> None:
        moment = withdrawals.Moment(now=self._house.clock.now(), channels_on=kinds_on())
        membership = Membership.objects.get(circle=caller, person=self.resident.id)
        if membership.ended_at is None:
            racing(lambda: withdrawals.end_member(membership, "left", moment))
            self._house.note("a member left")
        # Also who heard an error the first time, though it was kept.
        self._house.truth.left.setdefault((caller, self.resident.id), self._house.clock.passed)
