"""Somewhere to stay: whose door is open tonight, whether the caller got there, and home again.

Confirmed by whoever has a call that asks for it. Nobody counts nights, and the words are erased with the end.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial

from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.store.arranged import (
    NotPossible,
    as_decided,
    call_off_for,
    changed,
    is_in,
    lock_call,
    tell_member,
    tell_owner,
)
from nightlight.store.check_ins import is_quiet
from nightlight.store.local_time import instant, local_date
from nightlight.store.models import Stay
from nightlight.store.notices import NoticePurpose
from nightlight.store.races import racing
from nightlight.store.sealing import opened, seal

WORDS_MAX = 300
THERE_AFTER = timedelta(hours=3)
"""So long after the door was opened both are asked whether the caller got there."""
NOON = time(12)
"""When both are asked about the way home, by the caller's own clock."""
NOON_AFTER = timedelta(hours=6)
"""A noon sooner than this is not the next day's."""
LATER = timedelta(hours=1)
HOME_ASKED_MAX = 3
"""Two noons without a word, and it ends quietly: 1 and the two of them."""


@dataclass(frozen=True, kw_only=True)
class StayView:
    """One stay, as the two of them see it."""

    alert: str
    owner: str
    """Name of whoever needs somewhere to stay."""
    person: str
    """Id of whoever opens the door."""
    name: str
    words: str
    arrived_at: datetime | None


def confirm(person: str, alert: str, words: str, now: datetime) -> None:
    """Whoever has the call opens their door: *words* say where and from when. Raises `NotPossible`."""
    if not words or len(words) > WORDS_MAX:
        raise NotPossible
    racing(partial(_confirm, person, alert, words, now))


def _confirm(person: str, alert: str, words: str, now: datetime) -> None:
    call = lock_call(alert)
    decided = as_decided(call)
    if call is None or decided is None or call.status == AlertStatus.RESOLVED:
        raise NotPossible
    if call.need != Need.STAY or decided.taker != person or not is_in(call.person_id, person):
        raise NotPossible
    known = Stay.objects.filter(pk=alert).first()
    is_same = known is not None and known.person_id == person and known.ended_at is None
    if not is_same and known is not None and known.arrived_at and known.ended_at is None:
        raise NotPossible
    new = {
        "circle_id": call.person_id,
        "person_id": person,
        "offered_at": now,
        "confirmed_at": now,
        "arrived_at": None,
        "home_at": None,
        "ended_at": None,
        "asked": 0,
        "looks_at": now + THERE_AFTER,
    }
    Stay.objects.update_or_create(
        alert_id=alert, defaults={"words_sealed": seal(words), **({} if is_same else new)}
    )
    changed(alert)


def arrived(who: str, alert: str, now: datetime) -> bool:
    """Either of the two says that the caller is there; whether that was still open."""
    return racing(partial(_arrived, who, alert, now))


def _arrived(who: str, alert: str, now: datetime) -> bool:
    row = _locked(who, alert)
    if row is None:
        return False
    if row.arrived_at is None:
        looks_at = _next_noon(row, now)
        Stay.objects.filter(pk=alert).update(arrived_at=now, asked=1, looks_at=looks_at)
        call_off_for((NoticePurpose.STAY,), row.circle_id, now)
        changed(alert)
    return True


def stays_on(who: str, alert: str, now: datetime) -> bool:
    """One night more: both are asked again at the next noon; whether there was a stay."""
    return racing(partial(_stays_on, who, alert, now))


def _stays_on(who: str, alert: str, now: datetime) -> bool:
    row = _locked(who, alert)
    if row is None or row.arrived_at is None:
        return False
    Stay.objects.filter(pk=alert).update(asked=1, looks_at=_next_noon(row, now))
    return True


def is_home(who: str, alert: str, now: datetime) -> bool:
    """Either of the two says that the caller is home again: it is over; whether it was not yet."""
    return racing(partial(_end_by, who, alert, now, home=True))


