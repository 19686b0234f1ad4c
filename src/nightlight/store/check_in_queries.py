"""What pages show of check-ins: to the person whose they are, and to whoever they chose to hear of them. Reading only.

Nothing here counts, and nothing goes back further than the latest: what is over is nobody's record.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from nightlight.engine.checkin import Came, Excuse, How, OnMiss, Window
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.store.check_ins import LATE_MAX, window_of
from nightlight.store.models import CheckIn, CheckInWindow, Membership, Notice, NotificationStatus, Person
from nightlight.store.notices import NoticePurpose, ways_to_tell
from nightlight.store.sealing import token_hash, unseal

NEWS_LASTS = timedelta(hours=24)
"""So long a supporter's page says that somebody checked in."""
SILENCE_SHOWN = timedelta(hours=12)
"""So long a miss is spoken of from which nothing followed, or nothing is left."""


@dataclass(frozen=True, kw_only=True)
class Silence:
    """A miss that the person has not been heard of since, and what followed from it."""

    due: datetime
    at: datetime
    """When the time was over."""
    told: tuple[str, ...]
    """Names of those to whom word of it went out."""
    waiting: tuple[str, ...]
    """Names of those to whom it did not go out yet: they sleep, or no way of theirs was free."""
    has_call: bool
    """A call was raised or joined."""
    call_is_open: bool


@dataclass(frozen=True, kw_only=True)
class Latest:
    """The latest window that is over."""

    id: int
    came: Came
    how: How | None
    at: datetime
    """When it was over, or the person was heard of after all."""
    told: tuple[str, ...]
    """Names of those who were told something quietly."""


@dataclass(frozen=True, kw_only=True)
class CheckInView:
    """One check-in as its owner sees it."""

    id: str
    name: str
    rule: str
    at: time
    starts_on: date
    grace: timedelta
    remind: tuple[str, ...]
    on_miss: OnMiss
    need: Need
    told: tuple[str, ...]
    """Ids of those who are told of a miss, and are in the circle still."""
    noted: tuple[str, ...]
    is_on: bool
    by_host: bool
    """The host wrote it down; else the person made it."""
    agreed_on: date | None
    paused_until: datetime | None
    pause: Excuse | None
    token: str
    """Of its own page; empty before it was ever on."""
    has_machine_key: bool
    window: Window | None
    silence: Silence | None
    latest: Latest | None


@dataclass(frozen=True, kw_only=True)
class News:
    """What a member is told of somebody's check-in."""

    circle: str
    what: str
    """`missed`, `came`, `made` or `not_ok`."""
    at: datetime
    due: datetime


@dataclass(frozen=True, kw_only=True)
class Choosable:
    """A member whom the person may choose to hear of a check-in."""

    person: str
    name: str


def check_ins_of(person: str, now: datetime) -> tuple[CheckInView, ...]:
    """Those of *person*, by their time."""
    rows = CheckIn.objects.filter(circle_id=person).prefetch_related("told", "noted")
    return _views(list(rows), now)


def check_in_of(person: str, check_in: str, now: datetime) -> CheckInView | None:
    """The one of *person* with this id; None when there is none, whatever the reason."""
    rows = CheckIn.objects.filter(circle_id=person, pk=check_in).prefetch_related("told", "noted")
    return next(iter(_views(list(rows), now)), None)


def behind(token: str) -> tuple[str, str] | None:
    """The person whose page *token* opens, and the check-in; None when it opens nothing."""
    return CheckIn.objects.filter(token_hash=token_hash(token)).values_list("circle_id", "pk").first()


def choosable(person: str) -> tuple[Choosable, ...]:
    """Who agreed to be in the circle of *person*, in its order."""
    rows = Membership.objects.filter(circle_id=person, ended_at=None, agreed_on__isnull=False)
    names = rows.order_by("position", "pk").values_list("person_id", "person__name")
    return tuple(Choosable(person=who, name=name) for who, name in names)


def reminder_kinds(person: str, remind: Sequence[str], channels_on: frozenset[str]) -> tuple[str, ...]:
    """By which kinds of way *person* is reminded, in this order; *remind* are those they chose, if any."""
    own = list(ways_to_tell(person, channels_on).values_list("channel", flat=True))
    first = [kind for kind in dict.fromkeys(remind or own) if kind in own]
    left = list(own)
    for kind in first:
        left.remove(kind)
    return (*first, *left)


def is_latest_not_ok(view: CheckInView, now: datetime) -> bool:
    """Whether the person said lately that it is not so good, so that they may still tell somebody."""
    latest = view.latest
    return latest is not None and latest.how is How.NOT_OK and now - latest.at < NEWS_LASTS


def _views(rows: list[CheckIn], now: datetime) -> tuple[CheckInView, ...]:
    members = _agreed(rows)
    over: dict[str, list[CheckInWindow]] = {row.pk: [] for row in rows}
    windows = CheckInWindow.objects.filter(check_in__in=[row.pk for row in rows]).order_by("on", "pk")
    for window in windows.select_related("alert").prefetch_related("told"):
        over[window.check_in_id].append(window)
    return tuple(_view(row, over[row.pk], members, now) for row in rows)


