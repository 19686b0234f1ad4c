"""A model of the outbox, not the outbox: what is written down of each message, and what the rules are told of it.

One row per person and way of their last ask, by which ways earlier ones reached them, and whether
they were told that someone has it. Rows carry no due times: in the model a planned way may go out
at any moment, which covers every delay. The real outbox is `store.outbox`, with `store.effects`
and `store.facts`; who takes a row up and what comes of it stands in `modelled_senders`.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from nightlight.engine.effects import CancelPending, Effect, Notify, Purpose, StandDown
from nightlight.engine.facts import Member, Way, WayUse
from nightlight.engine.ids import ContactMethodId, PersonId
from nightlight.engine.needs import Offer
from nightlight.engine.receipts import Evidence

_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class At(StrEnum):
    """Where a row stands."""

    NONE = "none"
    """Never planned."""
    PLANNED = "planned"
    LEASED = "leased"
    """A worker took it up, and its word is not written down yet."""
    SETTLED = "settled"
    """Nothing more will be tried; it arrived, or it may have."""
    FAILED = "failed"
    CANCELLED = "cancelled"


class Row(NamedTuple):
    """How one way of a person's last ask stands."""

    at: At = At.NONE
    known: Evidence | None = None
    """The strongest word of a provider; what a gateway only queued stands here as accepted."""
    troubled: bool = False
    """A try was not accepted; the rules heard of it."""
    unknowns: int = 0
    """So many tries ended without anybody knowing what came of them."""
    missed: int = 0
    """So often the phone rang and nobody answered; counted as the outbox counts it."""
    arrivals: int = 0
    """So often a provider really took it. Nobody in the product knows this number."""


NOTHING = Row()
ARRIVED = Row(at=At.SETTLED, known=Evidence.ACCEPTED, arrivals=1)
_PROOF = frozenset({Evidence.UNKNOWN, Evidence.QUEUED, Evidence.ACCEPTED, Evidence.DELIVERED})


@cache
def use_of(row: Row) -> WayUse:
    """Return what the rules are told of *row*, as `store.facts` reads it."""
    if row.at is At.LEASED or row.known in _PROOF:
        return WayUse.LIVE
    if row.at is At.FAILED:
        return WayUse.DEAD
    return WayUse.FAILING if row.at in (At.PLANNED, At.CANCELLED) and row.troubled else WayUse.UNUSED


class Told(StrEnum):
    """Whether somebody was told, in the last hold, that someone has it."""

    NOT = "not"
    PLANNED = "planned"
    SENT = "sent"


class Standing(NamedTuple):
    """One person in the modelled world: what the outbox has for them, and what they allow."""

    message: int
    """Serial of their last ask; 0 before the first."""
    rows: tuple[Row, ...]
    """One per way, in the order of the ways."""
    gone: tuple[bool, ...]
    """Ways that were withdrawn."""
    earlier: tuple[bool, ...]
    """Ways by which an earlier ask of this call arrived or may have."""
    told: Told = Told.NOT
    removed: bool = False
    available: bool = True
    wake_me: bool = False
    paused: bool = False
    offers: frozenset[Offer] = frozenset({Offer.TALK})
    has_open_alert: bool = False
    delays: tuple[timedelta, ...] = ()
    """One per way; a minute from each to the next when there are none."""


def standing(ways: int, *, wake_me: bool = False) -> Standing:
    """Return somebody with *ways* ways to reach them who was not asked yet."""
    nothing = (False,) * ways
    return Standing(message=0, rows=(NOTHING,) * ways, gone=nothing, earlier=nothing, wake_me=wake_me)


@cache
def way_id(person: PersonId, number: int) -> ContactMethodId:
    """Return the id of way *number* of *person*, counted from 0."""
    return ContactMethodId(f"{person}/{number}")


def is_phone(who: Standing, number: int) -> bool:
    """Whether way *number* of *who* is a phone that rings: the last one is, if there is more than one."""
    return number > 0 and number == len(who.rows) - 1


def way_number(contact_method: ContactMethodId) -> int:
    """Return which way of its person *contact_method* is."""
    return int(contact_method.rpartition("/")[2])


