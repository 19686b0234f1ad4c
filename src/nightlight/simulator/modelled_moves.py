"""What may happen next in the modelled world: every event, in every order.

Each move is one thing the world can do: somebody answers, a worker dies, a timer fires, the clock
is set, an availability changes without anybody being told. Which of them make sense is not asked
here; the rules must hold their word whatever comes. What the workers do is in `modelled_sending`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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
from nightlight.engine.facts import Facts
from nightlight.engine.ids import AlertId, PersonId
from nightlight.engine.needs import Need
from nightlight.engine.policy import EscalationPolicy
from nightlight.simulator.modelled_outbox import (
    Standing,
    Told,
    drop_planned,
    member_of,
    standing,
    way_id,
    withdraw,
)
from nightlight.simulator.modelled_senders import Shell, State, clock_was_set_back, failed
from nightlight.simulator.modelled_sending import Kind, Move, sending

BEGIN = datetime(2026, 11, 1, 21, 0, tzinfo=UTC)
ALERT = AlertId("alert")
ANA = PersonId("ana")
HALF_FROM = timedelta(minutes=4)
"""A wait shorter than this is not cut in half: halves of halves would never end."""
CLOCK_STEP = timedelta(hours=1)
"""So far the wall clock is set back or forward at once: further than any wait of these worlds but a few."""

TIMER_EVENTS: Mapping[TimerKind, type[TimerEvent]] = {
    TimerKind.STEP: StepTimedOut,
    TimerKind.ROUND: RoundDue,
    TimerKind.ACKNOWLEDGEMENT: AcknowledgementExpired,
    TimerKind.CONTACT: ContactDue,
}


@dataclass(frozen=True, kw_only=True)
class World:
    """A circle and its ladder, small enough to walk through whole, and the shell that serves it."""

    names: tuple[PersonId, ...]
    policy: EscalationPolicy
    shell: Shell
    ways: int = 2
    wakeable: frozenset[PersonId] = frozenset()

    @property
    def at_first(self) -> tuple[Standing, ...]:
        """Everyone before anything happened."""
        return tuple(standing(self.ways, wake_me=name in self.wakeable) for name in self.names)

    def facts(self, people: tuple[Standing, ...], now: datetime) -> Facts:
        """Return what the rules are told of this world at *now*."""
        members = dict(zip(self.names, map(member_of, self.names, people), strict=True))
        return Facts(now=now, alert_id=ALERT, members=members)

    def raised(self, need: Need = Need.TALK, by: RaisedBy = RaisedBy.CALLER) -> AlertRaised:
        """Return the event of a call in this world."""
        return AlertRaised(person=ANA, need=need, by=by, policy=self.policy)

    def moves(self, state: State) -> Iterator[Move]:
        """Everything that may happen in *state*."""
        for words, event in _said_by_caller(self):
            yield Move(words, state, event, ANA)
        for name in self.names:
            for words, event in _said_by_member(name):
                yield Move(words, state, event, name)
        yield from sending(self.shell, state)
        yield from _news(self, state)
        yield from _comings_and_goings(self, state)
        yield from _time(self.shell, state)


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


def _with(state: State, i: int, one: Standing) -> State:
    return state._replace(people=(*state.people[:i], one, *state.people[i + 1 :]))


def _news(world: World, state: State) -> Iterator[Move]:
    """News goes out, or fails: of this hold and of the last."""
    for i, (name, who) in enumerate(zip(world.names, state.people, strict=True)):
        if who.told is Told.PLANNED and world.shell.may_hear(state, i):
            heard = _with(state, i, who._replace(told=Told.SENT))
            yield Move(f"{name} hears that someone has it", heard, kind=Kind.HEARD, person=i)
    holds = state.alert.holds
    for name in world.names:
        way = way_id(name, 0)
        for purpose in (Purpose.STAND_DOWN, Purpose.REOPENED, Purpose.ALL_CLEAR):
            event = failed(name, way, 1, purpose=purpose, hold=holds)
            yield Move(f"the {purpose.value} to {name} fails", state, event)
    first = world.names[0]
    stale = failed(first, way_id(first, 0), 1, purpose=Purpose.STAND_DOWN, hold=holds - 1)
    yield Move("a stand-down of an earlier hold fails", state, stale)
    serial = state.alert.caller_message
    to_ana = failed(ANA, way_id(ANA, 0), serial, purpose=Purpose.CALLER_NEWS, hold=holds)
    yield Move("the news to Ana fails", state, to_ana)


def _comings_and_goings(world: World, state: State) -> Iterator[Move]:
    """People leave, ways are withdrawn, hours begin and end."""
    for i, (name, who) in enumerate(zip(world.names, state.people, strict=True)):
        if who.removed:
            continue
        # A withdrawal of consent drops planned rows in its own transaction.
        removed = _with(state, i, drop_planned(who)._replace(removed=True))
        yield Move(f"{name} is removed", removed, ResponderRemoved(person=name), name)
        for number, gone in enumerate(who.gone):
            if not gone:
                event = ContactMethodWithdrawn(person=name, contact_method=way_id(name, number))
                after = _with(state, i, withdraw(who, number))
                yield Move(f"{name} stops way {number + 1}", after, event, name)
        toggled = _with(state, i, who._replace(available=not who.available))
        if who.available:
            yield Move(f"{name}'s hours end", toggled)
        else:
            yield Move(f"{name}'s hours begin, unnoticed", toggled)
            yield Move(f"{name}'s hours begin", toggled, ResponderAvailable(person=name))


def time_passed(shell: Shell, state: State, now: datetime) -> State:
    """Return *state* at *now*, more than two minutes on: stand-downs that waited have gone out."""
    people = tuple(
        who._replace(told=Told.SENT) if who.told is Told.PLANNED and shell.may_hear(state, i) else who
        for i, who in enumerate(state.people)
    )
    return state._replace(people=people, now=now)


def _time(shell: Shell, state: State) -> Iterator[Move]:
    """The timer fires on time, late copies of it come; outages of ours, and clocks that are set."""
    timer = state.alert.timer
    if timer is None:
        for event_type in TIMER_EVENTS.values():
            yield Move("a timer of long ago fires", state, event_type(generation=1))
        return
    seen = shell.sees_the_clock(state)
    if seen is not None:
        # A worker that lives looks at this before it looks for timers.
        yield Move("the worker sees that the clock was set back", state, seen)
    else:
        yield from _waits(shell, state)
    for kind, event_type in TIMER_EVENTS.items():
        yield Move(f"a late {kind.value} comes", state, event_type(generation=timer.generation - 1))
    yield Move("we were away for a while", state, WaitInterrupted())
    yield Move("a late end of the ladder comes", state, LadderRanOut(rung=state.alert.rung - 1))


def _waits(shell: Shell, state: State) -> Iterator[Move]:
    timer = state.alert.timer
    assert timer is not None
    on_time = TIMER_EVENTS[timer.kind](generation=timer.generation)
    due = time_passed(shell, state, max(timer.due, state.now))
    yield Move(f"time passes: {timer.kind.value}", due, on_time, kind=Kind.ON_TIME)
    if timer.due - state.now == timer.length >= HALF_FROM:
        yield Move("half of the wait passes", time_passed(shell, state, state.now + timer.length / 2))
    if clock_was_set_back(state):
        return
    back = state._replace(now=state.now - CLOCK_STEP)
    yield Move("the clock is set back an hour", back, kind=Kind.CLOCK)
    if timer.due > state.now:
        yield Move("the clock is set forward an hour", state._replace(now=state.now + CLOCK_STEP))