def is_off(who: str, alert: str, now: datetime) -> bool:
    """Either of the two says that it will not be: not needed, or not possible after all."""
    return racing(partial(_end_by, who, alert, now, home=False))


def _end_by(who: str, alert: str, now: datetime, *, home: bool) -> bool:
    row = _locked(who, alert)
    if row is None:
        return False
    _end(row, now, home=home)
    return True


def _end(row: Stay, now: datetime, *, home: bool) -> None:
    Stay.objects.filter(pk=row.pk).update(
        ended_at=now, home_at=now if home else None, looks_at=None, words_sealed=""
    )
    call_off_for((NoticePurpose.STAY,), row.circle_id, now)
    changed(row.pk)


def _locked(who: str, alert: str) -> Stay | None:
    """The stay that is not over, if *who* is one of the two."""
    lock_call(alert)
    rows = Stay.objects.select_for_update(of=("self",)).select_related("circle__person")
    row = rows.filter(pk=alert, ended_at=None).first()
    if row is None or who not in (row.circle_id, row.person_id):
        return None
    return row if who == row.circle_id or is_in(row.circle_id, who) else None


def _next_noon(row: Stay, now: datetime) -> datetime:
    zone = row.circle.person.time_zone
    today = local_date(now, zone)
    noons = (instant(today + timedelta(days=day), NOON, zone) for day in range(4))
    return next(noon for noon in noons if noon is not None and noon >= now + NOON_AFTER)


# ------------------------------------------------------------------------------- what time brings


def due(now: datetime, limit: int) -> list[str]:
    """Those of which both are to be asked now, the longest due first."""
    rows = Stay.objects.filter(looks_at__lte=now).order_by("looks_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def look(alert: str, now: datetime, channels_on: frozenset[str]) -> None:
    """Ask both what is to be asked by now; nothing when that is done already."""
    racing(partial(_look, alert, now, channels_on))


def _look(alert: str, now: datetime, channels_on: frozenset[str]) -> None:
    lock_call(alert)
    rows = Stay.objects.select_for_update(of=("self",)).select_related("circle__person")
    row = rows.filter(pk=alert, ended_at=None, looks_at__lte=now).first()
    if row is None:
        return
    if is_quiet(row.circle_id):
        Stay.objects.filter(pk=alert).update(looks_at=now + LATER)
    elif row.asked >= HOME_ASKED_MAX or not is_in(row.circle_id, row.person_id):
        _end(row, now, home=False)
    else:
        Stay.objects.filter(pk=alert).update(asked=row.asked + 1, looks_at=_next_noon(row, now))
        tell_member(NoticePurpose.STAY, row.person_id, row.circle_id, now, channels_on)
        tell_owner(NoticePurpose.STAY, row.circle_id, now, channels_on)


# ---------------------------------------------------------------------------------------------- reading


def stay_of(alert: str) -> StayView | None:
    """The stay of one call, if it is not over."""
    return next(iter(_views(alert_id=alert)), None)


def stays_with(person: str) -> tuple[StayView, ...]:
    """Whom *person* has opened their door for."""
    return tuple(view for view, circle in _pairs(person_id=person) if is_in(circle, person))


def stays_of(owner: str) -> tuple[StayView, ...]:
    """Where *owner* stays."""
    return _views(circle_id=owner)


def _views(**which: str) -> tuple[StayView, ...]:
    return tuple(view for view, _ in _pairs(**which))


def _pairs(**which: str) -> list[tuple[StayView, str]]:
    rows = Stay.objects.filter(ended_at=None, **which).select_related("person", "circle__person")
    return [(_view(row), row.circle_id) for row in rows.order_by("offered_at", "pk")]


def _view(row: Stay) -> StayView:
    return StayView(
        alert=row.pk,
        owner=row.circle.person.name,
        person=row.person_id,
        name=row.person.name,
        words=opened(row.words_sealed),
        arrived_at=row.arrived_at,
    )
