"""The circle file: TOML in, plain values out, checked as a whole before anything is kept."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nightlight.channels.addresses import AddressError, check_email, check_number
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Offer
from nightlight.engine.policy import (
    HOLD_DEFAULT,
    REPEAT_DEFAULT,
    WAIT_DEFAULT,
    WAIT_MAX,
    EndPolicy,
    EscalationPolicy,
    EscalationStep,
    PolicyError,
)
from nightlight.intake.channels import check_way
from nightlight.intake.check_in_file import read_check_ins
from nightlight.intake.toml_table import CircleFileError, Table
from nightlight.store.agreed_time import AGREED_MONTHS, months_after
from nightlight.store.entries import (
    CircleEntry,
    Document,
    HostEntry,
    LineEntry,
    MemberEntry,
    MinorsRule,
    PersonEntry,
    ReachEntry,
    WayEntry,
)

FILE_BYTES_MAX = 16 * 1024 * 1024
ADULT_AGE_MIN, ADULT_AGE_MAX = 13, 25
"""Years that some country may mean."""

_TOP = ("host", "people", "circles")
_HOST = (
    "name", "country", "emergency_number", "ways", "lines", "anyone_may_begin", "adult_age", "minors",
    "minors_approved_by",
)  # fmt: skip
_LINE = ("name", "number", "hours", "checked_on")
_HOST_WAY = ("channel", "to")
_PERSON = ("id", "name", "time_zone", "language", "ways")
_WAY = ("channel", "to", "after")
_CIRCLE = (
    "person", "reach", "never_contact", "know_each_other", "end", "members", "ladder", "repeat_after",
    "acknowledgement_expires", "check_ins",
)  # fmt: skip
_REACH = ("call", "note")
_MEMBER = ("person", "agreed_on", "agreed_until", "offers", "wake_me", "hours")
_STEP = ("ask", "wait", "fair")


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What was read of the file before its circles."""

    today: date
    people: dict[PersonId, PersonEntry] = field(default_factory=dict)
    zoneless: set[PersonId] = field(default_factory=set)
    """People for whom the file names no time zone."""


def parse_circle_file(data: bytes, *, file: str, today: date) -> Document:
    """Everything *data* says. Raises `CircleFileError`.

    *file* is what complaints call it; nobody can have agreed after *today*.
    """
    top = Table(_toml(data, file), file=file, path="", known=_TOP)
    if not any(key in top for key in _TOP):
        top.refuse("the file", "says nothing; write at least [[people]] and [[circles]]")
    host = top.table("host", _HOST)
    known = _Known(today=today)
    for table in top.tables("people", _PERSON):
        person = _person(table)
        if person.id in known.people:
            table.refuse("id", f"{person.id} is the id of two people; give each person an id of their own")
        known.people[person.id] = person
        if "time_zone" not in table:
            known.zoneless.add(person.id)
    circles: dict[PersonId, CircleEntry] = {}
    for table in top.tables("circles", _CIRCLE):
        circle = _circle(table, known)
        if circle.person in circles:
            table.refuse("person", f"{circle.person} has two circles; write one circle for each person")
        circles[circle.person] = circle
    return Document(
        host=_host(host) if host else None,
        people=tuple(known.people.values()),
        circles=tuple(circles.values()),
    )


