"""A decision in the making: the one mutable value of the engine, born and gone within `decide`."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from nightlight.engine.effects import (
    CancelPending,
    Effect,
    Entry,
    Purpose,
    SetTimer,
    TimerKind,
    What,
)
from nightlight.engine.events import Event
from nightlight.engine.facts import Facts
from nightlight.engine.ids import PersonId
from nightlight.engine.state import Alert, AlertStatus, Ask, Timer


@dataclass
class Draft:
    """What the rules write on: the alert so far, and what is to be done about it."""

    alert: Alert
    facts: Facts
    effects: list[Effect] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    then: Event | None = None
    refused: str = ""

    @property
    def now(self) -> datetime:
        """The instant of this decision."""
        return self.facts.now

    def change(self, **changes: Any) -> None:
        """Replace fields of the alert."""
        assert changes.keys() <= vars(self.alert).keys(), "only fields that an alert has"
        # What `dataclasses.replace` does, without reading thirty fields one by one to write them again:
        # this is done several times in every decision.
        alert = object.__new__(Alert)
        vars(alert).update(vars(self.alert), **changes)
        self.alert = alert

    def enter(self, status: AlertStatus) -> None:
        """Move the alert to *status*; `decide` checks it against the table's cell."""
        self.change(status=status)

    def do(self, effect: Effect) -> None:
        """Ask for *effect*."""
        self.effects.append(effect)

    def record(self, what: What, who: PersonId | None = None, detail: str = "") -> None:
        """Write one line for the timeline."""
        self.entries.append(Entry(what=what, who=who, detail=detail))

    def next_message(self) -> int:
        """A fresh serial for a message sent on behalf of this alert."""
        self.change(message=self.alert.message + 1)
        return self.alert.message

    def set_timer(self, kind: TimerKind, length: timedelta) -> None:
        """Set the one ladder timer to go off after *length* (never in the past)."""
        length = max(length, timedelta(0))
        generation = self.alert.timer.generation + 1 if self.alert.timer else 1
        timer = Timer(kind=kind, due=self.now + length, generation=generation, length=length)
        self.change(timer=timer)
        self.do(SetTimer(kind=kind, due=timer.due, generation=generation))

    def cancel(self, *purposes: Purpose, person: PersonId | None = None) -> None:
        """Drop what has not gone out."""
        self.do(CancelPending(purposes=frozenset(purposes), person=person))

    def put_ask(self, ask: Ask) -> None:
        """Keep *ask* as the last one of its person."""
        others = tuple(old for old in self.alert.asks if old.person != ask.person)
        position = next((i for i, old in enumerate(self.alert.asks) if old.person == ask.person), len(others))
        self.change(asks=(*others[:position], ask, *others[position:]))
