"""A talk that was put off has a date, and comes back to both until it took place or was let go."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import partial

from nightlight.chance import new_id
from nightlight.store.arranged import NotPossible, call_off_for, is_in, tell_member, tell_owner
from nightlight.store.check_ins import is_quiet
from nightlight.store.local_time import instant, local_date
from nightlight.store.models import Afterwards, Circle, Membership, Talk
from nightlight.store.notices import NoticePurpose
from nightlight.store.races import racing

AGAIN_AFTER = timedelta(days=3)
AHEAD_MAX = timedelta(days=366)
WAKES_AT = time(9)
"""The waking hour of whoever did not choose one."""
MEMBER_AT = time(10)
LATER = timedelta(hours=1)


class Ended(StrEnum):
    """How it ended."""

    TALKED = "talked"
    LET_GO = "let_go"


@dataclass(frozen=True, kw_only=True)
class TalkView:
    """One talk, for either of the two."""

    id: str
    membership: int
    owner: str
    member: str
    on: date
    is_due: bool
    """Its day has come, where the reader is."""


def plan(circle: str, member: str, on: date, now: datetime, *, by_member: bool) -> str:
    """The two want to talk, on that day; its id. There is one at a time: another day takes the place of the first.

    Raises `NotPossible` when *member* is not in the circle, or the day is past or too far ahead.
    """
    return racing(partial(_plan, circle, member, on, now, by_member))


def _plan(circle: str, member: str, on: date, now: datetime, by_member: bool) -> str:
    Circle.objects.select_for_update().get(pk=circle)
    if not is_in(circle, member):
        raise NotPossible
    row = Talk.objects.filter(circle_id=circle, person_id=member, ended_at=None).first()
    if row is None:
        row = Talk(id=new_id(), circle_id=circle, person_id=member, by_member=by_member, made_at=now)
    _set_day(row, on, now)
    row.save()
    return row.pk


def _set_day(row: Talk, on: date, now: datetime) -> None:
    today = local_date(now, row.circle.person.time_zone)
    # The day before is still today somewhere.
    if not today - timedelta(days=1) <= on <= today + AHEAD_MAX:
        raise NotPossible
    row.on, row.reminded_on, row.member_reminded_on = on, None, None
    row.looks_at = _next_look(row)


def _next_look(row: Talk) -> datetime:
    return min(_owner_at(row), _member_at(row))


def _owner_at(row: Talk) -> datetime:
    wakes_at = Afterwards.objects.filter(pk=row.circle_id).values_list("wakes_at", flat=True).first()
    return _at(_next_day(row.on, row.reminded_on), wakes_at or WAKES_AT, row.circle.person.time_zone)


def _member_at(row: Talk) -> datetime:
    return _at(_next_day(row.on, row.member_reminded_on), MEMBER_AT, row.person.time_zone)


def _next_day(on: date, reminded_on: date | None) -> date:
    return reminded_on + AGAIN_AFTER if reminded_on else on


def _at(day: date, hour: time, zone: str) -> datetime:
    """That hour of the day; of the next one where a country left the day out."""
    found = instant(day, hour, zone) or instant(day + timedelta(days=1), hour, zone)
    assert found is not None
    return found


def due(now: datetime, limit: int) -> list[str]:
    """Those that come back to somebody now, the longest due first."""
    rows = Talk.objects.filter(looks_at__lte=now).order_by("looks_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def look(talk: str, now: datetime, channels_on: frozenset[str]) -> None:
    """Tell whoever is to be told by now; nothing when that is done already."""
    racing(partial(_look, talk, now, channels_on))


def _look(talk: str, now: datetime, channels_on: frozenset[str]) -> None:
    row = _locked(talk)
    if row is None or row.looks_at is None or row.looks_at > now:
        return
    if not is_in(row.circle_id, row.person_id):
        _end(row, Ended.LET_GO, now)
        return
    if is_quiet(row.circle_id):
        Talk.objects.filter(pk=talk).update(looks_at=now + LATER)
        return
    if _owner_at(row) <= now:
        row.reminded_on = local_date(now, row.circle.person.time_zone)
        tell_owner(NoticePurpose.TALK, row.circle_id, now, channels_on)
    if _member_at(row) <= now:
        row.member_reminded_on = local_date(now, row.person.time_zone)
        tell_member(NoticePurpose.TALK, row.person_id, row.circle_id, now, channels_on)
    row.looks_at = _next_look(row)
    row.save()


def _locked(talk: str) -> Talk | None:
    rows = Talk.objects.select_for_update(of=("self",)).select_related("circle__person", "person")
    return rows.filter(pk=talk, ended_at=None).first()


def talked(who: str, talk: str, now: datetime) -> bool:
    """Either of the two says that it took place; whether it was open and theirs."""
    return racing(partial(_end_by, who, talk, Ended.TALKED, now))


def let_go(who: str, talk: str, now: datetime) -> bool:
    """Either of the two lets it go; the other is not asked about it any more. Whether it was open and theirs."""
    return racing(partial(_end_by, who, talk, Ended.LET_GO, now))


def _end_by(who: str, talk: str, why: Ended, now: datetime) -> bool:
    row = _of(who, talk)
    if row is None:
        return False
    _end(row, why, now)
    return True


def another_day(who: str, talk: str, on: date, now: datetime) -> bool:
    """Either of the two names another day; whether it was open and theirs. Raises `NotPossible`."""
    return racing(partial(_another_day, who, talk, on, now))


def _another_day(who: str, talk: str, on: date, now: datetime) -> bool:
    row = _of(who, talk)
    if row is None:
        return False
    _set_day(row, on, now)
    row.save()
    return True


def _of(who: str, talk: str) -> Talk | None:
    row = _locked(talk)
    if row is None or who not in (row.circle_id, row.person_id) or not is_in(row.circle_id, row.person_id):
        return None
    return row


def _end(row: Talk, why: Ended, now: datetime) -> None:
    Talk.objects.filter(pk=row.pk).update(ended_at=now, ended_why=why, looks_at=None)
    others = Talk.objects.filter(circle_id=row.circle_id, ended_at=None).exclude(pk=row.pk)
    if not others.exists():
        call_off_for((NoticePurpose.TALK,), row.circle_id, now)


def talks_of(owner: str, now: datetime) -> tuple[TalkView, ...]:
    """The talks *owner* wants to have, the soonest first."""
    return _views(now, owner=True, circle_id=owner)


def talks_with(member: str, now: datetime) -> tuple[TalkView, ...]:
    """The talks *member* wants to have with those in whose circles they are, the soonest first."""
    return _views(now, owner=False, person_id=member)


def _views(now: datetime, *, owner: bool, **which: str) -> tuple[TalkView, ...]:
    rows = Talk.objects.filter(ended_at=None, **which).select_related("circle__person", "person")
    found = []
    for row in rows:
        membership = Membership.objects.filter(circle_id=row.circle_id, person_id=row.person_id).first()
        if membership is None or not is_in(row.circle_id, row.person_id):
            continue
        reader = row.circle.person if owner else row.person
        found.append(
            TalkView(
                id=row.pk,
                membership=membership.pk,
                owner=row.circle.person.name,
                member=row.person.name,
                on=row.on,
                is_due=row.on <= local_date(now, reader.time_zone),
            )
        )
    return tuple(found)