def _toml(data: bytes, file: str) -> dict[str, object]:
    if len(data) > FILE_BYTES_MAX:
        raise CircleFileError(f"{file}: is larger than 16 MiB; split it into several files")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CircleFileError(f"{file}: line {line} is not UTF-8 text; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise CircleFileError(f"{file}: is not readable TOML: {error}; mend that line") from None
    except RecursionError:
        raise CircleFileError(f"{file}: brackets lie too deep in one another; mend the file") from None


def _host(table: Table) -> HostEntry:
    country = table.text("country", like="PT", default="")
    if country and not re.fullmatch(r"[A-Z]{2}", country):
        table.refuse("country", 'is no country code; write two capital letters, like "PT"')
    emergency_number = table.text("emergency_number", like="112", default="")
    if not re.fullmatch(r"[+\d][\d ]{0,30}|", emergency_number):
        table.refuse("emergency_number", 'is no number to ring; write digits, like "112"')
    minors, approved_by = _minors(table)
    return HostEntry(
        name=_name(table, default=""),
        country=country,
        emergency_number=emergency_number,
        ways=tuple(_way(way) for way in table.tables("ways", _HOST_WAY)),
        lines=tuple(_line(line) for line in table.tables("lines", _LINE)),
        anyone_may_begin=table.flag("anyone_may_begin", default=False),
        adult_age=table.whole("adult_age", least=ADULT_AGE_MIN, most=ADULT_AGE_MAX),
        minors=minors,
        minors_approved_by=approved_by,
    )


def _minors(table: Table) -> tuple[str, str]:
    """The host's rule for whoever is younger than `adult_age`, and who approves by it."""
    minors = table.text("minors", like="approve", default="")
    approved_by = table.text("minors_approved_by", like="Mira, who runs the house", default="")
    if minors not in ("", *MinorsRule):
        table.refuse("minors", f"must be one of {', '.join(MinorsRule)}")
    if minors and "adult_age" not in table:
        table.refuse("minors", "stands without adult_age; write the age below which somebody is a minor")
    if bool(approved_by) != (minors == MinorsRule.APPROVE):
        table.refuse(
            "minors_approved_by", 'goes with minors = "approve", and is needed there; say who approves'
        )
    if len(approved_by) > 100:
        table.refuse("minors_approved_by", "is longer than 100 characters; shorten it")
    return minors, approved_by


def _line(table: Table) -> LineEntry:
    return LineEntry(
        name=table.text("name", like="The Evening Line"),
        number=table.text("number", like="+44 7700 900999"),
        hours=table.text("hours", like="every day, 18:00 to 02:00", default=""),
        checked_on=table.day("checked_on"),
    )


def _person(table: Table) -> PersonEntry:
    person = table.text("id", like="sam")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", person):
        table.refuse("id", 'must be at most 64 letters, digits, - and _, without spaces, like "sam"')
    table.renamed(f"people[{person}]")
    time_zone = table.text("time_zone", like="Europe/Lisbon", default="UTC")
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        table.refuse("time_zone", f'{time_zone} is no time zone; write it like "Europe/Lisbon"')
    language = table.text("language", like="en", default="en")
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?", language):
        table.refuse("language", f'{language} is no language code; write it like "en"')
    ways = tuple(_way(way) for way in table.tables("ways", _WAY))
    if len({(way.channel, way.to) for way in ways}) != len(ways):
        table.refuse("ways", "name one address twice; name each once")
    return PersonEntry(
        id=PersonId(person), name=_name(table), time_zone=time_zone, language=language, ways=ways
    )


def _name(table: Table, default: str | None = None) -> str:
    name = table.text("name", like="Sam", default=default)
    if len(name) > 100:
        table.refuse("name", "is longer than 100 characters; shorten it")
    return name


def _way(table: Table) -> WayEntry:
    channel = table.text("channel", like="smtp")
    after = table.length("after", WayEntry.after)
    if after > WAIT_MAX:
        table.refuse("after", "is longer than a day; nobody would be reached in time")
    return WayEntry(
        channel=channel,
        to=_address(table, "to", partial(check_way, channel), table.text("to", like="sam@example.org")),
        after=after,
    )


def _address(table: Table, key: str, check: Callable[[str], str], address: str) -> str:
    try:
        return check(address)
    except AddressError as error:
        table.refuse(key, str(error))


def _circle(table: Table, known: _Known) -> CircleEntry:
    person = _person_id(table, "person", table.text("person", like="ana"), known)
    table.renamed(f"circles[{person}]")
    try:
        end = EndPolicy(table.text("end", like="caller", default=EndPolicy.CALLER))
    except ValueError:
        table.refuse("end", f"must be one of {', '.join(EndPolicy)}")
    circle = CircleEntry(
        person=person,
        reach=_reach(table.table("reach", _REACH)),
        never_contact=_never_contact(table),
        know_each_other=table.flag("know_each_other", default=False),
        end=end,
        members=tuple(_member(member, person, known) for member in table.tables("members", _MEMBER)),
        ladder=tuple(_step(step) for step in table.tables("ladder", _STEP)),
        repeat_after=table.length("repeat_after", REPEAT_DEFAULT),
        acknowledgement_expires=table.length("acknowledgement_expires", HOLD_DEFAULT),
        check_ins=read_check_ins(table, today=known.today, has_zone=person not in known.zoneless),
    )
    _check_ladder(table, circle, known)
    return circle


def _person_id(table: Table, key: str, person: str, known: _Known) -> PersonId:
    if person not in known.people:
        table.refuse(key, f'nobody has the id {person}; add [[people]] with id = "{person}", or mend the id')
    return PersonId(person)


def _reach(table: Table | None) -> ReachEntry | None:
    if table is None:
        return None
    return ReachEntry(
        call=table.text("call", like="+44 7700 900456", default=""),
        note=table.text("note", like="third floor, ring twice", default=""),
    )


def _never_contact(table: Table) -> tuple[str, ...]:
    written = table.texts("never_contact", like="+44 7700 900789")
    return tuple(
        dict.fromkeys(
            # Whom nobody is to reach may be of any country.
            _address(table, "never_contact", check_email if "@" in address else check_number, address)
            for address in written
        )
    )


def _member(table: Table, owner: PersonId, known: _Known) -> MemberEntry:
    person = _person_id(table, "person", table.text("person", like="sam"), known)
    if person == owner:
        table.refuse("person", f"{person} cannot be in their own circle; take this member out")
    agreed_on, agreed_until = table.day("agreed_on"), table.day("agreed_until")
    if agreed_until and not agreed_on:
        table.refuse("agreed_until", "stands without agreed_on; write the day on which they said yes")
    # A day of grace, for hosts whose date is already tomorrow's.
    if agreed_on and agreed_on > known.today + timedelta(days=1):
        table.refuse("agreed_on", "lies in the future; write the day on which they said yes")
    if agreed_on and agreed_until and agreed_until < agreed_on:
        table.refuse("agreed_until", "lies before agreed_on; mend one of the two")
    hours = table.hours("hours")
    if hours and person in known.zoneless:
        table.refuse(
            "hours", f'need a time zone; write time_zone = "Europe/Lisbon" for {person} in [[people]]'
        )
    return MemberEntry(
        person=person,
        agreed_on=agreed_on,
        agreed_until=agreed_until or (months_after(agreed_on, AGREED_MONTHS) if agreed_on else None),
        offers=_offers(table),
        wake_me=table.flag("wake_me", default=False),
        hours=hours,
    )


def _offers(table: Table) -> tuple[Offer, ...]:
    if "offers" not in table:
        return MemberEntry.offers
    try:
        offers = tuple(dict.fromkeys(Offer(offer) for offer in table.texts("offers", like="talk")))
    except ValueError:
        offers = ()
    if not offers:
        table.refuse("offers", f"must name one or more of {', '.join(Offer)}")
    return offers


def _step(table: Table) -> EscalationStep:
    ask = tuple(PersonId(person) for person in table.texts("ask", like="sam"))
    try:
        return EscalationStep(
            ask=ask, wait=table.length("wait", WAIT_DEFAULT), fair=table.flag("fair", default=False)
        )
    except PolicyError as error:
        table.refuse("", str(error))


def _check_ladder(table: Table, circle: CircleEntry, known: _Known) -> None:
    """Refuse a ladder that cannot be climbed, or that would reach somebody it must not."""
    try:
        policy = EscalationPolicy(
            steps=circle.ladder,
            repeat_after=circle.repeat_after,
            acknowledgement_expires=circle.acknowledgement_expires,
            end=circle.end,
        )
    except PolicyError as error:
        table.refuse("", str(error))
    members = {member.person: member for member in circle.members}
    if len(members) != len(circle.members):
        table.refuse("members", "name somebody twice; name each member once")
    never = set(circle.never_contact)
    for person in policy.people:
        _person_id(table, "ladder", person, known)
        if person not in members:
            table.refuse(
                "ladder", f"{person} is no member of this circle; add them to members, or take them off"
            )
        for way in known.people[person].ways:
            if way.to in never:
                table.refuse(
                    "ladder",
                    f"{person} is on the ladder, and their {way.channel} address is on never_contact;"
                    f" take {person} off the ladder, or the address off never_contact",
                )
    agreed = [person for person in policy.people if members[person].agreed_on]
    if not agreed:
        table.refuse(
            "ladder",
            "nobody on it has agreed yet, so nobody could be asked; ask them, and write"
            " agreed_on = 2026-11-01 for everyone who said yes",
        )
    if not any(known.people[person].ways for person in agreed):
        table.refuse("ladder", "nobody who agreed has a way to be reached; write ways for them in [[people]]")
