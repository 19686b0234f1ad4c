"""Who said what they will do, and when: made in a call, kept in mind, and handed on when it cannot be done.

A promise is made by whoever said yes to a call. It goes through `Stage`, one look after another, until it was
kept, let go, or nobody could take it over; then the one it was made to is told so plainly, and the host.
"""

from datetime import datetime
from functools import partial

from nightlight.chance import new_id
from nightlight.store.arranged import NotPossible, changed, helped, is_in, lock_call, tell_owner
from nightlight.store.models import Person, Promise
from nightlight.store.notices import NoticePurpose
from nightlight.store.promise_rows import (
    AHEAD_MAX,
    IS_LOOKING,
    OPEN_MAX,
    REMINDED_BEFORE,
    Ended,
    Promised,
    Stage,
    end,
    hush,
    locked,
    stop_asking,
)
from nightlight.store.promises_due import look_for_another, look_further
from nightlight.store.races import racing
from nightlight.store.sealing import opened, seal


def make(alert: str, person: str, promised: Promised, now: datetime) -> str:
    """*person* says what they will do for whoever called; its id. Raises `NotPossible`."""
    return racing(partial(_make, alert, person, promised, now))


def _make(alert: str, person: str, promised: Promised, now: datetime) -> str:
    call = lock_call(alert)
    if call is None or not helped(call, person) or not is_in(call.person_id, person):
        raise NotPossible
    mine = Promise.objects.filter(circle_id=call.person_id, person_id=person, ended_at=None)
    if mine.count() >= OPEN_MAX or not now < promised.due <= now + AHEAD_MAX:
        raise NotPossible
    # A press that came twice is one promise.
    same = mine.filter(alert_id=alert, due=promised.due, what=promised.what).first()
    if same is not None and opened(same.words_sealed) == promised.words:
        return same.pk
    row = Promise.objects.create(
        id=new_id(),
        circle_id=call.person_id,
        alert_id=alert,
        person_id=person,
        what=promised.what,
        words_sealed=seal(promised.words) if promised.words else "",
        due=promised.due,
        made_at=now,
        looks_at=_first_look(promised.due, now),
    )
    changed(alert)
    return row.pk


def _first_look(due: datetime, now: datetime) -> datetime:
    """When it is brought to mind; at its time itself when it was made shortly before."""
    return due - REMINDED_BEFORE if due - REMINDED_BEFORE > now else due


def kept(person: str, promise: str, now: datetime) -> bool:
    """Whoever has it says that it worked out; whether it was theirs and open."""
    return racing(partial(_kept, person, promise, now))


def _kept(person: str, promise: str, now: datetime) -> bool:
    row = locked(promise)
    if row is None or row.person_id != person or not is_in(row.circle_id, person):
        return False
    end(row, Ended.KEPT, now)
    return True


def cannot(person: str, promise: str, now: datetime, channels_on: frozenset[str]) -> bool:
    """*person* cannot, whether they have it or were asked to take it over; whether there was something to say no to.

    Whoever had it need not say why: others are asked at once.
    """
    return racing(partial(_cannot, person, promise, now, channels_on))


def _cannot(person: str, promise: str, now: datetime, channels_on: frozenset[str]) -> bool:
    row = locked(promise)
    if row is None:
        return False
    had_it = row.person_id == person
    if not had_it and not _is_asked(row, person):
        return False
    row.declined.add(Person.objects.get(pk=person))
    if had_it:
        hush(row, now)
        Promise.objects.filter(pk=row.pk).update(person=None)
        row.person_id = None
        changed(row.alert_id)
        if row.reminded not in IS_LOOKING:
            look_for_another(row, now, channels_on)
    elif not row.asked.exclude(pk__in=row.declined.all()).exists():
        look_further(row, now, channels_on)
    return True


def later(person: str, promise: str, moment: datetime, now: datetime) -> bool:
    """Whoever has it names another time, before others are asked; whether they had it. Raises `NotPossible`."""
    return racing(partial(_later, person, promise, moment, now))


def _later(person: str, promise: str, moment: datetime, now: datetime) -> bool:
    row = locked(promise)
    if row is None or row.person_id != person or row.reminded in IS_LOOKING:
        return False
    if not now < moment <= now + AHEAD_MAX:
        raise NotPossible
    _begin_anew(row, person, moment, now)
    return True


def _begin_anew(row: Promise, person: str, moment: datetime, now: datetime) -> None:
    Promise.objects.filter(pk=row.pk).update(
        person=person, due=moment, reminded=Stage.WAITS, looks_at=_first_look(moment, now)
    )
    changed(row.alert_id)


def take_over(
    person: str, promise: str, moment: datetime, now: datetime, channels_on: frozenset[str]
) -> bool:
    """The first who says yes has it, for *moment*; False when somebody else was first, or nobody asked them.

    Raises `NotPossible` for a time that is past or too far ahead.
    """
    if not now < moment <= now + AHEAD_MAX:
        raise NotPossible
    return racing(partial(_take_over, person, promise, moment, now, channels_on))


def _take_over(
    person: str, promise: str, moment: datetime, now: datetime, channels_on: frozenset[str]
) -> bool:
    row = locked(promise)
    if row is None or row.reminded not in IS_LOOKING or not _is_asked(row, person):
        return False
    _begin_anew(row, person, moment, now)
    stop_asking(row, now)
    tell_owner(NoticePurpose.PROMISE_NEWS, row.circle_id, now, channels_on)
    return True


def _is_asked(row: Promise, person: str) -> bool:
    if not row.asked.filter(pk=person).exists() or row.declined.filter(pk=person).exists():
        return False
    return row.reminded in IS_LOOKING and is_in(row.circle_id, person)


def let_go(owner: str, promise: str, now: datetime) -> bool:
    """Whom it was made to needs it no more; whether it was open."""
    return racing(partial(_end_by_owner, owner, promise, Ended.LET_GO, now))


def was_kept(owner: str, promise: str, now: datetime) -> bool:
    """Whom it was made to says that it happened; whether it was open."""
    return racing(partial(_end_by_owner, owner, promise, Ended.KEPT, now))


def _end_by_owner(owner: str, promise: str, why: Ended, now: datetime) -> bool:
    row = locked(promise)
    if row is None or row.circle_id != owner:
        return False
    end(row, why, now)
    return True
