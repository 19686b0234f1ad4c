"""A model of the workers: two of them, claims with a lease, a death between any two steps, a late word.

What `store.claims`, `store.outbox` and `worker.sender` do, as far as it can change what the rules
are told. The rules of trying again (`engine.retries`) and of joining evidence (`engine.receipts`)
are the real ones. Everything a planted fault may put another version of is a method of `Shell`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from nightlight.engine.availability import may_be_asked
from nightlight.engine.effects import Effect, Purpose
from nightlight.engine.events import DeliveryFailed, DeliveryUnknown, Event, WaitInterrupted
from nightlight.engine.ids import ContactMethodId, NotificationId, PersonId
from nightlight.engine.receipts import Evidence, join
from nightlight.engine.retries import Outcome, next_try
from nightlight.engine.state import Alert
from nightlight.simulator.modelled_outbox import At, Row, Standing, carry_out, member_of, put_row, way_id

WORKERS = (1, 2)
NOBODY = 0
"""The worker of a lease whose sender died."""

_EVIDENCE = {
    Outcome.ACCEPTED: Evidence.ACCEPTED,
    # To the rules they are alike: no further try, and a report may still say otherwise.
    Outcome.QUEUED: Evidence.ACCEPTED,
    Outcome.UNKNOWN: Evidence.UNKNOWN,
}
_TAKEN_OVER = (Outcome.ACCEPTED, Outcome.QUEUED)
_ARRIVED = (Evidence.ACCEPTED, Evidence.DELIVERED)


class Lease(NamedTuple):
    """One message in the hands of one worker."""

    person: int
    """Whose message it is: a place among the names of the world."""
    way: int
    message: int
    """Serial of the ask; they may have been asked anew since."""
    worker: int
    sent: bool = False
    """The provider took it; that is not written down."""
    fenced: bool = False
    """The lease ran out, and the worker does not know. It may add evidence, and nothing else."""
    missed: bool = False
    """It is reported already that nobody answered the phone, before the worker wrote its own word down."""


class State(NamedTuple):
    """One modelled world at one instant: the alert as the rules have it, and everything around it."""

    alert: Alert
    people: tuple[Standing, ...]
    now: datetime
    leases: tuple[Lease, ...] = ()


Settled = tuple[State, Event | None]
"""The world after a word was written down, and the event that commits with it, if any."""


def clock_was_set_back(state: State) -> bool:
    """Whether the ladder timer lies further ahead than it was set for."""
    timer = state.alert.timer
    return timer is not None and timer.due - state.now > timer.length


def is_wanted(state: State, name: PersonId, message: int) -> bool:
    """Whether the ask of *name* by *message* is still to be sent, as `store.wanted` has it."""
    ask = state.alert.ask_of(name)
    return state.alert.is_working and ask is not None and ask.answer is None and ask.message == message


def in_flight(state: State, person: int) -> bool:
    """Whether an ask of *person* is in a worker's hands, or was when the worker died."""
    return any(lease.person == person and not lease.fenced for lease in state.leases)


def is_current(state: State, lease: Lease) -> bool:
    """Whether *lease* is of the last ask of its person."""
    return state.people[lease.person].message == lease.message


def row_of(state: State, lease: Lease) -> Row:
    """Return the row that *lease*, a current one, speaks of."""
    return state.people[lease.person].rows[lease.way]


def with_row(state: State, person: int, way: int, row: Row) -> State:
    """Return *state* with this row of *person* now standing as *row*."""
    people = state.people
    one = put_row(people[person], way, row)
    return state._replace(people=(*people[:person], one, *people[person + 1 :]))


def without(state: State, lease: Lease) -> State:
    """Return *state* with *lease* in nobody's hands."""
    return state._replace(leases=tuple(other for other in state.leases if other is not lease))


def exchanged(state: State, lease: Lease, other: Lease) -> State:
    """Return *state* with *other* instead of *lease*."""
    return state._replace(leases=tuple(other if one is lease else one for one in state.leases))


