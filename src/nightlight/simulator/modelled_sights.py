"""What a model check must have come across, or it did not go far enough to prove anything."""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet

from nightlight.engine.holding import HELD_MAX, RENEWALS_MAX
from nightlight.engine.needs import Need
from nightlight.engine.receipts import Evidence
from nightlight.engine.retries import ARRIVALS_MAX, RINGS_MAX
from nightlight.engine.state import Alert
from nightlight.simulator.modelled_outbox import At, Row
from nightlight.simulator.modelled_senders import NOBODY, State, clock_was_set_back

_OF_THE_CALL: dict[str, Callable[[Alert], bool]] = {
    "a third round": lambda alert: alert.round >= 3,
    "a step that a hold interrupted": lambda alert: any(step.left is not None for step in alert.ahead),
    "a pause that a hold interrupted": lambda alert: alert.pause_left is not None,
    "a yes renewed as often as may be": lambda alert: (
        alert.hold is not None and alert.hold.renewals == RENEWALS_MAX
    ),
    "an hour that is used up": lambda alert: any(held.time >= HELD_MAX for held in alert.held),
    "a second while someone has it": lambda alert: alert.hold is not None and bool(alert.seconds),
    "a former taker kept as a second": lambda alert: alert.hold is None and bool(alert.seconds),
    "two in touch who were asked": lambda alert: alert.contact is not None and alert.contact.asked,
    "a ladder worked gently": lambda alert: alert.gently,
    "an answer taken back": lambda alert: bool(alert.undone),
    "somebody who was not available": lambda alert: bool(alert.unavailable),
    "danger": lambda alert: alert.need is Need.DANGER,
}

_OF_A_ROW: dict[str, Callable[[Row], bool]] = {
    "a message that nobody knows of and that is tried again": lambda row: (
        row.at is At.PLANNED and row.known is Evidence.UNKNOWN
    ),
    "a message that arrived twice": lambda row: row.arrivals == 2,
    "a message that arrived as often as one may": lambda row: row.arrivals == ARRIVALS_MAX,
    "a report that came before the worker's own word": lambda row: (
        row.at is At.LEASED and row.known is Evidence.DELIVERED
    ),
    "a phone that nobody answered and that rings again": lambda row: row.at is At.PLANNED and row.missed == 1,
    "a phone that nobody answered as often as it rings": lambda row: row.missed == RINGS_MAX,
    "a message that arrived after it had been reported lost": lambda row: (
        row.at is At.SETTLED and row.known is Evidence.DELIVERED and row.troubled
    ),
}

_OF_THE_WORLD: dict[str, Callable[[State], bool]] = {
    "two workers at once": lambda state: (
        len({one.worker for one in state.leases if one.worker != NOBODY and not one.fenced}) == 2
    ),
    "a worker that died before it sent": lambda state: any(
        one.worker == NOBODY and not one.sent for one in state.leases
    ),
    "a message that was sent and never settled": lambda state: any(
        one.worker == NOBODY and one.sent for one in state.leases
    ),
    "a lease that ran out under a worker that lives": lambda state: any(one.fenced for one in state.leases),
    "one worker holds what another still thinks it has": lambda state: any(
        old.fenced and new[:3] == old[:3] and not new.fenced for old in state.leases for new in state.leases
    ),
    "a message of an ask that another has replaced": lambda state: any(
        one.message != state.people[one.person].message for one in state.leases
    ),
    "a message in hand while someone has it": lambda state: (
        bool(state.leases) and state.alert.hold is not None
    ),
    "a clock that was set back": clock_was_set_back,
}

_OF_A_MOVE = {
    "a late word of a worker is only evidence": "says too late",
    "the worker sees that the clock was set back": "the worker sees that the clock",
    "the clock is set forward": "the clock is set forward",
    "a message that is wanted no more": "is wanted no more",
    "a phone reported before the worker's own word": "reported early that nobody answers",
}

SIGHTS = frozenset({*_OF_THE_CALL, *_OF_A_ROW, *_OF_THE_WORLD, *_OF_A_MOVE})


def seen_in(state: State, known: AbstractSet[str] = frozenset()) -> Iterator[str]:
    """Which of `SIGHTS` *state* shows; those that are *known* already need not be looked for."""
    if len(known) == len(SIGHTS):
        return
    for name, seen in _OF_THE_CALL.items():
        if name not in known and seen(state.alert):
            yield name
    for name, seen_around in _OF_THE_WORLD.items():
        if name not in known and seen_around(state):
            yield name
    for name, seen_of in _OF_A_ROW.items():
        if name not in known and any(seen_of(row) for who in state.people for row in who.rows):
            yield name


def seen_by(words: str) -> Iterator[str]:
    """Which of `SIGHTS` a move with these *words* shows."""
    for name, part in _OF_A_MOVE.items():
        if part in words:
            yield name
