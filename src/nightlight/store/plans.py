"""A person's sealed plan: begun, changed part by part, looked at again, erased.

Every change is one transaction that holds the plan's own row, so that two phones come one after the
other. Whatever belongs to another plan is not there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import IntegrityError

from nightlight.engine.state import AlertStatus
from nightlight.store.models import (
    Alert,
    CallCard,
    PlanPart,
    PlanSlot,
    PlanVault,
    SealedNote,
    SupporterKey,
)
from nightlight.store.plan_files import PARTS_MAX, SLOTS_MAX
from nightlight.store.races import racing
from nightlight.store.sealing import seal
from nightlight.store.sessions import end_session

LATER_MAX = 3
"""So often the seven words can wait."""
LOOK_AGAIN_AFTER = timedelta(days=90)
KINDS_FOR_GOOD = frozenset({"C", "E"})
"""Slots that no lost phone takes away: the seven words, and words of one's own."""
KIND_OF_PHONES = "A"


class NoPlan(LookupError):
    """There is no plan yet, or not any more."""


class NotThere(LookupError):
    """There is nothing of this id in this plan."""


class Refused(ValueError):
    """It is not kept; the message says why, and what would be right."""


class InTheWay(Exception):
    """Something that is there already keeps it from being done; the message says what."""


class Overtaken(Exception):
    """Another phone changed the part first."""

    def __init__(self, revision: int, body: bytes | None) -> None:
        super().__init__(revision)
        self.revision = revision
        """0 when the part is gone."""
        self.body = body


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One way of opening a plan, as a browser made it."""

    id: str
    kind: str
    label: str
    body: bytes


@dataclass(frozen=True, kw_only=True)
class NewPlan:
    """What a plan begins with."""

    recipient: str
    verify_key: str
    slot: Slot


def own_vault(person: str) -> PlanVault:
    """The plan's row, held until the transaction at hand ends. Raises `NoPlan`."""
    vault = PlanVault.objects.select_for_update().filter(pk=person).first()
    if vault is None:
        raise NoPlan(person)
    return vault


def begin(person: str, plan: NewPlan, now: datetime) -> bool:
    """Keep the beginning of *person*'s plan; False when this very one was begun before.

    A browser whose answer got lost asks again. Raises `InTheWay` when there is another plan.
    """
    try:
        return racing(partial(_begin, person, plan, now))
    except IntegrityError:
        # Two browsers began at once.
        return racing(partial(_begin, person, plan, now))


def _begin(person: str, plan: NewPlan, now: datetime) -> bool:
    there = PlanVault.objects.filter(pk=person).first()
    if there is not None:
        if (there.recipient, there.verify_key) == (plan.recipient, plan.verify_key):
            return False
        raise InTheWay("there is a plan already; open that one")
    vault = PlanVault.objects.create(
        person_id=person, recipient=plan.recipient, verify_key=plan.verify_key, made_at=now
    )
    put_slot_into(vault, plan.slot, now)
    return True


def put_part(person: str, part: str, body: bytes, stands_on: int, now: datetime) -> int:
    """Keep *body* as the *part*; its new revision. *stands_on* is the one it was made from, 0 for none.

    The same body once more changes nothing. Raises `NoPlan`, `Refused`, and `Overtaken` when the part
    is at another revision.
    """
    return racing(partial(_put_part, person, part, body, stands_on, now))


def _put_part(person: str, own_id: str, body: bytes, stands_on: int, now: datetime) -> int:
    vault = own_vault(person)
    row = vault.parts.filter(own_id=own_id).first()
    if row is None:
        if stands_on:
            raise Overtaken(0, None)
        if vault.parts.count() >= PARTS_MAX:
            raise Refused(f"a plan has at most {PARTS_MAX} parts; take one away first")
        vault.parts.create(own_id=own_id, body=body, changed_at=now)
        return 1
    if bytes(row.body) == body:
        return row.revision
    if row.revision != stands_on:
        raise Overtaken(row.revision, bytes(row.body))
    PlanPart.objects.filter(pk=row.pk).update(body=body, revision=stands_on + 1, changed_at=now)
    return stands_on + 1


