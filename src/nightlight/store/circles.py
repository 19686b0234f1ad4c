"""People and circles as the host's file has them, compared with what is kept and written.

Every function runs inside a transaction its caller has open. An import never revives what ended
and never takes back what a person arranged later; both are reported, not changed.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from nightlight.chance import new_id
from nightlight.store.circles_read import host_entry, ladder_of, reach_of
from nightlight.store.entries import CircleEntry, HostEntry, MemberEntry, PersonEntry, WayEntry
from nightlight.store.models import (
    Circle,
    ContactMethod,
    Host,
    LadderPlace,
    LadderStep,
    Membership,
    NeverContact,
    Person,
)
from nightlight.store.sealing import ADDRESS, look_up_hash, look_up_hashes, seal
from nightlight.store.withdrawals import Moment, end_member, remove_responder, withdraw_way

BY_IMPORT = "import"
"""Why a member or a way ended that the host's file no longer names."""


class ChangeKind(StrEnum):
    """What an import did with one thing."""

    ADDED = "added"
    CHANGED = "changed"
    ENDED = "ended"
    STAYS = "stays"
    """The file says otherwise, and it was left as it is."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line of an import's report. `what` speaks of ids, never of addresses."""

    kind: ChangeKind
    what: str


@dataclass(frozen=True, kw_only=True)
class Import(Moment):
    """One run of an import. `prune` ends what the people and circles of the file no longer name."""

    prune: bool = False


def import_host(entry: HostEntry) -> list[Change]:
    """Who runs the service, as the file says."""
    row = Host.objects.filter(pk=1).first()
    if row is not None and host_entry(row) == entry:
        return []
    ways = [{"channel": way.channel, "to": way.to} for way in entry.ways]
    lines = [
        {**asdict(line), "checked_on": line.checked_on.isoformat() if line.checked_on else None}
        for line in entry.lines
    ]
    values = {
        "name": entry.name,
        "country": entry.country,
        "emergency_number": entry.emergency_number,
        "ways_sealed": seal(json.dumps(ways)) if ways else "",
        "lines": lines,
        "anyone_may_begin": entry.anyone_may_begin,
        "adult_age": entry.adult_age,
        "minors": entry.minors,
        "minors_approved_by": entry.minors_approved_by,
    }
    Host.objects.update_or_create(pk=1, defaults=values)
    return [_changed("host") if row else _added("host")]


def import_person(entry: PersonEntry, agreed_on: date | None, run: Import) -> list[Change]:
    """A person and their ways; the host's word counts as proof of a way.

    *agreed_on* is the last day on which the file has them agree to anything: only a later yes brings
    back a way that ended before it.
    """
    values = {"name": entry.name, "time_zone": entry.time_zone, "language": entry.language}
    stays: list[Change] = []
    row = Person.objects.filter(pk=entry.id).first()
    if row is None:
        row = Person.objects.create(id=entry.id, created_at=run.now, **values)
        changes = [_added(f"person {entry.id}")]
    else:
        # Where they are, they know better than a file.
        if row.moved_at is not None and values.pop("time_zone") != row.time_zone:
            stays = [_stays(f"time zone of {entry.id}: they said themself where they are")]
        changes = [*_update(row, values, f"person {entry.id}"), *stays]
    kept = {(way.channel, way.address_hash): way for way in row.ways.all()}
    named = set()
    for position, way in enumerate(entry.ways):
        known = next(
            (
                kept[key]
                for hashed in look_up_hashes(way.to, ADDRESS)
                if (key := (way.channel, hashed)) in kept
            ),
            None,
        )
        if known is None:
            changes.append(_add_way(row, way, position, run.now))
        else:
            named.add(known.pk)
            changes += _import_way(known, way, position, agreed_on=agreed_on, now=run.now)
    for absent in kept.values():
        if absent.pk not in named and absent.ended_at is None:
            changes.append(_absent_way(absent, run))
    return changes


def _add_way(person: Person, way: WayEntry, position: int, now: datetime) -> Change:
    ContactMethod.objects.create(
        id=new_id(),
        person=person,
        channel=way.channel,
        address_sealed=seal(way.to),
        address_hash=look_up_hash(way.to, ADDRESS),
        after=way.after,
        position=position,
        proven_at=now,
    )
    return _added(f"{way.channel} way of {person.pk}")


