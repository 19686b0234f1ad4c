"""What must hold of the outbox and the workers on every transition, whatever brought it about."""

from collections.abc import Iterator

from nightlight.engine.events import DeliveryFailed, DeliveryUnknown
from nightlight.engine.receipts import Evidence
from nightlight.engine.retries import ARRIVALS_MAX, RINGS_MAX
from nightlight.simulator.modelled_moves import World
from nightlight.simulator.modelled_outbox import At, Row
from nightlight.simulator.modelled_senders import State, in_flight, is_wanted
from nightlight.simulator.modelled_sending import Kind, Move

_TAKEN = (Evidence.ACCEPTED, Evidence.DELIVERED)


def outbox_wrongs(world: World, before: State, move: Move, after: State) -> Iterator[str]:
    """Every promise about messages that the step from *before* to *after* breaks, in plain words."""
    if after.leases is not before.leases or after.people is not before.people:
        yield from _leases(world, after)
        yield from _rows(world, after)
    name = world.names[move.person]
    if move.kind is Kind.CLAIMED:
        yield from _claim(world, before, move)
    elif move.kind is Kind.UNKNOWN:
        yield from _unknown(world, before, move)
    elif move.kind is Kind.MISSED:
        yield from _missed(world, before, move)
    elif move.kind is Kind.LATE:
        yield from _late(world, before, move)
    elif move.kind is Kind.LOST and not isinstance(move.event, DeliveryFailed):
        yield f"a message to {name} was lost, and the rules never hear of it"
    elif move.kind is Kind.HEARD and in_flight(before, move.person):
        yield f"{name} hears that someone has it before the ask it speaks of"


def _leases(world: World, after: State) -> Iterator[str]:
    """A message is in one worker's hands at most, and one that is leased is in somebody's."""
    held: set[tuple[int, int]] = set()
    for lease in after.leases:
        if lease.fenced or after.people[lease.person].message != lease.message:
            continue
        if (lease.person, lease.way) in held:
            yield f"two workers hold the same message to {world.names[lease.person]}"
        held.add((lease.person, lease.way))
    for person, who in enumerate(after.people):
        for way, row in enumerate(who.rows):
            if (row.at is At.LEASED) != ((person, way) in held):
                yield f"way {way + 1} of {world.names[person]} is leased to nobody, or held without a lease"


def _rows(world: World, after: State) -> Iterator[str]:
    for name, who in zip(world.names, after.people, strict=True):
        for row in who.rows:
            yield from _row(name, row)


def _row(name: str, row: Row) -> Iterator[str]:
    if row.arrivals > ARRIVALS_MAX:
        yield f"{name} reads one message more than {ARRIVALS_MAX} times"
    if row.arrivals > row.unknowns + row.missed + 1:
        yield f"{name} reads one message again, and nobody had a doubt that it arrived"
    if row.missed > RINGS_MAX or (row.missed == RINGS_MAX and row.at is At.PLANNED):
        yield f"a phone of {name} that nobody answers rings more than {RINGS_MAX} times"
    if row.known in _TAKEN and not row.arrivals:
        yield f"a message to {name} counts as accepted, and no provider ever took it"


def _claim(world: World, before: State, move: Move) -> Iterator[str]:
    who, name = before.people[move.person], world.names[move.person]
    if who.removed:
        yield f"{name} was removed, and a message to them is taken up"
    # Danger and wishes to come wake those who agreed to it; nobody else is written to out of hours.
    if not who.available and not who.wake_me:
        yield f"it is not {name}'s hour, and a message to them is taken up"
    if not is_wanted(before, name, who.message):
        yield f"a message to {name} is taken up, and nobody wants it any more"


def _unknown(world: World, before: State, move: Move) -> Iterator[str]:
    """Nobody knows whether it arrived: it is tried again, and the first time the next way goes now."""
    name, who = world.names[move.person], before.people[move.person]
    old, new = who.rows[move.way], move.to.people[move.person].rows[move.way]
    # The word may be of an ask that another has replaced; then it changes no row.
    if new == old or not is_wanted(before, name, who.message):
        return
    if new.known in (None, Evidence.UNKNOWN) and new.at is not At.PLANNED and new.unknowns < ARRIVALS_MAX:
        yield f"nobody knows whether {name} was reached, and it is not tried again"
    if not old.troubled and old.known not in _TAKEN and not isinstance(move.event, DeliveryUnknown):
        yield f"nobody knows whether {name} was reached, and the rules never hear of it"
    if new.known in _TAKEN and old.known not in _TAKEN:
        yield f"nobody knows whether {name} was reached, and it counts as accepted"


def _missed(world: World, before: State, move: Move) -> Iterator[str]:
    """Nobody answered a phone: it is told the first time, and it rings once more while it is wanted."""
    name, who = world.names[move.person], before.people[move.person]
    old, new = who.rows[move.way], move.to.people[move.person].rows[move.way]
    if new == old or not new.missed:
        return
    if not old.troubled and not isinstance(move.event, DeliveryFailed):
        yield f"nobody answered the phone of {name}, and the rules never hear of it"
    rings = new.missed + new.unknowns
    is_left = new.missed < RINGS_MAX and rings < ARRIVALS_MAX
    if is_left and new.at is not At.PLANNED and is_wanted(before, name, who.message):
        yield f"nobody answered the phone of {name}, and it does not ring again"


def _late(world: World, before: State, move: Move) -> Iterator[str]:
    """A worker whose lease ran out may add what it knows, and nothing else."""
    name = world.names[move.person]
    old, new = before.people[move.person].rows[move.way], move.to.people[move.person].rows[move.way]
    if move.event is not None:
        yield f"the rules hear a word about {name} from a worker whose lease ran out"
    if old.at is At.LEASED and new.at is not At.LEASED:
        yield f"a worker whose lease ran out takes the message to {name} from the one who holds it"
    if new.unknowns != old.unknowns or new.troubled != old.troubled:
        yield f"a worker whose lease ran out counts one more try for {name}"
    if new.at is not old.at and new.known is old.known:
        yield f"a worker whose lease ran out changes more for {name} than what is known"
