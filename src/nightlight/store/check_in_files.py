"""Check-ins as the host's file has them, compared with what is kept and written.

Everything runs inside a transaction its caller has open. What the person changed herself, and be it that
she switched it off, no file overrules; it is reported, and stays as it is.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from nightlight.chance import new_id
from nightlight.engine.checkin import OnMiss
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need
from nightlight.store.check_ins import new_page_token
from nightlight.store.entries import CheckInEntry
from nightlight.store.local_time import local_date
from nightlight.store.models import CheckIn, Circle, Person

_COUNTING = "INTERVAL"
"""In a rule: it depends on where one begins to count."""


class Then(StrEnum):
    """What is to be done with a check-in once its row is written."""

    NOTHING = "nothing"
    SWITCH_ON = "switch_on"
    SWITCH_OFF = "switch_off"
    PLAN_ANEW = "plan_anew"


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What came of one check-in of a file."""

    check_in: str
    then: Then = Then.NOTHING
    is_new: bool = False
    changed: tuple[str, ...] = ()
    """Keys of the file that say something else now."""
    stays: str = ""
    """Why the file was not followed, in the words of the report; empty when it was."""


def check_in_entries(circle: Circle, members: Collection[str]) -> tuple[CheckInEntry, ...]:
    """Those of *circle* that a file brought and the person did not switch off; of whom they name, *members* alone."""
    rows = CheckIn.objects.filter(circle=circle, by_import=True).order_by("at", "key")
    return tuple(_entry(row, members) for row in rows if row.on_since is not None or row.changed_at is None)


def _entry(row: CheckIn, members: Collection[str]) -> CheckInEntry:
    told, noted = (_people(some.values_list("pk", flat=True), members) for some in (row.told, row.noted))
    is_told = row.on_miss == OnMiss.TELL and bool(told)
    on_since = local_date(row.on_since, row.circle.person.time_zone) if row.on_since else None
    return CheckInEntry(
        id=row.key,
        name=row.name,
        at=row.at,
        rule=row.rule,
        starts_on=row.starts_on if _COUNTING in row.rule else None,
        grace=row.grace,
        remind=tuple(row.remind),
        on_miss=OnMiss(row.on_miss) if is_told or row.on_miss != OnMiss.TELL else OnMiss.REMIND,
        need=Need(row.need),
        tell=told if is_told else (),
        note_to=noted,
        agreed_on=row.agreed_on or on_since,
    )


def _people(people: Collection[str], members: Collection[str]) -> tuple[PersonId, ...]:
    return tuple(PersonId(person) for person in sorted(people) if person in members)


def bring(person: str, entry: CheckInEntry, now: datetime) -> Brought:
    """Write *entry* down for *person*, unless she said otherwise since."""
    row = CheckIn.objects.select_for_update().filter(circle_id=person, key=entry.id).first()
    if row is None:
        return _add(person, entry, now)
    before = _values(_entry(row, {*entry.tell, *entry.note_to, *_named(row)}), row.starts_on)
    different = tuple(key for key, value in _values(entry, row.starts_on).items() if before[key] != value)
    if row.changed_at is not None or not row.by_import:
        stays = "was changed by the person; what she wants wins" if different else ""
        return Brought(check_in=row.pk, stays=stays)
    if different:
        _write(row, entry, entry.starts_on or row.starts_on)
    return Brought(check_in=row.pk, changed=different, then=_then(row, entry, different))


def _named(row: CheckIn) -> set[str]:
    return {*row.told.values_list("pk", flat=True), *row.noted.values_list("pk", flat=True)}


def _then(row: CheckIn, entry: CheckInEntry, different: Collection[str]) -> Then:
    is_on = row.on_since is not None
    if is_on != (entry.agreed_on is not None):
        return Then.SWITCH_OFF if is_on else Then.SWITCH_ON
    return Then.PLAN_ANEW if is_on and different else Then.NOTHING


def _values(entry: CheckInEntry, starts_on: date) -> dict[str, object]:
    return {
        "name": entry.name,
        "at": entry.at,
        "rule": entry.rule,
        "starts_on": entry.starts_on or starts_on,
        "grace": entry.grace,
        "remind": entry.remind,
        "on_miss": entry.on_miss,
        "need": entry.need,
        "tell": sorted(entry.tell),
        "note_to": sorted(entry.note_to),
        "agreed_on": entry.agreed_on,
    }


def _add(person: str, entry: CheckInEntry, now: datetime) -> Brought:
    circle = Circle.objects.select_related("person").get(pk=person)
    today = local_date(now, circle.person.time_zone)
    row = CheckIn(id=new_id(), circle=circle, key=entry.id, by_import=True, created_at=now)
    _write(row, entry, entry.starts_on or today)
    new_page_token(row.pk)
    then = Then.SWITCH_ON if entry.agreed_on is not None else Then.NOTHING
    return Brought(check_in=row.pk, is_new=True, then=then)


def _write(row: CheckIn, entry: CheckInEntry, starts_on: date) -> None:
    row.name, row.at, row.rule, row.starts_on = entry.name, entry.at, entry.rule, starts_on
    row.grace, row.remind = entry.grace, list(entry.remind)
    row.on_miss, row.need, row.agreed_on = entry.on_miss.value, entry.need.value, entry.agreed_on
    row.save()
    row.told.set(Person.objects.filter(pk__in=entry.tell))
    row.noted.set(Person.objects.filter(pk__in=entry.note_to))


def not_in_file(person: str, keys: Collection[str]) -> dict[str, str]:
    """Ids of the check-ins a file brought, which are on and which the person never touched, with their key."""
    rows = CheckIn.objects.filter(circle_id=person, by_import=True, changed_at=None, on_since__isnull=False)
    return {row.pk: row.key for row in rows.exclude(key__in=list(keys))}


def end_agreement(check_in: str) -> None:
    """The host's file names it no longer."""
    CheckIn.objects.filter(pk=check_in).update(agreed_on=None)


def shown_again(person: str, now: datetime) -> None:
    """The host's word changed something: *person* is shown it on her first page."""
    Circle.objects.filter(pk=person).update(imported_at=now, import_noticed_at=None)


def takes_check_ins(person: str) -> bool:
    """Whether *person* has a circle, and did not undo what the host imported."""
    return Circle.objects.filter(pk=person, import_undone_at=None).exists()
