"""What must hold on every transition of the modelled world, whatever brought it about."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Protocol

from nightlight.engine.asking import is_open
from nightlight.engine.effects import Effect, Entry, News, Notify, Purpose, StandDown, TellCaller, What
from nightlight.engine.events import (
    Acknowledged,
    AcknowledgementRenewed,
    ContactMade,
    LadderRanOut,
    Resolved,
    TimerEvent,
    WaitInterrupted,
)
from nightlight.engine.holding import HELD_MAX, time_held
from nightlight.engine.ids import PersonId
from nightlight.engine.state import Alert, AlertStatus, Hold
from nightlight.simulator.modelled_moves import Move, State, World
from nightlight.simulator.modelled_outbox import WAITING, way_id


class Done(Protocol):
    """A decision, as far as it is looked at here."""

    @property
    def alert(self) -> Alert: ...
    @property
    def effects(self) -> tuple[Effect, ...]: ...
    @property
    def entries(self) -> tuple[Entry, ...]: ...


HELD = (AlertStatus.ACKNOWLEDGED, AlertStatus.IN_CONTACT)


def wrongs(world: World, before: State, move: Move, done: Done, after: State) -> Iterator[str]:
    """Every promise that the step from *before* to *after* breaks, in plain words."""
    yield from _statuses(before.alert, move, after.alert)
    yield from _timers(before.alert, move, done)
    yield from _effects(world, before, done, after)
    yield from _hold(before.alert, move, after)
    if after.alert.rung != before.alert.rung:
        yield from _fan_out(world, before, done, after)
    if move.event is not None:
        yield from _somebody_is_open(world, after)


def _statuses(before: Alert, move: Move, after: Alert) -> Iterator[str]:
    old, new, event = before.status, after.status, move.event
    if old is new:
        return
    if old is AlertStatus.RESOLVED:
        yield "something left the end"
    yes = isinstance(event, Acknowledged | AcknowledgementRenewed) or (
        isinstance(event, ContactMade) and not event.by_caller
    )
    if new is AlertStatus.ACKNOWLEDGED and not yes:
        yield "somebody has it and nobody said yes"
    if new is AlertStatus.IN_CONTACT and not (isinstance(event, ContactMade) and event.by_caller):
        yield "they are in touch, and Ana did not say so"
    if new is AlertStatus.RESOLVED and not isinstance(event, Resolved):
        yield "it ended by itself"


def _timers(before: Alert, move: Move, done: Done) -> Iterator[str]:
    event = move.event
    late = isinstance(event, TimerEvent) and (
        before.timer is None or event.generation != before.timer.generation
    )
    late = late or (isinstance(event, LadderRanOut) and event.rung != before.rung)
    if late and (done.alert != before or done.effects or done.entries):
        yield "a late or doubled timer changed something"


def _effects(world: World, before: State, done: Done, after: State) -> Iterator[str]:
    alert = after.alert
    told: set[tuple[str, str]] = set()
    for effect in done.effects:
        if isinstance(effect, Notify | StandDown):
            if after.people[world.names.index(effect.person)].removed:
                yield f"{effect.person} was removed and is written to"
            if not effect.ways:
                yield f"a message to {effect.person} goes by no way"
        if isinstance(effect, StandDown):
            yield from _told_once(before.alert, effect, alert, told)
        if isinstance(effect, Notify) and alert.status in HELD:
            yield f"{effect.person} is asked while someone has it"
        yield from _true_news(effect, alert)
    for name, who in zip(world.names, after.people, strict=True):
        waiting = not WAITING.isdisjoint(who.rows)
        if waiting and alert.status in (*HELD, AlertStatus.RESOLVED):
            yield f"an ask of {name} is still planned"
        if waiting and who.removed:
            yield f"{name} was removed and an ask of theirs is still planned"


def _told_once(before: Alert, effect: StandDown, after: Alert, told: set[tuple[str, str]]) -> Iterator[str]:
    if (effect.person, effect.purpose) in told:
        yield f"{effect.person} is told the same twice"
    told.add((effect.person, effect.purpose))
    if effect.purpose is Purpose.ALL_CLEAR and after.status is not AlertStatus.RESOLVED:
        yield "an all-clear before the end"
    if effect.purpose is Purpose.REOPENED and not (before.hold is not None and after.hold is None):
        yield f"{effect.person} hears that it is open again, and it was not held"
    if effect.purpose is not Purpose.STAND_DOWN:
        return
    if after.hold is None:
        yield f"{effect.person} hears that someone has it, and nobody has"
    elif effect.person == after.hold.taker:
        yield f"{effect.person} hears that someone has it, and has it"
    same_hold = before.hold is not None and before.hold.number == effect.hold
    if same_hold and before.hold is not None and effect.person in before.hold.told:
        yield f"{effect.person} is stood down twice in one hold"


def _true_news(effect: Effect, alert: Alert) -> Iterator[str]:
    if isinstance(effect, TellCaller) and effect.news is News.SOMEONE_HAS_IT and alert.hold is None:
        yield "Ana hears that someone has it, and nobody has"


def _hold(before: Alert, move: Move, after: State) -> Iterator[str]:
    alert = after.alert
    if alert.status is not AlertStatus.ACKNOWLEDGED or alert.hold is None or alert.taker is None:
        return
    ahead = alert.hold.limit_at - after.now
    same: Hold | None = before.hold if before.hold and before.hold.number == alert.hold.number else None
    if isinstance(move.event, WaitInterrupted):
        # Only an outage of ours gives more time.
        return
    if same is not None and alert.hold.limit_at > same.limit_at:
        yield "a hold may run longer than it might before"
    if same is None and ahead + time_held(alert, alert.taker) > HELD_MAX:
        yield f"{alert.taker} may hold longer than an hour without Ana's word"
    if same is None and ahead <= timedelta(0):
        yield f"{alert.taker} has it with no time left to have it"


def _fan_out(world: World, before: State, done: Done, after: State) -> Iterator[str]:
    """Everybody in a step that began is asked by every way they have; for all others a reason is kept."""
    current = after.alert.current
    if current is None:
        return
    asked = {effect.person: effect for effect in done.effects if isinstance(effect, Notify)}
    for person in current.people:
        i = world.names.index(person)
        left = {way_id(person, n) for n, gone in enumerate(after.people[i].gone) if not gone}
        sent = {way.contact_method for way in asked[person].ways} if person in asked else set()
        if sent != left:
            yield f"{person} is in a step that began and not asked by every way"
    reasons = {entry.who for entry in done.entries if entry.what is What.SKIPPED}
    reasons |= {n for n, who in zip(world.names, after.people, strict=True) if who.removed}
    for name in _begun(before.alert, after.alert):
        if name not in reasons and name not in current.people:
            yield f"a step began without {name} and no reason was kept"


def _begun(before: Alert, after: Alert) -> list[PersonId]:
    """Everybody in the steps that began or were passed over, where it is plain which those were."""
    if after.round != before.round or after.hold is not before.hold or before.need is not after.need:
        return []
    gone = len(before.ahead) - len(after.ahead)
    if gone <= 0 or before.ahead[gone - 1].fair:
        return []
    begun = (step for step in before.ahead[:gone] if step.left is None and not step.fair)
    return [person for step in begun for person in step.people]


def _somebody_is_open(world: World, after: State) -> Iterator[str]:
    """A step under way has somebody in it who may still answer, or it would have ended."""
    current = after.alert.current
    if current is None:
        return
    who = [after.people[world.names.index(person)] for person in current.people]
    if not all(one.available for one in who):
        # Hours ended without anybody being told; the sender's skip will be the event.
        return
    facts = world.facts(after.people, after.now)
    if not any(is_open(after.alert, facts, person) for person in current.people):
        yield "a step goes on and nobody in it can answer any more"
