"""The check-ins of a circle, as its file says them: read, and written again."""

import re
from collections.abc import Iterable
from datetime import date, time, timedelta

from nightlight.channels.registry import KINDS
from nightlight.engine.checkin import GRACE_DEFAULT, GRACE_MAX, GRACE_MIN, OnMiss
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need
from nightlight.intake.recurrence import RuleError, check_rule
from nightlight.intake.toml_table import Table
from nightlight.store.entries import DAILY, CheckInEntry

_CHECK_IN = (
    "id", "name", "at", "rule", "starts_on", "grace", "remind", "on_miss", "need", "tell", "note_to",
    "agreed_on",
)  # fmt: skip
_MINUTE = timedelta(minutes=1)


def read_check_ins(circle: Table, *, today: date, has_zone: bool) -> tuple[CheckInEntry, ...]:
    """Those of the circle in *circle*. Raises `CircleFileError`.

    Nobody can have agreed after *today*; *has_zone*: the file says in which time zone the person lives.
    """
    members = {member.text("person", like="sam", default="") for member in circle.tables("members", _ANY)}
    entries: dict[str, CheckInEntry] = {}
    for table in circle.tables("check_ins", _CHECK_IN):
        entry = _check_in(table, members, today)
        if entry.id in entries:
            table.refuse("id", f"{entry.id} is the id of two check-ins; give each an id of its own")
        if not has_zone:
            table.refuse(
                "at", 'needs a time zone; write time_zone = "Europe/Lisbon" for the person in [[people]]'
            )
        entries[entry.id] = entry
    return tuple(entries.values())


_ANY = ("person", "agreed_on", "agreed_until", "offers", "wake_me", "hours")


def _check_in(table: Table, members: Iterable[str], today: date) -> CheckInEntry:
    key = table.text("id", like="evening")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", key):
        table.refuse("id", 'must be at most 64 letters, digits, - and _, without spaces, like "evening"')
    name = table.text("name", like="In the evening", default="")
    if len(name) > 100:
        table.refuse("name", "is longer than 100 characters; shorten it")
    agreed_on = table.day("agreed_on")
    # A day of grace, for hosts whose date is already tomorrow's.
    if agreed_on and agreed_on > today + timedelta(days=1):
        table.refuse("agreed_on", "lies in the future; write the day on which the person said yes")
    on_miss, tell = _on_miss(table), _people(table, "tell", members)
    if bool(tell) != (on_miss is OnMiss.TELL):
        table.refuse(
            "tell", 'goes with on_miss = "tell", and is needed there; name who is told, like ["sam"]'
        )
    return CheckInEntry(
        id=key,
        name=name,
        at=_at(table),
        rule=_rule(table),
        starts_on=table.day("starts_on"),
        grace=_grace(table),
        remind=_remind(table),
        on_miss=on_miss,
        need=_need(table),
        tell=tell,
        note_to=_people(table, "note_to", members),
        agreed_on=agreed_on,
    )


def _at(table: Table) -> time:
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", table.text("at", like="21:00"))
    if not found:
        table.refuse("at", 'is no time of day; write it like at = "21:00"')
    return time(int(found[1]), int(found[2]))


def _rule(table: Table) -> str:
    try:
        return check_rule(table.text("rule", like="FREQ=WEEKLY;BYDAY=MO,TH", default=DAILY))
    except RuleError as error:
        table.refuse("rule", str(error))


def _grace(table: Table) -> timedelta:
    grace = table.length("grace", GRACE_DEFAULT)
    if not GRACE_MIN <= grace <= GRACE_MAX:
        table.refuse(
            "grace",
            f"must lie between {GRACE_MIN // _MINUTE} minutes and {GRACE_MAX // (60 * _MINUTE)} hours",
        )
    return grace


def _remind(table: Table) -> tuple[str, ...]:
    kinds = tuple(dict.fromkeys(table.texts("remind", like="sms")))
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        table.refuse("remind", f"{unknown[0]} is no kind of way; name some of {', '.join(KINDS)}")
    return kinds


def _on_miss(table: Table) -> OnMiss:
    try:
        return OnMiss(table.text("on_miss", like="call", default=OnMiss.REMIND))
    except ValueError:
        table.refuse("on_miss", f"must be one of {', '.join(OnMiss)}")


def _need(table: Table) -> Need:
    try:
        return Need(table.text("need", like="talk", default=Need.TALK))
    except ValueError:
        table.refuse("need", f"must be one of {', '.join(Need)}")


def _people(table: Table, key: str, members: Iterable[str]) -> tuple[PersonId, ...]:
    people = tuple(dict.fromkeys(table.texts(key, like="sam")))
    strangers = [person for person in people if person not in members]
    if strangers:
        table.refuse(
            key, f"{strangers[0]} is no member of this circle; add them to members, or take them out here"
        )
    return tuple(map(PersonId, people))
