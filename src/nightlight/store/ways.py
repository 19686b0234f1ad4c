"""The ways of one person: added unproven, proven by a code, put in order, ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from nightlight import chance
from nightlight.store.models import ContactMethod, Notice
from nightlight.store.notices import NoticePurpose, tell_way
from nightlight.store.races import racing
from nightlight.store.sealing import ADDRESS, look_up_hash, seal, unseal
from nightlight.store.withdrawals import Moment, withdraw_way

WAYS_MAX = 6
PROOFS_AN_HOUR_MAX = 3
WRONG_CODES_MAX = 5


class SameWay(Exception):
    """The person has this way already."""


class TooManyWays(Exception):
    """The person has as many ways as there may be."""


class TooSoon(Exception):
    """As many codes as may be were sent within the hour."""


class Proof(StrEnum):
    """What came of a code."""

    PROVEN = "proven"
    WRONG = "wrong"
    TOO_MANY = "too_many"
    RAN_OUT = "ran_out"


@dataclass(frozen=True, kw_only=True)
class WayView:
    """One way, as its owner sees it."""

    id: str
    channel: str
    address: str
    after: timedelta
    position: int
    proven_at: datetime | None


def add_way(
    person: str, channel: str, address: str, now: datetime, *, after: timedelta = timedelta(0)
) -> ContactMethod:
    """One more way of *person*, not proven. Raises `SameWay` and `TooManyWays`."""
    ways = ContactMethod.objects.filter(person_id=person, ended_at=None)
    hashed = look_up_hash(address, ADDRESS)
    if ways.filter(channel=channel, address_hash=hashed).exists():
        raise SameWay
    if ways.count() >= WAYS_MAX:
        raise TooManyWays
    way = ContactMethod.objects.create(
        id=chance.new_id(),
        person_id=person,
        channel=channel,
        address_sealed=seal(address),
        address_hash=hashed,
        after=after,
        position=ways.count(),
    )
    tell_way(NoticePurpose.PROOF, way, now)
    return way


def send_proof(way_id: str, now: datetime) -> None:
    """A code again. Raises `TooSoon`."""
    sent = Notice.objects.filter(contact_method=way_id, purpose=NoticePurpose.PROOF)
    if sent.filter(created_at__gt=now - timedelta(hours=1)).count() >= PROOFS_AN_HOUR_MAX:
        raise TooSoon
    tell_way(NoticePurpose.PROOF, ContactMethod.objects.get(pk=way_id), now)


def prove(way_id: str, code: str, now: datetime) -> Proof:
    """What *code* says of the way."""
    sent = Notice.objects.filter(contact_method=way_id, purpose=NoticePurpose.PROOF)
    notice = sent.order_by("-created_at").first()
    if notice is None or notice.expires_at <= now:
        return Proof.RAN_OUT
    if notice.wrong_codes >= WRONG_CODES_MAX:
        return Proof.TOO_MANY
    if unseal(notice.code_sealed) != code:
        Notice.objects.filter(pk=notice.pk).update(wrong_codes=notice.wrong_codes + 1)
        return Proof.WRONG
    ContactMethod.objects.filter(pk=way_id).update(proven_at=now)
    return Proof.PROVEN


def ways_of(person: str) -> tuple[WayView, ...]:
    """The ways of *person* that did not end, in their order."""
    rows = ContactMethod.objects.filter(person_id=person, ended_at=None).order_by("position", "pk")
    return tuple(
        WayView(
            id=row.pk,
            channel=row.channel,
            address=unseal(row.address_sealed),
            after=row.after,
            position=row.position,
            proven_at=row.proven_at,
        )
        for row in rows
    )


def set_way(way_id: str, after: timedelta, position: int) -> None:
    """Put a way in its place."""
    ContactMethod.objects.filter(pk=way_id).update(after=after, position=position)


def end_way(way_id: str, moment: Moment) -> bool:
    """The way is gone."""
    way = ContactMethod.objects.get(pk=way_id)
    return racing(lambda: withdraw_way(way, "owner", moment))
