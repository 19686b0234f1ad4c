"""Everything kept about one person: shown, stopped, or erased.

Erasing takes out what is theirs, and makes them nobody in what is other people's: a call of Ana's
in which Sam was asked stays Ana's, with "somebody" in Sam's place. What Ana wrote so that somebody
is never contacted protects Ana, and stays hers.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models import Q

from nightlight.engine.state import AlertStatus
from nightlight.store.advance import lock_alert
from nightlight.store.circles_read import NoSuchPerson
from nightlight.store.erasure_days import days_around, days_of, leave_days_of_others
from nightlight.store.models import (
    Account,
    Alert,
    CallWish,
    CheckIn,
    Circle,
    Concern,
    ContactMethod,
    Drill,
    EventRow,
    Invitation,
    Keeping,
    KeptReply,
    LadderPlace,
    LadderStep,
    Membership,
    NeverContact,
    Notice,
    Notification,
    Person,
    PersonLink,
    PlanVault,
    ReplyTry,
    TimelineEntry,
    WaitingEvent,
)
from nightlight.store.plan_files import written
from nightlight.store.races import racing
from nightlight.store.sealing import ADDRESS, look_up_hash, look_up_hashes, unseal
from nightlight.store.withdrawals import Moment, end_member, withdraw_way

STOPPED = "stop_all"
"""Why a way ended whose person wants to hear nothing any more."""

PERSON_KEYS = frozenset(
    {
        "person",
        "people",
        "ask",
        "taker",
        "seconds",
        "undone",
        "unavailable",
        "added",
        "told",
        "members",
    }
)
"""Names of the engine's fields that hold ids of people; no other field does, and a test says so.

Anywhere else a text that looks like an id may be a word: somebody's id may be `talk`.
"""


class CallOpen(Exception):
    """The person has a call open, so nothing was erased. The argument is the call's id."""


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What an erasure left to be looked at."""

    emptied: tuple[str, ...]
    """Whose ladders have no step left: a call of theirs could not be raised."""


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """What was stopped."""

    ways: int
    open_alert: str | None
    """A call of theirs that is open, and goes on."""


def _person(person: str) -> Person:
    row = Person.objects.filter(pk=person).first()
    if row is None:
        raise NoSuchPerson(person)
    return row


def _open_alert(person: str) -> str | None:
    rows = Alert.objects.filter(person_id=person).exclude(status=AlertStatus.RESOLVED)
    return rows.values_list("pk", flat=True).first()


def stop_all(person: str, moment: Moment) -> Stopped:
    """From this moment nothing more is sent to *person*: every way of theirs ends.

    Calls in which they are asked go on without them. Their own open call is not ended: it is theirs
    to end, or the host's with a reason. Raises `NoSuchPerson`, and `LostRace` for it to be tried again
    whole; runs inside a transaction the caller has open.
    """
    _person(person)
    ways = list(ContactMethod.objects.filter(person_id=person, ended_at=None).order_by("pk"))
    for way in ways:
        withdraw_way(way, STOPPED, moment)
    return Stopped(ways=len(ways), open_alert=_open_alert(person))


def erase(person: str, moment: Moment) -> Erased:
    """Remove *person* from everything, in one transaction.

    Raises `NoSuchPerson`, and `CallOpen` while a call of theirs is open; then nothing was changed.
    """
    _person(person)
    erased = racing(lambda: _erase(person, moment))
    _forget_old_pages()
    return erased


def _erase(person: str, moment: Moment) -> Erased:
    calls = _calls_of_others(person)
    for call in calls:
        lock_alert(call)
    # A call raised meanwhile meets this lock, as it meets that of another raise.
    Circle.objects.select_for_update().filter(person_id=person).first()
    open_alert = _open_alert(person)
    if open_alert is not None:
        raise CallOpen(open_alert)
    ways = list(ContactMethod.objects.filter(person_id=person))
    hashes = _hashes(ways)
    for membership in Membership.objects.filter(person_id=person):
        end_member(membership, "erased", moment)
    _keep_away(person, ways)
    Alert.objects.filter(person_id=person).delete()
    Circle.objects.filter(person_id=person).delete()
    emptied = _take_off_ladders(person)
    Membership.objects.filter(person_id=person).delete()
    _leave_calls_of_others(person, calls, hashes)
    leave_days_of_others(person, moment.now)
    Person.objects.filter(pk=person).delete()
    return Erased(emptied=emptied)


def _hashes(ways: list[ContactMethod]) -> set[str]:
    """Every keyed hash under which an address of theirs may stand somewhere."""
    made = {hashed for way in ways for hashed in look_up_hashes(unseal(way.address_sealed), ADDRESS)}
    return made | {way.address_hash for way in ways}


def _keep_away(person: str, ways: list[ContactMethod]) -> None:
    """Whoever never wants to be in contact with *person* keeps that, by address instead of by name."""
    for row in NeverContact.objects.filter(person_id=person).exclude(circle_id=person):
        known = set(row.circle.never_contact.values_list("address_hash", flat=True))
        for way in ways:
            address = unseal(way.address_sealed)
            if known.isdisjoint(look_up_hashes(address, ADDRESS)):
                NeverContact.objects.create(
                    circle_id=row.circle_id,
                    address_sealed=way.address_sealed,
                    address_hash=look_up_hash(address, ADDRESS),
                    by_import=row.by_import,
                    added_at=row.added_at,
                )
    NeverContact.objects.filter(person_id=person).delete()


def _take_off_ladders(person: str) -> tuple[str, ...]:
    places = LadderPlace.objects.filter(person_id=person)
    circles = set(places.values_list("step__circle_id", flat=True))
    places.delete()
    LadderStep.objects.filter(circle_id__in=circles, places=None).delete()
    kept = set(LadderStep.objects.filter(circle_id__in=circles).values_list("circle_id", flat=True))
    return tuple(sorted(circles - kept))


def _calls_of_others(person: str) -> list[str]:
    """Calls that may speak of *person*: those of circles they are or were in, and those they were written to in."""
    in_circle = Q(person__circle__memberships__person_id=person)
    rows = Alert.objects.filter(in_circle | Q(notifications__person_id=person)).exclude(person_id=person)
    return list(rows.distinct().order_by("pk").values_list("pk", flat=True))


def _leave_calls_of_others(person: str, calls: list[str], hashes: set[str]) -> None:
    """In other people's calls, what was said to and by *person* goes, and what happened stays, nameless."""
    Notification.objects.filter(Q(person_id=person) | Q(contact_method__person_id=person)).delete()
    Notification.objects.filter(about_id=person).update(about=None)
    KeptReply.objects.filter(person_id=person).delete()
    ReplyTry.objects.filter(address_hash__in=hashes).delete()
    TimelineEntry.objects.filter(who=person).update(who="")
    nobody = f"erased-{secrets.token_hex(4)}"
    for call in calls:
        _rename(Alert.objects.filter(pk=call), ("state",), person, nobody)
        _rename(EventRow.objects.filter(alert_id=call), ("body", "facts"), person, nobody)
        _rename(WaitingEvent.objects.filter(alert_id=call), ("body",), person, nobody)


