"""The wall of sample phones: what each shows, and the one next thing worth pressing.

Pure: what was read is handed in, and a value comes out. No real page has anything of this.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nightlight.channels.registry import page_word
from nightlight.channels.sample import PhoneState, SampleMessage
from nightlight.engine.effects import What
from nightlight.engine.state import Alert, AlertStatus
from nightlight.intake.sampling import SamplePerson, Switch
from nightlight.store.queries import AlertView
from nightlight.web.caller_page import CallerPage, PersonLine, Standing

SHOWN_MAX = 4
"""So many messages a phone shows; the latest one whole, of the others when they came and by what."""

TOKEN_SHOWN = 4
"""Of a link's token so many characters are shown; it is pressed, not read."""


class Became(StrEnum):
    """What became of a message."""

    ARRIVED = "arrived"
    REFUSED = "refused"
    NEVER_ARRIVED = "never_arrived"


@dataclass(frozen=True, kw_only=True)
class PhoneMessage:
    """One message on a phone, or one that should be there."""

    way: str
    at: datetime
    subject: str
    lines: tuple[str, ...]
    link: str
    """Its answer link, which it carries on a line of its own."""
    link_shown: str
    """As much of the link as there is room for."""
    became: Became


@dataclass(frozen=True, kw_only=True)
class Phone:
    """One sample phone of the circle."""

    id: str
    name: str
    ways: tuple[str, ...]
    light: str
    messages: tuple[PhoneMessage, ...]
    """The latest first."""
    is_lit: bool
    """Its owner is being reached now, so its case is lit."""
    may_answer: bool
    has_it: bool
    refuses_texts: bool
    is_off: bool


class HintKind(StrEnum):
    """The one next thing worth pressing."""

    BEGIN = "begin"
    WAIT = "wait"
    FELL_TO_NEXT_WAY = "fell_to_next_way"
    ASKED = "asked"
    LET_GO_QUIET = "let_go_quiet"
    WENT_QUIET = "went_quiet"
    TAKEN_UP_AGAIN = "taken_up_again"
    IN_TOUCH = "in_touch"
    NOBODY = "nobody"
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class Hint:
    """A hint. `who` is the one it speaks of, `then` the one whose phone to press on; by name."""

    kind: HintKind
    who: str = ""
    then: str = ""
    way: str = ""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the hint and the phones are worked out from."""

    view: AlertView | None
    """The latest call, unless everything was started over since."""
    page: CallerPage | None
    """Of the open call, as the caller has it."""
    base_url: str


def phone(person: SamplePerson, sent: Sequence[SampleMessage], how: Switch, seen: Seen) -> Phone:
    """The phone of *person*, with what was *sent* to it, switched as *how* says."""
    line = _line(seen.page, person.id)
    alert = seen.view.alert if seen.view else None
    is_open = seen.page is not None
    has_it = is_open and alert is not None and alert.taker == person.id
    was_asked = alert is not None and alert.ask_of(person.id) is not None
    return Phone(
        id=person.id,
        name=person.name,
        ways=tuple(_word(way.channel) for way in person.ways),
        light=line.light if line else "unlit",
        messages=tuple(_message(message, seen.base_url) for message in sent[: -SHOWN_MAX - 1 : -1]),
        is_lit=line is not None and line.light == "trying",
        may_answer=is_open and was_asked and not has_it,
        has_it=has_it,
        refuses_texts=how is Switch.REFUSES_TEXTS,
        is_off=how is Switch.OFF,
    )


def hint(seen: Seen) -> Hint:
    """The one next thing worth pressing, for somebody who reads nothing else."""
    view = seen.view
    if view is None:
        return Hint(kind=HintKind.BEGIN)
    if seen.page is None or view.alert is None:
        return Hint(kind=HintKind.OVER if view.status is AlertStatus.RESOLVED else HintKind.WAIT)
    taker = view.acknowledged_by.name if view.acknowledged_by else ""
    match view.status:
        case AlertStatus.IN_CONTACT:
            return Hint(kind=HintKind.IN_TOUCH, who=taker)
        case AlertStatus.ACKNOWLEDGED:
            gone_quiet_before = any(line.what == What.EXPIRED for line in view.timeline)
            kind = HintKind.TAKEN_UP_AGAIN if gone_quiet_before else HintKind.LET_GO_QUIET
            return Hint(kind=kind, who=taker)
        case AlertStatus.EXHAUSTED if view.alert.between_rounds:
            return Hint(kind=HintKind.NOBODY)
    return _hint_while_trying(view, seen.page)


def _hint_while_trying(view: AlertView, page: CallerPage) -> Hint:
    asked = next((line for line in page.people if line.standing is Standing.TRYING), None)
    quiet = _last_quiet(view)
    if quiet and asked is not None:
        return Hint(kind=HintKind.WENT_QUIET, who=quiet, then=asked.name)
    lost = next((line for line in page.people if any(act.what == "failed" for act in line.acts)), None)
    if asked is not None and lost is asked:
        went = next((act.way for act in lost.acts if act.what in ("accepted", "delivered")), "")
        return Hint(kind=HintKind.FELL_TO_NEXT_WAY if went else HintKind.WAIT, who=lost.name, way=went)
    if asked is not None and any(act.what in ("accepted", "delivered") for act in asked.acts):
        return Hint(kind=HintKind.ASKED, who=_somebody_before(view.alert, page, asked), then=asked.name)
    return Hint(kind=HintKind.WAIT)


def _somebody_before(alert: Alert | None, page: CallerPage, asked: PersonLine) -> str:
    """Who was asked before *asked* and has not answered, by name; empty when nobody was."""
    if alert is None:
        return ""
    waiting = [ask.person for ask in alert.asks if ask.answer is None and ask.person != asked.id]
    return next((line.name for line in page.people if line.id in waiting), "")


def _last_quiet(view: AlertView) -> str:
    """Who went quiet last, by name, unless somebody has taken it up since."""
    for line in reversed(view.timeline):
        if line.what in (What.ACKNOWLEDGED, What.DECLINED):
            return ""
        if line.what == What.EXPIRED:
            return view.names.get(line.who, "")
    return ""


def _line(page: CallerPage | None, person: str) -> PersonLine | None:
    return next((line for line in page.people if line.id == person), None) if page else None


def _word(channel: str) -> str:
    return page_word(channel)


def _message(message: SampleMessage, base_url: str) -> PhoneMessage:
    lines = [line.strip() for line in message.text.splitlines() if line.strip()]
    link = next((line for line in lines if line.startswith(f"{base_url}/")), "")
    became = Became.ARRIVED if message.arrived else Became.NEVER_ARRIVED
    return PhoneMessage(
        way=_word(message.kind),
        at=message.sent_at,
        subject=message.subject,
        lines=tuple(line for line in lines if line != link),
        link=link,
        link_shown=_shortened(link),
        became=Became.REFUSED if message.state is PhoneState.REFUSES else became,
    )


def _shortened(link: str) -> str:
    place, _, token = link.rpartition("/")
    return f"/{place.rpartition('/')[2]}/{token[:TOKEN_SHOWN]}…" if token else ""
