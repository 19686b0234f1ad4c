"""Claims whose sender was not heard of again: nobody knows whether their messages went out."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from nightlight.store import looks
from nightlight.store.claims import LEASE_SECONDS
from nightlight.store.models import Notification, NotificationStatus
from nightlight.store.outbox import Claim
from nightlight.store.timers import CLOCK_SLACK

LAPSED_MAX = 100


def lapsed(now: datetime) -> list[Claim]:
    """Claims whose lease ran out. Each is to be settled as unknown, in a transaction of its own."""
    if not looks.is_any_leased():
        return []
    # A clock set back must not keep a lease alive: none lies further ahead than its own length.
    ran_out = Q(lease_until__lt=now) | Q(lease_until__gt=now + timedelta(seconds=LEASE_SECONDS) + CLOCK_SLACK)
    rows = Notification.objects.filter(ran_out, status=NotificationStatus.LEASED).order_by(
        "lease_until", "pk"
    )
    by_lease: dict[str, list[Notification]] = {}
    for row in rows.prefetch_related("attempts")[:LAPSED_MAX]:
        by_lease.setdefault(row.lease_token, []).append(row)
    return [_lapsed_claim(lease_token, together, now) for lease_token, together in by_lease.items()]


def _lapsed_claim(lease_token: str, together: Collection[Notification], now: datetime) -> Claim:
    first, *others = sorted(together, key=lambda row: row.merged_into_id is not None)
    own = [attempt.pk for attempt in first.attempts.all() if attempt.lease_token == lease_token]
    return Claim(
        notification=first.pk,
        alert=first.alert_id,
        attempt=own[-1] if own else "",
        lease_token=lease_token,
        channel=first.channel,
        provider=0,
        claimed_at=first.claimed_at or now,
        merged=tuple(row.pk for row in others),
    )
