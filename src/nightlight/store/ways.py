"""The ways to reach a person, and how each of them is proven: by a code, or by a tap in the message."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from nightlight.chance import new_id
from nightlight.store.models import ContactMethod, Notice
from nightlight.store.notices import NoticePurpose, tell_way
from nightlight.store.sealing import ADDRESS, look_up_hash, look_up_hashes, seal, unseal

WAYS_MAX = 6
WRONG_CODES_MAX = 5
PROOFS_AN_HOUR = 3


class SameWay(ValueError):
    """The person has this way already."""


class TooManyWays(ValueError):
    """Nobody needs more ways than this."""


class TooSoon(ValueError):
    """Codes were sent to this way just now."""


class Proof(StrEnum):
    """What came of a code."""

    PROVEN = "proven"
    WRONG = "wrong"
    TOO_MANY = "too_many"
    RAN_OUT = "ran_out"


@dataclass(frozen=True, kw_only=True)
class WayView:
    """One way, opened for the person whose it is."""

    id: str
    channel: str
    address: str
    after: timedelta
    position: int
    proven_at: datetime | None


def add_way(
    person: str, channel: str, address: str, now: datetime, *, after: timedelta = timedelta(0)
) -> ContactMethod:
    """A new way, not proven yet; a message with a code goes to it. Raises `SameWay`, `TooManyWays`."""
    ways = ContactMethod.objects.filter(person_id=person, ended_at=None)
    if ways.filter(channel=channel, address_hash__in=look_up_hashes(address, ADDRESS)).exists():
        raise SameWay
    if ways.count() >= WAYS_MAX:
        raise TooManyWays
    way = ContactMethod.objects.create(
        id=new_id(),
        person_id=person,
        channel=channel,
        address_sealed=seal(address),
        address_hash=look_up_hash(address, ADDRESS),
        after=after,
        position=ways.count(),
    )
    tell_way(NoticePurpose.PROOF, way, now)
    return way


def send_proof(way: str, now: datetime) -> None:
    """The code once more. Raises `TooSoon` after three within an hour."""
    row = ContactMethod.objects.get(pk=way)
    sent = Notice.objects.filter(contact_method=row, purpose=NoticePurpose.PROOF)
    if sent.filter(created_at__gt=now - timedelta(hours=1)).count() >= PROOFS_AN_HOUR:
        raise TooSoon
    tell_way(NoticePurpose.PROOF, row, now)


def prove(way: str, code: str, now: datetime) -> Proof:
    """Whether *code* is the one that was sent last; then the way is proven."""
    sent = Notice.objects.filter(contact_method=way, purpose=NoticePurpose.PROOF).order_by("-created_at")
    notice = sent.first()
    if notice is None or notice.expires_at <= now or notice.used_at is not None:
        return Proof.RAN_OUT
    if notice.wrong_codes >= WRONG_CODES_MAX:
        return Proof.TOO_MANY
    if unseal(notice.code_sealed) != code:
        notice.wrong_codes += 1
        notice.save(update_fields=["wrong_codes"])
        return Proof.TOO_MANY if notice.wrong_codes >= WRONG_CODES_MAX else Proof.WRONG
    notice.used_at = now
    notice.save(update_fields=["used_at"])
    ContactMethod.objects.filter(pk=way).update(proven_at=now)
    return Proof.PROVEN


def ways_of(person: str) -> tuple[WayView, ...]:
    """The ways of *person* that did not end, in their order."""
    rows = ContactMethod.objects.filter(person_id=person, ended_at=None).order_by("position")
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
