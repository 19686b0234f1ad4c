"""Check-ins as rows: looked up, locked, and what became of each window written down.

Everything that changes one runs inside the transaction of `intake.checkin`, with the row locked: a sign of
life that was committed before the deadline is there when the deadline is looked at.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from nightlight import chance
from nightlight.engine.checkin import By, Came, Excuse, How, OnMiss, Window
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.store.models import (
    Alert,
    CheckIn,
    CheckInWindow,
    Circle,
    Membership,
    Person,
    Quiet,
)
from nightlight.store.sealing import UnreadableError, seal, token_hash, unseal
from nightlight.store.timers import CLOCK_SLACK

TOKEN_BYTES = 24
WINDOWS_KEPT = timedelta(days=8)
"""Nobody keeps count (requirement 66): what is over is shown for a week, and erased."""
LATE_MAX = timedelta(days=7)
"""So long after a miss the person's sign of life still ends what it started."""
ERASED_AT_ONCE_MAX = 500
"""So many windows at one go, so that nobody waits for it."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What a person agreed to for one check-in."""

    id: str
    person: str
    """Whose it is."""
    zone: str
    """Where the person is now."""
    rule: str
    at: time
    starts_on: date
    grace: timedelta
    remind: tuple[str, ...]
    on_miss: OnMiss
    need: Need
    is_on: bool
    paused_until: datetime | None
    pause: Excuse | None
    last_on: date | None
    """The local date of the latest window that is over: no later one has it too."""
    is_quiet: bool
    """Whether everything scheduled for the person is switched off."""
    token_sealed: str = field(repr=False)
    """The link of its page, as it was when the row was locked."""
    is_noted: bool = True
    """Whether anybody may be chosen to hear each time that it was made."""


@dataclass(frozen=True, kw_only=True)
class Missed:
    """A miss that the person has not been heard of since."""

    window: int
    at: datetime
    alert: str | None
    told: tuple[str, ...]


