"""What the caller's own page says of an open call: the truth in one sentence, what is next, who was asked.

Pure: the view is read, the answer is a value. Why somebody was passed over is never in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from nightlight.channels.registry import page_word
from nightlight.engine.effects import News, TimerKind, What
from nightlight.engine.ids import PersonId
from nightlight.engine.receipts import Evidence
from nightlight.engine.state import Alert, AlertStatus, Answer, Ask
from nightlight.store.page_queries import AskMessage
from nightlight.store.queries import AlertView


class Headline(StrEnum):
    """The sentence at the top."""

    BROKEN = "broken"
    HELD_BACK = "held_back"
    """Restored from a copy; nobody is asked until the host says so."""
    TRYING = "trying"
    TRYING_CIRCLE = "trying_circle"
    NO_ANSWER = "no_answer"
    """The ones asked before have not answered yet, and the next are tried."""
    QUIET = "quiet"
    HANDED_ON = "handed_on"
    NOBODY_ANSWERED = "nobody_answered"
    NOBODY_HAS_IT = "nobody_has_it"
    HAS_IT = "has_it"
    SAYS_IN_TOUCH = "says_in_touch"
    WITH_YOU = "with_you"
    WITH_SOMEONE = "with_someone"
    STILL_IN_TOUCH = "still_in_touch"


class Standing(StrEnum):
    """How it stands with one person."""

    HAS = "has"
    WITH = "with"
    CANNOT = "cannot"
    SAID_YES = "said_yes"
    QUIET = "quiet"
    TOLD = "told"
    REACHED = "reached"
    LOST = "lost"
    TRYING = "trying"
    ASKED = "asked"
    NEXT = "next"
    LATER = "later"
    NOT_ASKED = "not_asked"
    NOT_AVAILABLE = "not_available"


LIGHTS = {
    Standing.HAS: "has",
    Standing.WITH: "with",
    Standing.CANNOT: "cannot",
    Standing.SAID_YES: "asked",
    Standing.QUIET: "quiet",
    Standing.REACHED: "reached",
    Standing.LOST: "lost",
    Standing.TRYING: "trying",
    Standing.ASKED: "asked",
}
"""How each is drawn (docs/look.md); every other light is not lit."""


class HostLine(StrEnum):
    """Whether whoever runs the service is told of this call."""

    NEVER = ""
    HEARS = "hears"
    """When everyone was tried."""
    TOLD = "told"


UNASKED = frozenset({Standing.NEXT, Standing.LATER, Standing.NOT_ASKED, Standing.NOT_AVAILABLE})


@dataclass(frozen=True, kw_only=True)
class Act:
    """One message to somebody: by what, how far it came, and when."""

    way: str
    """The page's word for the channel."""
    what: str
    """`planned`, `sending`, `again` (it failed and is tried once more), or what is known: `accepted`,
    `queued`, `unknown`, `failed`, `delivered`."""
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PersonLine:
    """One person of the circle, as far as this call goes."""

    id: str
    name: str
    standing: Standing
    at: datetime | None
    acts: tuple[Act, ...]
    later: bool = False
    """The call has not been to whoever is below; the cord to them is dotted."""

    @property
    def light(self) -> str:
        """How their light is drawn."""
        return LIGHTS.get(self.standing, "unlit")

    @property
    def lit(self) -> bool:
        """They have it, and their light fills the room."""
        return self.standing in (Standing.HAS, Standing.WITH)


@dataclass(frozen=True, kw_only=True)
class NextLine:
    """What happens next by itself, and when."""

    kind: TimerKind
    at: datetime
    is_due: bool
    """Its time has come; it happens any moment now."""
    names: tuple[str, ...]
    """Who is asked then; nobody when that is not known yet."""
    more: bool
    """Whether another step comes."""


@dataclass(frozen=True, kw_only=True)
class CallerPage:
    """Everything the page says of an open call."""

    headline: Headline
    names: tuple[str, ...]
    """Of those the headline speaks of."""
    unanswered: tuple[str, ...]
    """Of those asked before them who have not answered yet."""
    who: str
    """The one who has it, went quiet or handed it on, by name."""
    taker: str
    """Id of whoever has it."""
    need: str
    raised_at: datetime
    next: NextLine | None
    people: tuple[PersonLine, ...]
    host: HostLine
    is_held: bool
    in_contact: bool
    lines_large: bool
    """Nobody has it after everyone was tried: the lines come first."""


