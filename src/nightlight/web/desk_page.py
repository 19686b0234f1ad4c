"""What the host's desk shows of calls: who, since when, how it stands, what is next, what happened.

Pure. Nothing of a plan, of how to reach the caller, or of anybody's own words is in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from nightlight.channels.registry import KINDS
from nightlight.engine.effects import Purpose, What
from nightlight.engine.state import AlertStatus
from nightlight.store.queries import AlertView, Line


@dataclass(frozen=True, kw_only=True)
class DeskNext:
    """What happens next by itself."""

    what: str
    at: datetime
    who: str


@dataclass(frozen=True, kw_only=True)
class DeskRow:
    """One call in a line. Its times are shown in the time zone of whoever called."""

    id: str
    person: str
    name: str
    need: str
    status: str
    """The alert's status, or `broken` or `held_back`."""
    taker: str
    since: datetime
    time_zone: str
    next: DeskNext | None


@dataclass(frozen=True, kw_only=True)
class DeskLine:
    """One line of what happened."""

    at: datetime
    what: str
    who: str
    way: str
    """The page's word for the channel."""
    purpose: str
    """Of a message: why it went out."""
    detail: str


@dataclass(frozen=True, kw_only=True)
class Member:
    """Somebody whose answer by voice the host may note."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class DeskCall:
    """One call, with what happened."""

    row: DeskRow
    is_open: bool
    reason: str
    """Why it was ended, when whoever ended it said so."""
    lines: tuple[DeskLine, ...]
    members: tuple[Member, ...]


def desk_rows(views: Sequence[AlertView], zones: Mapping[str, str]) -> list[DeskRow]:
    """The calls of *views*, in their order; *zones* are the callers' time zones, by id."""
    return [_row(view, zones.get(view.person.id, "UTC")) for view in views]


def desk_call(view: AlertView, time_zone: str) -> DeskCall:
    """The page about one call, whose caller lives in *time_zone*."""
    people = view.alert.everyone if view.alert else ()
    return DeskCall(
        row=_row(view, time_zone),
        reason=view.alert.end.reason if view.alert and view.alert.end else "",
        is_open=view.status is not AlertStatus.RESOLVED,
        lines=tuple(_line(view, line) for line in view.timeline),
        members=tuple(Member(id=person, name=view.names.get(person, person)) for person in people),
    )


def _row(view: AlertView, time_zone: str) -> DeskRow:
    status = view.status.value
    if view.status is not AlertStatus.RESOLVED:
        status = "held_back" if view.waits_for_host else "broken" if view.is_poisoned else status
    following = view.next
    return DeskRow(
        id=view.id,
        person=view.person.id,
        name=view.person.name,
        need=view.need,
        status=status,
        taker=view.acknowledged_by.name if view.acknowledged_by else "",
        since=view.raised_at,
        time_zone=time_zone,
        next=DeskNext(
            what=str(following.what), at=following.at, who=view.names.get(following.who, following.who)
        )
        if following
        else None,
    )


def _line(view: AlertView, line: Line) -> DeskLine:
    """A line; of a message, `detail` began with its purpose."""
    purpose, _, reason = line.detail.partition(":")
    who = line.who or (view.person.id if line.what == What.RAISED else "")
    is_message = bool(line.channel) and purpose in set(Purpose)
    return DeskLine(
        at=line.at,
        what=line.what,
        who=view.names.get(who, who),
        way=KINDS[line.channel].page_word if line.channel in KINDS else line.channel,
        purpose=purpose if is_message else "",
        detail=reason if is_message else line.detail,
    )