def due(now: datetime, limit: int) -> list[str]:
    """Those to be looked at now, the longest due first."""
    rows = CheckIn.objects.filter(looks_at__lte=now).order_by("looks_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def first_due() -> datetime | None:
    """When the next one is to be looked at, or None; for sleeping until then."""
    rows = CheckIn.objects.filter(looks_at__isnull=False)
    return rows.order_by("looks_at").values_list("looks_at", flat=True).first()


def running() -> list[str]:
    """Those whose time runs."""
    rows = CheckIn.objects.filter(window_deadline__isnull=False)
    # In the order of the index that holds these alone: by any other, SQLite reads the idle ones as well.
    return list(rows.order_by("window_deadline").values_list("pk", flat=True))


def too_far_ahead(now: datetime) -> list[str]:
    """Those whose time runs for longer than was agreed: a clock was set back."""
    ahead = Q(window_deadline__gt=F("grace") + (now + CLOCK_SLACK))
    rows = CheckIn.objects.filter(ahead, window_deadline__isnull=False, window_deadline__gt=now)
    return list(rows.order_by("window_deadline").values_list("pk", flat=True))


def put_off(check_in: str, looks_at: datetime) -> None:
    """Something about *check_in* broke: it is looked at again then, and keeps no other from its turn."""
    CheckIn.objects.filter(pk=check_in, looks_at__lt=looks_at).update(looks_at=looks_at)


def lock(check_in: str) -> CheckIn | None:
    """The row of *check_in*, locked until the transaction at hand ends; or None."""
    return _locked(Q(pk=check_in))


def locked(check_in: str) -> tuple[Schedule, Window | None] | None:
    """What was agreed to and the window now, from the row of `lock`; None when there is no such check-in."""
    return _read(lock(check_in))


def locked_of_machine(key: str) -> tuple[Schedule, Window | None] | None:
    """The same of the check-in for which a machine with *key* speaks."""
    return _read(_locked(Q(machine_hash=token_hash(key))))


def _read(row: CheckIn | None) -> tuple[Schedule, Window | None] | None:
    return (schedule_of(row), window_of(row)) if row is not None else None


def _locked(which: Q) -> CheckIn | None:
    noted = CheckIn.noted.through.objects.filter(checkin_id=OuterRef("pk"))
    rows = CheckIn.objects.select_for_update(of=("self",)).annotate(has_noted=Exists(noted))
    row = rows.filter(which).first()
    if row is not None:
        # Read behind the lock: where the person is may have changed while it was waited for.
        quiet = Quiet.objects.filter(person_id=OuterRef("pk"), ended_at=None)
        circles = Circle.objects.select_related("person").annotate(has_quiet=Exists(quiet))
        row.circle = circles.get(pk=row.circle_id)
    return row


def with_token(token: str) -> str | None:
    """Whose page *token* opens: the id of the check-in."""
    return CheckIn.objects.filter(token_hash=token_hash(token)).values_list("pk", flat=True).first()


def of_person(person: str) -> list[str]:
    """The check-ins of *person* that are on, in the order of their time."""
    rows = CheckIn.objects.filter(circle_id=person, on_since__isnull=False)
    return list(rows.values_list("pk", flat=True))


def schedule_of(row: CheckIn) -> Schedule:
    """What was agreed to, of a row that was read together with its person."""
    return Schedule(
        id=row.pk,
        person=row.circle_id,
        zone=row.circle.person.time_zone,
        rule=row.rule,
        at=row.at,
        starts_on=row.starts_on,
        grace=row.grace,
        remind=tuple(row.remind),
        on_miss=OnMiss(row.on_miss),
        need=Need(row.need),
        is_on=row.on_since is not None,
        paused_until=row.paused_until,
        pause=Excuse(row.pause) if row.pause else None,
        last_on=row.last_on,
        is_quiet=getattr(row.circle, "has_quiet", False),
        token_sealed=row.token_sealed,
        is_noted=getattr(row, "has_noted", True),
    )


def window_of(row: CheckIn) -> Window | None:
    """Its window now, or None while it is off."""
    if row.window_on is None or row.window_due is None:
        return None
    return Window(
        on=row.window_on,
        due=row.window_due,
        next_due=row.next_due,
        began=row.window_began,
        deadline=row.window_deadline,
        reminded=row.reminded,
        was_extended=row.was_extended,
    )


def keep_window(check_in: str, window: Window, looks_at: datetime | None) -> None:
    """Write down how far *window* has come, and when to look again."""
    CheckIn.objects.filter(pk=check_in).update(
        window_on=window.on,
        window_due=window.due,
        next_due=window.next_due,
        window_began=window.began,
        window_deadline=window.deadline,
        reminded=window.reminded,
        was_extended=window.was_extended,
        looks_at=looks_at,
    )


def end_window(
    check_in: str,
    window: Window,
    came: Came,
    now: datetime,
    *,
    how: How | None = None,
    by: By | None = None,
    why: Excuse | None = None,
) -> int:
    """Write down, once and for ever, what became of *window*; the id of that."""
    CheckIn.objects.filter(pk=check_in).update(last_on=window.on)
    row = CheckInWindow.objects.create(
        check_in_id=check_in,
        on=window.on,
        due=window.due,
        ended_at=now,
        came=came,
        how=how or "",
        by=by or "",
        why=why or "",
    )
    return row.pk


def note_consequence(window: int, alert: str | None, told: Collection[str]) -> None:
    """Which call a miss raised or joined, and who was told of it."""
    CheckInWindow.objects.filter(pk=window).update(alert_id=alert)
    if told:
        CheckInWindow.objects.get(pk=window).told.set(Person.objects.filter(pk__in=told))


def missed_of(check_in: str, now: datetime) -> list[Missed]:
    """Misses of *check_in* since which the person was not heard of."""
    rows = CheckInWindow.objects.filter(
        check_in_id=check_in, came=Came.MISSED, late_at=None, ended_at__gt=now - LATE_MAX
    )
    return [
        Missed(
            window=row.pk,
            at=row.ended_at,
            alert=row.alert_id,
            told=tuple(row.told.values_list("pk", flat=True)),
        )
        for row in rows
    ]


def note_late(windows: Iterable[int], now: datetime) -> None:
    """The person was heard of after these misses."""
    CheckInWindow.objects.filter(pk__in=list(windows)).update(late_at=now)


def is_open(alert: str) -> bool:
    """Whether the call *alert* is not over yet."""
    return Alert.objects.filter(pk=alert).exclude(status=AlertStatus.RESOLVED).exists()


def note_plan(check_in: str) -> None:
    """What is ahead is planned anew in this transaction."""
    CheckIn.objects.filter(pk=check_in).update(version=F("version") + 1)


def keep_next_due(check_in: str, next_due: datetime | None) -> None:
    """When the window after the one that runs is due now."""
    CheckIn.objects.filter(pk=check_in).update(next_due=next_due)


def told_members(row: CheckIn) -> list[str]:
    """Whom the person chose to be told of a miss, and who is in the circle still."""
    return _members(row, row.told.values_list("pk", flat=True))


def noted_members(row: CheckIn) -> list[str]:
    """Who is to hear that it was made, and is in the circle still."""
    return _members(row, row.noted.values_list("pk", flat=True))


def _members(row: CheckIn, people: Iterable[str]) -> list[str]:
    agreed = Membership.objects.filter(
        circle_id=row.circle_id, person_id__in=list(people), ended_at=None, agreed_on__isnull=False
    )
    return list(agreed.order_by("position", "pk").values_list("person_id", flat=True))


def new_page_token(check_in: str) -> str:
    """A fresh link for its page; the one before it opens nothing any more."""
    token = chance.new_token(TOKEN_BYTES)
    CheckIn.objects.filter(pk=check_in).update(token_hash=token_hash(token), token_sealed=seal(token))
    return token


def page_token(row: CheckIn) -> str:
    """The link of its page, as reminders carry it."""
    try:
        return unseal(row.token_sealed) if row.token_sealed else new_page_token(row.pk)
    except UnreadableError:
        # Its key is lost: a reminder with another link is better than none.
        return new_page_token(row.pk)


def new_machine_key(check_in: str) -> str:
    """A fresh key for a lamp, a door or a script, shown once; the one before it is good for nothing."""
    key = chance.new_token(TOKEN_BYTES)
    CheckIn.objects.filter(pk=check_in).update(machine_hash=token_hash(key))
    return key


def drop_machine_key(check_in: str) -> None:
    """No machine checks in for the person any more."""
    CheckIn.objects.filter(pk=check_in).update(machine_hash=None)


def switch_on(check_in: str, now: datetime) -> None:
    """It is on from now; what its first window is, `intake.checkin` plans in the same transaction."""
    CheckIn.objects.filter(pk=check_in).update(on_since=now, looks_at=now)
    # Its page is there from the beginning, so that a page that is only looked at never has to make the link.
    if CheckIn.objects.filter(pk=check_in, token_hash=None).exists():
        new_page_token(check_in)


def switch_off(check_in: str) -> None:
    """It is off, and no window of it runs."""
    CheckIn.objects.filter(pk=check_in).update(
        on_since=None,
        looks_at=None,
        window_on=None,
        window_due=None,
        next_due=None,
        window_began=None,
        window_deadline=None,
        reminded=0,
        was_extended=False,
    )


def note_change(check_in: str, now: datetime) -> None:
    """The person changed it themself: from now on no file overrules that."""
    CheckIn.objects.filter(pk=check_in).update(changed_at=now)


def note_move(person: str, now: datetime) -> None:
    """*person* said themself where they are: from now on no file overrules that."""
    Person.objects.filter(pk=person).update(moved_at=now)


def pause(check_in: str, why: Excuse | None, until: datetime | None) -> None:
    """No window that is due before *until* asks for anything; None takes the pause back."""
    CheckIn.objects.filter(pk=check_in).update(paused_until=until, pause=why or "")


def is_quiet(person: str) -> bool:
    """Whether everything scheduled for *person* is switched off."""
    return Quiet.objects.filter(person_id=person, ended_at=None).exists()


def old_windows(now: datetime) -> list[int]:
    """One of the windows that were over long ago, if there are any."""
    return list(_old_windows(now).values_list("pk", flat=True)[:1])


def erase_old_windows(now: datetime) -> int:
    """Windows that were over long ago are erased; how many were."""
    rows = list(_old_windows(now).values_list("pk", flat=True)[:ERASED_AT_ONCE_MAX])
    CheckInWindow.objects.filter(pk__in=rows).delete()
    return len(rows)


def _old_windows(now: datetime) -> QuerySet[CheckInWindow]:
    return CheckInWindow.objects.filter(ended_at__lt=now - WINDOWS_KEPT)
