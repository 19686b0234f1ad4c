"""Calls told as stories: Ana calls, her circle answers or does not, time passes.

A `Story` feeds events to the rules and does what they ask with the modelled outbox, so that a test
reads as a conversation. Unless a story says otherwise, the first way of every ask arrives at once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from nightlight.engine.decide import Decision, run
from nightlight.engine.effects import (
    BringForward,
    CancelPending,
    Effect,
    Entry,
    Notify,
    Purpose,
    ScheduleFollowUps,
    SetTimer,
    StandDown,
    TellCaller,
    TellHost,
    TimerKind,
)
from nightlight.engine.events import (
    Acknowledged,
    AcknowledgementRenewed,
    AlertRaised,
    AnswerUndone,
    ContactMade,
    ContactMethodWithdrawn,
    Declined,
    DeliveryFailed,
    DeliveryUnknown,
    EndedBy,
    Event,
    HandedOn,
    NeedChanged,
    RaisedBy,
    Resolved,
    ResponderRemoved,
    StillNeeded,
    WaitInterrupted,
)
from nightlight.engine.facts import Facts
from nightlight.engine.ids import AlertId, NotificationId, PersonId
from nightlight.engine.invariants import broken
from nightlight.engine.needs import Need, Offer
from nightlight.engine.policy import EscalationPolicy, EscalationStep
from nightlight.engine.receipts import Evidence
from nightlight.engine.state import Alert, AlertStatus
from nightlight.simulator.modelled_moves import TIMER_EVENTS
from nightlight.simulator.modelled_outbox import (
    ARRIVED,
    At,
    Row,
    Standing,
    Told,
    carry_out,
    member_of,
    put_row,
    standing,
    way_id,
    withdraw,
)
from tests.people import ANA, BO, KIT, NOON, SAM


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def step(*people: PersonId, wait: float = 5, fair: bool = False) -> EscalationStep:
    return EscalationStep(ask=people, wait=minutes(wait), fair=fair)


def ladder(*steps: EscalationStep, **more: Any) -> EscalationPolicy:
    return EscalationPolicy(steps=steps, **more)


LADDER = ladder(step(SAM), step(BO), step(KIT))

FAILED_FOR_NOW = Row(at=At.PLANNED, troubled=True)
FAILED_FOR_GOOD = Row(at=At.FAILED, troubled=True)
NOBODY_KNOWS = Row(at=At.PLANNED, known=Evidence.UNKNOWN, troubled=True, unknowns=1)


class Story:
    """One call from its beginning, and the circle around it."""

    def __init__(self, policy: EscalationPolicy = LADDER, *, ways: int = 2, arrives: bool = True) -> None:
        self.policy = policy
        self.arrives = arrives
        self.circle: dict[PersonId, Standing] = {name: standing(ways) for name in (SAM, BO, KIT)}
        self.added: tuple[PersonId, ...] = ()
        self.now = NOON
        self._alert: Alert | None = None
        self.events: list[Event] = []

    # ------------------------------------------------------------------ what happens

    def calls(self, need: Need = Need.TALK, by: RaisedBy = RaisedBy.CALLER) -> Decision:
        return self.happens(AlertRaised(person=ANA, need=need, by=by, policy=self.policy))

    def yes(self, person: PersonId) -> Decision:
        return self.happens(Acknowledged(person=person))

    def no(self, person: PersonId) -> Decision:
        return self.happens(Declined(person=person))

    def undo(self, person: PersonId) -> Decision:
        return self.happens(AnswerUndone(person=person))

    def hands_on(self, person: PersonId) -> Decision:
        return self.happens(HandedOn(person=person))

    def renews(self, person: PersonId) -> Decision:
        return self.happens(AcknowledgementRenewed(person=person))

    def claims(self, person: PersonId) -> Decision:
        """*person*, not Ana, says that they are in touch."""
        return self.happens(ContactMade(by_caller=False, person=person))

    def needs(self, need: Need) -> Decision:
        return self.happens(NeedChanged(need=need))

    def leaves(self, person: PersonId) -> Decision:
        """*person* is removed, or never to be contacted, from this moment."""
        self.is_now(person, removed=True)
        return self.happens(ResponderRemoved(person=person))

    def stops(self, person: PersonId, number: int = 0) -> Decision:
        """*person* sends STOP by way *number*."""
        self.circle[person] = withdraw(self.circle[person], number)
        return self.happens(ContactMethodWithdrawn(person=person, contact_method=way_id(person, number)))

    def ends(self, by: EndedBy, person: PersonId | None = None, reason: str = "") -> Decision:
        return self.happens(Resolved(by=by, person=person, reason=reason))

    def interrupted(self) -> Decision:
        """We were away, or the clock was set back."""
        return self.happens(WaitInterrupted())

    def late(self, kind: TimerKind) -> Decision:
        """A timer of *kind* fires that was replaced long ago."""
        generation = self.alert.timer.generation if self.alert.timer else 2
        return self.happens(TIMER_EVENTS[kind](generation=generation - 1))

    def in_touch(self, person: PersonId | None = None, until: datetime | None = None) -> Decision:
        return self.happens(ContactMade(by_caller=True, person=person, ask_again_at=until))

    def still_needed(self) -> Decision:
        return self.happens(StillNeeded())

    def over(self) -> Decision:
        return self.happens(Resolved(by=EndedBy.CALLER))

    def fails(self, person: PersonId, number: int = 0, *, final: bool = True) -> Decision:
        """Way *number* of the last ask of *person* fails, for good or for now."""
        self.row(person, number, FAILED_FOR_GOOD if final else FAILED_FOR_NOW)
        return self.happens(self.failure(person, number, final=final))

    def unknown(self, person: PersonId, number: int = 0) -> Decision:
        """Way *number* of the last ask of *person* may or may not have gone out."""
        self.row(person, number, NOBODY_KNOWS)
        return self.happens(
            DeliveryUnknown(
                notification=NotificationId("n"),
                person=person,
                contact_method=way_id(person, number),
                purpose=Purpose.ASK,
                message=self.circle[person].message,
                hold=self.alert.holds,
            )
        )

    def failure(
        self,
        person: PersonId,
        number: int = 0,
        *,
        purpose: Purpose = Purpose.ASK,
        message: int | None = None,
        hold: int | None = None,
        final: bool = True,
    ) -> DeliveryFailed:
        return DeliveryFailed(
            notification=NotificationId("n"),
            person=person,
            contact_method=way_id(person, number),
            purpose=purpose,
            message=self.circle[person].message if message is None else message,
            hold=self.alert.holds if hold is None else hold,
            final=final,
            reason="refused",
        )

    def timer(self) -> Decision:
        """Time passes until the ladder timer is due, and it fires."""
        timer = self.alert.timer
        assert timer is not None
        self.now = max(self.now, timer.due)
        return self.happens(TIMER_EVENTS[timer.kind](generation=timer.generation))

    def timer_until(self, kind: TimerKind) -> None:
        """Timers fire until one of *kind* is the next."""
        for _ in range(20):
            timer = self.alert.timer
            assert timer is not None
            if timer.kind is kind:
                return
            self.timer()
        raise AssertionError(f"no {kind} came")

    def later(self, number: float) -> None:
        """*number* minutes pass in which no timer is due."""
        self.now += minutes(number)
        timer = self.alert.timer
        assert timer is None or timer.due >= self.now, "a timer would have fired"
        self.circle = {
            name: who._replace(told=Told.SENT) if who.told is Told.PLANNED else who
            for name, who in self.circle.items()
        }

    def happens(self, event: Event) -> Decision:
        """Feed *event* to the rules, and let the modelled outbox do what they ask."""
        holds = self._alert.holds if self._alert else 0
        decision = run(self._alert, event, self.facts())
        assert broken(decision.alert, self.now) == ()
        self._alert = decision.alert
        self.events.append(event)
        people = carry_out(
            tuple(self.circle.values()),
            tuple(self.circle),
            decision.effects,
            new_hold=decision.alert.holds != holds,
        )
        self.circle = dict(zip(self.circle, people, strict=True))
        self._goes_out(decision)
        return decision

    def _goes_out(self, decision: Decision) -> None:
        """What is due at once reaches people at once."""
        for effect in decision.effects:
            if isinstance(effect, Notify) and self.arrives:
                if self.circle[effect.person].rows[0].at is At.PLANNED:
                    self.row(effect.person, 0, ARRIVED)
            elif isinstance(effect, StandDown) and effect.ways[0].due == self.now:
                told = self.circle[effect.person].told
                self.is_now(effect.person, told=Told.SENT if told is Told.PLANNED else told)

    # ------------------------------------------------------------------ the world around it

    def facts(self) -> Facts:
        members = {name: member_of(name, who) for name, who in self.circle.items()}
        return Facts(now=self.now, alert_id=AlertId("alert"), members=members, added=self.added)

    def is_now(self, person: PersonId, **changes: Any) -> None:
        """Change what *person* allows: `available`, `removed`, `paused`, `offers` and the like."""
        self.circle[person] = self.circle[person]._replace(**changes)

    def offers(self, person: PersonId, *offers: Offer) -> None:
        self.is_now(person, offers=frozenset(offers))

    def row(self, person: PersonId, number: int, row: Row) -> None:
        self.circle[person] = put_row(self.circle[person], number, row)

    # ------------------------------------------------------------------ what can be seen

    @property
    def alert(self) -> Alert:
        assert self._alert is not None
        return self._alert

    def status(self) -> AlertStatus:
        return self.alert.status

    def waits(self) -> tuple[str, float]:
        """What the call waits for, and for how many minutes from now."""
        timer = self.alert.timer
        assert timer is not None
        return timer.kind.value, (timer.due - self.now) / minutes(1)

    def under_way(self) -> tuple[PersonId, ...]:
        return self.alert.current.people if self.alert.current else ()


def asked(decision: Decision) -> list[PersonId]:
    """Who is asked by *decision*, in order."""
    return [effect.person for effect in decision.effects if isinstance(effect, Notify)]


def told(decision: Decision, purpose: Purpose) -> list[PersonId]:
    """Which members are told something for *purpose*."""
    return [e.person for e in decision.effects if isinstance(e, StandDown) and e.purpose is purpose]


def caller_news(decision: Decision) -> list[str]:
    return [effect.news.value for effect in decision.effects if isinstance(effect, TellCaller)]


def host_news(decision: Decision) -> list[str]:
    return [effect.news.value for effect in decision.effects if isinstance(effect, TellHost)]


def notes(decision: Decision) -> list[str]:
    return [_note(entry) for entry in decision.entries]


def changes_nothing(decision: Decision, before: Alert) -> bool:
    return decision.alert == before and not decision.effects and not decision.entries


def in_words(decision: Decision, now: datetime) -> list[str]:
    """All of *decision*, a line for everything it asks for: what is done, then what is written down."""
    return [
        decision.alert.status.value,
        *(_effect(effect, now) for effect in decision.effects),
        *(f"note: {_note(entry)}" for entry in decision.entries),
        *([f"refused: {decision.refused}"] if decision.refused else []),
    ]


def _note(entry: Entry) -> str:
    return " ".join(part for part in (entry.what.value, entry.who or "", entry.detail) if part)


def _effect(effect: Effect, now: datetime) -> str:
    match effect:
        case Notify():
            dues = ", ".join(_in(way.due, now) for way in effect.ways)
            flags = [word for word in ("first", "again", "wished") if getattr(effect, word)]
            return f"ask {effect.person} ({', '.join(flags) or 'on'}): {dues}"
        case StandDown():
            wait = _in(effect.ways[0].due, now)
            return f"tell {effect.person}: {effect.news.value}" + (f" {wait}" if wait != "now" else "")
        case TellCaller():
            about = f" ({effect.about})" if effect.about else ""
            return f"tell ana: {effect.news.value}{about}"
        case TellHost():
            return f"tell the host: {effect.news.value}"
        case BringForward():
            return f"next way of message {effect.message}"
        case CancelPending():
            whose = f" of {effect.person}" if effect.person else ""
            return f"drop {_purposes(effect.purposes)}{whose}"
        case SetTimer():
            return f"wait: {effect.kind.value} {_in(effect.due, now)}"
        case ScheduleFollowUps():
            had_it = f" for {'+'.join(effect.had_it)}" if effect.had_it else ""
            return f"days after{had_it}: {'+'.join((*effect.had_it, *effect.others))}"
    raise AssertionError(effect)


def _purposes(purposes: Iterable[Purpose]) -> str:
    kept = [purpose.value for purpose in Purpose if purpose in set(purposes)]
    return "everything" if len(kept) == len(Purpose) else "+".join(kept)


def _in(due: datetime | None, now: datetime) -> str:
    if due is None:
        return "held"
    seconds = (due - now).total_seconds()
    return "now" if seconds == 0 else f"in {seconds / 60:g}m"
