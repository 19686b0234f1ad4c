"""What may happen next in the modelled world: every event, in every order.

Each move is one thing the world can do: somebody answers, a provider fails, a timer fires, an
availability changes without anybody being told. Which of them make sense is not asked here; the
rules must hold their word whatever comes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from nightlight.engine.effects import Purpose, TimerKind
from nightlight.engine.events import (
    Acknowledged,
    AcknowledgementExpired,
    AcknowledgementRenewed,
    AlertRaised,
    AnswerUndone,
    ContactDue,
    ContactMade,
    ContactMethodWithdrawn,
    Declined,
    DeliveryFailed,
    DeliveryUnknown,
    EndedBy,
    Event,
    HandedOn,
    LadderRanOut,
    NeedChanged,
    RaisedBy,
    Resolved,
    ResponderAvailable,
    ResponderRemoved,
    RoundDue,
    StepTimedOut,
    StillNeeded,
    TimerEvent,
    WaitInterrupted,
)
from nightlight.engine.facts import Facts, Member
from nightlight.engine.ids import AlertId, NotificationId, PersonId
from nightlight.engine.needs import Need
from nightlight.engine.policy import EscalationPolicy
from nightlight.engine.state import Alert
from nightlight.simulator.modelled_outbox import (
    WAITING,
    Row,
    Standing,
    drop_planned,
    member_of,
    settle,
    standing,
    time_passed,
    way_id,
    withdraw,
)

BEGIN = datetime(2026, 11, 1, 21, 0, tzinfo=UTC)
ALERT = AlertId("alert")
ANA = PersonId("ana")
HALF_FROM = timedelta(minutes=4)
"""A wait shorter than this is not cut in half: halves of halves would never end."""

TIMER_EVENTS: Mapping[TimerKind, type[TimerEvent]] = {
    TimerKind.STEP: StepTimedOut,
    TimerKind.ROUND: RoundDue,
    TimerKind.ACKNOWLEDGEMENT: AcknowledgementExpired,
    TimerKind.CONTACT: ContactDue,
}


class State(NamedTuple):
    """One modelled world at one instant: the alert as the rules have it, and everything around it."""

    alert: Alert
    people: tuple[Standing, ...]
    now: datetime


class Move(NamedTuple):
    """One thing that may happen: the world after it, and the event it brings, if it brings any."""

    words: str
    people: tuple[Standing, ...]
    now: datetime
    event: Event | None


@dataclass(frozen=True, kw_only=True)
class World:
    """A circle and its ladder, small enough to walk through whole."""

    names: tuple[PersonId, ...]
    policy: EscalationPolicy
    ways: int = 2
    wakeable: frozenset[PersonId] = frozenset()

    @property
    def at_first(self) -> tuple[Standing, ...]:
        """Everyone before anything happened."""
        return tuple(standing(self.ways, wake_me=name in self.wakeable) for name in self.names)

    def facts(self, people: tuple[Standing, ...], now: datetime) -> Facts:
        """Return what the rules are told of this world at *now*."""
        members: dict[PersonId, Member] = dict(
            zip(self.names, map(member_of, self.names, people), strict=True)
        )
        return Facts(now=now, alert_id=ALERT, members=members)

    def raised(self, need: Need = Need.TALK, by: RaisedBy = RaisedBy.CALLER) -> AlertRaised:
        """Return the event of a call in this world."""
        return AlertRaised(person=ANA, need=need, by=by, policy=self.policy)

    def moves(self, state: State) -> Iterator[Move]:
        """Everything that may happen in *state*."""
        for words, event in _said_by_caller(self):
            yield Move(words, state.people, state.now, event)
        for name in self.names:
            for words, event in _said_by_member(name):
                yield Move(words, state.people, state.now, event)
        yield from _deliveries(self, state)
        yield from _comings_and_goings(self, state)
        yield from _time(state)


def _said_by_caller(world: World) -> list[tuple[str, Event]]:
    morning = BEGIN + timedelta(hours=11)
    return [
        ("Ana calls again", world.raised()),
        ("Ana calls again, in danger", world.raised(Need.DANGER)),
        ("Ana's check-in is missed", world.raised(by=RaisedBy.CHECK_IN)),
        ("Ana says she still needs someone", StillNeeded()),
        ("Ana would like to talk", NeedChanged(need=Need.TALK)),
        ("Ana would like someone to come", NeedChanged(need=Need.COME)),
        ("Ana is not safe", NeedChanged(need=Need.DANGER)),
        ("Ana says she is in touch", ContactMade(by_caller=True)),
        ("Ana says she is in touch until morning", ContactMade(by_caller=True, ask_again_at=morning)),
        *[
            (f"Ana says she is in touch with {name}", ContactMade(by_caller=True, person=name))
            for name in world.names
        ],
        ("Ana says it is over", Resolved(by=EndedBy.CALLER)),
        ("the host ends it without a reason", Resolved(by=EndedBy.HOST, reason=" ")),
        ("the missed check-in comes late", Resolved(by=EndedBy.LATE_CHECK_IN)),
    ]


def _said_by_member(name: PersonId) -> list[tuple[str, Event]]:
    return [
        (f"{name} says yes", Acknowledged(person=name)),
        (f"{name} asks for more time", AcknowledgementRenewed(person=name)),
        (f"{name} says they are in touch", ContactMade(by_caller=False, person=name)),
        (f"{name} says no", Declined(person=name)),
        (f"{name} hands it on", HandedOn(person=name)),
        (f"{name} takes the answer back", AnswerUndone(person=name)),
        (f"{name} says it is over", Resolved(by=EndedBy.TAKER, person=name)),
    ]


def _replaced(people: tuple[Standing, ...], i: int, one: Standing) -> tuple[Standing, ...]:
    return (*people[:i], one, *people[i + 1 :])


def _deliveries(world: World, state: State) -> Iterator[Move]:
    """What becomes of the next waiting row of each ask; and news that fails, of this hold and the last."""
    for i, (name, who) in enumerate(zip(world.names, state.people, strict=True)):
        number = next((n for n, row in enumerate(who.rows) if row in WAITING and not who.gone[n]), None)
        if number is not None:
            yield from _outcomes(state, i, name, number)
        arrived = next((n for n, row in enumerate(who.rows) if row is Row.LIVE), None)
        if arrived is not None:
            yield from _reports(state, i, name, arrived)
    holds = state.alert.holds
    for name in world.names:
        for purpose in (Purpose.STAND_DOWN, Purpose.REOPENED, Purpose.ALL_CLEAR):
            failed = _failed(name, 0, 1, purpose=purpose, hold=holds)
            yield Move(f"the {purpose.value} to {name} fails", state.people, state.now, failed)
    stale = _failed(world.names[0], 0, 1, purpose=Purpose.STAND_DOWN, hold=holds - 1)
    yield Move("a stand-down of an earlier hold fails", state.people, state.now, stale)
    to_ana = _failed(ANA, 0, state.alert.caller_message, purpose=Purpose.CALLER_NEWS, hold=holds)
    yield Move("the news to Ana fails", state.people, state.now, to_ana)


def _outcomes(state: State, i: int, name: PersonId, number: int) -> Iterator[Move]:
    who, message = state.people[i], state.people[i].message

    def after(row: Row) -> tuple[Standing, ...]:
        return _replaced(state.people, i, settle(who, number, row))

    way = f"way {number + 1} of {name}"
    yield Move(f"{way} is accepted", after(Row.LIVE), state.now, None)
    if who.rows[number] is Row.PLANNED:
        again = _failed(name, number, message, final=False)
        yield Move(f"{way} fails for now", after(Row.FAILING), state.now, again)
    yield Move(f"{way} fails for good", after(Row.DEAD), state.now, _failed(name, number, message))
    yield Move(f"{way} may have arrived", after(Row.LIVE), state.now, _unknown(name, number, message))


def _reports(state: State, i: int, name: PersonId, number: int) -> Iterator[Move]:
    """What a provider took may still be reported lost, or turn out to be no more than queued."""
    who = state.people[i]
    lost = _replaced(state.people, i, settle(who, number, Row.DEAD))
    way = f"way {number + 1} of {name}"
    yield Move(f"{way} did not arrive after all", lost, state.now, _failed(name, number, who.message))
    yield Move(f"{way} was only queued", state.people, state.now, _unknown(name, number, who.message))


def _unknown(name: PersonId, number: int, message: int) -> DeliveryUnknown:
    return DeliveryUnknown(
        notification=NotificationId("n"),
        person=name,
        contact_method=way_id(name, number),
        purpose=Purpose.ASK,
        message=message,
        hold=0,
    )


def _failed(
    name: PersonId,
    number: int,
    message: int,
    *,
    purpose: Purpose = Purpose.ASK,
    hold: int = 0,
    final: bool = True,
) -> DeliveryFailed:
    return DeliveryFailed(
        notification=NotificationId("n"),
        person=name,
        contact_method=way_id(name, number),
        purpose=purpose,
        message=message,
        hold=hold,
        final=final,
        reason="failed",
    )


def _comings_and_goings(world: World, state: State) -> Iterator[Move]:
    """People leave, ways are withdrawn, hours begin and end."""
    for i, (name, who) in enumerate(zip(world.names, state.people, strict=True)):
        if who.removed:
            continue
        # A withdrawal of consent drops planned rows in its own transaction.
        without = drop_planned(who)._replace(removed=True)
        yield Move(
            f"{name} is removed",
            _replaced(state.people, i, without),
            state.now,
            ResponderRemoved(person=name),
        )
        for number, gone in enumerate(who.gone):
            if not gone:
                event = ContactMethodWithdrawn(person=name, contact_method=way_id(name, number))
                after = _replaced(state.people, i, withdraw(who, number))
                yield Move(f"{name} stops way {number + 1}", after, state.now, event)
        toggled = _replaced(state.people, i, who._replace(available=not who.available))
        if who.available:
            yield Move(f"{name}'s hours end", toggled, state.now, None)
        else:
            available = ResponderAvailable(person=name)
            yield Move(f"{name}'s hours begin, unnoticed", toggled, state.now, None)
            yield Move(f"{name}'s hours begin", toggled, state.now, available)


def _time(state: State) -> Iterator[Move]:
    """The timer fires on time, late copies of it come, and our own outages."""
    timer = state.alert.timer
    if timer is None:
        for event_type in TIMER_EVENTS.values():
            yield Move("a timer of long ago fires", state.people, state.now, event_type(generation=1))
        return
    due = max(timer.due, state.now)
    on_time = TIMER_EVENTS[timer.kind](generation=timer.generation)
    yield Move(f"time passes: {timer.kind.value}", time_passed(state.people), due, on_time)
    if timer.due - state.now == timer.length >= HALF_FROM:
        yield Move("half of the wait passes", time_passed(state.people), state.now + timer.length / 2, None)
    for kind, event_type in TIMER_EVENTS.items():
        stale = event_type(generation=timer.generation - 1)
        yield Move(f"a late {kind.value} comes", state.people, state.now, stale)
    yield Move("we were away for a while", state.people, state.now, WaitInterrupted())
    again = LadderRanOut(rung=state.alert.rung - 1)
    yield Move("a late end of the ladder comes", state.people, state.now, again)
