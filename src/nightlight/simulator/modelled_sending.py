"""What the workers may do next: take a message up, send it, settle it, die, hang, come back late.

A whole sending in one go is a move of its own, so that a story with nothing unusual in it stays
short; beside it stands every step of it, with every way to break off between two of them.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from nightlight.engine.events import Event
from nightlight.engine.ids import PersonId
from nightlight.engine.receipts import Evidence, join
from nightlight.engine.retries import Outcome
from nightlight.simulator.modelled_outbox import At, Row, is_phone, way_id
from nightlight.simulator.modelled_senders import (
    NOBODY,
    WORKERS,
    Lease,
    Settled,
    Shell,
    State,
    exchanged,
    failed,
    is_current,
    is_wanted,
    row_of,
    with_row,
    without,
)


class Kind(StrEnum):
    """What a move is, where a promise must know it."""

    OTHER = "other"
    ON_TIME = "on_time"
    """The wait is over and its timer fires."""
    CLOCK = "clock"
    """The wall clock is set back."""
    CLAIMED = "claimed"
    UNKNOWN = "unknown"
    """An attempt ends, and nobody knows what came of it."""
    LATE = "late"
    """A worker whose lease ran out has its say."""
    MISSED = "missed"
    """A phone rang, and nobody answered it."""
    LOST = "lost"
    """A provider reports that what it took did not arrive."""
    HEARD = "heard"
    """Somebody is told that someone has it."""


class Move(NamedTuple):
    """One thing that may happen: the world after it, and the event it brings, if it brings any."""

    words: str
    to: State
    event: Event | None = None
    speaker: PersonId | None = None
    """Whose word it is; None for machines."""
    kind: Kind = Kind.OTHER
    person: int = -1
    """Of whose message a worker speaks: a place among the names of the world."""
    way: int = -1


_WORDS = {
    Outcome.ACCEPTED: "is accepted",
    Outcome.QUEUED: "is only queued",
    Outcome.TEMPORARY: "fails for now",
    Outcome.PERMANENT: "fails for good",
    Outcome.UNKNOWN: "may have arrived",
}
_REPORTS = {
    Evidence.FAILED: "did not arrive after all",
    Evidence.DELIVERED: "is reported to have arrived",
}
_TAKEN = (Outcome.ACCEPTED, Outcome.QUEUED)


def sending(shell: Shell, state: State) -> Iterator[Move]:
    """Everything the workers and the providers may do in *state*."""
    for person, name in enumerate(shell.names):
        yield from _next_row(shell, state, person, name)
        yield from _reports(shell, state, person, name)
        yield from _missed(shell, state, person, name)
    for lease in state.leases:
        yield from _left_alone(shell, state, lease)
        if lease.worker == NOBODY:
            continue
        yield from _late(shell, state, lease) if lease.fenced else _at_work(shell, state, lease)


def _next_row(shell: Shell, state: State, person: int, name: PersonId) -> Iterator[Move]:
    """The next message to *person* that waits: taken up, or sent and settled in one go."""
    who = state.people[person]
    rows = zip(who.rows, who.gone, strict=True)
    way = next((n for n, (row, gone) in enumerate(rows) if shell.may_claim(row) and not gone), None)
    if way is None:
        return
    words = f"way {way + 1} of {name}"
    if not shell.may_send_to(state, person):
        skipped = with_row(state, person, way, who.rows[way]._replace(at=At.FAILED))
        event = failed(name, way_id(name, way), who.message)
        yield Move(f"{words} may not be used at this hour", skipped, event)
        return
    busy = {lease.worker for lease in state.leases}
    # The two are alike: it does not matter which of those that are free takes it up.
    worker = next((one for one in WORKERS if one not in busy), None)
    if worker is None:
        return
    lease = Lease(person, way, who.message, worker)
    claimed = shell.claimed(state, lease)
    taken_up = f"worker {worker} takes up {words}"
    yield Move(taken_up, claimed, kind=Kind.CLAIMED, person=person, way=way)
    # On a second try, or while the other worker is busy, the steps one by one are enough.
    if who.rows[way].at is At.PLANNED and len(state.leases) == 0:
        yield from _in_one_go(shell, claimed, lease, words)


def _in_one_go(shell: Shell, claimed: State, lease: Lease, words: str) -> Iterator[Move]:
    for outcome, came_of_it in _WORDS.items():
        if outcome in (Outcome.TEMPORARY, Outcome.PERMANENT):
            after, event = shell.settled(claimed, lease, outcome)
        else:
            sent = shell.sent(claimed, lease)
            after, event = shell.settled(sent, sent.leases[-1], outcome)
        yield _move(f"{words} {came_of_it}", (after, event), lease, outcome)


def _move(words: str, settled: Settled, lease: Lease, outcome: Outcome) -> Move:
    kind = Kind.UNKNOWN if outcome is Outcome.UNKNOWN else Kind.OTHER
    # That nobody answered was reported before: then that is what came of it.
    kind = Kind.MISSED if lease.missed else kind
    return Move(words, *settled, kind=kind, person=lease.person, way=lease.way)


def _named(shell: Shell, lease: Lease) -> str:
    return f"way {lease.way + 1} of {shell.names[lease.person]}"


def _at_work(shell: Shell, state: State, lease: Lease) -> Iterator[Move]:
    """The steps of a worker whose lease holds."""
    name, words, worker = shell.names[lease.person], _named(shell, lease), f"worker {lease.worker}"
    if lease.sent:
        outcomes: tuple[Outcome, ...] = (*_TAKEN, Outcome.UNKNOWN)
    else:
        outcomes = (Outcome.TEMPORARY, Outcome.PERMANENT, Outcome.UNKNOWN)
        yield Move(f"{worker} sends to {name}", shell.sent(state, lease))
        if not is_wanted(state, name, lease.message):
            yield Move(f"{worker} sees that {words} is wanted no more", _let_go(state, lease))
    if lease.sent and not lease.missed and is_current(state, lease) and _is_phone(state, lease):
        reported = exchanged(state, lease, lease._replace(missed=True))
        yield Move(f"it is reported early that nobody answers {words}", reported)
    for outcome in outcomes:
        told = f"{worker} hears that {words} {_WORDS[outcome]}"
        yield _move(told, shell.settled(state, lease, outcome), lease, outcome)


def _is_phone(state: State, lease: Lease) -> bool:
    return is_phone(state.people[lease.person], lease.way)


def _let_go(state: State, lease: Lease) -> State:
    after = without(state, lease)
    if not is_current(state, lease):
        return after
    row: Row = row_of(state, lease)
    return with_row(after, lease.person, lease.way, row._replace(at=At.CANCELLED))


def _left_alone(shell: Shell, state: State, lease: Lease) -> Iterator[Move]:
    """A worker dies, or hangs until its lease has run out; a lease whose worker is gone runs out."""
    name, words = shell.names[lease.person], _named(shell, lease)
    if not lease.fenced:
        hung = f"worker {lease.worker} hangs, and its lease on {words} runs out"
        told = f"the lease on {words} runs out" if lease.worker == NOBODY else hung
        yield _move(told, shell.lapsed(state, lease), lease, Outcome.UNKNOWN)
    if lease.worker == NOBODY:
        return
    when = f"just after sending to {name}" if lease.sent else f"before sending to {name}"
    dead = without(state, lease) if lease.fenced else exchanged(state, lease, lease._replace(worker=NOBODY))
    yield Move(f"worker {lease.worker} dies {when}", dead)


def _late(shell: Shell, state: State, lease: Lease) -> Iterator[Move]:
    """A worker whose lease ran out goes on as if it had not."""
    name, words, worker = shell.names[lease.person], _named(shell, lease), f"worker {lease.worker}"
    if not lease.sent:
        yield Move(f"{worker} wakes and sends to {name} after all", shell.sent(state, lease))
    for outcome in _TAKEN[:1] if lease.sent else (Outcome.PERMANENT,):
        told = f"{worker} says too late that {words} {_WORDS[outcome]}"
        after, event = shell.said_late(state, lease, outcome)
        yield Move(told, after, event, kind=Kind.LATE, person=lease.person, way=lease.way)


def _reports(shell: Shell, state: State, person: int, name: PersonId) -> Iterator[Move]:
    """What a provider took may be reported lost, or arrived, or both in any order."""
    rows = state.people[person].rows
    way = next((n for n, row in enumerate(rows) if row.arrivals), None)
    if way is None:
        return
    for evidence, words in _REPORTS.items():
        known = rows[way].known
        if known is not None and join(known, evidence) is known:
            continue
        after, event = shell.reported(state, person, way, evidence)
        kind = Kind.LOST if evidence is Evidence.FAILED else Kind.OTHER
        yield Move(f"way {way + 1} of {name} {words}", after, event, kind=kind, person=person, way=way)


def _missed(shell: Shell, state: State, person: int, name: PersonId) -> Iterator[Move]:
    """A phone that a provider rang is reported to have been answered by nobody."""
    who = state.people[person]
    way = len(who.rows) - 1
    row = who.rows[way]
    rang = row.at is At.SETTLED and row.known is Evidence.ACCEPTED and row.arrivals > row.missed
    if not is_phone(who, way) or not rang:
        return
    after, event = shell.missed(state, person, way)
    words = f"way {way + 1} of {name} rings, and nobody answers"
    yield Move(words, after, event, kind=Kind.MISSED, person=person, way=way)
