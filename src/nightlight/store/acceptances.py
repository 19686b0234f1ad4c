"""What providers took, written down for many messages in one commit. Part of stop 8 of the road.

Of every ten thousand messages nearly all are asks that a provider takes at the first try, of which the
rules need not hear. Those are settled here together; `outbox.settle` does the same for one, and
everything else besides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import Value
from django.db.models.functions import Coalesce

from nightlight.engine.effects import Purpose, What
from nightlight.engine.receipts import Evidence
from nightlight.engine.retries import Outcome
from nightlight.store import many, timeline
from nightlight.store.models import Alert as AlertRow
from nightlight.store.models import Attempt, Notification, NotificationStatus
from nightlight.store.outbox import Claim, code
from nightlight.store.races import racing


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a provider said of a message it took."""

    reference: str = ""
    """What it calls the message."""
    units: int = 0
    """What it charges for."""


def settle_accepted(accepted: Mapping[Claim, Taken], now: datetime) -> frozenset[Claim]:
    """Record that a provider took these, all in one transaction; which of them were recorded.

    The others are to be settled one
    by one: what somebody else is writing about just now, what was taken up again since, a message to two
    people, news, and whatever is known of already.
    """
    return racing(partial(_settle_accepted, accepted, now))


def _settle_accepted(accepted: Mapping[Claim, Taken], now: datetime) -> frozenset[Claim]:
    # None of these locks is waited for: whoever holds several and waits can be waited for in a circle.
    alerts = AlertRow.objects.select_for_update(skip_locked=True)
    ours = set(alerts.filter(pk__in={claimed.alert for claimed in accepted}).values_list("pk", flat=True))
    by_lease = {
        claimed.lease_token: claimed for claimed in accepted if claimed.alert in ours and not claimed.merged
    }
    found = Notification.objects.select_for_update(skip_locked=True).filter(
        pk__in=[claimed.notification for claimed in by_lease.values()]
    )
    found = found.only(
        "alert_id", "person_id", "channel", "purpose", "status", "evidence", "lease_token", "merged_into_id"
    )
    rows = [row for row in found if row.lease_token in by_lease and _is_plain(row)]
    if not rows:
        return frozenset()
    settled = [by_lease[row.lease_token] for row in rows]
    _write(settled, accepted, now)
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=NotificationStatus.ACCEPTED,
        evidence=Evidence.ACCEPTED,
        lease_token="",
        lease_until=None,
        settled_at=now,
        sent_at=Coalesce("sent_at", Value(now)),
    )
    timeline.write_deliveries(rows, What.ACCEPTED, now)
    return frozenset(settled)


def _is_plain(row: Notification) -> bool:
    """Whether all there is to say of *row* is that the provider took it."""
    return (
        row.status == NotificationStatus.LEASED
        and row.purpose == Purpose.ASK
        and not row.evidence
        and row.merged_into_id is None
    )


def _write(settled: list[Claim], accepted: Mapping[Claim, Taken], now: datetime) -> None:
    """The attempts of *settled*, each with what its provider calls it and charges for."""
    said = [
        (claimed.attempt, code(accepted[claimed].reference), accepted[claimed].units) for claimed in settled
    ]
    same: dict[str, many.Value] = {"ended_at": now, "outcome": Outcome.ACCEPTED.value, "reason": ""}
    many.update(Attempt, ["provider_reference", "units"], said, same)
