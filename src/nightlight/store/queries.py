"""The read side: what pages, the command line and the API show of a call, as frozen values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from nightlight.engine.effects import TimerKind, What
from nightlight.engine.state import Alert, AlertStatus
from nightlight.store.advance import NoSuchAlert
from nightlight.store.convert import alert_from_json
from nightlight.store.models import Alert as AlertRow
from nightlight.store.models import Person, TimelineEntry


@dataclass(frozen=True, kw_only=True)
class Named:
    """A person by id and by name."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Next:
    """What happens next by itself, and when. `who` is a person's id, or empty."""

    at: datetime
    what: str
    who: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the timeline. `detail` is a code word for the pages' sentences."""

    at: datetime
    what: str
    who: str
    channel: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class AlertView:
    """One call as it stands."""

    id: str
    person: Named
    status: AlertStatus
    need: str
    raised_at: datetime
    resolved_at: datetime | None
    acknowledged_by: Named | None
    next: Next | None
    timeline: tuple[Line, ...]
    names: dict[str, str]
    """Names of everyone the timeline speaks of, by id."""
    is_poisoned: bool
    waits_for_host: bool
    alert: Alert | None
    """The alert as the rules see it; None while it is poisoned from birth."""


def alert_view(alert_id: str) -> AlertView:
    """The call with this id. Raises `NoSuchAlert`."""
    row = AlertRow.objects.select_related("person").filter(pk=alert_id).first()
    if row is None:
        raise NoSuchAlert(alert_id)
    return _views([row])[0]


def alert_views(*, open_only: bool, limit: int = 100) -> list[AlertView]:
    """Calls, the newest first; of closed ones the latest *limit*."""
    rows = AlertRow.objects.select_related("person").order_by("-raised_at", "-id")
    if open_only:
        rows = rows.exclude(status=AlertStatus.RESOLVED)
    return _views(rows[:limit])


def open_alert_of(person: str) -> str | None:
    """The id of the call *person* has open, or None."""
    rows = AlertRow.objects.filter(person_id=person).exclude(status=AlertStatus.RESOLVED)
    return rows.values_list("pk", flat=True).first()


def last_alert_of(person: str) -> str | None:
    """The id of the latest call of *person*, open or over, or None."""
    rows = AlertRow.objects.filter(person_id=person).order_by("-raised_at", "-id")
    return rows.values_list("pk", flat=True).first()


def _views(rows: Iterable[AlertRow]) -> list[AlertView]:
    """The views of *rows*, in their order; two more queries, however many there are."""
    read = [(row, _readable(row)) for row in rows]
    following = {row.pk: _next(row, alert) for row, alert in read}
    lines: dict[str, list[Line]] = {row.pk: [] for row, _ in read}
    for entry in TimelineEntry.objects.filter(alert_id__in=lines).order_by("id"):
        lines[entry.alert_id].append(
            Line(at=entry.at, what=entry.what, who=entry.who, channel=entry.channel, detail=entry.detail)
        )
    ids = {row.pk: _people(alert, lines[row.pk], following[row.pk]) for row, alert in read}
    known = dict(Person.objects.filter(pk__in=set().union(*ids.values())).values_list("pk", "name"))
    return [
        _view(
            row,
            alert,
            following[row.pk],
            tuple(lines[row.pk]),
            {person: known[person] for person in ids[row.pk] if person in known},
        )
        for row, alert in read
    ]


def _view(
    row: AlertRow, alert: Alert | None, following: Next | None, lines: tuple[Line, ...], names: dict[str, str]
) -> AlertView:
    taker = alert.taker if alert else None
    return AlertView(
        id=row.pk,
        person=Named(id=row.person_id, name=row.person.name),
        status=AlertStatus(row.status),
        need=row.need,
        raised_at=row.raised_at,
        resolved_at=row.resolved_at,
        acknowledged_by=Named(id=taker, name=names.get(taker, taker)) if taker else None,
        next=following,
        timeline=lines,
        names=names,
        is_poisoned=row.poisoned_at is not None,
        waits_for_host=row.waits_for_host,
        alert=alert,
    )


def _readable(row: AlertRow) -> Alert | None:
    # A poisoned alert must still be seen, also when its own document is what is broken.
    try:
        return alert_from_json(row.state) if row.state else None
    except ValueError:
        return None


def _next(row: AlertRow, alert: Alert | None) -> Next | None:
    if alert is None or alert.timer is None or row.waits_for_host:
        return None
    at = alert.timer.due
    match alert.timer.kind:
        case TimerKind.STEP if alert.ahead:
            return Next(at=at, what=What.ASKED, who=alert.ahead[0].people[0])
        case TimerKind.STEP:
            return Next(at=at, what=What.EXHAUSTED, who="")
        case TimerKind.ROUND:
            return Next(at=at, what=What.ROUND_BEGAN, who="")
        case TimerKind.ACKNOWLEDGEMENT:
            return Next(at=at, what=What.EXPIRED, who=alert.taker or "")
        case TimerKind.CONTACT:
            return Next(at=at, what=What.CALLER_TOLD, who=alert.person)


def _people(alert: Alert | None, lines: Iterable[Line], following: Next | None) -> set[str]:
    """Ids of everyone the view speaks of."""
    ids = {line.who for line in lines if line.who}
    if alert is not None:
        ids |= {alert.person, *alert.everyone}
    if following is not None and following.who:
        ids.add(following.who)
    return ids