def _import_way(
    known: ContactMethod, way: WayEntry, position: int, *, agreed_on: date | None, now: datetime
) -> list[Change]:
    person = known.person
    name = f"{way.channel} way of {person.pk}"
    if known.ended_at is None:
        values = {"after": way.after, "position": position, "proven_at": known.proven_at or now}
        return _update(known, values, name)
    ended_on = _local_date(known.ended_at, person)
    if agreed_on is None or agreed_on <= ended_on:
        return [_stays(f"{name} ended on {ended_on}; only a later agreed_on brings it back")]
    values = {"ended_at": None, "ended_why": "", "after": way.after, "position": position, "proven_at": now}
    _update(known, values, name)
    return [_added(f"{name}, again")]


def _absent_way(way: ContactMethod, run: Import) -> Change:
    name = f"{way.channel} way of {way.person_id}"
    if not run.prune:
        return _stays(f"{name} is not in the file; --prune would end it")
    withdraw_way(way, BY_IMPORT, run)
    return Change(kind=ChangeKind.ENDED, what=name)


def import_circle(entry: CircleEntry, run: Import) -> list[Change]:
    """A person's circle: its settings, its ladder, who agreed to what, and who is never contacted."""
    name = f"circle of {entry.person}"
    circle = Circle.objects.select_for_update().filter(pk=entry.person).first()
    if circle is not None and circle.import_undone_at is not None:
        return [_stays(f"{name} was undone by {entry.person}; nothing of it was imported")]
    changes = []
    if circle is None:
        circle = Circle.objects.create(person_id=entry.person)
        _update(circle, _settings(circle, entry, run), name)
        changes.append(_added(name))
    else:
        changes += _update(circle, _settings(circle, entry, run), name)
    changes += _import_ladder(circle, entry, name)
    changes += _import_members(circle, entry, run)
    changes += _import_never_contact(circle, entry, run)
    if any(change.kind is not ChangeKind.STAYS for change in changes):
        # She is shown it again whenever the host's word changed something.
        circle.imported_at, circle.import_noticed_at = run.now, None
        circle.save(update_fields=["imported_at", "import_noticed_at"])
    return changes


def _settings(circle: Circle, entry: CircleEntry, run: Import) -> dict[str, object]:
    values: dict[str, object] = {
        "know_each_other": entry.know_each_other,
        "end": entry.end.value,
        "repeat_after": entry.repeat_after,
        "acknowledgement_expires": entry.acknowledgement_expires,
    }
    # Sealing twice gives two texts, so what is sealed is compared by what it says.
    if reach_of(circle) != entry.reach and (entry.reach or run.prune):
        values["reach_sealed"] = seal(json.dumps(asdict(entry.reach))) if entry.reach else ""
    return values


def _import_ladder(circle: Circle, entry: CircleEntry, name: str) -> list[Change]:
    before = ladder_of(circle)
    if before == entry.ladder:
        return []
    circle.ladder.all().delete()
    for position, step in enumerate(entry.ladder):
        row = LadderStep.objects.create(circle=circle, position=position, wait=step.wait, fair=step.fair)
        LadderPlace.objects.bulk_create(
            LadderPlace(step=row, person_id=person, position=place) for place, person in enumerate(step.ask)
        )
    if not before:
        return []
    asked = {person for step in entry.ladder for person in step.ask}
    gone = dict.fromkeys(person for step in before for person in step.ask if person not in asked)
    return [_changed(f"{name}: ladder" + (f", no longer with {', '.join(gone)}" if gone else ""))]


def _import_members(circle: Circle, entry: CircleEntry, run: Import) -> list[Change]:
    kept = {row.person_id: row for row in circle.memberships.select_related("person")}
    changes = []
    for position, member in enumerate(entry.members):
        row = kept.pop(member.person, None)
        if row is None:
            changes.append(_add_member(circle, member, position))
        else:
            changes += _import_member(row, member, position)
    for absent in kept.values():
        if absent.ended_at is None:
            changes.append(_absent_member(absent, run))
    return changes