def caller_page(
    view: AlertView,
    ways: Sequence[AskMessage],
    present: frozenset[PersonId],
    now: datetime,
    *,
    host_hears: bool = False,
) -> CallerPage:
    """The page about the open call in *view*; *present* are the members who may be reached at all.

    *host_hears* says whether there is a way to tell whoever runs the service.
    """
    alert = view.alert
    headline, who = _headline(view)
    trying = tuple(p for p in _current(alert) if p in present)
    held = alert is not None and alert.hold is not None
    return CallerPage(
        headline=headline,
        names=tuple(view.names.get(p, p) for p in trying),
        unanswered=tuple(view.names.get(p, p) for p in _unanswered(alert) if p in present),
        who=view.names.get(who, ""),
        taker=alert.taker or "" if alert else "",
        need=view.need,
        raised_at=view.raised_at,
        next=_next(view, present, now),
        people=_people(view, ways, present, now),
        host=_host(view, host_hears=host_hears),
        is_held=held,
        in_contact=view.status is AlertStatus.IN_CONTACT,
        lines_large=headline
        in (Headline.NOBODY_ANSWERED, Headline.NOBODY_HAS_IT, Headline.BROKEN, Headline.HELD_BACK),
    )


def _current(alert: Alert | None) -> tuple[PersonId, ...]:
    """Those of the step under way who have not answered."""
    if alert is None or alert.current is None:
        return ()
    asks = [ask for p in alert.current.people if (ask := alert.ask_of(p))]
    return tuple(ask.person for ask in asks if ask.answer is None)


def _unanswered(alert: Alert | None) -> tuple[PersonId, ...]:
    """Those asked before the step under way who have not answered."""
    current = _current(alert)
    asks = alert.asks if alert else ()
    return tuple(a.person for a in asks if a.message and a.answer is None and a.person not in current)


def _headline(view: AlertView) -> tuple[Headline, str]:
    """The sentence, and the id of the one it speaks of, if any."""
    alert = view.alert
    if view.waits_for_host:
        return Headline.HELD_BACK, ""
    if view.is_poisoned or alert is None:
        return Headline.BROKEN, ""
    taker = alert.taker or ""
    if view.status is AlertStatus.IN_CONTACT:
        if alert.contact is not None and alert.contact.asked:
            return Headline.STILL_IN_TOUCH, taker
        return (Headline.WITH_YOU if taker else Headline.WITH_SOMEONE), taker
    if view.status is AlertStatus.ACKNOWLEDGED:
        claimed = alert.hold is not None and alert.hold.claimed
        return (Headline.SAYS_IN_TOUCH if claimed else Headline.HAS_IT), taker
    if view.status is AlertStatus.EXHAUSTED:
        answered = any(ask.answer is not None for ask in alert.asks)
        return (Headline.NOBODY_HAS_IT if answered else Headline.NOBODY_ANSWERED), ""
    return _headline_while_trying(view, alert)


def _headline_while_trying(view: AlertView, alert: Alert) -> tuple[Headline, str]:
    last = _last(view, What.ACKNOWLEDGED, What.IN_CONTACT, What.EXPIRED, What.HANDED_ON)
    if last is not None and last[0] in (What.EXPIRED, What.HANDED_ON) and last[1]:
        return (Headline.QUIET if last[0] == What.EXPIRED else Headline.HANDED_ON), last[1]
    if not _current(alert):
        return Headline.TRYING_CIRCLE, ""
    return (Headline.NO_ANSWER if _unanswered(alert) else Headline.TRYING), ""


def _host(view: AlertView, *, host_hears: bool) -> HostLine:
    if any(line.what == What.HOST_TOLD and line.detail in _HOST_NEWS for line in view.timeline):
        return HostLine.TOLD
    stands_still = view.waits_for_host or (view.alert is not None and view.alert.hold is not None)
    return HostLine.HEARS if host_hears and not stands_still else HostLine.NEVER


def _last(view: AlertView, *whats: What, who: str = "") -> tuple[str, str] | None:
    """The last line of the timeline that says one of *whats*, of *who* if given: what, and of whom."""
    for line in reversed(view.timeline):
        if line.what in whats and who in ("", line.who):
            return line.what, line.who
    return None


def _next(view: AlertView, present: frozenset[PersonId], now: datetime) -> NextLine | None:
    alert = view.alert
    if view.next is None or alert is None or alert.timer is None or view.is_poisoned:
        return None
    following = alert.ahead[0] if alert.ahead else None
    people = [p for p in following.people if p in present] if following else []
    if following is not None and following.fair:
        people = []
    return NextLine(
        kind=alert.timer.kind,
        at=alert.timer.due,
        is_due=alert.timer.due <= now,
        names=tuple(view.names.get(p, p) for p in people),
        more=following is not None,
    )


