"""Taking a person away from a circle, or a way from a person. Open calls hear of it in the same transaction.

This is the one place that ends a membership or a way.
"""

from dataclasses import dataclass
from datetime import datetime

from nightlight.engine.effects import Purpose
from nightlight.engine.events import ContactMethodWithdrawn, ResponderRemoved
from nightlight.engine.ids import ContactMethodId, PersonId
from nightlight.engine.state import AlertStatus
from nightlight.store.advance import advance_within, lock_alert
from nightlight.store.effects import bring_forward
from nightlight.store.models import (
    Alert,
    Circle,
    ContactMethod,
    Membership,
    Notification,
    NotificationStatus,
    SupporterKey,
)
from nightlight.store.wake import wake_worker

UNDONE = "undone"
"""Why a membership ended whose circle the person took back."""
STOPPED = "stop"
"""Why a way ended whose owner sent a carrier's word for it."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When somebody is taken away, and what an open call needs to know to go on without them."""

    now: datetime
    channels_on: frozenset[str]


def end_member(membership: Membership, why: str, moment: Moment) -> None:
    """The member is out of the circle from now on, and out of the call its owner may have open.

    Runs inside a transaction the caller has open; raises `LostRace` for it to be tried again whole.
    """
    alert = _open_alert(membership.circle_id)
    if alert is not None:
        lock_alert(alert)
    membership.ended_at, membership.ended_why = moment.now, why
    membership.save(update_fields=["ended_at", "ended_why"])
    remove_responder(membership.circle_id, membership.person_id, moment)


def undo_import(owner: str, moment: Moment) -> None:
    """The person says they never asked for this circle: everyone in it is out of it, and stays so.

    Importing is the host's word that the person asked for it, so one tap of theirs takes it back; no
    later import revives it. Runs inside a transaction the caller has open; raises `LostRace`.
    """
    circle = Circle.objects.get(pk=owner)
    for membership in circle.memberships.filter(ended_at=None):
        end_member(membership, UNDONE, moment)
    Circle.objects.filter(pk=owner).update(import_noticed_at=moment.now, import_undone_at=moment.now)


def accept_import(owner: str, now: datetime) -> None:
    """The person has seen that the host set their circle up, and lets it be so."""
    Circle.objects.filter(pk=owner, import_noticed_at=None).update(import_noticed_at=now)


def remove_responder(owner: str, person: str, moment: Moment) -> None:
    """Tell an open call of *owner* that *person* may not be reached any more; the rows already say so.

    What the owner shared of their plan is taken back from them in the same moment.
    """
    SupporterKey.objects.filter(circle_id=owner, person_id=person).delete()
    alert = _open_alert(owner)
    if alert is not None:
        event = ResponderRemoved(person=PersonId(person))
        advance_within(alert, event, now=moment.now, channels_on=moment.channels_on)
    # What a call that is over still had for them: no rule looks at it any more.
    left = Notification.objects.filter(
        alert__person_id=owner, person_id=person, status=NotificationStatus.PLANNED
    )
    left.update(status=NotificationStatus.CANCELLED)


def _open_alert(owner: str) -> str | None:
    rows = Alert.objects.filter(person_id=owner).exclude(status=AlertStatus.RESOLVED)
    return rows.values_list("pk", flat=True).first()


def withdraw_way(way: ContactMethod, why: str, moment: Moment) -> bool:
    """The way is gone from now on: what was planned for it is not sent, and the next way goes now.

    Whether it was there until now. Runs inside a transaction the caller has open; raises `LostRace`
    for it to be tried again whole.
    """
    asking = _open_alerts_that_use(way)
    for alert in asking:
        lock_alert(alert)
    if not ContactMethod.objects.filter(pk=way.pk, ended_at=None).update(ended_at=moment.now, ended_why=why):
        return False
    planned = Notification.objects.filter(contact_method=way, status=NotificationStatus.PLANNED)
    # What was only held ready in case another way failed leaves that other way alone.
    news = planned.exclude(purpose=Purpose.ASK).filter(due__isnull=False)
    under_way = list(news.values_list("alert_id", "message"))
    planned.update(status=NotificationStatus.SKIPPED, why="way_withdrawn", settled_at=moment.now)
    for alert, message in under_way:
        bring_forward(alert, message, moment.now)
    event = ContactMethodWithdrawn(person=PersonId(way.person_id), contact_method=ContactMethodId(way.pk))
    for alert in asking:
        advance_within(alert, event, now=moment.now, channels_on=moment.channels_on)
    wake_worker()
    return True


def _open_alerts_that_use(way: ContactMethod) -> list[str]:
    rows = Alert.objects.exclude(status=AlertStatus.RESOLVED).filter(notifications__contact_method=way)
    return list(rows.distinct().order_by("pk").values_list("pk", flat=True))


def take_up_way_again(way: ContactMethod) -> bool:
    """The person themselves wants a way back that they stopped by a word; whether there was one."""
    return bool(
        ContactMethod.objects.filter(pk=way.pk, ended_why=STOPPED).update(ended_at=None, ended_why="")
    )