def _member_name(row: Membership) -> str:
    return f"{row.person_id} in the circle of {row.circle_id}"


def _add_member(circle: Circle, member: MemberEntry, position: int) -> Change:
    agreement = {"agreed_on": member.agreed_on, "agreed_until": member.agreed_until}
    row = Membership(circle=circle, person_id=member.person, **_member_values(member, position), **agreement)
    row.save()
    return _added(_member_name(row))


def _member_values(member: MemberEntry, position: int) -> dict[str, object]:
    start, end = member.hours or (None, None)
    return {
        "offers": [offer.value for offer in member.offers],
        "wake_me": member.wake_me,
        "hours_from": start,
        "hours_until": end,
        "position": position,
    }


def _import_member(row: Membership, member: MemberEntry, position: int) -> list[Change]:
    name = _member_name(row)
    values = _member_values(member, position)
    agreement = {"agreed_on": member.agreed_on, "agreed_until": member.agreed_until}
    if row.ended_at is not None:
        ended_on = _local_date(row.ended_at, row.person)
        if member.agreed_on is None or member.agreed_on <= ended_on:
            return [_stays(f"{name} ended on {ended_on}; only a later agreed_on brings them back")]
        _update(row, values | agreement | {"ended_at": None, "ended_why": "", "paused_until": None}, name)
        return [_added(f"{name}, again")]
    if row.agreed_on is None or (member.agreed_on and member.agreed_on >= row.agreed_on):
        return _update(row, values | agreement, name)
    # The file is older than what they said since: hours and offers are theirs, the place is not.
    changes = _update(row, {"position": position}, name)
    return [*changes, _stays(f"{name} agreed on {row.agreed_on}, which the file does not know")]


def _absent_member(row: Membership, run: Import) -> Change:
    name = _member_name(row)
    if not run.prune:
        return _stays(f"{name} is not in the file; --prune would end it")
    end_member(row, BY_IMPORT, run)
    return Change(kind=ChangeKind.ENDED, what=name)


def _import_never_contact(circle: Circle, entry: CircleEntry, run: Import) -> list[Change]:
    name = f"never_contact of {circle.pk}"
    kept = {row.address_hash: row for row in circle.never_contact.exclude(address_hash="")}
    changes = []
    for address in entry.never_contact:
        hashes = look_up_hashes(address, ADDRESS)
        known = [kept.pop(hashed) for hashed in hashes if hashed in kept]
        if not known:
            NeverContact.objects.create(
                circle=circle,
                address_sealed=seal(address),
                address_hash=hashes[0],
                by_import=True,
                added_at=run.now,
            )
            changes.append(_added(f"an address to {name}"))
            reached = ContactMethod.objects.filter(address_hash__in=hashes, ended_at=None)
            for person in circle.memberships.filter(person__ways__in=reached).values_list(
                "person_id", flat=True
            ):
                remove_responder(circle.pk, person, run)
    for row in kept.values():
        # What she put there herself is hers alone to take away, and nobody is told of it here.
        if row.by_import and run.prune:
            row.delete()
            changes.append(Change(kind=ChangeKind.ENDED, what=f"an address on {name}"))
        elif row.by_import:
            changes.append(_stays(f"an address on {name} is not in the file; --prune would take it away"))
    return changes


def _update(
    row: Person | ContactMethod | Circle | Membership, values: Mapping[str, object], name: str
) -> list[Change]:
    """Write those of *values* that differ, and say which."""
    different = [field for field, value in values.items() if getattr(row, field) != value]
    if not different:
        return []
    for field in different:
        setattr(row, field, values[field])
    row.save(update_fields=different)
    words = [field.removesuffix("_sealed").replace("position", "order") for field in different]
    return [_changed(f"{name}: {', '.join(words)}")]


def _local_date(moment: datetime, person: Person) -> date:
    return moment.astimezone(ZoneInfo(person.time_zone)).date()


def _added(what: str) -> Change:
    return Change(kind=ChangeKind.ADDED, what=what)


def _changed(what: str) -> Change:
    return Change(kind=ChangeKind.CHANGED, what=what)


def _stays(what: str) -> Change:
    return Change(kind=ChangeKind.STAYS, what=what)
