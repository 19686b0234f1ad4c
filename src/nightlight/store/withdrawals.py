"""Taking a person away from a circle. An open call hears of it in the same transaction.

This is the one place that ends a membership; a single way ends by `inbound.withdraw_way`.
"""

from dataclasses import dataclass
from datetime import datetime

from nightlight.engine.events import ResponderRemoved
from nightlight.engine.ids import PersonId
from nightlight.engine.state import AlertStatus
from nightlight.store.advance import advance_within
from nightlight.store.models import Alert, Membership


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When somebody is taken away, and what an open call needs to know to go on without them."""

    now: datetime
    channels_on: frozenset[str]


def end_member(membership: Membership, why: str, moment: Moment) -> None:
    """The member is out of the circle from now on, and out of the call its owner may have open.

    Runs inside a transaction the caller has open; raises `LostRace` for it to be tried again whole.
    """
    membership.ended_at, membership.ended_why = moment.now, why
    membership.save(update_fields=["ended_at", "ended_why"])
    remove_responder(membership.circle_id, membership.person_id, moment)


def remove_responder(owner: str, person: str, moment: Moment) -> None:
    """Tell an open call of *owner* that *person* may not be reached any more; the rows already say so."""
    alert = Alert.objects.filter(person_id=owner).exclude(status=AlertStatus.RESOLVED.value).first()
    if alert is not None:
        event = ResponderRemoved(person=PersonId(person))
        advance_within(alert.pk, event, now=moment.now, channels_on=moment.channels_on)
