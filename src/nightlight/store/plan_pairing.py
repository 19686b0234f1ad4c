"""Opening the plan on another phone: a ticket, who asked with it, the person's yes, and once what it opens.

Nothing of it lasts longer than ten minutes. A ticket alone gives nothing: what was allowed goes to the
phone that asked first, which holds a cookie, and the plan's secret is sealed to a key of that phone.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from django.db.models import QuerySet

from nightlight import chance
from nightlight.store.accounts import note_sign_in
from nightlight.store.models import Account, PlanPairing, PlanSlot, SignInHow
from nightlight.store.plan_read import slot_json, vault_json
from nightlight.store.plans import InTheWay, NotThere, Slot, own_vault, put_slot_into
from nightlight.store.races import racing
from nightlight.store.sealing import opened, seal, token_hash
from nightlight.store.sessions import new_session

TOKEN_BYTES = 24
TICKETS_LAST = timedelta(minutes=10)


class PairingState(StrEnum):
    """How far it has come."""

    NONE = "none"
    WAITING = "waiting"
    """For another phone, or, seen from that phone, for the person's yes."""
    ASKED = "asked"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """What the person's phone sees of it."""

    state: PairingState
    recipient: str = ""
    proof: str = ""
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What the other phone says of itself."""

    recipient: str
    proof: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What the other phone gets."""

    state: PairingState
    opens: dict[str, Any] | None = None
    """The plan and the slot that was made for this phone, as JSON values; once."""
    session: str = field(default="", repr=False)
    """The token of a session of the person's in that phone; with it."""


def begin_pairing(person: str, now: datetime) -> str:
    """A ticket for another phone; one made before is good no more. Raises `NoPlan`."""
    return racing(partial(_begin_pairing, person, now))


def _begin_pairing(person: str, now: datetime) -> str:
    vault = own_vault(person)
    PlanPairing.objects.filter(expires_at__lte=now).delete()
    PlanPairing.objects.filter(vault=vault).delete()
    ticket = chance.new_token(TOKEN_BYTES)
    PlanPairing.objects.create(
        token_hash=token_hash(ticket), vault=vault, made_at=now, expires_at=now + TICKETS_LAST
    )
    return ticket


def pairing_of(person: str, now: datetime) -> Pairing:
    """How the person's own pairing stands."""
    row = _good(now).filter(vault_id=person).first()
    if row is None:
        return Pairing(state=PairingState.NONE)
    state = PairingState.ASKED if row.asker_hash else PairingState.WAITING
    return Pairing(
        state=PairingState.DONE if row.approved_at else state,
        recipient=row.recipient,
        proof=row.proof,
        label=opened(row.label_sealed),
    )


def _good(now: datetime) -> "QuerySet[PlanPairing]":
    return PlanPairing.objects.filter(expires_at__gt=now)


def person_of(ticket: str, now: datetime) -> str | None:
    """Whose plan *ticket* would open; None when it is no good one, or its time is over."""
    return _good(now).filter(token_hash=token_hash(ticket)).values_list("vault_id", flat=True).first()


def ask_to_open(ticket: str, asking: Asking, now: datetime) -> str:
    """Another phone asks by *ticket*; the token of the cookie that is its alone.

    Raises `NotThere` for a ticket that is not good, and `InTheWay` when some phone asked before.
    """
    return racing(partial(_ask_to_open, ticket, asking, now))


def _ask_to_open(ticket: str, asking: Asking, now: datetime) -> str:
    row = _good(now).select_for_update().filter(token_hash=token_hash(ticket)).first()
    if row is None:
        raise NotThere
    if row.asker_hash:
        raise InTheWay("another phone asked with this already; begin again on the phone that opens the plan")
    token = chance.new_token(TOKEN_BYTES)
    row.asker_hash, row.recipient, row.proof = token_hash(token), asking.recipient, asking.proof
    row.label_sealed = seal(asking.label) if asking.label else ""
    row.save(update_fields=["asker_hash", "recipient", "proof", "label_sealed"])
    return token


def allow(person: str, slot: Slot, now: datetime) -> None:
    """The person says yes: *slot* opens the plan for the phone that asked.

    Said twice it is the same. Raises `NoPlan`, `NotThere` when no phone asks, and `Refused`.
    """
    racing(partial(_allow, person, slot, now))


def _allow(person: str, slot: Slot, now: datetime) -> None:
    vault = own_vault(person)
    row = _good(now).exclude(asker_hash="").filter(vault=vault).first()
    if row is None:
        raise NotThere
    if row.approved_at is not None:
        if row.slot is None or row.slot.own_id != slot.id:
            raise NotThere
        return
    made = put_slot_into(vault, slot, now)
    PlanPairing.objects.filter(pk=row.pk).update(slot=made, approved_at=now)


def refuse(person: str) -> None:
    """The person says no, or begins something else: the ticket is gone."""
    racing(lambda: PlanPairing.objects.filter(vault_id=person, approved_at=None).delete())


def collect(ticket: str, asker: str, now: datetime) -> Collected:
    """What the phone with the cookie *asker* gets by *ticket*: how it stands, and once what was allowed.

    Raises `NotThere` for any other phone, and when the ticket is not good any more.
    """
    return racing(partial(_collect, ticket, asker, now))


def _collect(ticket: str, asker: str, now: datetime) -> Collected:
    rows = _good(now).select_for_update(of=("self",)).select_related("vault")
    row = rows.filter(token_hash=token_hash(ticket), asker_hash=token_hash(asker)).first() if asker else None
    if row is None:
        raise NotThere
    if row.approved_at is None:
        return Collected(state=PairingState.WAITING)
    account = Account.objects.filter(person_id=row.vault_id).first()
    if row.collected_at is not None or row.slot is None or account is None:
        return Collected(state=PairingState.DONE)
    PlanPairing.objects.filter(pk=row.pk).update(collected_at=now)
    note_sign_in(account.pk, SignInHow.PHONE, now)
    session = new_session(account.pk, now, is_lent=True)
    PlanSlot.objects.filter(pk=row.slot.pk).update(session_id=token_hash(session))
    return Collected(
        state=PairingState.DONE,
        opens={"person": row.vault_id, "vault": vault_json(row.vault), "slot": slot_json(row.slot)},
        session=session,
    )
