"""The ways by which a person is reached, as the person themselves adds, proves, orders and ends them.

A way counts only once its owner proved it, by the code or the link of one message to it.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import F

from nightlight.chance import new_id
from nightlight.store.models import ContactMethod, Drill, Notice, Person
from nightlight.store.notices import NoticePurpose, call_off, newest_proof, tell_way
from nightlight.store.races import racing
from nightlight.store.sealing import ADDRESS, look_up_hash, look_up_hashes, opened, seal, token_hash, unseal
from nightlight.store.withdrawals import Moment, withdraw_way

WAYS_MAX = 6
WAYS_PER_DAY_MAX = 12
"""Also those that were ended again: nobody uses this to write to numbers of others."""
PROOFS_PER_HOUR_MAX = 3
WRONG_CODES_MAX = 5
BY_OWNER = "owner"
"""Why a way ended whose owner took it away on a page."""


class SameWay(ValueError):
    """The person has this way already."""


class TooManyWays(ValueError):
    """The person has as many ways as anybody may have, or added too many in one day."""


class TooSoon(ValueError):
    """A proof was sent to this way a few times within the hour."""


class NoSuchWay(LookupError):
    """There is no such way, or it ended."""


class Proof(StrEnum):
    """What came of a code that was typed."""

    PROVEN = "proven"
    WRONG = "wrong"
    TOO_MANY = "too_many"
    """Five wrong ones; this code is not taken any more, and a new one can be sent."""
    RAN_OUT = "ran_out"
    """There is no code that still works for this way."""


class TapState(StrEnum):
    """How the link of a proof or of practice stands."""

    OPEN = "open"
    USED = "used"
    RAN_OUT = "ran_out"


@dataclass(frozen=True, kw_only=True)
class WayView:
    """One way of a person, for a page of their own."""

    id: str
    channel: str
    address: str
    """Empty when no host key opens it."""
    after: timedelta
    position: int
    """Its place among them, from 0."""
    proven_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Tap:
    """What a link opens by which one way is proven."""

    purpose: NoticePurpose
    state: TapState
    person: str
    channel: str
    caller: str
    """Whose circle practises; empty for a proof."""


def ways_of(person: str) -> tuple[WayView, ...]:
    """The ways of *person* that did not end, proven or not, in their order."""
    rows = ContactMethod.objects.filter(person_id=person, ended_at=None).order_by("position", "pk")
    return tuple(
        WayView(
            id=row.pk,
            channel=row.channel,
            address=opened(row.address_sealed),
            after=row.after,
            position=place,
            proven_at=row.proven_at,
        )
        for place, row in enumerate(rows)
    )


def add_way(
    person: str, channel: str, address: str, now: datetime, *, after: timedelta = timedelta(0)
) -> ContactMethod:
    """A way of *person* that is not proven yet, behind those they have; a proof is sent to it.

    *address* was checked and is written as it is kept. Raises `SameWay` and `TooManyWays`.
    """
    return racing(lambda: _add_way(person, channel, address, now, after))


def _add_way(person: str, channel: str, address: str, now: datetime, after: timedelta) -> ContactMethod:
    owner = Person.objects.select_for_update().get(pk=person)
    theirs = list(ContactMethod.objects.filter(person=owner))
    hashes = look_up_hashes(address, ADDRESS)
    known = next((way for way in theirs if way.channel == channel and way.address_hash in hashes), None)
    if known is not None and known.ended_at is None:
        raise SameWay(known.pk)
    if sum(way.ended_at is None for way in theirs) >= WAYS_MAX or _added_today(person, now):
        raise TooManyWays(person)
    values = {
        "after": after,
        "position": max((way.position for way in theirs if way.ended_at is None), default=-1) + 1,
        "proven_at": None,
        "ended_at": None,
        "ended_why": "",
    }
    if known is None:
        known = ContactMethod(
            id=new_id(),
            person=owner,
            channel=channel,
            address_sealed=seal(address),
            address_hash=look_up_hash(address, ADDRESS),
        )
    # Its owner wants back what ended; nobody else can, and it has to be proven anew.
    for name, value in values.items():
        setattr(known, name, value)
    known.save()
    tell_way(NoticePurpose.PROOF, known, now)
    return known


def _added_today(person: str, now: datetime) -> bool:
    recent = Notice.objects.filter(
        person_id=person, purpose=NoticePurpose.PROOF, created_at__gt=now - timedelta(days=1)
    )
    return recent.count() >= WAYS_PER_DAY_MAX


def send_proof(way_id: str, now: datetime) -> None:
    """Send another proof; codes sent before stop working. Raises `TooSoon` and `NoSuchWay`."""
    racing(lambda: _send_proof(way_id, now))


def _send_proof(way_id: str, now: datetime) -> None:
    way = ContactMethod.objects.select_for_update().filter(pk=way_id, ended_at=None).first()
    if way is None:
        raise NoSuchWay(way_id)
    sent = Notice.objects.filter(contact_method=way, purpose=NoticePurpose.PROOF)
    if sent.filter(created_at__gt=now - timedelta(hours=1)).count() >= PROOFS_PER_HOUR_MAX:
        raise TooSoon(way_id)
    call_off(sent, now, "sent_again")
    tell_way(NoticePurpose.PROOF, way, now)


def prove(way_id: str, code: str, now: datetime) -> Proof:
    """What comes of *code*, typed for this way; the way counts from now on when it is the one we sent."""
    return racing(lambda: _prove(way_id, code, now))


def _prove(way_id: str, code: str, now: datetime) -> Proof:
    row = newest_proof(way_id)
    way = ContactMethod.objects.filter(pk=way_id, ended_at=None).first()
    if row is None or way is None:
        return Proof.RAN_OUT
    if row.used_at is not None and way.proven_at is not None:
        return Proof.PROVEN
    if row.wrong_codes >= WRONG_CODES_MAX:
        return Proof.TOO_MANY
    if row.expires_at <= now:
        return Proof.RAN_OUT
    typed = "".join(code.split()).encode()
    if not hmac.compare_digest(unseal(row.code_sealed).encode(), typed):
        Notice.objects.filter(pk=row.pk).update(wrong_codes=F("wrong_codes") + 1)
        return Proof.TOO_MANY if row.wrong_codes + 1 >= WRONG_CODES_MAX else Proof.WRONG
    _use(row, now)
    return Proof.PROVEN


def _use(row: Notice, now: datetime) -> None:
    """Its owner has seen the message, so the way it came by reaches them."""
    ContactMethod.objects.filter(pk=row.contact_method_id, ended_at=None).update(proven_at=now)
    Notice.objects.filter(pk=row.pk, used_at=None).update(used_at=now)
    if row.drill_id is not None:
        Drill.objects.filter(pk=row.drill_id, answered_at=None).update(answered_at=now)
    # Whatever is still to be tried of it would only come twice.
    call_off(Notice.objects.filter(pk=row.pk), now, "used")


def look_at_tap(token: str, now: datetime) -> Tap | None:
    """What the link *token* opens, or None. Looking changes nothing."""
    row = _with_token(token)
    return _tap(row, now) if row else None


def tap(token: str, now: datetime) -> Tap | None:
    """The link was pressed on: its way is proven from now on, if it still may be. None: no such link."""
    return racing(lambda: _press(token, now))


def _press(token: str, now: datetime) -> Tap | None:
    row = _with_token(token, lock=True)
    if row is None:
        return None
    found = _tap(row, now)
    if found.state is not TapState.OPEN:
        return found
    _use(row, now)
    row.used_at = now
    return _tap(row, now)


def _with_token(token: str, *, lock: bool = False) -> Notice | None:
    rows = Notice.objects.select_for_update(of=("self",)) if lock else Notice.objects.all()
    return (
        rows.select_related("contact_method", "circle__person").filter(token_hash=token_hash(token)).first()
    )


def _tap(row: Notice, now: datetime) -> Tap:
    if row.used_at is not None:
        state = TapState.USED
    elif row.expires_at <= now or row.contact_method.ended_at is not None:
        state = TapState.RAN_OUT
    else:
        state = TapState.OPEN
    return Tap(
        purpose=NoticePurpose(row.purpose),
        state=state,
        person=row.person_id,
        channel=row.contact_method.channel,
        caller=row.circle.person.name if row.circle else "",
    )


def set_way(way_id: str, after: timedelta, position: int) -> None:
    """How long after the beginning of an ask this way goes out, and which place it has among its owner's.

    *position* counts from 0; the others move up or down. Raises `NoSuchWay`.
    """
    racing(lambda: _set_way(way_id, after, position))


def _set_way(way_id: str, after: timedelta, position: int) -> None:
    way = ContactMethod.objects.filter(pk=way_id, ended_at=None).first()
    if way is None:
        raise NoSuchWay(way_id)
    Person.objects.select_for_update().get(pk=way.person_id)
    others = ContactMethod.objects.filter(person_id=way.person_id, ended_at=None).exclude(pk=way_id)
    order = [other.pk for other in others.order_by("position", "pk")]
    order.insert(max(position, 0), way_id)
    ContactMethod.objects.filter(pk=way_id).update(after=after)
    for place, pk in enumerate(order):
        ContactMethod.objects.filter(pk=pk).exclude(position=place).update(position=place)


def end_way(way_id: str, moment: Moment) -> bool:
    """This way is used no more, from this moment on; whether it was until now."""
    return racing(lambda: _end_way(way_id, moment))


def _end_way(way_id: str, moment: Moment) -> bool:
    way = ContactMethod.objects.filter(pk=way_id).first()
    if way is None or not withdraw_way(way, BY_OWNER, moment):
        return False
    call_off(Notice.objects.filter(contact_method=way), moment.now, "way_withdrawn")
    return True
