"""What must hold of the rules on every transition of the modelled world, whatever brought it about.

What must hold of the outbox and the workers stands in `modelled_promises`.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from nightlight.engine.asking import free_among, is_open, is_resting, ladder_people
from nightlight.engine.effects import (
    BringForward,
    Effect,
    Entry,
    News,
    Notify,
    Purpose,
    StandDown,
    TellCaller,
    TimerKind,
    What,
)
from nightlight.engine.events import (
    Acknowledged,
    AcknowledgementRenewed,
    ContactMade,
    Declined,
    DeliveryFailed,
    DeliveryUnknown,
    HandedOn,
    LadderRanOut,
    Resolved,
    ResponderRemoved,
    TimerEvent,
    WaitInterrupted,
)
from nightlight.engine.holding import HELD_MAX, time_held
from nightlight.engine.ids import PersonId
from nightlight.engine.state import Alert, AlertStatus, Answer, Hold
from nightlight.simulator.modelled_moves import World
from nightlight.simulator.modelled_outbox import At, has_planned, way_id
from nightlight.simulator.modelled_senders import State, clock_was_set_back, is_wanted
from nightlight.simulator.modelled_sending import Kind, Move


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
    yield from _waits(before, move, after)
    yield from _effects(world, before, move, done, after)
    yield from _hold(before.alert, move, after)
    if after.alert.holds != before.alert.holds:
        yield from _stood_down(world, move, done, after)
    if after.alert.rung != before.alert.rung:
        yield from _fan_out(world, before, done, after)
    yield from _somebody_is_open(world, after)
    yield from _next_way(move, done)


def _statuses(before: Alert, move: Move, after: Alert) -> Iterator[str]:
    old, new, event = before.status, after.status, move.event
    if old in HELD and new in HELD and before.holds != after.holds:
        yield "there are two holds at once"
    if old is new is AlertStatus.ACKNOWLEDGED and before.taker != after.taker:
        yield f"{after.taker} takes it from {before.taker}, who said yes first"
    if old is new:
        return
    if old is AlertStatus.RESOLVED:
        yield "something left the end"
    yes = isinstance(event, Acknowledged | AcknowledgementRenewed) or (
        isinstance(event, ContactMade) and not event.by_caller
    )
    # Whose word it was is known from the move, whatever became of it on the way to the rules.
    if new is AlertStatus.ACKNOWLEDGED and not (yes and move.speaker == after.taker):
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


def _waits(before: State, move: Move, after: State) -> Iterator[str]:
    """Nobody waits longer than a wait is long, whatever the clock does."""
    old, new = before.alert.timer, after.alert.timer
    if old is not None and move.kind is Kind.ON_TIME and old.due - before.now > old.length:
        yield "somebody waits longer than their wait is long, because the clock was set back"
    if new is None:
        return
    fresh = old is None or new.generation != old.generation
    if fresh and clock_was_set_back(after):
        yield "its timer lies further ahead than its own length"
    hold = after.alert.hold
    if fresh and new.kind is TimerKind.ACKNOWLEDGEMENT and hold and hold.limit_at - after.now > HELD_MAX:
        yield f"{hold.taker} may hold longer than an hour, because the clock was set back"
    if not isinstance(move.event, WaitInterrupted) or old is None:
        return
    if not fresh:
        yield "a wait that an outage of ours swallowed is not given again"
    if new.kind in (TimerKind.STEP, TimerKind.ACKNOWLEDGEMENT) and new.due - after.now != old.length:
        yield "a wait that an outage of ours swallowed is not given again in full"


def _effects(world: World, before: State, move: Move, done: Done, after: State) -> Iterator[str]:
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
        if isinstance(effect, Notify):
            if alert.status in HELD:
                yield f"{effect.person} is asked while someone has it"
            yield from _rests(world, before, move, effect, after)
            yield from _written_down(world, effect, after)
        yield from _true_news(effect, alert)
    for name, who in zip(world.names, after.people, strict=True):
        if not has_planned(who):
            continue
        if alert.status in (*HELD, AlertStatus.RESOLVED):
            yield f"an ask of {name} is still planned"
        if isinstance(move.event, ResponderRemoved) and who.removed and move.speaker == name:
            yield f"{name} was removed and an ask of theirs is still planned"


def _rests(world: World, before: State, move: Move, effect: Notify, after: State) -> Iterator[str]:
    """Who said no is left in peace, as long as somebody else on the ladder may be asked."""
    person, now = effect.person, move.to.now
    ask = before.alert.ask_of(person)
    declines = isinstance(move.event, Declined | HandedOn) and move.speaker == person
    if not declines and (ask is None or effect.message == ask.message):
        return
    if after.alert.urgent_since is not None and after.alert.urgent_since > now:
        # The clock was set back past the moment it became urgent: nobody can say which came first,
        # and asking once too often is the better mistake.
        return
    # Whom this very decision asks anew counts as they stood before it.
    alert = replace(after.alert, asks=before.alert.asks)
    if not declines and not is_resting(alert, person, now):
        return
    facts = world.facts(move.to.people, now)
    # Whoever said no with this very event is not left, though asked anew along with this one.
    declined = {person, move.speaker} if isinstance(move.event, Declined | HandedOn) else {person}
    others = [
        other
        for other in free_among(alert, facts, ladder_people(alert, facts))
        if other not in declined and not is_resting(after.alert, other, now)
    ]
    if others:
        yield f"{person} said no, and is asked again although {others[0]} is left"


def _written_down(world: World, effect: Notify, after: State) -> Iterator[str]:
    """What is decided is in the outbox with the same commit."""
    who = after.people[world.names.index(effect.person)]
    rows = {way_id(effect.person, number): row for number, row in enumerate(who.rows)}
    for way in effect.ways:
        if who.message != effect.message or rows[way.contact_method].at in (At.NONE, At.CANCELLED):
            yield f"it is decided to ask {effect.person}, and no message to them is written down"


def _stood_down(world: World, move: Move, done: Done, after: State) -> Iterator[str]:
    """With a new hold, everybody an ask reached may rest, except who has it and who said no."""
    told = {e.person for e in done.effects if isinstance(e, StandDown) and e.purpose is Purpose.STAND_DOWN}
    members = world.facts(move.to.people, move.to.now).members
    for name in world.names:
        ask, member = after.alert.ask_of(name), members[name]
        if ask is None or ask.answer is Answer.NO or name == after.alert.taker or member.removed:
            continue
        if member.reached_by and member.ways and name not in told:
            yield f"{name} was asked and does not hear that someone has it"


def _next_way(move: Move, done: Done) -> Iterator[str]:
    """A way that fails, or may have, brings the next one forward."""
    event = move.event
    if not isinstance(event, DeliveryFailed | DeliveryUnknown) or event.purpose is not Purpose.ASK:
        return
    if not is_wanted(move.to, event.person, event.message):
        return
    forward = {effect.message for effect in done.effects if isinstance(effect, BringForward)}
    if event.message not in forward:
        yield f"a way of {event.person} fails, and the next one is not brought forward"


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
