"""What the host's desk shows of calls: who, since when, how it stands, what is next, what happened.

Pure. Nothing of a plan, of how to reach the caller, or of anybody's own words is in it. What else the
desk says is worked out in `desk_notes`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from nightlight.channels.registry import page_word
from nightlight.engine.effects import Purpose, What
from nightlight.engine.ids import PersonId
from nightlight.engine.state import AlertStatus, Answer
from nightlight.store.queries import AlertView, Line


@dataclass(frozen=True, kw_only=True)
class DeskNext:
    """What happens next by itself."""

    what: str
    at: datetime
    who: str


@dataclass(frozen=True, kw_only=True)
class DeskLight:
    """One person of the call, and how their light is drawn."""

    name: str
    light: str


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
    stands_since: datetime
    """When it came to stand as it does."""
    told_at: datetime | None
    """When the host was last told of it."""
    asked: tuple[str, ...]
    """Who is asked now and has not answered, by name."""
    lights: tuple[DeskLight, ...]
    words_kept: int
    """How many people's words are kept for whoever has it."""
    needs_host: bool
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


def desk_rows(
    views: Sequence[AlertView], zones: Mapping[str, str], words_kept: Mapping[str, int]
) -> list[DeskRow]:
    """The calls of *views*, those that need the host first; *zones* are the callers' time zones, by id."""
    rows = [_row(v, zones.get(v.person.id, "UTC"), words_kept.get(v.id, 0)) for v in views]
    return sorted(rows, key=lambda row: not row.needs_host)


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


def _row(view: AlertView, time_zone: str, words_kept: int = 0) -> DeskRow:
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
        stands_since=_last_at(view, _BEGINS.get(status, ())) or view.raised_at,
        told_at=_last_at(view, (What.HOST_TOLD,)),
        asked=tuple(view.names.get(person, person) for person in _asked_now(view)),
        lights=_lights(view),
        words_kept=words_kept,
        needs_host=status in _NEEDS_HOST,
        time_zone=time_zone,
        next=DeskNext(
            what=str(following.what), at=following.at, who=view.names.get(following.who, following.who)
        )
        if following
        else None,
    )


_NEEDS_HOST = frozenset({AlertStatus.EXHAUSTED.value, "held_back", "broken"})

_BEGINS: Mapping[str, tuple[What, ...]] = {
    AlertStatus.TRIGGERED: (What.ASKED,),
    AlertStatus.EXHAUSTED: (What.EXHAUSTED,),
    AlertStatus.ACKNOWLEDGED: (What.ACKNOWLEDGED,),
    AlertStatus.IN_CONTACT: (What.IN_CONTACT,),
    AlertStatus.RESOLVED: (What.RESOLVED,),
}
"""The line of the timeline with which a call came to stand so."""


def _last_at(view: AlertView, whats: tuple[What, ...]) -> datetime | None:
    return next((line.at for line in reversed(view.timeline) if line.what in whats), None)


def _asked_now(view: AlertView) -> tuple[PersonId, ...]:
    """Those of the step under way who have not answered."""
    alert = view.alert
    if alert is None or alert.current is None:
        return ()
    asks = [ask for person in alert.current.people if (ask := alert.ask_of(person))]
    return tuple(ask.person for ask in asks if ask.answer is None)


def _lights(view: AlertView) -> tuple[DeskLight, ...]:
    people = view.alert.everyone if view.alert else ()
    return tuple(DeskLight(name=view.names.get(p, p), light=_light(view, p)) for p in people)


def _light(view: AlertView, person: PersonId) -> str:
    """How the light of *person* is drawn, as far as the call itself tells; what arrived is on its own page."""
    alert = view.alert
    assert alert is not None, "only a call that can be read has people"
    ask = alert.ask_of(person)
    if alert.taker == person:
        return "with" if view.status is AlertStatus.IN_CONTACT else "has"
    if ask is None or (ask.answer is None and (ask.message == 0 or alert.hold is not None)):
        return "unlit"
    if ask.answer is Answer.NO:
        return "cannot"
    if ask.answer is Answer.YES:
        return "quiet" if _went_quiet(view, person) else "asked"
    return "trying" if person in _asked_now(view) else "asked"


def _went_quiet(view: AlertView, person: PersonId) -> bool:
    about = (What.ACKNOWLEDGED, What.EXPIRED)
    lines = [line for line in view.timeline if line.who == person and line.what in about]
    return bool(lines) and lines[-1].what == What.EXPIRED


def _line(view: AlertView, line: Line) -> DeskLine:
    """A line; of a message, `detail` began with its purpose."""
    purpose, _, reason = line.detail.partition(":")
    who = line.who or (view.person.id if line.what == What.RAISED else "")
    is_message = bool(line.channel) and purpose in set(Purpose)
    return DeskLine(
        at=line.at,
        what=line.what,
        who=view.names.get(who, who),
        way=page_word(line.channel),
        purpose=purpose if is_message else "",
        detail=reason if is_message else line.detail,
    )
