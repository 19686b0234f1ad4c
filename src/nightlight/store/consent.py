"""Who agreed to what at this instant, read from the rows. Consent is never copied into an alert."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from nightlight.store.models import Circle, ContactMethod, Membership, NeverContact
from nightlight.store.sealing import (
    ADDRESS,
    FINGERPRINT_LENGTH,
    UnreadableError,
    look_up_hashes,
    unseal,
)


class NeverContacted:
    """A circle's never-contact list, ready to be asked."""

    def __init__(self, circle: Circle, rows: Iterable[tuple[str | None, str]] | None = None) -> None:
        """Read the list of *circle*, unless its *rows* (person, address hash) were read already."""
        if rows is None:
            rows = list(NeverContact.objects.filter(circle=circle).values_list("person_id", "address_hash"))
        self._people = {person for person, _ in rows if person}
        self._addresses = {address for _, address in rows if address}
        self._keys = {address[:FINGERPRINT_LENGTH] for address in self._addresses}

    def has_person(self, person: str, ways: Iterable[ContactMethod]) -> bool:
        """Whether *person* is on the list, by name or by any address of theirs."""
        return person in self._people or any(self.has_way(way) for way in ways)

    def has_way(self, way: ContactMethod) -> bool:
        """Whether the address of *way* is on the list, whichever host key either row was hashed with."""
        if way.address_hash in self._addresses:
            return True
        if self._keys <= {way.address_hash[:FINGERPRINT_LENGTH]}:
            return False
        # While keys are being changed the two rows may carry hashes of different keys.
        try:
            address = unseal(way.address_sealed)
        except UnreadableError:
            # Nothing can be sent there anyway; it must not keep the others from being asked.
            return False
        return not self._addresses.isdisjoint(look_up_hashes(address, ADDRESS))


def is_never_contacted(circle: str, person: str) -> bool:
    """Whether *circle* never reaches *person*, by name or by any address of theirs."""
    return NeverContacted(Circle(pk=circle)).has_person(person, ContactMethod.objects.filter(person=person))


def is_within_hours(start: time | None, end: time | None, now: datetime, time_zone: str) -> bool:
    """Whether *now* lies in the hours from *start* to *end* in *time_zone*; they may cross midnight."""
    if start is None or end is None or start == end:
        return True
    local = now.astimezone(ZoneInfo(time_zone)).time()
    if start < end:
        return start <= local < end
    return local >= start or local < end


class _Agreed(NamedTuple):
    """What one member agreed to: plain values, for it is read for every message."""

    agreed_on: date | None
    ended_at: datetime | None
    paused_until: datetime | None
    agreed_until: date | None
    time_zone: str
    hours_from: time | None
    hours_until: time | None
    wake_me: bool

    def holds(self, now: datetime) -> bool:
        """Whether it was agreed to and is neither ended, paused nor outlived at *now*."""
        if self.agreed_on is None or self.ended_at is not None:
            return False
        if self.paused_until is not None and now < self.paused_until:
            return False
        return (
            self.agreed_until is None or now.astimezone(ZoneInfo(self.time_zone)).date() <= self.agreed_until
        )


# Each column of `_Agreed`, in its order, behind whose circle it is and who the member is.
_READ = (
    *("circle_id", "person_id", "agreed_on", "ended_at", "paused_until", "agreed_until"),
    *("person__time_zone", "hours_from", "hours_until", "wake_me"),
)


def consents(membership: Membership, now: datetime) -> bool:
    """Whether *membership* was agreed to and is neither ended, paused nor outlived at *now*."""
    agreed = _Agreed(
        membership.agreed_on,
        membership.ended_at,
        membership.paused_until,
        membership.agreed_until,
        membership.person.time_zone,
        membership.hours_from,
        membership.hours_until,
        membership.wake_me,
    )
    return agreed.holds(now)


def usable_ways(
    ways: Iterable[ContactMethod], never: NeverContacted, channels_on: frozenset[str]
) -> tuple[ContactMethod, ...]:
    """Ways that are proven, not ended, not to be avoided, and of a channel that is switched on."""
    return tuple(
        way
        for way in ways
        if way.ended_at is None
        and way.proven_at is not None
        and way.channel in channels_on
        and not never.has_way(way)
    )


class Agreements:
    """Who agreed to what in the circles of several calls, read in few queries; checked way by way.

    Read in the very claim that sends. *callers* are whose circles they are, *people* whoever may be reached.
    """

    def __init__(self, callers: Collection[str], people: Collection[str]) -> None:
        memberships = Membership.objects.filter(circle__in=callers, person__in=people)
        found = memberships.values_list(*_READ)
        self._memberships = {(circle, person): _Agreed(*terms) for circle, person, *terms in found}
        never: dict[str, list[tuple[str | None, str]]] = {caller: [] for caller in callers}
        rows = NeverContact.objects.filter(circle__in=callers)
        for circle, person, address in rows.values_list("circle_id", "person_id", "address_hash"):
            never[circle].append((person, address))
        self._never = {caller: NeverContacted(Circle(pk=caller), never[caller]) for caller in callers}
        self._ways: dict[str, list[ContactMethod]] = {}
        # A list nobody is on asks for nobody's addresses.
        if any(never.values()):
            for way in ContactMethod.objects.filter(person__in=people):
                self._ways.setdefault(way.person_id, []).append(way)

    def why_not_reached(
        self, caller: str, way: ContactMethod, now: datetime, *, asking: bool, may_wake: bool = True
    ) -> str:
        """Why *way* must not be used for the circle of *caller* now, as a code word; empty when it may.

        *asking* is for asks, which keep to hours unless *may_wake* (the need is urgent) and the member
        agreed to be woken; news of a call they already know of still reaches a member whose agreement
        ran out or who paused meanwhile, but nobody who was removed.
        """
        membership = self._memberships.get((caller, way.person_id))
        if self._never[caller].has_person(way.person_id, self._ways.get(way.person_id, ())):
            return "never_contact"
        if membership is None or membership.ended_at is not None:
            return "removed"
        if way.ended_at is not None or way.proven_at is None:
            return "way_withdrawn"
        if not asking:
            return ""
        if not membership.holds(now):
            return "not_agreed"
        within = is_within_hours(membership.hours_from, membership.hours_until, now, membership.time_zone)
        return "" if within or (membership.wake_me and may_wake) else "outside_hours"
