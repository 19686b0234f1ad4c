"""Plain values out as a circle file: what `parse_circle_file` reads back as the very same."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from nightlight.engine.policy import EscalationStep
from nightlight.store.entries import (
    CheckInEntry,
    CircleEntry,
    Document,
    HostEntry,
    LineEntry,
    MemberEntry,
    PersonEntry,
    ReachEntry,
    WayEntry,
)

_SECONDS = {"d": 86_400, "h": 3_600, "m": 60}


def write_circle_file(document: Document) -> str:
    """*document* as TOML, everything said that is known."""
    parts = [_host(document.host)] if document.host else []
    parts += [_person(person) for person in document.people]
    parts += [_circle(circle) for circle in document.circles]
    return "\n".join(parts)


def _host(host: HostEntry) -> str:
    return _section(
        "[host]",
        [
            ("name", _text(host.name)),
            ("country", _text(host.country)),
            ("emergency_number", _text(host.emergency_number)),
            ("ways", _lines(_way(way) for way in host.ways)),
            ("lines", _lines(_line(line) for line in host.lines)),
            ("anyone_may_begin", "true" if host.anyone_may_begin else ""),
            ("adult_age", str(host.adult_age or "")),
            ("minors", _text(host.minors)),
            ("minors_approved_by", _text(host.minors_approved_by)),
        ],
    )


def _line(line: LineEntry) -> str:
    return _inline(
        [
            ("name", _text(line.name)),
            ("number", _text(line.number)),
            ("hours", _text(line.hours)),
            ("checked_on", _day(line.checked_on)),
        ]
    )


def _person(person: PersonEntry) -> str:
    return _section(
        "[[people]]",
        [
            ("id", _text(person.id)),
            ("name", _text(person.name)),
            ("time_zone", _text(person.time_zone)),
            ("language", _text(person.language)),
            ("ways", _lines(_way(way) for way in person.ways)),
        ],
    )


def _way(way: WayEntry) -> str:
    return _inline([("channel", _text(way.channel)), ("to", _text(way.to)), ("after", _length(way.after))])


def _circle(circle: CircleEntry) -> str:
    return _section(
        "[[circles]]",
        [
            ("person", _text(circle.person)),
            ("reach", _reach(circle.reach)),
            ("never_contact", _lines(map(_text, circle.never_contact))),
            ("know_each_other", _flag(circle.know_each_other)),
            ("end", _text(circle.end)),
            ("members", _lines(map(_member, circle.members))),
            ("ladder", _lines(map(_step, circle.ladder))),
            ("repeat_after", _length(circle.repeat_after)),
            ("acknowledgement_expires", _length(circle.acknowledgement_expires)),
            ("check_ins", _lines(map(_check_in, circle.check_ins))),
        ],
    )


def _reach(reach: ReachEntry | None) -> str:
    return _inline([("call", _text(reach.call)), ("note", _text(reach.note))]) if reach else ""


def _member(member: MemberEntry) -> str:
    start, end = member.hours or (None, None)
    return _inline(
        [
            ("person", _text(member.person)),
            ("agreed_on", _day(member.agreed_on)),
            ("agreed_until", _day(member.agreed_until)),
            ("offers", "[" + ", ".join(_text(offer) for offer in member.offers) + "]"),
            ("wake_me", _flag(member.wake_me)),
            ("hours", _text(f"{start:%H:%M}-{end:%H:%M}") if start and end else ""),
        ]
    )


def _check_in(check_in: CheckInEntry) -> str:
    return _inline(
        [
            ("id", _text(check_in.id)),
            ("name", _text(check_in.name)),
            ("at", _text(f"{check_in.at:%H:%M}")),
            ("rule", _text(check_in.rule)),
            ("starts_on", _day(check_in.starts_on)),
            ("grace", _length(check_in.grace)),
            ("remind", _texts(check_in.remind)),
            ("on_miss", _text(check_in.on_miss)),
            ("need", _text(check_in.need)),
            ("tell", _texts(check_in.tell)),
            ("note_to", _texts(check_in.note_to)),
            ("agreed_on", _day(check_in.agreed_on)),
        ]
    )


def _texts(texts: Sequence[str]) -> str:
    return "[" + ", ".join(map(_text, texts)) + "]" if texts else ""


def _step(step: EscalationStep) -> str:
    return _inline(
        [
            ("ask", "[" + ", ".join(_text(person) for person in step.ask) + "]"),
            ("wait", _length(step.wait)),
            ("fair", _flag(step.fair)),
        ]
    )


def _section(title: str, pairs: list[tuple[str, str]]) -> str:
    return "\n".join([title, *(f"{key} = {value}" for key, value in pairs if value)]) + "\n"


def _inline(pairs: list[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{key} = {value}" for key, value in pairs if value) + "}"


def _lines(values: Iterable[str]) -> str:
    rows = [f"    {value},\n" for value in values]
    return "[\n" + "".join(rows) + "]" if rows else ""


def _text(text: str) -> str:
    # A JSON string is a TOML string too, but for this one character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f") if text else ""


def _flag(flag: bool) -> str:
    return "true" if flag else "false"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _length(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    if not seconds:
        return ""
    for unit, size in _SECONDS.items():
        if seconds % size == 0:
            return _text(f"{seconds // size}{unit}")
    return _text(f"{seconds}s")
