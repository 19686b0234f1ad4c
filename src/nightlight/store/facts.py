"""What the engine is told, read from the rows at one instant, inside the transaction that decides."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog
from django.db.models import Max, Q

from nightlight.engine.effects import Purpose
from nightlight.engine.facts import Facts, Member, Way, WayUse
from nightlight.engine.ids import AlertId, ContactMethodId, PersonId
from nightlight.engine.needs import Offer
from nightlight.engine.state import Alert, AlertStatus
from nightlight.store.consent import NeverContacted, consents, is_within_hours, usable_ways
from nightlight.store.models import (
    Alert as AlertRow,
)
from nightlight.store.models import (
    Circle,
    ContactMethod,
    LadderPlace,
    Membership,
    Notification,
    NotificationStatus,
)

_log = structlog.get_logger()

# How well a way is proven to reach somebody; what was not tried at all proves nothing.
_PROOF = {
    NotificationStatus.DELIVERED: 4,
    NotificationStatus.ACCEPTED: 3,
    NotificationStatus.QUEUED: 2,
    NotificationStatus.UNKNOWN: 1,
}
_LIVE = frozenset({*_PROOF, NotificationStatus.LEASED})
_TO_BE_TRIED = frozenset({NotificationStatus.PLANNED, NotificationStatus.CANCELLED})
_DEAD = frozenset({NotificationStatus.FAILED, NotificationStatus.SKIPPED})


def way_use(row: Notification) -> WayUse:
    """How far the way of *row* has come."""
    if row.status in _LIVE or row.evidence in _PROOF:
        return WayUse.LIVE
    if row.status in _DEAD:
        return WayUse.DEAD
    if row.status in _TO_BE_TRIED and row.failed_before:
        return WayUse.FAILING
    return WayUse.UNUSED


def load_facts(
    circle: Circle, alert: Alert | None, alert_id: str, now: datetime, channels_on: frozenset[str]
) -> Facts:
    """Everything `decide` may know about *circle* and the call at hand, as of *now*."""
    reading = _Reading(circle, alert, now, channels_on)
    members = {PersonId(m.person_id): reading.member(m) for m in reading.memberships}
    added = _added(circle, alert) if alert else ()
    return Facts(now=now, alert_id=AlertId(alert_id), members=members, added=added)


def members_one_by_one(
    circle: Circle, alert_id: str, now: datetime, channels_on: frozenset[str]
) -> dict[str, Member]:
    """The members for the fixed road of a poisoned alert: whoever cannot be read is left out."""
    reading = _Reading(circle, None, now, channels_on)
    members: dict[str, Member] = {}
    for membership in reading.memberships:
        try:
            members[membership.person_id] = reading.member(membership)
        # Whatever broke for one of them must not keep the others from being asked (rule 13).
        except Exception as error:  # noqa: BLE001
            _log.error("member not read", alert=alert_id, error=type(error).__name__)
    return members


def _added(circle: Circle, alert: Alert) -> tuple[PersonId, ...]:
    frozen = set(alert.policy.people)
    return tuple(PersonId(person) for person in ladder_people_today(circle) if person not in frozen)


def ladder_people_today(circle: Circle) -> tuple[str, ...]:
    """Everyone on the ladder as it stands today, in ladder order, each once."""
    places = LadderPlace.objects.filter(step__circle=circle).order_by("step__position", "position")
    return tuple(dict.fromkeys(places.values_list("person_id", flat=True)))


class _Reading:
    """Everything about the members of one circle, read in few queries."""

    def __init__(
        self, circle: Circle, alert: Alert | None, now: datetime, channels_on: frozenset[str]
    ) -> None:
        self.memberships = tuple(circle.memberships.select_related("person").prefetch_related("person__ways"))
        self._now = now
        self._channels_on = channels_on
        self._never = NeverContacted(circle)
        people = [membership.person_id for membership in self.memberships]
        self._busy = _with_open_alert(people)
        self._last_asked = _last_asked(people)
        self._sent = _Sent(alert)

    def member(self, membership: Membership) -> Member:
        """One member, as the rules see them."""
        person = PersonId(membership.person_id)
        ways = tuple(membership.person.ways.all())
        usable = usable_ways(ways, self._never, self._channels_on)
        return Member(
            person=person,
            consents=consents(membership, self._now),
            removed=membership.ended_at is not None or self._never.has_person(person, ways),
            within_hours=is_within_hours(
                membership.hours_from, membership.hours_until, self._now, membership.person.time_zone
            ),
            wake_me=membership.wake_me,
            offers=frozenset(Offer(offer) for offer in membership.offers),
            has_open_alert=person in self._busy,
            last_asked_at=self._last_asked[person],
            ways=tuple(_way(way, self._sent.use_of(person, way.id)) for way in usable),
            asked_by=self._sent.message_of(person),
            reached_by=self._sent.reached_by(person),
            stood_down=self._sent.was_stood_down(person),
        )


def _way(way: ContactMethod, use: WayUse) -> Way:
    return Way(contact_method=ContactMethodId(way.id), after=way.after, use=use)


def _with_open_alert(people: Sequence[str]) -> set[str]:
    rows = AlertRow.objects.filter(person_id__in=people).exclude(status=AlertStatus.RESOLVED)
    return set(rows.values_list("person_id", flat=True))


def _last_asked(people: Sequence[str]) -> dict[str, datetime | None]:
    """When each of *people* was last asked, in whichever circle."""
    rows = Membership.objects.filter(person_id__in=people).order_by().values_list("person_id")
    return dict(rows.annotate(latest=Max("last_asked_at")))


class _Sent:
    """What the outbox knows of one alert, person by person."""

    def __init__(self, alert: Alert | None) -> None:
        self._asks: dict[str, int] = {ask.person: ask.message for ask in alert.asks} if alert else {}
        self._use: dict[tuple[str, str], WayUse] = {}
        self._reached: dict[str, dict[str, int]] = defaultdict(dict)
        self._stood_down: set[str] = set()
        if alert is not None:
            for row in self._rows(alert):
                self._take(row, alert)

    @staticmethod
    def _rows(alert: Alert) -> Iterable[Notification]:
        wanted = Q(purpose=Purpose.ASK) | Q(purpose=Purpose.STAND_DOWN, hold=alert.holds)
        rows = Notification.objects.filter(wanted, alert_id=alert.id).only(
            "person_id", "contact_method_id", "purpose", "message", "status", "evidence", "failed_before"
        )
        return rows.order_by("created_at", "position", "pk")

    def _take(self, row: Notification, alert: Alert) -> None:
        assert row.person_id is not None
        assert row.contact_method_id is not None
        use = way_use(row)
        if row.purpose == Purpose.STAND_DOWN:
            if use is WayUse.LIVE and alert.hold is not None:
                self._stood_down.add(row.person_id)
            return
        if row.message == self._asks.get(row.person_id):
            self._use[row.person_id, row.contact_method_id] = use
        if use is WayUse.LIVE:
            proof = _PROOF.get(NotificationStatus(row.evidence or row.status), 0)
            known = self._reached[row.person_id]
            known[row.contact_method_id] = max(known.get(row.contact_method_id, 0), proof)

    def message_of(self, person: str) -> int:
        """Serial of the message the ways' use speaks of."""
        return self._asks.get(person, 0)

    def use_of(self, person: str, way: str) -> WayUse:
        """How far *way* has come in the ask *person* has open."""
        return self._use.get((person, way), WayUse.UNUSED)

    def reached_by(self, person: str) -> tuple[ContactMethodId, ...]:
        """Ways by which an ask is on its way or arrived, the best proven first."""
        known = self._reached.get(person, {})
        return tuple(ContactMethodId(way) for way in sorted(known, key=lambda way: -known[way]))

    def was_stood_down(self, person: str) -> bool:
        """Whether *person* was told, in this hold, that someone has it."""
        return person in self._stood_down
