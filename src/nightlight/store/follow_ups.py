"""Short notes after a call: planned in the transaction that ends it, and changed by the person alone.

They are in somebody's own words and ask for nothing. When one goes out is `store.follow_ups_due`'s.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from nightlight import chance
from nightlight.engine.effects import ScheduleFollowUps
from nightlight.engine.followup import USUAL, day_of, is_moment
from nightlight.engine.state import AlertStatus
from nightlight.store.local_time import instant
from nightlight.store.models import (
    AfterHelping,
    Afterwards,
    Alert,
    Circle,
    FollowUp,
    MemberNote,
    Membership,
    NeverContact,
    Notice,
)
from nightlight.store.notices import NoticePurpose, call_off_for_good
from nightlight.store.races import racing

WAKES_AT = time(9)
"""Whose own waking hour is not known wakes at this."""
HELPERS_ASKED_AT = time(10)
NIGHT_ENDS_AT = time(6)
"""A call that ends before this belongs to the day before: whoever took it is asked in that very morning."""
LEAST_AFTER = timedelta(hours=2)
"""The first note comes no sooner: a call that ends at five to nine is not followed by one at nine."""
MOMENTS_MAX = 24

SENT, SHOWN, STOPPED, REMOVED, NEWER, WAS_QUIET = "sent", "shown", "stopped", "removed", "newer", "quiet"
"""Why a note is not ahead any more: it went out, or is on the page alone; or it never will."""

_log = structlog.get_logger()


class NoSuchNote(LookupError):
    """No note of theirs is ahead that has this id."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How one person wants the days after a call."""

    wakes_at: time = WAKES_AT
    notes_on: bool = True
    moments: tuple[str, ...] = USUAL


@dataclass(frozen=True, kw_only=True)
class NoteAhead:
    """A note that will go out."""

    id: str
    at: datetime
    moment: str
    author: str
    """Name of whom it is from; empty for whoever runs the service."""
    alert: str


# ------------------------------------------------------------------------------------------- planning


def plan_safely(effect: ScheduleFollowUps, alert: str, circle: Circle, now: datetime) -> None:
    """Write down what follows a call. A fault in it keeps no call from ending."""
    try:
        with transaction.atomic():
            _plan(effect, alert, circle.pk, now)
    except (OperationalError, InterfaceError):
        raise  # The database is away: nothing else would fare better.
    except Exception as error:  # noqa: BLE001
        _log.error("nothing planned after a call", alert=alert, error=type(error).__name__)


def _plan(effect: ScheduleFollowUps, alert: str, person: str, now: datetime) -> None:
    people = _people(person, (*effect.had_it, *effect.others))
    helped = [name for name in effect.had_it if name in people]
    AfterHelping.objects.bulk_create(
        [
            AfterHelping(circle_id=person, person_id=name, alert_id=alert, due=due)
            for name in helped
            if (due := _helper_asked_at(now, people[name].zone)) is not None
        ],
        ignore_conflicts=True,
    )
    zone, wishes = _zone_and_wishes(person)
    if not wishes.notes_on:
        return
    # The latest call is the one that counts: notes of two series would come on top of each other.
    _ahead(person).update(ended_at=now, ended_why=NEWER)
    author = next((n for n in (*effect.had_it, *effect.others) if n in people and people[n].has_notes), None)
    FollowUp.objects.bulk_create(
        [
            FollowUp(
                id=chance.new_id(),
                circle_id=person,
                alert_id=alert,
                moment=moment,
                author_id=author,
                due=due,
                planned_at=now,
            )
            for moment, due in dues(wishes, now, zone).items()
        ],
        ignore_conflicts=True,
    )


@dataclass(frozen=True, kw_only=True)
class _Member:
    zone: str
    has_notes: bool


def _people(person: str, names: Iterable[str]) -> Mapping[str, _Member]:
    """Those of *names* who are in the circle still, and whether they lent their name to notes."""
    rows = Membership.objects.filter(
        circle_id=person, person__in=list(names), ended_at=None, agreed_on__isnull=False
    )
    rows = rows.exclude(
        person__in=NeverContact.objects.filter(circle_id=person, person__isnull=False).values("person")
    )
    notes = MemberNote.objects.filter(circle_id=person, person=OuterRef("person"))
    found = rows.annotate(has_notes=Exists(notes)).values_list("person_id", "person__time_zone", "has_notes")
    return {name: _Member(zone=zone, has_notes=has_notes) for name, zone, has_notes in found}