class Shell:
    """The outbox and its workers. A planted fault is a subclass with one method done wrong."""

    def __init__(self, names: Sequence[PersonId]) -> None:
        self.names = tuple(names)

    def carry_out(
        self, people: Sequence[Standing], effects: Iterable[Effect], *, new_hold: bool
    ) -> tuple[Standing, ...]:
        """Write down what a decision asks for, in the commit that keeps the decision."""
        return carry_out(people, self.names, effects, new_hold=new_hold)

    def may_claim(self, row: Row) -> bool:
        """Whether a worker may take *row* up."""
        return row.at is At.PLANNED

    def may_send_to(self, state: State, person: int) -> bool:
        """Whether consent and hours allow it, asked again in the claim itself."""
        member = member_of(self.names[person], state.people[person])
        return may_be_asked(member, state.alert.need, gently=state.alert.gently)

    def may_hear(self, state: State, person: int) -> bool:
        """Whether news may go out to *person*: it never overtakes the ask it speaks of."""
        return not in_flight(state, person)

    def claimed(self, state: State, lease: Lease) -> State:
        """Lease a row: recorded before sent."""
        row = row_of(state, lease)
        leased = with_row(state, lease.person, lease.way, row._replace(at=At.LEASED))
        return leased._replace(leases=(*state.leases, lease))

    def sent(self, state: State, lease: Lease) -> State:
        """The provider takes the message; nothing of it is written down."""
        if is_current(state, lease):
            row = row_of(state, lease)
            state = with_row(state, lease.person, lease.way, row._replace(arrivals=row.arrivals + 1))
        return exchanged(state, lease, lease._replace(sent=True))

    def settled(self, state: State, lease: Lease, outcome: Outcome) -> Settled:
        """Write down what came of an attempt whose lease still holds, or has just run out."""
        after = without(state, lease)
        name = self.names[lease.person]
        outcome = Outcome.MISSED if lease.missed else outcome
        if not is_current(state, lease):
            return after, _event(name, lease.way, lease.message, outcome)
        row, first_trouble, final = self.tried(state, lease, outcome)
        after = with_row(after, lease.person, lease.way, row)
        event = _event(name, lease.way, lease.message, outcome, final=final)
        return after, event if first_trouble or final else None

    def tried(self, state: State, lease: Lease, outcome: Outcome) -> tuple[Row, bool, bool]:
        """Return the row after one more try, whether it is its first trouble, and whether it failed for good."""
        row = row_of(state, lease)
        # A provider that let a phone ring had taken the call over.
        known = _joined(row.known, _EVIDENCE.get(outcome))
        known = _joined(known, Evidence.ACCEPTED) if outcome is Outcome.MISSED else known
        is_wished = is_wanted(state, self.names[lease.person], lease.message)
        return _tried(row, known, outcome, is_wished=is_wished)

    def missed(self, state: State, person: int, way: int) -> Settled:
        """It is reported that nobody answered a phone whose ring was settled before."""
        standing, name = state.people[person], self.names[person]
        row = standing.rows[way]
        is_wished = is_wanted(state, name, standing.message)
        after, first_trouble, final = _tried(row, row.known, Outcome.MISSED, is_wished=is_wished)
        event = _event(name, way, standing.message, Outcome.MISSED, final=final)
        return with_row(state, person, way, after), event if first_trouble or final else None

    def lapsed(self, state: State, lease: Lease) -> Settled:
        """A lease ran out: nobody knows, and that is written down. A worker that only hung is fenced off."""
        after, event = self.settled(state, lease, Outcome.UNKNOWN)
        if lease.worker != NOBODY:
            after = after._replace(leases=(*after.leases, lease._replace(fenced=True)))
        return after, event

    def said_late(self, state: State, lease: Lease, outcome: Outcome) -> Settled:
        """The word of a worker whose lease ran out: evidence, and nothing else."""
        after, evidence = without(state, lease), _EVIDENCE.get(outcome)
        if evidence is None or outcome is Outcome.UNKNOWN or not is_current(state, lease):
            return after, None
        row = row_of(state, lease)
        return with_row(after, lease.person, lease.way, _more_known(row, evidence)), None

    def reported(self, state: State, person: int, way: int, evidence: Evidence) -> Settled:
        """A provider's later word. It never answers; only that it was lost concerns the rules."""
        standing = state.people[person]
        row = standing.rows[way]
        after = with_row(state, person, way, _more_known(row, evidence))
        if _joined(row.known, evidence) is not Evidence.FAILED:
            return after, None
        return after, _event(self.names[person], way, standing.message, Outcome.PERMANENT)

    def sees_the_clock(self, state: State) -> Event | None:
        """What the worker's next look makes of a clock that was set back; None when it sees nothing."""
        return WaitInterrupted() if clock_was_set_back(state) else None