def remove_part(person: str, part: str) -> None:
    """The part is gone, for whoever it was shared with too. Raises `NoPlan`, `NotThere`."""
    racing(partial(_remove_part, person, part))


def _remove_part(person: str, own_id: str) -> None:
    if not own_vault(person).parts.filter(own_id=own_id).delete()[0]:
        raise NotThere(own_id)


def put_slot(person: str, slot: Slot, now: datetime) -> None:
    """Keep one more way of opening, or another in its place. Raises `NoPlan`, `Refused`."""
    racing(lambda: put_slot_into(own_vault(person), slot, now))


def put_slot_into(vault: PlanVault, slot: Slot, now: datetime) -> PlanSlot:
    """Keep *slot* in *vault*, inside a transaction the caller has open. Raises `Refused`.

    Where there are `SLOTS_MAX`, the oldest phone's goes: that phone has its own copy, and a new one must open.
    """
    is_new = not vault.slots.filter(own_id=slot.id).exists()
    if is_new and vault.slots.count() >= SLOTS_MAX:
        oldest = vault.slots.filter(kind=KIND_OF_PHONES).first()
        if oldest is None:
            raise Refused(f"a plan has at most {SLOTS_MAX} ways of opening it; take one away first")
        oldest.delete()
    label = seal(slot.label) if slot.label else ""
    values = {"kind": slot.kind, "label_sealed": label, "body": slot.body, "made_at": now}
    row, _ = PlanSlot.objects.update_or_create(vault=vault, own_id=slot.id, defaults=values)
    return row


def remove_slot(person: str, slot: str, now: datetime, *, also_the_last: bool) -> None:
    """One way of opening is gone, and with a phone the session it was lent. Raises `NoPlan`, `NotThere`.

    Raises `InTheWay` when it is the last that stays when every phone is lost, unless *also_the_last*.
    """
    racing(partial(_remove_slot, person, slot, now, also_the_last=also_the_last))


def _remove_slot(person: str, own_id: str, now: datetime, *, also_the_last: bool) -> None:
    slots = own_vault(person).slots
    row = slots.filter(own_id=own_id).first()
    if row is None:
        raise NotThere(own_id)
    for_good = slots.filter(kind__in=KINDS_FOR_GOOD)
    if row.kind in KINDS_FOR_GOOD and not also_the_last and not for_good.exclude(pk=row.pk).exists():
        raise InTheWay(
            "without these words the plan is lost with the last phone; keep others first, or send last=yes"
        )
    if row.session_id:
        end_session(row.session_id, now)
    row.delete()


def put_words_off(person: str) -> int:
    """The person said "later" to the seven words; how often by now. Raises `NoPlan`, and `InTheWay` after three."""
    return racing(partial(_put_words_off, person))


def _put_words_off(person: str) -> int:
    vault = own_vault(person)
    if vault.words_later >= LATER_MAX:
        raise InTheWay(f"the words were put off {LATER_MAX} times, which is as often as they can be")
    vault.words_later += 1
    vault.save(update_fields=["words_later"])
    return vault.words_later


def looked(person: str, now: datetime) -> None:
    """The person looked at their plan again, or said "not now". Raises `NoPlan`."""
    if not racing(lambda: PlanVault.objects.filter(pk=person).update(looked_at=now)):
        raise NoPlan(person)


def is_due_for_a_look(vault: PlanVault, now: datetime) -> bool:
    """Whether the page may ask to look at the plan again: after a call it was there for, and every three months."""
    since = vault.looked_at or vault.made_at
    calls = Alert.objects.filter(person_id=vault.pk, status=AlertStatus.RESOLVED, raised_at__gt=vault.made_at)
    return now - since >= LOOK_AGAIN_AFTER or calls.filter(resolved_at__gt=since).exists()


def erase_plan(person: str) -> None:
    """Everything of the plan is gone, also what others sealed for it and read of it. Calls are left as they are.

    Nobody is told.
    """
    racing(partial(_erase_plan, person))


def _erase_plan(person: str) -> None:
    PlanVault.objects.filter(pk=person).delete()
    for model in (SupporterKey, SealedNote, CallCard):
        model.objects.filter(circle_id=person).delete()