def _helper_asked_at(ended_at: datetime, zone: str) -> datetime | None:
    local = ended_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return at_or_next(day_of("morning", local, NIGHT_ENDS_AT), HELPERS_ASKED_AT, zone)


def at_or_next(on: date, at: time, zone: str) -> datetime | None:
    """When it is *at* on *on* in *zone*; where that date does not exist, on the next one."""
    return instant(on, at, zone) or instant(on + timedelta(days=1), at, zone)


def dues(wishes: Wishes, ended_at: datetime, zone: str) -> dict[str, datetime]:
    """When each note comes after a call that ended at *ended_at*, by its moment; each date has one at most."""
    local = ended_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    found: dict[str, datetime] = {}
    days: set[date] = set()
    for moment in wishes.moments:
        day = day_of(moment, local, wishes.wakes_at)
        due = at_or_next(day, wishes.wakes_at, zone)
        if due is not None and day not in days:
            days.add(day)
            found[moment] = max(due, ended_at + LEAST_AFTER)
    return found


def _zone_and_wishes(person: str) -> tuple[str, Wishes]:
    columns = (
        "person__time_zone",
        "afterwards",
        "afterwards__wakes_at",
        "afterwards__notes_on",
        "afterwards__moments",
    )
    row: Mapping[str, Any] = Circle.objects.values(*columns).get(pk=person)
    zone: str = row["person__time_zone"]
    if row["afterwards"] is None:
        return zone, Wishes()
    return zone, Wishes(
        wakes_at=row["afterwards__wakes_at"],
        notes_on=row["afterwards__notes_on"],
        moments=_read(row["afterwards__moments"]),
    )


def _read(moments: Sequence[str]) -> tuple[str, ...]:
    return tuple(moment for moment in moments if is_moment(moment)) or USUAL


# ------------------------------------------------------------------------------- the person's wishes


def wishes_of(person: str) -> Wishes:
    """How *person* wants the days after a call; as by default when they never said."""
    return _zone_and_wishes(person)[1]


def _ahead(person: str) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(circle_id=person, ended_at=None)


def notes_ahead(person: str) -> tuple[NoteAhead, ...]:
    """The notes that will come to *person*, the next first."""
    return tuple(
        NoteAhead(
            id=row.pk,
            at=row.due,
            moment=row.moment,
            author=row.author.name if row.author else "",
            alert=row.alert_id or "",
        )
        for row in _ahead(person).select_related("author").order_by("due", "pk")
    )


def _keep(person: str, **values: object) -> None:
    Afterwards.objects.update_or_create(circle_id=person, defaults=values)


def _locked(person: str) -> None:
    """Of two changes at once, one comes after the other."""
    Circle.objects.select_for_update().get(pk=person)


def set_wakes_at(person: str, at: time, now: datetime) -> None:
    """Notes come at *at* from now on, also those that are planned, each on its day."""

    def both() -> None:
        _locked(person)
        _keep(person, wakes_at=at)
        zone = _zone_and_wishes(person)[0]
        for row in _ahead(person).select_related("alert"):
            due = at_or_next(row.due.astimezone(ZoneInfo(zone)).date(), at, zone)
            if due is not None:
                _move(row.pk, max(_no_sooner(row, due), now))

    racing(both)


def _no_sooner(row: FollowUp, due: datetime) -> datetime:
    """*due*, but not right after the call, whatever hour or day the person moved the note to."""
    ended_at = row.alert.resolved_at if row.alert is not None else None
    return max(due, ended_at + LEAST_AFTER) if ended_at is not None else due


def _move(note: str, due: datetime) -> None:
    FollowUp.objects.filter(pk=note, ended_at=None).update(due=due)


