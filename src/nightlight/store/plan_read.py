"""The sealed plan as JSON values, for the scripts of its pages: for the person, and for one member."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from nightlight.store.consent import NeverContacted
from nightlight.store.models import (
    CallCard,
    Circle,
    Membership,
    PlanOpening,
    PlanShare,
    PlanSlot,
    PlanVault,
    SealedNote,
    SupporterKey,
)
from nightlight.store.plan_files import written
from nightlight.store.plan_notes import card_of, may_leave_note
from nightlight.store.plans import is_due_for_a_look
from nightlight.store.sealing import opened


def everything_for(person: str, now: datetime) -> dict[str, Any]:
    """All that *person*'s own browser needs. A member is told apart by their membership, never by their id."""
    vault = PlanVault.objects.filter(pk=person).first()
    memberships = list(Membership.objects.filter(circle_id=person).select_related("person").order_by("pk"))
    numbers = {row.person_id: str(row.pk) for row in memberships}
    return {
        "person": person,
        "vault": vault_json(vault) if vault else None,
        "look_again": vault is not None and is_due_for_a_look(vault, now),
        "slots": [slot_json(row) for row in vault.slots.all()] if vault else [],
        "parts": [
            {"id": row.own_id, "revision": row.revision, "body": written(row.body)}
            for row in (vault.parts.all() if vault else ())
        ],
        "shares": _shares(vault, numbers) if vault else [],
        "supporters": _supporters(person, memberships),
        "notes": _notes(person, numbers),
        "openings": _openings(vault) if vault else [],
        "card": card_of(person),
    }


def vault_json(vault: PlanVault) -> dict[str, Any]:
    """What a browser knows a plan by."""
    return {
        "recipient": vault.recipient,
        "verify_key": vault.verify_key,
        "made_at": _at(vault.made_at),
        "words_later": vault.words_later,
    }


def slot_json(row: PlanSlot) -> dict[str, Any]:
    """One way of opening it."""
    return {
        "id": row.own_id,
        "kind": row.kind,
        "label": opened(row.label_sealed),
        "body": written(row.body),
        "made_at": _at(row.made_at),
    }


def _at(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _shares(vault: PlanVault, numbers: dict[str, str]) -> list[dict[str, Any]]:
    rows = PlanShare.objects.filter(vault=vault).select_related("part", "key").defer("body", "half")
    return [
        {
            "id": row.own_id,
            "part": row.part.own_id,
            "supporter": numbers.get(row.key.person_id, ""),
            "key": row.key_id,
            "version": row.version,
        }
        for row in rows
    ]


def _supporters(person: str, memberships: Iterable[Membership]) -> list[dict[str, Any]]:
    """Who can be shown something: those who agreed, are there, and may be contacted."""
    never = NeverContacted(Circle(pk=person))
    keys: dict[str, list[dict[str, str]]] = {}
    for key in SupporterKey.objects.filter(circle_id=person):
        shown = {"id": key.pk, "recipient": key.recipient, "made_at": _at(key.made_at)}
        keys.setdefault(key.person_id, []).append(shown)
    there = [row for row in memberships if row.ended_at is None and row.agreed_on is not None]
    return [
        {"id": str(row.pk), "name": row.person.name, "keys": keys.get(row.person_id, [])}
        for row in sorted(there, key=lambda row: (row.position, row.pk))
        if not never.has_person(row.person_id, row.person.ways.all())
    ]


def _notes(person: str, numbers: dict[str, str]) -> list[dict[str, Any]]:
    rows = SealedNote.objects.filter(circle_id=person).select_related("writer")
    return [
        {
            "id": row.own_id,
            "writer": {"id": numbers.get(row.writer_id, ""), "name": row.writer.name},
            "body": written(row.body),
            "made_at": _at(row.made_at),
        }
        for row in rows
    ]


def _openings(vault: PlanVault) -> list[dict[str, str]]:
    rows = PlanOpening.objects.filter(vault=vault).select_related("supporter")
    return [{"name": row.supporter.name if row.supporter else "", "at": _at(row.at)} for row in rows]


def for_member(circle: str, number: int, member: str) -> dict[str, Any]:
    """What a member's browser needs in order to read one day, and to leave notes.

    Nothing in it tells what is shared with them, nor whether a note of theirs is still there: both are
    taken back silently.
    """
    vault = PlanVault.objects.filter(pk=circle).select_related("person").first()
    keys = SupporterKey.objects.filter(circle_id=circle, person_id=member)
    return {
        "person": {
            "id": vault.pk,
            "name": vault.person.name,
            "recipient": vault.recipient,
            "verify_key": vault.verify_key,
        }
        if vault
        else None,
        "me": str(number),
        "keys": [{"id": key.pk, "recipient": key.recipient} for key in keys],
        "may_leave": may_leave_note(circle, member),
    }


def has_plan(person: str) -> bool:
    """Whether there is anything that erasing the plan of *person* would take away."""
    of_circle = (SupporterKey, SealedNote, CallCard)
    return PlanVault.objects.filter(pk=person).exists() or any(
        model.objects.filter(circle_id=person).exists() for model in of_circle
    )
