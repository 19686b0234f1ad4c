"""What the engine is told, read from the rows at one instant, inside the transaction that decides."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q

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

# How well a way is proven to reach somebody; what was not tried at all proves nothing.
_PROOF = {
    NotificationStatus.DELIVERED: 4,
    NotificationStatus.ACCEPTED: 3,
    NotificationStatus.QUEUED: 2,
    NotificationStatus.UNKNOWN: 1,
}
_LIVE = frozenset({*_PROOF, NotificationStatus.LEASED})
_DEAD = frozenset({NotificationStatus.FAILED, NotificationStatus.SKIPPED})


def way_use(row: Notification) -> WayUse:
    """How far the way of *row* has come."""
    if row.status in _LIVE or row.evidence in _PROOF:
        return WayUse.LIVE
    if row.status in _DEAD:
        return WayUse.DEAD
    if row.status == NotificationStatus.PLANNED and row.failed_before:
        return WayUse.FAILING
    return WayUse.UNUSED


def load_facts(
    circle: Circle, alert: Alert | None, alert_id: str, now: datetime, channels_on: frozenset[str]
) -> Facts:
    """Everything `decide` may know about *circle* and the call at hand, as of *now*."""
    memberships = tuple(circle.memberships.select_related("person").prefetch_related("person__ways"))
    never = NeverContacted(circle)
    busy = _with_open_alert(memberships)
    sent = _Sent(alert)
    members = {
        PersonId(m.person_id): _member(
            m, never, sent, is_busy=m.person_id in busy, now=now, channels_on=channels_on
        )
        for m in memberships
    }
    frozen = set(alert.policy.people) if alert else set()
    today = (PersonId(person) for person in ladder_people_today(circle))
    added = tuple(person for person in today if person not in frozen) if alert else ()
    return Facts(now=now, alert_id=AlertId(alert_id), members=members, added=added)


def ladder_people_today(circle: Circle) -> tuple[str, ...]:
    """Everyone on the ladder as it stands today, in ladder order, each once."""
    places = LadderPlace.objects.filter(step__circle=circle).order_by("step__position", "position")
    return tuple(dict.fromkeys(places.values_list("person_id", flat=True)))


def _member(
    membership: Membership,
    never: NeverContacted,
    sent: "_Sent",
    *,
    is_busy: bool,
    now: datetime,
    channels_on: frozenset[str],
) -> Member:
    person = PersonId(membership.person_id)
    ways = tuple(membership.person.ways.all())
    usable = usable_ways(ways, never, channels_on)
    return Member(
        person=person,
        consents=consents(membership, now),
        removed=membership.ended_at is not None or never.has_person(person, ways),
        within_hours=is_within_hours(
            membership.hours_from, membership.hours_until, now, membership.person.time_zone
        ),
        wake_me=membership.wake_me,
        offers=frozenset(Offer(offer) for offer in membership.offers),
        has_open_alert=is_busy,
        last_asked_at=membership.last_asked_at,
        ways=tuple(_way(way, sent.use_of(person, way.id)) for way in usable),
        asked_by=sent.message_of(person),
        reached_by=sent.reached_by(person),
        stood_down=sent.was_stood_down(person),
    )


def _way(way: ContactMethod, use: WayUse) -> Way:
    return Way(contact_method=ContactMethodId(way.id), after=way.after, use=use)


def _with_open_alert(memberships: Sequence[Membership]) -> set[str]:
    people = [m.person_id for m in memberships]
    rows = AlertRow.objects.filter(person_id__in=people).exclude(status=AlertStatus.RESOLVED)
    return set(rows.values_list("person_id", flat=True))


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
        return Notification.objects.filter(wanted, alert_id=alert.id).only(
            "person_id", "contact_method_id", "purpose", "message", "status", "evidence", "failed_before"
        )

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
