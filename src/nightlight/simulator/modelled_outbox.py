"""A model of the outbox, not the outbox: just enough of it to tell the rules what they ask of facts.

One row per person and way of their last ask, what reached them, and whether they were told that
someone has it. Rows carry no due times: in the model a planned way may go out at any moment,
which covers every delay. The real outbox is `store.outbox`.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from nightlight.engine.effects import CancelPending, Effect, Notify, PlannedWay, Purpose, StandDown
from nightlight.engine.facts import Member, Way, WayUse
from nightlight.engine.ids import ContactMethodId, PersonId
from nightlight.engine.needs import Offer

_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Row(StrEnum):
    """How one way of a person's last ask stands."""

    NONE = "none"
    PLANNED = "planned"
    FAILING = "failing"
    """A try failed; it will be tried again."""
    LIVE = "live"
    """Accepted, or it may have been."""
    DEAD = "dead"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    """A try failed, and it was cancelled before the next."""


WAITING = frozenset({Row.PLANNED, Row.FAILING})
"""Rows that a sender may still send."""

_USE = {
    Row.NONE: WayUse.UNUSED,
    Row.PLANNED: WayUse.UNUSED,
    Row.FAILING: WayUse.FAILING,
    Row.LIVE: WayUse.LIVE,
    Row.DEAD: WayUse.DEAD,
    Row.CANCELLED: WayUse.UNUSED,
    Row.STOPPED: WayUse.FAILING,
}


class Told(StrEnum):
    """Whether somebody was told, in the last hold, that someone has it."""

    NOT = "not"
    PLANNED = "planned"
    """Two minutes' wait after an answer was taken back."""
    SENT = "sent"


class Standing(NamedTuple):
    """One person in the modelled world: what the outbox has for them, and what they allow."""

    rows: tuple[Row, ...]
    """One per way, in the order of the ways."""
    gone: tuple[bool, ...]
    """Ways that were withdrawn."""
    reached: tuple[bool, ...]
    """Ways by which any ask of this call arrived or may have."""
    message: int = 0
    told: Told = Told.NOT
    removed: bool = False
    paused: bool = False
    available: bool = True
    wake_me: bool = False
    offers: frozenset[Offer] = frozenset({Offer.TALK})
    has_open_alert: bool = False
    delays: tuple[timedelta, ...] = ()


def standing(ways: int, *, wake_me: bool = False) -> Standing:
    """Return somebody with *ways* ways to reach them who was not asked yet."""
    nothing = (False,) * ways
    return Standing(rows=(Row.NONE,) * ways, gone=nothing, reached=nothing, wake_me=wake_me)


@cache
def way_id(person: PersonId, number: int) -> ContactMethodId:
    """Return the id of way *number* of *person*, counted from 0."""
    return ContactMethodId(f"{person}/{number}")


def way_number(contact_method: ContactMethodId) -> int:
    """Return which way of its person *contact_method* is."""
    return int(contact_method.rpartition("/")[2])


@lru_cache(maxsize=1 << 16)
def member_of(person: PersonId, now: Standing) -> Member:
    """Return what the rules are told of *person*."""
    left = [number for number in range(len(now.rows)) if not now.gone[number]]
    ways = tuple(
        Way(
            contact_method=way_id(person, number),
            after=now.delays[number] if now.delays else timedelta(minutes=number),
            use=_USE[now.rows[number]],
        )
        for number in left
    )
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
        reached_by=tuple(way_id(person, number) for number in left if now.reached[number]),
        stood_down=now.told is Told.SENT,
    )


def settle(before: Standing, number: int, row: Row) -> Standing:
    """Return *before* with way *number* of the last ask now standing as *row*."""
    rows = tuple(row if i == number else old for i, old in enumerate(before.rows))
    reached = before.reached
    if row is Row.LIVE:
        reached = tuple(i == number or old for i, old in enumerate(reached))
    return before._replace(rows=rows, reached=reached)


def withdraw(before: Standing, number: int) -> Standing:
    """Return *before* without way *number*; what was planned by it is dropped with it."""
    gone = tuple(i == number or old for i, old in enumerate(before.gone))
    return settle(before, number, Row.DEAD)._replace(gone=gone)


def drop_planned(before: Standing) -> Standing:
    """Return *before* with nothing left that a sender may still send."""
    dropped = {Row.PLANNED: Row.CANCELLED, Row.FAILING: Row.STOPPED}
    return before._replace(rows=tuple(dropped.get(row, row) for row in before.rows))


def time_passed(people: Sequence[Standing]) -> tuple[Standing, ...]:
    """Return *people* after more than two minutes: stand-downs that waited have gone out."""
    return tuple(p._replace(told=Told.SENT) if p.told is Told.PLANNED else p for p in people)


def carry_out(
    people: Sequence[Standing],
    names: Sequence[PersonId],
    effects: Iterable[Effect],
    now: datetime,
    *,
    new_hold: bool,
) -> tuple[Standing, ...]:
    """Return *people* (named by *names*, in that order) after the outbox did what *effects* ask.

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
            after[i] = _told(after[i], effect, now)
    return tuple(after)


def _planned(before: Standing, notify: Notify) -> Standing:
    rows = list(before.rows if before.message == notify.message else (Row.NONE,) * len(before.rows))
    for way in notify.ways:
        rows[way_number(way.contact_method)] = Row.PLANNED
    return before._replace(rows=tuple(rows), message=notify.message)


def _cancelled(before: Standing, purposes: frozenset[Purpose]) -> Standing:
    after = before
    if Purpose.ASK in purposes and not WAITING.isdisjoint(before.rows):
        after = drop_planned(after)
    if Purpose.STAND_DOWN in purposes and after.told is Told.PLANNED:
        after = after._replace(told=Told.NOT)
    return after


def _told(before: Standing, effect: StandDown, now: datetime) -> Standing:
    if effect.purpose is Purpose.REOPENED:
        return before._replace(told=Told.NOT)
    if effect.purpose is not Purpose.STAND_DOWN:
        return before
    return before._replace(told=Told.PLANNED if _is_later(effect.ways, now) else Told.SENT)


def _is_later(ways: Sequence[PlannedWay], now: datetime) -> bool:
    due = ways[0].due
    return due is not None and due > now
