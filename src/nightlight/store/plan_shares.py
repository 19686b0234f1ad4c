"""Parts shown to members: their browsers' keys, what was sealed for each, and when it is given out.

What is given out opens with two halves of a key. The member's half is sealed to their browser; ours is
kept here, and leaves only by `give_out`.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Q

from nightlight import chance
from nightlight.engine.holding import may_still_hold
from nightlight.engine.ids import PersonId
from nightlight.engine.state import AlertStatus, Answer
from nightlight.store.arranged import as_decided, is_in
from nightlight.store.models import (
    Alert,
    Membership,
    PlanOpening,
    PlanPart,
    PlanShare,
    PlanVault,
    SupporterKey,
)
from nightlight.store.page_queries import waiting_answer
from nightlight.store.plan_files import SHARES_MAX, written
from nightlight.store.plan_notes import card_of
from nightlight.store.plans import InTheWay, NotThere, Refused, own_vault
from nightlight.store.races import racing
from nightlight.store.sealing import UnreadableError, seal, unseal

KEYS_MAX = 3
"""Browsers of one member that can read. A fourth never takes the place of one: it may be a stranger's."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """One part for one browser of a member, as the person's browser made it."""

    id: str
    part: str
    key: str
    version: int
    body: bytes
    half: bytes
    kept: str
    """Our half, as it was written."""


def keep_reading_key(circle: str, member: str, recipient: str, now: datetime) -> str:
    """*member* reads with *recipient* in one more browser; the key's id.

    Raises `NotThere` for no member, and `InTheWay` when they have three browsers already: whoever has found
    their link must not push out the one that words were compared with. The person takes one away instead.
    """
    return racing(partial(_keep_reading_key, circle, member, recipient, now))


def _keep_reading_key(circle: str, member: str, recipient: str, now: datetime) -> str:
    Membership.objects.select_for_update().filter(circle_id=circle, person_id=member).first()
    if not is_in(circle, member):
        raise NotThere(member)
    keys = SupporterKey.objects.filter(circle_id=circle, person_id=member)
    known = keys.filter(recipient=recipient).first()
    if known is not None:
        return known.pk
    if keys.count() >= KEYS_MAX:
        raise InTheWay(
            f"{KEYS_MAX} browsers can read already; the person whose plan it is takes one away first"
        )
    return SupporterKey.objects.create(
        id=chance.new_id(), circle_id=circle, person_id=member, recipient=recipient, made_at=now
    ).pk


def take_reading_key(person: str, key: str) -> None:
    """One browser of a member reads no more, and what was sealed for it goes too. Raises `NotThere`."""

    def once() -> None:
        if not SupporterKey.objects.filter(pk=key, circle_id=person).delete()[0]:
            raise NotThere(key)

    racing(once)


def put_share(person: str, share: Share, now: datetime) -> None:
    """Keep a part for one browser of a member, in the place of what was kept for it of that part.

    Raises `NoPlan`, `Refused`, and `NotThere` when part or key are not this person's.
    """
    racing(partial(_put_share, person, share, now))


def _put_share(person: str, share: Share, now: datetime) -> None:
    vault = own_vault(person)
    part = PlanPart.objects.filter(vault=vault, own_id=share.part).first()
    key = SupporterKey.objects.select_for_update().filter(pk=share.key, circle_id=person).first()
    if part is None or key is None or not is_in(person, key.person_id):
        raise NotThere(share.id)
    vault.shares.filter(Q(own_id=share.id) | Q(part=part, key=key)).delete()
    if vault.shares.count() >= SHARES_MAX:
        raise Refused(f"at most {SHARES_MAX} parts are shared at once; take one back first")
    vault.shares.create(
        own_id=share.id,
        part=part,
        key=key,
        version=share.version,
        body=share.body,
        half=share.half,
        kept_sealed=seal(share.kept),
        made_at=now,
    )


def take_back(person: str, share: str) -> None:
    """The share is gone at once, and nobody is told. Raises `NoPlan`, `NotThere`."""

    def once() -> None:
        if not own_vault(person).shares.filter(own_id=share).delete()[0]:
            raise NotThere(share)

    racing(once)


def take_everything_back(person: str, member: int) -> None:
    """All that is shared with one member, whose membership is *member*, is gone at once. Raises `NoPlan`."""

    def once() -> None:
        readers = Membership.objects.filter(pk=member, circle_id=person).values("person")
        own_vault(person).shares.filter(key__person__in=readers).delete()

    racing(once)


def may_read(call: Alert, member: str) -> bool:
    """Whether what is shared with *member* opens for them now, in this *call*.

    It does while the call is open and they have it, or said yes while somebody else has it and are kept
    as a second; and while they are in the circle. So it does not for whoever was only asked, said no,
    handed over, went quiet and is asked again, held it as long as one person may, left or was removed;
    and never by an older call.

    Of a call that no rule can read at present nothing opens, nor when a no of theirs waits to be read.
    """
    alert = as_decided(call)
    if alert is None or call.status == AlertStatus.RESOLVED or not is_in(call.person_id, member):
        return False
    if call.poisoned_at is not None and waiting_answer(call.pk, member) is False:
        return False
    who = PersonId(member)
    ask = alert.ask_of(who)
    if alert.taker == who:
        return True
    return who in alert.seconds and may_still_hold(alert, who) and (ask is None or ask.answer is Answer.YES)


def give_out(call: str, member: str, now: datetime) -> dict[str, Any] | None:
    """What *member* may read in this *call*, as JSON values, also when it is nothing; None when they have no part in it.

    That shares were given out is kept first, once for each member and call, for the person to see. After
    that, asking again writes nothing: an open page asks every few seconds.
    """
    row = Alert.objects.filter(pk=call).first()
    if row is None or not may_read(row, member):
        return None
    vault = PlanVault.objects.filter(pk=row.person_id).first()
    shares = _shares_for(vault, member) if vault else []
    person = None
    if vault is not None and shares:
        _note_opening(vault, member, row, now)
        person = {"id": vault.pk, "verify_key": vault.verify_key, "recipient": vault.recipient}
    return {"person": person, "shares": shares, "card": card_of(row.person_id)}


def _note_opening(vault: PlanVault, member: str, call: Alert, now: datetime) -> None:
    noted = PlanOpening.objects.filter(supporter_id=member, alert=call)
    if not noted.exists():
        values = {"vault": vault, "at": now}
        racing(lambda: PlanOpening.objects.get_or_create(supporter_id=member, alert=call, defaults=values))


def _shares_for(vault: PlanVault, member: str) -> list[dict[str, str]]:
    found = []
    for row in PlanShare.objects.filter(vault=vault, key__person_id=member).select_related("key"):
        try:
            kept = unseal(row.kept_sealed)
        except UnreadableError:
            # Our half is lost with the host key; the others open all the same.
            continue
        found.append(
            {
                "id": row.own_id,
                "to": row.key.recipient,
                "body": written(row.body),
                "half": written(row.half),
                "kept": kept,
            }
        )
    return found


def card_in(call: str, member: str) -> str:
    """The call card, for somebody for whom it opens now; empty for anybody else."""
    row = Alert.objects.filter(pk=call).first()
    return card_of(row.person_id) if row is not None and may_read(row, member) else ""
