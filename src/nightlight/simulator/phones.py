"""Simulated phones: they ring, are engaged, are held by a machine, or by somebody who presses what they heard.

A provider of calls says so when nobody pressed a key that was announced; who picks a phone up knows
no more than what is spoken.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from nightlight.channels.base import Message, ReceiptStatus
from nightlight.channels.phone_keys import KEYS, Keys
from nightlight.engine.ids import PersonId
from nightlight.intake.key import take_key
from nightlight.simulator.house import House
from nightlight.simulator.people import Supporter
from nightlight.simulator.providers import Heard, SimulatedProvider
from nightlight.simulator.scenario import NAMES

RINGS_SECONDS = (15.0, 45.0)
ENGAGED = 0.15
"""The share of calls that nobody could have picked up; that is reported at once."""
MACHINES = 0.2
"""The share of pick-ups that are a voicemail's, or a machine's that screens calls and presses 1."""
REPORTED_ALL_THE_SAME = 0.3
"""The share of answered calls of which a provider says afterwards that nobody answered."""

IDS = {name: str(person) for person, name in NAMES.items()}
_OWN_KEYS = re.compile(r"(?:(\w+): )?[Ii]f you can, press (\d)\. If you can't, press (\d)\.")


class PhoneLine(SimulatedProvider):
    """A provider that rings phones."""

    def __init__(self, kind: str, number: int, *, picks_up: Callable[[Message], bool], **world: Any) -> None:
        """*picks_up* says whether somebody presses an announced key in this ring; the key comes by itself."""
        super().__init__(kind, number, **world)
        self._picks_up = picks_up

    def _take(self, message: Message, *, heard: Heard, slowly: bool = False) -> None:
        self._note(message, taken=True, heard=heard)
        if self._weather.is_bad("lost", self._chance):
            if self._chance.random() < 0.7:
                self._report(message, ReceiptStatus.FAILED)
            return
        after = self._chance.uniform(0.5, 5) + (self._chance.uniform(0, 60) if slowly else 0)
        self._agenda.after(after, lambda: self._rings(message))

    def _rings(self, message: Message) -> None:
        is_engaged = self._chance.random() < ENGAGED and not self._is_calm
        is_answered = not is_engaged and self._picks_up(message)
        if is_answered and message.spoken is not None and not message.spoken.waits_for_key:
            self._report_after(self._chance.uniform(*RINGS_SECONDS), message, ReceiptStatus.DELIVERED)
        elif not is_answered or self._chance.random() < REPORTED_ALL_THE_SAME:
            after = 0.01 if is_engaged else self._chance.uniform(*RINGS_SECONDS)
            self._report_after(after, message, ReceiptStatus.MISSED)
            if self._weather.is_bad("receipts", self._chance):
                self._report(message, self._chance.choice((ReceiptStatus.MISSED, ReceiptStatus.ACCEPTED)))

    @property
    def _is_calm(self) -> bool:
        return not self._weather.trouble


@dataclass
class Handsets:
    """Who stands where a phone rings, and what they do about it."""

    house: House
    supporters: Mapping[PersonId, Supporter]
    chance: Random

    def ring(self, message: Message) -> bool:
        """Whether somebody will press an announced key, or hears out what needs no key."""
        is_answered = False
        for one in self.supporters.values():
            if any(way.channel == "voice" and way.address == message.to for way in one.resident.ways):
                is_answered |= self._is_picked_up_by(one, message)
        return is_answered

    def _is_picked_up_by(self, supporter: Supporter, message: Message) -> bool:
        habits = supporter.habits
        if message.spoken is None or self.chance.random() >= habits.reads:
            return False
        if habits.odd and self.chance.random() < MACHINES:
            self.house.note("a machine took a call, and pressed 1")
            self._press(supporter, message, "1")
            return False
        return self._answers(supporter, message) if message.spoken.waits_for_key else True

    def _answers(self, supporter: Supporter, message: Message) -> bool:
        habits = supporter.habits
        own = self._announced(message).get(supporter.resident.id)
        if own is None:
            return False
        if self.chance.random() < habits.odd:
            self._press(supporter, message, self.chance.choice((*KEYS, "0", "#", "")))
        lot = self.chance.random()
        if lot >= habits.yes + habits.no:
            self.house.note("a phone was picked up, and nothing pressed")
            return False
        self._press(supporter, message, own.yes if lot < habits.yes else own.no)
        return True

    def _announced(self, message: Message) -> dict[str, Keys]:
        """The keys that were said to be somebody's: named where the phone is shared and both are asked."""
        _, reader = self.house.ask_of(message)
        said = message.spoken.said if message.spoken is not None else ()
        found = (found for each in said for found in _OWN_KEYS.finditer(each))
        return {IDS.get(each[1], reader): Keys(yes=each[2], no=each[3]) for each in found}

    def _press(self, supporter: Supporter, message: Message, key: str) -> None:
        alert, _ = self.house.ask_of(message)
        # A hand that fumbles may find a key that was announced, and at a shared phone that of another.
        announced = self._announced(message).items()
        pressed = {(alert, person) for person, own in announced if key in (own.yes, own.no)}
        yes = {(alert, person) for person, own in announced if key == own.yes}

        def press() -> None:
            self.house.tell(f"{supporter.name} presses {key or 'nothing'} on the phone")
            self.house.truth.pressed |= pressed
            self.house.truth.yes |= yes
            taken = take_key(message.attempt, key, self.house.clock.now())
            self.house.note(f"a key was taken for: {taken.taken_for}")

        self.house.agenda.after(self.chance.uniform(5, 20), lambda: self.house.do(press))