def set_moments(person: str, moments: Sequence[str], now: datetime) -> None:
    """Notes come at these moments, after this call and later ones. Raises ValueError for what is no moment."""
    chosen = tuple(dict.fromkeys(moments))
    if not chosen or len(chosen) > MOMENTS_MAX or not all(map(is_moment, chosen)):
        raise ValueError("no moments")

    def both() -> None:
        _locked(person)
        _keep(person, moments=list(chosen), notes_on=True)
        _plan_latest_anew(person, now)

    racing(both)


def _plan_latest_anew(person: str, now: datetime) -> None:
    """The notes after the latest call come as the person wishes now; what went out is left."""
    alert = (
        Alert.objects.filter(person_id=person, status=AlertStatus.RESOLVED).order_by("-resolved_at").first()
    )
    known = (
        {row.moment: row for row in FollowUp.objects.filter(alert=alert, circle_id=person)} if alert else {}
    )
    # After a call that nothing followed, nothing begins because somebody changed a wish.
    if alert is None or alert.resolved_at is None or not known:
        return
    zone, wishes = _zone_and_wishes(person)
    wanted = {m: due for m, due in dues(wishes, alert.resolved_at, zone).items() if due > now}
    author = next((row.author_id for row in known.values() if row.author_id), None)
    for moment, row in known.items():
        if moment not in wanted:
            _end(FollowUp.objects.filter(pk=row.pk), REMOVED, now)
        elif row.ended_why in (REMOVED, STOPPED):
            FollowUp.objects.filter(pk=row.pk).update(ended_at=None, ended_why="", due=wanted[moment])
    FollowUp.objects.bulk_create(
        [
            FollowUp(
                id=chance.new_id(),
                circle_id=person,
                alert=alert,
                moment=moment,
                author_id=author,
                due=due,
                planned_at=now,
            )
            for moment, due in wanted.items()
            if moment not in known
        ]
    )


def _end(rows: QuerySet[FollowUp], why: str, now: datetime) -> int:
    return rows.filter(ended_at=None).update(ended_at=now, ended_why=why)


def remove_note(person: str, note: str, now: datetime) -> None:
    """This one will not come. Raises `NoSuchNote`."""
    if not _end(_ahead(person).filter(pk=note), REMOVED, now):
        raise NoSuchNote(note)


def move_note(person: str, note: str, on: date, now: datetime) -> None:
    """This one comes on *on*. Raises `NoSuchNote`, and ValueError for a day that is over."""
    zone, wishes = _zone_and_wishes(person)
    due = at_or_next(on, wishes.wakes_at, zone)
    if due is None or due <= now:
        raise ValueError("past")
    row = _ahead(person).select_related("alert").filter(pk=note).first()
    if row is None or not _ahead(person).filter(pk=note).update(due=_no_sooner(row, due)):
        raise NoSuchNote(note)


def not_after_latest(person: str, now: datetime) -> None:
    """Nothing more comes after the latest call; what was still to come after the one before comes on."""

    def both() -> None:
        _locked(person)
        latest = _ahead(person).order_by("-planned_at").first()
        if latest is None:
            return
        _end(_ahead(person).filter(alert=latest.alert_id), REMOVED, now)
        before = FollowUp.objects.filter(
            circle_id=person, ended_why=NEWER, ended_at=latest.planned_at, due__gt=now
        )
        before.update(ended_at=None, ended_why="")

    racing(both)


def stop_notes(person: str, now: datetime) -> None:
    """*person* wants no more notes: none comes any more, after this call or another, until they say otherwise."""
    racing(partial(_stop, person, now))


def _stop(person: str, now: datetime) -> None:
    _locked(person)
    _keep(person, notes_on=False)
    _end(_ahead(person), STOPPED, now)
    call_off_for_good(Notice.objects.filter(circle_id=person, purpose=NoticePurpose.FOLLOW_UP), now, STOPPED)


def start_notes(person: str, now: datetime) -> None:
    """Notes come again: those that are still ahead, and after later calls."""

    def both() -> None:
        _locked(person)
        _keep(person, notes_on=True)
        stopped = FollowUp.objects.filter(circle_id=person, ended_why=STOPPED, due__gt=now)
        stopped.update(ended_at=None, ended_why="")

    racing(both)