def _people(
    view: AlertView, ways: Sequence[AskMessage], present: frozenset[PersonId], now: datetime
) -> tuple[PersonLine, ...]:
    everyone = view.alert.everyone if view.alert else ()
    ids = dict.fromkeys((*everyone, *(way.person for way in ways)))
    lines = [
        _person(view, person, [w for w in ways if w.person == person], person in present, now)
        for person in ids
    ]
    following = (*lines[1:], None)
    return tuple(
        replace(line, later=below is not None and below.standing in UNASKED)
        for line, below in zip(lines, following, strict=False)
    )


def _person(
    view: AlertView, person: PersonId, ways: list[AskMessage], is_present: bool, now: datetime
) -> PersonLine:
    ask = view.alert.ask_of(person) if view.alert else None
    acts = tuple(sorted((act for way in ways if (act := _act(way, _sent_at(view, way), now))), key=_order))
    standing = _standing(view, person, acts) if is_present else Standing.NOT_AVAILABLE
    if view.waits_for_host:
        # Nothing goes on by itself, so nothing is said to be under way or to be next.
        acts = tuple(act for act in acts if act.what not in ("planned", "again"))
        standing = _standing_held_back(standing, acts)
    at = ask.answered_at if ask else None
    return PersonLine(id=person, name=view.names.get(person, person), standing=standing, at=at, acts=acts)


def _standing(view: AlertView, person: PersonId, acts: tuple[Act, ...]) -> Standing:
    alert = view.alert
    ask = alert.ask_of(person) if alert else None
    if alert is not None and alert.taker == person:
        return Standing.WITH if view.status is AlertStatus.IN_CONTACT else Standing.HAS
    if alert is not None and (ask is None or (ask.answer is None and ask.message == 0)) and not acts:
        return _standing_unasked(alert, person)
    if ask is not None and ask.answer is not None:
        return _standing_answered(view, ask)
    return _standing_asked(view, person, acts)


def _standing_held_back(standing: Standing, acts: tuple[Act, ...]) -> Standing:
    if standing is Standing.TRYING and acts:
        return Standing.ASKED
    idle = (Standing.TRYING, Standing.NEXT, Standing.LATER)
    return Standing.NOT_ASKED if standing in idle else standing


def _standing_unasked(alert: Alert, person: PersonId) -> Standing:
    if person in alert.unavailable:
        return Standing.NOT_AVAILABLE
    if alert.hold is not None or not alert.ahead:
        return Standing.NOT_ASKED
    if person in alert.ahead[0].people:
        return Standing.NEXT
    return Standing.LATER if any(person in step.people for step in alert.ahead) else Standing.NOT_ASKED


def _standing_answered(view: AlertView, ask: Ask) -> Standing:
    if ask.answer is Answer.NO:
        return Standing.CANNOT
    last = _last(view, What.ACKNOWLEDGED, What.EXPIRED, who=ask.person)
    return Standing.QUIET if last is not None and last[0] == What.EXPIRED else Standing.SAID_YES


def _standing_asked(view: AlertView, person: PersonId, acts: tuple[Act, ...]) -> Standing:
    alert = view.alert
    said = {act.what for act in acts}
    if alert is not None and alert.hold is not None:
        last = _last(view, What.STOOD_DOWN, What.ASKED, who=person)
        return Standing.TOLD if last is not None and last[0] == What.STOOD_DOWN else Standing.ASKED
    if "delivered" in said:
        return Standing.REACHED
    if said == {"failed"}:
        return Standing.LOST
    return Standing.TRYING if alert is not None and person in _current(alert) else Standing.ASKED


def _sent_at(view: AlertView, way: AskMessage) -> datetime | None:
    """When it went out; of one that never did, when that was found."""
    lines = (line.at for line in view.timeline if (line.who, line.channel) == (way.person, way.channel))
    return way.sent_at or max(lines, default=None)


def _act(way: AskMessage, sent_at: datetime | None, now: datetime) -> Act | None:
    """How far one message came; None when there is nothing to say of it."""
    word = page_word(way.channel)
    if way.status == "leased":
        return Act(way=word, what="sending", at=sent_at)
    # What is known of earlier tries stays true while the next one waits.
    known = way.evidence or (way.status if way.status in _SAID else "")
    if known:
        return Act(way=word, what=known, at=sent_at)
    if way.status == "planned" and way.failed_before:
        return Act(way=word, what="again", at=way.due)
    if way.status == "planned" and way.due is not None and way.due > now:
        return Act(way=word, what="planned", at=way.due)
    return None


def _order(act: Act) -> tuple[bool, float]:
    """What happened comes first, the oldest of it at the top, and what is next comes last."""
    return act.what == "planned", act.at.timestamp() if act.at else 0


_HOST_NEWS = frozenset({News.ALL_TRIED, News.CONTACT_LOST, News.IN_TROUBLE})
_SAID = frozenset(evidence.value for evidence in Evidence)