@lru_cache(maxsize=1 << 17)
def member_of(person: PersonId, now: Standing) -> Member:
    """Return what the rules are told of *person*."""
    left = [number for number in range(len(now.rows)) if not now.gone[number]]
    uses = [use_of(row) for row in now.rows]
    ways = tuple(
        Way(
            contact_method=way_id(person, number),
            after=now.delays[number] if now.delays else timedelta(minutes=number),
            use=uses[number],
        )
        for number in left
    )
    reached = [number for number in left if now.earlier[number] or uses[number] is WayUse.LIVE]
    return Member(
        person=person,
        consents=not (now.removed or now.paused),
        removed=now.removed,
        within_hours=now.available,
        wake_me=now.wake_me,
        offers=now.offers,
        has_open_alert=now.has_open_alert,
        # Later messages were sent later; that is all a fair step asks.
        last_asked_at=_LONG_AGO + timedelta(seconds=now.message) if now.message else None,
        ways=ways,
        asked_by=now.message,
        reached_by=tuple(way_id(person, number) for number in reached),
        stood_down=now.told is Told.SENT,
    )


def put_row(before: Standing, number: int, row: Row) -> Standing:
    """Return *before* with way *number* of the last ask now standing as *row*."""
    rows = before.rows
    return before._replace(rows=(*rows[:number], row, *rows[number + 1 :]))


def withdraw(before: Standing, number: int) -> Standing:
    """Return *before* without way *number*; what was planned by it is dropped with it."""
    gone = tuple(i == number or old for i, old in enumerate(before.gone))
    row = before.rows[number]
    if row.at is not At.LEASED:
        row = row._replace(at=At.FAILED)
    return put_row(before, number, row)._replace(gone=gone)


def has_planned(before: Standing) -> bool:
    """Whether a row of *before* is left that a worker may take up."""
    return any(row.at is At.PLANNED for row in before.rows)


def drop_planned(before: Standing) -> Standing:
    """Return *before* with nothing left that a worker may take up; what one took up already may still go out."""
    return before._replace(
        rows=tuple(row._replace(at=At.CANCELLED) if row.at is At.PLANNED else row for row in before.rows)
    )


def carry_out(
    people: Sequence[Standing], names: Sequence[PersonId], effects: Iterable[Effect], *, new_hold: bool
) -> tuple[Standing, ...]:
    """Return *people* (named by *names*, in that order) after the outbox wrote down what *effects* ask.

    With *new_hold* a hold began by this decision: what was said in the one before counts no more.
    """
    after = [p._replace(told=Told.NOT) if new_hold and p.told is not Told.NOT else p for p in people]
    for effect in effects:
        if isinstance(effect, Notify):
            i = names.index(effect.person)
            after[i] = _planned(after[i], effect)
        elif isinstance(effect, CancelPending):
            for i, person in enumerate(names):
                if effect.person is None or effect.person == person:
                    after[i] = _cancelled(after[i], effect.purposes)
        elif isinstance(effect, StandDown) and effect.person in names:
            i = names.index(effect.person)
            after[i] = _told(after[i], effect)
    return tuple(after)


def _planned(before: Standing, notify: Notify) -> Standing:
    if before.message != notify.message:
        reached = (use_of(row) is WayUse.LIVE for row in before.rows)
        earlier = tuple(old or now for old, now in zip(before.earlier, reached, strict=True))
        rows = (NOTHING,) * len(before.rows)
        before = before._replace(rows=rows, earlier=earlier, message=notify.message)
    after = list(before.rows)
    for way in notify.ways:
        number = way_number(way.contact_method)
        # The same message said again revives what never went out, and nothing else.
        if after[number].at in (At.NONE, At.CANCELLED):
            after[number] = after[number]._replace(at=At.PLANNED)
    return before._replace(rows=tuple(after))


def _cancelled(before: Standing, purposes: frozenset[Purpose]) -> Standing:
    after = before
    if Purpose.ASK in purposes and has_planned(before):
        after = drop_planned(after)
    if Purpose.STAND_DOWN in purposes and after.told is Told.PLANNED:
        after = after._replace(told=Told.NOT)
    return after


def _told(before: Standing, effect: StandDown) -> Standing:
    if effect.purpose is Purpose.REOPENED:
        return before._replace(told=Told.NOT)
    return before._replace(told=Told.PLANNED) if effect.purpose is Purpose.STAND_DOWN else before
