"""The host's file becomes people and circles, and people and circles become a file again. Stop 2 of the road."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from nightlight.channels.registry import KINDS
from nightlight.engine.ids import PersonId
from nightlight.intake.check_in_import import import_check_ins
from nightlight.intake.checkin import move_along
from nightlight.intake.circle_writing import write_circle_file
from nightlight.store.circles import Change, Import, import_circle, import_host, import_person
from nightlight.store.circles_read import load_document
from nightlight.store.entries import CircleEntry, Document, PersonEntry
from nightlight.store.pieces import in_pieces
from nightlight.store.standing import time_zone_of


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import did, or with `dry_run` would do, and what the host should look at."""

    changes: tuple[Change, ...]
    warnings: tuple[str, ...]
    dry_run: bool


def import_circles(
    document: Document,
    *,
    now: datetime,
    dry_run: bool = False,
    prune: bool = False,
    channels_on: frozenset[str],
) -> ImportReport:
    """Write *document*, which was checked as a whole, in pieces; the host's word that all of it was asked for.

    *prune* ends the ways, members and never-contact entries that the people and circles of the file
    no longer name; people and circles that the file does not name at all are left alone.
    """
    run = Import(now=now, prune=prune, channels_on=channels_on)
    actions: list[Callable[[], list[Change]]] = []
    if document.host:
        actions.append(partial(import_host, document.host))
    actions += [
        partial(_import_person, person, _last_agreed(document, person.id), run) for person in document.people
    ]
    actions += [partial(import_circle, circle, run) for circle in document.circles]
    # Each in an action of its own: nobody's check-in waits behind the lock of a whole circle.
    actions += [
        partial(import_check_ins, circle, run) for circle in document.circles if circle.check_ins or prune
    ]
    changes = in_pieces(actions, keep=not dry_run)
    return ImportReport(
        changes=tuple(change for some in changes for change in some),
        warnings=tuple(_warnings(document, now.date(), channels_on)),
        dry_run=dry_run,
    )


def export_circles(person: str | None = None) -> str:
    """The circle file of *person*, or of everybody. Raises `NoSuchPerson`."""
    return write_circle_file(load_document(person))


def _import_person(person: PersonEntry, agreed_on: date | None, run: Import) -> list[Change]:
    before = time_zone_of(person.id)
    changes = import_person(person, agreed_on, run)
    if before is not None and time_zone_of(person.id) != before:
        move_along(person.id, run.now)
    return changes


def _last_agreed(document: Document, person: PersonId) -> date | None:
    days = [
        member.agreed_on
        for circle in document.circles
        for member in circle.members
        if member.person == person and member.agreed_on
    ]
    return max(days, default=None)


def _warnings(document: Document, today: date, channels_on: frozenset[str]) -> Iterator[str]:
    waiting: dict[str, dict[str, None]] = defaultdict(dict)
    for person in document.people:
        for way in person.ways:
            waiting[way.channel][person.id] = None
    for way in document.host.ways if document.host else ():
        waiting[way.channel]["the host"] = None
    for channel, people in waiting.items():
        if channel not in channels_on:
            yield (
                f"{channel} is switched off ({KINDS[channel].needs} switches it on);"
                f" until then it reaches nobody: {', '.join(people)}"
            )
    reachable = {person.id for person in document.people if person.ways}
    for circle in document.circles:
        yield from _circle_warnings(circle, reachable, today)


def _circle_warnings(circle: CircleEntry, reachable: set[PersonId], today: date) -> Iterator[str]:
    place = f"in the circle of {circle.person}"
    asked = {person for step in circle.ladder for person in step.ask}
    for member in circle.members:
        if member.agreed_on is None:
            yield f"{member.person} {place} was not asked yet and is not contacted"
        elif member.agreed_until and member.agreed_until < today:
            yield f"{member.person} {place} agreed until {member.agreed_until} and is not contacted; ask them again"
        elif member.person not in reachable:
            yield f"{member.person} {place} has no way to be reached"
        if member.person not in asked:
            yield f"{member.person} {place} is on no step of the ladder"