def _agreed(rows: Iterable[CheckIn]) -> set[tuple[str, str]]:
    circles = {row.circle_id for row in rows}
    agreed = Membership.objects.filter(circle__in=circles, ended_at=None, agreed_on__isnull=False)
    return set(agreed.values_list("circle_id", "person_id"))


def _view(
    row: CheckIn, over: list[CheckInWindow], members: Collection[tuple[str, str]], now: datetime
) -> CheckInView:
    return CheckInView(
        id=row.pk,
        name=row.name,
        rule=row.rule,
        at=row.at,
        starts_on=row.starts_on,
        grace=row.grace,
        remind=tuple(row.remind),
        on_miss=OnMiss(row.on_miss),
        need=Need(row.need),
        told=tuple(each.pk for each in row.told.all() if (row.circle_id, each.pk) in members),
        noted=tuple(each.pk for each in row.noted.all() if (row.circle_id, each.pk) in members),
        is_on=row.on_since is not None,
        # What the person made is called by its own id; a file has a word for it.
        by_host=row.key != row.pk,
        agreed_on=row.agreed_on,
        paused_until=row.paused_until if row.paused_until and row.paused_until > now else None,
        pause=Excuse(row.pause) if row.pause else None,
        token=unseal(row.token_sealed) if row.token_sealed else "",
        has_machine_key=row.machine_hash is not None,
        window=window_of(row),
        silence=_silence(over, now),
        latest=_latest(over[-1]) if over else None,
    )


def _silence(over: list[CheckInWindow], now: datetime) -> Silence | None:
    missed = [each for each in over if each.came == Came.MISSED and each.late_at is None]
    missed = [each for each in missed if each.ended_at > now - LATE_MAX and _matters(each, now)]
    if not missed:
        return None
    calls = [each.alert for each in missed if each.alert is not None]
    chosen = {who.pk: who.name for each in missed for who in each.told.all()}
    reached = _reached(missed[0]) if chosen else set()
    return Silence(
        due=missed[-1].due,
        at=missed[-1].ended_at,
        told=tuple(name for who, name in chosen.items() if who in reached),
        waiting=tuple(name for who, name in chosen.items() if who not in reached),
        has_call=bool(calls),
        call_is_open=any(call.status != AlertStatus.RESOLVED for call in calls),
    )


def _reached(first: CheckInWindow) -> set[str]:
    """To whom word of a miss has gone out since *first*, or is going out right now."""
    words = Notice.objects.filter(
        check_in=first.check_in_id,
        purpose=NoticePurpose.CHECK_IN_MISSED,
        created_at__gte=first.ended_at,
    )
    begun = words.exclude(outcomes=[]) | words.filter(status=NotificationStatus.LEASED)
    return set(begun.values_list("person_id", flat=True))


def _matters(row: CheckInWindow, now: datetime) -> bool:
    """Whether somebody waits for a word of the person's still, or it was a moment ago."""
    is_open = row.alert is not None and row.alert.status != AlertStatus.RESOLVED
    return is_open or bool(row.told.all()) or row.ended_at > now - SILENCE_SHOWN


def _latest(row: CheckInWindow) -> Latest:
    return Latest(
        id=row.pk,
        came=Came(row.came),
        how=How(row.how) if row.how else None,
        at=row.late_at or row.ended_at,
        told=tuple(each.name for each in row.told.all()),
    )


# -------------------------------------------------------------------------------- for whoever is told


def news_for(member: str, circles: Iterable[str], now: datetime) -> tuple[News, ...]:
    """The latest of each check-in in *circles* that *member* is to hear of: a miss until it is made good."""
    wanted = list(circles)
    told = CheckInWindow.objects.filter(told=member, check_in__circle__in=wanted, ended_at__gt=now - LATE_MAX)
    noted = CheckInWindow.objects.filter(
        check_in__noted=member,
        check_in__circle__in=wanted,
        came=Came.MADE,
        ended_at__gt=now - NEWS_LASTS,
    )
    latest: dict[tuple[str, bool], News] = {}
    for rows, is_told in ((noted, False), (told, True)):
        for row in rows.select_related("check_in").order_by("on", "pk"):
            found = _news(row, is_told=is_told)
            if found.what == "missed" or now - found.at < NEWS_LASTS:
                latest[row.check_in_id, is_told] = found
    return tuple(sorted(latest.values(), key=lambda each: each.at))


def _news(row: CheckInWindow, *, is_told: bool) -> News:
    what, at = "made", row.ended_at
    if is_told and row.came == Came.MADE:
        what = "not_ok"
    elif is_told and row.late_at is not None:
        what, at = "came", row.late_at
    elif is_told:
        what = "missed"
    return News(circle=row.check_in.circle_id, what=what, at=at, due=row.due)


def names_of(people: Iterable[str]) -> tuple[str, ...]:
    """The names of *people*, in their order."""
    wanted = list(people)
    found = dict(Person.objects.filter(pk__in=wanted).values_list("pk", "name"))
    return tuple(found[each] for each in wanted if each in found)
