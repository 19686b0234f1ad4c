"""Claiming what is due, with a lease. Part of stop 6 of the road: to `worker.sender`.

What a person withdrew a moment ago is not sent: consent and status are checked again here, in the
very transaction that leases.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Exists, OuterRef, QuerySet

from nightlight.engine.effects import Purpose, What
from nightlight.engine.retries import Outcome, next_try
from nightlight.engine.state import AlertStatus
from nightlight.store import timeline
from nightlight.store.advance import lock_alert
from nightlight.store.consent import why_not_reached
from nightlight.store.effects import new_id
from nightlight.store.models import Alert as AlertRow
from nightlight.store.models import Attempt, Circle, Notification, NotificationStatus
from nightlight.store.outbox import Claim, leased, merged_rows, tell_rules
from nightlight.store.races import racing

LEASE_SECONDS = 15
NEWS_STALE_AFTER = timedelta(minutes=60)
"""News nobody could be given for this long is news no more; an ask of an open call never goes stale."""

_TO_MEMBERS_ABOUT_AN_ASK = (Purpose.STAND_DOWN, Purpose.REOPENED, Purpose.ALL_CLEAR, Purpose.TAKER_NEWS)


def claim(now: datetime, slots: Mapping[str, int], providers: Mapping[str, int]) -> list[Claim]:
    """Lease what is due, first asks first: at most `slots[channel]` of each channel.

    *providers* says how many providers each channel has. What somebody else is writing about at
    this very moment is left for the next look.
    """
    claims: list[Claim] = []
    for channel, free in slots.items():
        # One channel's due messages must not hide another's, however many they are.
        for alert, notification in list(_due(now, channel).values_list("alert_id", "pk")[:free]):
            # One address, two people: an earlier row of this loop may have taken this one with it.
            if not any(notification in claimed.merged for claimed in claims):
                claims += racing(partial(_claim_one, alert, notification, now, providers))
    return claims


def _due(now: datetime, channel: str) -> QuerySet[Notification]:
    """What is due, in the order it goes out."""
    ask_in_flight = Notification.objects.filter(
        alert_id=OuterRef("alert_id"),
        person_id=OuterRef("person_id"),
        purpose=Purpose.ASK,
        status=NotificationStatus.LEASED,
    )
    return (
        Notification.objects.filter(
            status=NotificationStatus.PLANNED,
            due__lte=now,
            channel=channel,
            alert__waits_for_host=False,
        )
        # News of a call never overtakes the ask it speaks of (rule 4).
        .exclude(Exists(ask_in_flight), purpose__in=_TO_MEMBERS_ABOUT_AN_ASK)
        .order_by("priority", "due", "position")
    )


def _claim_one(alert_id: str, notification: str, now: datetime, providers: Mapping[str, int]) -> list[Claim]:
    """Lease one notification; an empty list when it must not, or not just now, be sent."""
    # The alert's row is what a withdrawal, an answer or an end also takes: whichever comes first wins.
    alert = AlertRow.objects.select_for_update(skip_locked=True).filter(pk=alert_id).first()
    row = (
        Notification.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("contact_method")
        .filter(pk=notification, status=NotificationStatus.PLANNED, due__lte=now)
        .first()
    )
    if alert is None or row is None:
        return []
    why = _why_not(row, alert, now)
    if why:
        _skip(row, why, now, frozenset(providers))
        return []
    return [_lease(row, alert, now, providers)]


def _lease(row: Notification, alert: AlertRow, now: datetime, providers: Mapping[str, int]) -> Claim:
    before = list(row.attempts.all())
    outcomes = [Outcome(attempt.outcome) for attempt in before if attempt.outcome]
    provider = next_try(outcomes, providers[row.channel]).provider if outcomes else 0
    attempt = Attempt.objects.create(
        id=new_id(),
        notification=row,
        number=len(before) + 1,
        lease_token=new_id(),
        provider=f"{row.channel}-{provider + 1}",
        began_at=now,
    )
    merged = _same_address(row, alert, now) if row.purpose == Purpose.ASK else ()
    lease = {
        "status": NotificationStatus.LEASED,
        "lease_token": attempt.lease_token,
        "lease_until": now + timedelta(seconds=LEASE_SECONDS),
        "claimed_at": now,
    }
    Notification.objects.filter(pk=row.pk).update(**lease)
    Notification.objects.filter(pk__in=merged).update(**lease, merged_into=row)
    return Claim(
        notification=row.pk,
        alert=row.alert_id,
        attempt=attempt.pk,
        lease_token=attempt.lease_token,
        channel=row.channel,
        provider=provider,
        claimed_at=now,
        merged=merged,
    )


def _why_not(row: Notification, alert: AlertRow, now: datetime) -> str:
    """Why *row* must not be sent after all; empty when it may."""
    is_open = alert.status != AlertStatus.RESOLVED
    if row.purpose == Purpose.ASK and alert.status not in (AlertStatus.TRIGGERED, AlertStatus.EXHAUSTED):
        return "no_longer_asked"
    if row.purpose in (Purpose.STAND_DOWN, Purpose.REOPENED, Purpose.TAKER_NEWS) and not is_open:
        return "over"
    if row.purpose != Purpose.ASK and now - row.created_at > NEWS_STALE_AFTER:
        return "stale"
    if row.contact_method is None:
        return ""
    if row.purpose == Purpose.CALLER_NEWS:
        return "way_withdrawn" if row.contact_method.ended_at is not None else ""
    circle = Circle.objects.get(person_id=alert.person_id)
    return why_not_reached(circle, row.contact_method, now, asking=row.purpose == Purpose.ASK)


def _skip(row: Notification, why: str, now: datetime, channels_on: frozenset[str]) -> None:
    """Not sent, and why; to the ladder it is a way that failed, so the next one goes now."""
    Notification.objects.filter(pk=row.pk).update(
        status=NotificationStatus.SKIPPED, why=why, settled_at=now, lease_token="", lease_until=None
    )
    timeline.write_delivery(row, What.SKIPPED, now)
    tell_rules(row, Outcome.PERMANENT, why, final=True, now=now, channels_on=channels_on)


def _same_address(row: Notification, alert: AlertRow, now: datetime) -> tuple[str, ...]:
    """Asks for other people of the same call and rung at the same address, due now as well (rule 10)."""
    others = Notification.objects.filter(
        alert_id=row.alert_id,
        rung=row.rung,
        purpose=Purpose.ASK,
        channel=row.channel,
        address_hash=row.address_hash,
        status=NotificationStatus.PLANNED,
        due__lte=now,
    ).exclude(pk=row.pk)
    circle = Circle.objects.get(person_id=alert.person_id)
    return tuple(
        other.pk
        for other in others.select_related("contact_method")
        if other.contact_method and not why_not_reached(circle, other.contact_method, now, asking=True)
    )


def still_wanted(claimed: Claim, now: datetime, *, channels_on: frozenset[str]) -> bool:
    """Whether a claim whose sending was held up may still be sent; if not, it is skipped and settled."""
    return racing(partial(_is_still_wanted, claimed, now, channels_on))


def _is_still_wanted(claimed: Claim, now: datetime, channels_on: frozenset[str]) -> bool:
    alert = lock_alert(claimed.alert)
    row = leased(claimed.notification, claimed.lease_token)
    if row is None:
        return False
    why = _why_not(row, alert, now)
    if why:
        for each in (row, *merged_rows(claimed)):
            _skip(each, why, now, channels_on)
    return not why


def lapsed(now: datetime) -> list[Claim]:
    """Claims whose lease ran out. Each is to be settled as unknown, in a transaction of its own."""
    rows = Notification.objects.filter(
        status=NotificationStatus.LEASED, lease_until__lt=now, merged_into=None
    ).order_by("lease_until")
    claims = []
    for row in rows[:100]:
        attempt = row.attempts.filter(lease_token=row.lease_token).order_by("-number").first()
        assert attempt is not None, "a lease is written down together with its attempt"
        claims.append(
            Claim(
                notification=row.pk,
                alert=row.alert_id,
                attempt=attempt.pk,
                lease_token=row.lease_token,
                channel=row.channel,
                provider=0,
                claimed_at=row.claimed_at or now,
                merged=tuple(row.merged.values_list("pk", flat=True)),
            )
        )
    return claims