def _tried(row: Row, known: Evidence | None, outcome: Outcome, *, is_wished: bool) -> tuple[Row, bool, bool]:
    """As `store.outbox.settle_row` does: the row after *outcome*, its first trouble, failed for good."""
    following = next_try((Outcome.UNKNOWN,) * row.unknowns + (Outcome.MISSED,) * row.missed + (outcome,), 1)
    rang_in_vain = outcome is Outcome.MISSED or (row.missed > 0 and outcome not in _TAKEN_OVER)
    is_known = known is Evidence.DELIVERED or (known not in (None, Evidence.UNKNOWN) and not rang_in_vain)
    at = At.PLANNED
    if is_known or not is_wished or following.delay is None:
        at = _final(following.status, known, outcome)
    arrived = known in _ARRIVED and is_known and not (outcome is Outcome.QUEUED and row.known not in _ARRIVED)
    first_trouble = not arrived and not row.troubled
    final = following.delay is None and following.status is Evidence.FAILED and not arrived
    after = row._replace(
        at=at,
        known=Evidence.FAILED if final and rang_in_vain else known,
        troubled=row.troubled or first_trouble,
        unknowns=row.unknowns + (outcome is Outcome.UNKNOWN),
        missed=row.missed + (outcome is Outcome.MISSED),
    )
    return after, first_trouble, final


def _joined(old: Evidence | None, new: Evidence | None) -> Evidence | None:
    if old is None or new is None:
        return old or new
    return join(old, new)


def _more_known(row: Row, evidence: Evidence) -> Row:
    known = _joined(row.known, evidence)
    if known is row.known:
        return row
    if row.at is At.LEASED:
        return row._replace(known=known)
    return row._replace(known=known, at=At.FAILED if known is Evidence.FAILED else At.SETTLED)


def _final(status: Evidence | None, known: Evidence | None, outcome: Outcome) -> At:
    """Return where a row ends that is not tried again."""
    last = _joined(known, status)
    if last is None:
        return At.FAILED if outcome is Outcome.PERMANENT else At.CANCELLED
    return At.FAILED if last is Evidence.FAILED else At.SETTLED


def _event(name: PersonId, way: int, message: int, outcome: Outcome, *, final: bool = True) -> Event | None:
    if outcome is Outcome.ACCEPTED:
        return None
    if outcome in (Outcome.UNKNOWN, Outcome.QUEUED):
        return DeliveryUnknown(
            notification=NotificationId("n"),
            person=name,
            contact_method=way_id(name, way),
            purpose=Purpose.ASK,
            message=message,
            hold=0,
        )
    is_final = final and outcome in (Outcome.PERMANENT, Outcome.MISSED)
    return failed(name, way_id(name, way), message, final=is_final)


def failed(
    name: PersonId,
    contact_method: ContactMethodId,
    message: int,
    *,
    purpose: Purpose = Purpose.ASK,
    hold: int = 0,
    final: bool = True,
) -> DeliveryFailed:
    """Return the event that a try was not accepted."""
    return DeliveryFailed(
        notification=NotificationId("n"),
        person=name,
        contact_method=contact_method,
        purpose=purpose,
        message=message,
        hold=hold,
        final=final,
        reason="failed",
    )
