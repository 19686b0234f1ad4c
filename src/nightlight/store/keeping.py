"""Looking after something for somebody: who does, from when, and when both look at it again.

What it is, nobody here knows and no column could hold: the two tell each other.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import partial
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from nightlight.engine.needs import Offer
from nightlight.store.models import Keeping, Membership, Person
from nightlight.store.notices import NoticePurpose, tell_person, ways_to_tell
from nightlight.store.quiet import quiet_ones
from nightlight.store.races import racing
from nightlight.store.supporting import link_in_message

LOOK_AGAIN_AFTER = timedelta(days=90)
"""As long as what members agree to by default; then both are asked to look at it again."""
LOOKED_AT_FROM = time(10)
"""On that day, from this hour on by the clocks of both."""
_DAYS_APART_MAX = timedelta(days=1)
"""No two clocks show dates that lie further apart than this from that of UTC."""


class Kept(StrEnum):
    """What the one who was asked said."""

    YES = "yes"
    NO = "no"


class CannotBeAsked(LookupError):
    """They are not in the circle, do not offer it, or were asked already."""


@dataclass(frozen=True, kw_only=True)
class KeepingView:
    """One of them, for either side."""

    id: int
    membership: int
    owner: str
    """Name of the one it is looked after for."""
    keeper: str
    answer: str
    since: datetime | None
    look_on: date


def ask_to_keep(person: str, membership: int, now: datetime, channels_on: frozenset[str]) -> None:
    """*person* asks a member who offers it to look after something. Raises `CannotBeAsked`."""
    racing(partial(_ask, person, membership, now, channels_on))


def _ask(person: str, membership: int, now: datetime, channels_on: frozenset[str]) -> None:
    rows = Membership.objects.select_for_update(of=("self",)).select_related("person")
    row = rows.filter(pk=membership, circle_id=person, ended_at=None, agreed_on__isnull=False).first()
    if row is None or Offer.KEEP not in row.offers:
        raise CannotBeAsked(membership)
    if _open(person, row.person_id).exists():
        raise CannotBeAsked(membership)
    look_on = _today(row.person, now) + LOOK_AGAIN_AFTER
    Keeping.objects.create(circle_id=person, person_id=row.person_id, asked_at=now, look_on=look_on)
    _ask_keeper(person, row.person_id, now, channels_on)


def _open(person: str, keeper: str) -> QuerySet[Keeping]:
    return Keeping.objects.filter(circle_id=person, person_id=keeper, ended_at=None).exclude(answer=Kept.NO)


def _ask_keeper(person: str, keeper: str, now: datetime, channels_on: frozenset[str]) -> None:
    if ways_to_tell(keeper, channels_on).exists():
        token = link_in_message(keeper, now)
        tell_person(NoticePurpose.KEEPING, keeper, now, channels_on, circle=person, token=token)


def answer_keeping(
    keeper: str, keeping: int, answer: Kept, now: datetime, channels_on: frozenset[str]
) -> bool:
    """The one who was asked says so; whether there was a question. The one who asked is told."""
    return racing(partial(_answer, keeper, keeping, answer, now, channels_on))


def _answer(keeper: str, keeping: int, answer: Kept, now: datetime, channels_on: frozenset[str]) -> bool:
    row = Keeping.objects.filter(pk=keeping, person_id=keeper, answer="", ended_at=None).first()
    if row is None or not _is_member(row.circle_id, keeper):
        return False
    Keeping.objects.filter(pk=keeping).update(answer=answer, answered_at=now)
    purpose = NoticePurpose.JOINED if answer is Kept.YES else NoticePurpose.DECLINED
    tell_person(purpose, row.circle_id, now, channels_on, circle=row.circle_id, about=keeper)
    return True


def _is_member(person: str, keeper: str) -> bool:
    return Membership.objects.filter(circle_id=person, person_id=keeper, ended_at=None).exists()


def end_keeping(who: str, keeping: int, now: datetime) -> bool:
    """Either of the two says that it is over, or takes the question back; whether it was not over yet."""
    rows = Keeping.objects.filter(pk=keeping, ended_at=None)
    return bool((rows.filter(circle_id=who) | rows.filter(person_id=who)).update(ended_at=now))


def look_again_later(who: str, keeping: int, now: datetime) -> bool:
    """One of them has looked at it: it goes on, and both are asked once more after `LOOK_AGAIN_AFTER`."""
    rows = Keeping.objects.filter(pk=keeping, ended_at=None, answer=Kept.YES).select_related("person")
    mine = (rows.filter(circle_id=who) | rows.filter(person_id=who)).first()
    if mine is None:
        return False
    look_on = _today(mine.person, now) + LOOK_AGAIN_AFTER
    return bool(rows.update(look_on=look_on, reminded_at=None))


def _today(person: Person, now: datetime) -> date:
    return now.astimezone(ZoneInfo(person.time_zone)).date()


def keepings_of(person: str) -> tuple[KeepingView, ...]:
    """What is looked after for *person*, or is asked for."""
    return _views(Keeping.objects.filter(circle_id=person))


def keepings_for(keeper: str) -> tuple[KeepingView, ...]:
    """What *keeper* looks after, or is asked to, for those whose circle they are in."""
    return _views(Keeping.objects.filter(person_id=keeper))


def _views(rows: QuerySet[Keeping]) -> tuple[KeepingView, ...]:
    held = rows.filter(ended_at=None).exclude(answer=Kept.NO).select_related("circle__person", "person")
    members = {
        (row.circle_id, row.person_id): row.pk
        for row in Membership.objects.filter(
            ended_at=None, circle__in=[r.circle_id for r in held], person__in=[r.person_id for r in held]
        )
    }
    return tuple(
        KeepingView(
            id=row.pk,
            membership=members[row.circle_id, row.person_id],
            owner=row.circle.person.name,
            keeper=row.person.name,
            answer=row.answer,
            since=row.answered_at,
            look_on=row.look_on,
        )
        for row in held
        if (row.circle_id, row.person_id) in members
    )


def to_look_at(now: datetime) -> list[int]:
    """Those whose day has come where both of them live, and of which nobody was reminded yet.

    Not while either of them has everything scheduled switched off: then they are asked when that is taken back.
    """
    rows = Keeping.objects.filter(
        ended_at=None, answer=Kept.YES, reminded_at=None, look_on__lte=now.date() + _DAYS_APART_MAX
    )
    found = list(rows.select_related("person", "circle__person").order_by("pk"))
    quiet = quiet_ones([person for row in found for person in (row.circle_id, row.person_id)])
    return [row.pk for row in found if _has_come(row, now) and not quiet & {row.circle_id, row.person_id}]


def _has_come(row: Keeping, now: datetime) -> bool:
    clocks = (now.astimezone(ZoneInfo(person.time_zone)) for person in (row.person, row.circle.person))
    return all((local.date(), local.time()) >= (row.look_on, LOOKED_AT_FROM) for local in clocks)


def remind(keeping: int, now: datetime, channels_on: frozenset[str]) -> bool:
    """Ask both, once, to look at it again; whether they are asked."""
    return racing(partial(_remind, keeping, now, channels_on))


def _remind(keeping: int, now: datetime, channels_on: frozenset[str]) -> bool:
    row = Keeping.objects.select_for_update().filter(pk=keeping, ended_at=None, reminded_at=None).first()
    if row is None or not _is_member(row.circle_id, row.person_id):
        return False
    Keeping.objects.filter(pk=keeping).update(reminded_at=now)
    _ask_keeper(row.circle_id, row.person_id, now, channels_on)
    tell_person(
        NoticePurpose.LOOK_AGAIN, row.circle_id, now, channels_on, circle=row.circle_id, about=row.person_id
    )
    return True