def _rename(rows: "models.QuerySet[Any]", fields: tuple[str, ...], person: str, nobody: str) -> None:
    for row in list(rows):
        before = {field: getattr(row, field) for field in fields}
        after = {field: renamed(value, person, nobody) for field, value in before.items()}
        if after != before:
            type(row)._default_manager.filter(pk=row.pk).update(**after)


def renamed(document: Any, person: str, nobody: str) -> Any:
    """*document* with *nobody* wherever the engine's fields name *person*."""
    if isinstance(document, dict):
        return {
            key: _renamed_people(value, person, nobody)
            if key in PERSON_KEYS
            else renamed(value, person, nobody)
            for key, value in document.items()
        }
    if isinstance(document, list):
        return [renamed(value, person, nobody) for value in document]
    return document


def _renamed_people(value: Any, person: str, nobody: str) -> Any:
    if isinstance(value, str):
        return nobody if value == person else value
    if isinstance(value, list):
        return [_renamed_people(each, person, nobody) for each in value]
    if isinstance(value, dict):
        # Members by their id.
        return {
            nobody if key == person else key: renamed(each, person, nobody) for key, each in value.items()
        }
    return value


def _forget_old_pages() -> None:
    """What was erased also leaves the file that SQLite keeps beside the database, if nobody reads it now."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def everything_about(person: str) -> dict[str, Any]:
    """All that is kept about *person*, as JSON values, what is sealed opened. Raises `NoSuchPerson`.

    Not in it: what other people wrote so that they are never contacted, tokens, and what other
    people's calls say of others.
    """
    row = _person(person)
    mine = Alert.objects.filter(person_id=person).order_by("raised_at")
    others = Notification.objects.filter(person_id=person).exclude(alert__person_id=person)
    return {
        "person": _fields(row),
        "ways": _rows(ContactMethod.objects.filter(person_id=person)),
        "links": _rows(PersonLink.objects.filter(person_id=person)),
        "account": _account(person),
        "circle": _circle(person),
        "plan": _plan(person),
        "member_of": _rows(Membership.objects.filter(person_id=person)),
        "invited_by": _rows(Invitation.objects.filter(person_id=person)),
        "practised": _rows(Drill.objects.filter(person_id=person)),
        "looks_after": _rows(Keeping.objects.filter(person_id=person)),
        "thought_of": _rows(Concern.objects.filter(person_id=person)),
        "messages_outside_calls": _rows(Notice.objects.filter(person_id=person)),
        **{name: _rows(rows) for name, rows in days_of(person).items()},
        "on_ladders_of": sorted(
            set(LadderPlace.objects.filter(person_id=person).values_list("step__circle_id", flat=True))
        ),
        "calls": [_call(alert) for alert in mine],
        "in_calls_of_others": {
            "messages": _rows(others.order_by("created_at")),
            "timeline": _rows(
                TimelineEntry.objects.filter(who=person).exclude(alert__person_id=person).order_by("id")
            ),
            "words": _rows(KeptReply.objects.filter(person_id=person).exclude(alert__person_id=person)),
        },
    }


def _account(person: str) -> dict[str, Any] | None:
    """How they sign in; neither keys nor anything that a key could be made from."""
    account = Account.objects.filter(person_id=person).first()
    if account is None:
        return None
    return {
        **_fields(account),
        "passkeys": [_fields(key, but=("public_key", "credential")) for key in account.passkeys.all()],
        "sessions": _rows(account.sessions.all()),
        "sign_ins": _rows(account.sign_ins.all()),
    }


def _circle(person: str) -> dict[str, Any] | None:
    circle = Circle.objects.filter(person_id=person).first()
    if circle is None:
        return None
    return {
        **_fields(circle),
        "members": _rows(circle.memberships.all()),
        "ladder": [
            {**_fields(step), "ask": list(step.places.values_list("person_id", flat=True))}
            for step in circle.ladder.all()
        ],
        "never_contact": _rows(circle.never_contact.all()),
        "invitations": _rows(circle.invitations.all()),
        "practice": _rows(circle.drills.all()),
        "worries": _rows(circle.concerns.all()),
        "keepings": _rows(circle.keepings.all()),
        "where_i_am": [
            {**_fields(note), "readers": list(note.readers.values_list("pk", flat=True))}
            for note in circle.here_notes.all()
        ],
        "check_ins": [_check_in(each) for each in circle.check_ins.all()],
        **{name: _rows(rows) for name, rows in days_around(circle).items()},
    }


def _plan(person: str) -> dict[str, Any] | None:
    """Their sealed plan, as the files it is kept in; not our halves of what they share."""
    vault = PlanVault.objects.filter(pk=person).first()
    if vault is None:
        return None
    return {
        **_fields(vault),
        "slots": _rows(vault.slots.all()),
        "parts": _rows(vault.parts.all()),
        "shares": [_fields(share, but=("kept",)) for share in vault.shares.all()],
        "opened": _rows(vault.openings.all()),
    }


def _check_in(row: CheckIn) -> dict[str, Any]:
    """One check-in of theirs, who hears of it, and what became of it lately."""
    return {
        **_fields(row),
        "told": list(row.told.values_list("pk", flat=True)),
        "noted": list(row.noted.values_list("pk", flat=True)),
        "windows": [
            {**_fields(window), "told": list(window.told.values_list("pk", flat=True))}
            for window in row.windows.all()
        ],
    }


def _call(alert: Alert) -> dict[str, Any]:
    """One call of theirs; not what others wrote, which was meant for the one who had it."""
    return {
        **_fields(alert),
        "wish": _rows(CallWish.objects.filter(alert=alert)),
        "list": _rows(alert.list_lines.all()),
        "timeline": _rows(alert.timeline.all()),
        # Not the facts each event met: they are mostly about others.
        "events": [_fields(event, but=("facts",)) for event in alert.events.all()],
        "messages": [
            {**_fields(message), "attempts": _rows(message.attempts.all())}
            for message in alert.notifications.order_by("created_at", "id")
        ],
    }


def _rows(rows: "models.QuerySet[Any]") -> list[dict[str, Any]]:
    return [_fields(row) for row in rows]


def _fields(row: models.Model, *, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """The columns of *row* as JSON values; sealed ones opened, hashes and tokens left out."""
    return {name: value for name, value in _values(row) if name not in but}


def _values(row: models.Model) -> Iterator[tuple[str, Any]]:
    for field in row._meta.concrete_fields:
        name, value = field.name, getattr(row, field.attname)
        if name.endswith("_hash") or "token" in name or name.startswith("code_"):
            continue
        if name.endswith("_sealed"):
            yield name.removesuffix("_sealed"), unseal(value) if value else ""
        elif isinstance(value, bytes | memoryview):
            yield name, written(value)
        elif hasattr(value, "isoformat"):
            yield name, value.isoformat()
        elif hasattr(value, "total_seconds"):
            yield name, value.total_seconds()
        else:
            yield name, value
