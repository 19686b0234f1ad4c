"""The never-contact list, as its owner keeps it: it beats every rule, every role and the host.

Whoever is put on it is out of a call that is open in the same transaction, and hears nothing of it.
"""

from dataclasses import dataclass
from functools import partial

from nightlight.store.models import Circle, ContactMethod, Membership, NeverContact
from nightlight.store.races import racing
from nightlight.store.sealing import ADDRESS, UnreadableError, look_up_hashes, seal, unseal
from nightlight.store.withdrawals import Moment, remove_responder

ENTRIES_MAX = 100
"""On one list."""


class ListFull(Exception):
    """There are as many entries as a list may have; nothing was changed."""


@dataclass(frozen=True, kw_only=True)
class KeptAway:
    """One entry of the list, as its owner sees it."""

    id: int
    name: str
    """Of a person who is or was in the circle; empty for an address."""
    address: str
    by_host: bool
    """The host's file put it there. Its owner may take it away all the same."""


def kept_away(person: str) -> tuple[KeptAway, ...]:
    """Who and what is never contacted for *person*, the oldest first."""
    rows = NeverContact.objects.filter(circle_id=person).select_related("person")
    return tuple(
        KeptAway(
            id=row.pk,
            name=row.person.name if row.person else "",
            address=_opened(row.address_sealed),
            by_host=row.by_import,
        )
        for row in rows
    )


def _opened(sealed: str) -> str:
    try:
        return unseal(sealed) if sealed else ""
    except UnreadableError:
        return "?"


def keep_address_away(person: str, address: str, moment: Moment) -> bool:
    """Never reach *address*, which is written as its channel writes it; whether it is new. Raises `ListFull`."""
    return racing(partial(_keep_address_away, person, address, moment))


def _keep_address_away(person: str, address: str, moment: Moment) -> bool:
    circle = _circle_with_room(person)
    hashes = look_up_hashes(address, ADDRESS)
    if circle.never_contact.filter(address_hash__in=hashes).exists():
        return False
    NeverContact.objects.create(
        circle=circle, address_sealed=seal(address), address_hash=hashes[0], added_at=moment.now
    )
    owners = ContactMethod.objects.filter(address_hash__in=hashes, ended_at=None).values("person")
    for member in circle.memberships.filter(person__in=owners).values_list("person_id", flat=True):
        remove_responder(person, member, moment)
    return True


def keep_person_away(person: str, member: str, moment: Moment) -> bool:
    """Never reach *member*, who is or was in the circle, by any way; whether that is new. Raises `ListFull`."""
    return racing(partial(_keep_person_away, person, member, moment))


def _keep_person_away(person: str, member: str, moment: Moment) -> bool:
    circle = _circle_with_room(person)
    is_known = Membership.objects.filter(circle=circle, person_id=member).exists()
    if not is_known or circle.never_contact.filter(person_id=member).exists():
        return False
    NeverContact.objects.create(circle=circle, person_id=member, added_at=moment.now)
    remove_responder(person, member, moment)
    return True


def _circle_with_room(person: str) -> Circle:
    circle = Circle.objects.select_for_update().get(pk=person)
    if circle.never_contact.count() >= ENTRIES_MAX:
        raise ListFull
    return circle


def let_back(person: str, entry: int) -> bool:
    """Take one entry off the list; whether there was one. Nobody is asked again who left or was removed."""
    return bool(NeverContact.objects.filter(circle_id=person, pk=entry).delete()[0])
