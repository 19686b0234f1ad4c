"""Claiming what is due, with a lease: what `worker.sender` begins with.

What a person withdrew a moment ago is not sent: consent and status are checked again here, in the
very transaction that leases.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import Exists, OuterRef, Q, QuerySet

from nightlight.chance import new_id
from nightlight.engine.effects import Purpose, What
from nightlight.engine.needs import Need, is_urgent
from nightlight.engine.retries import Outcome, next_try
from nightlight.store import outbox, timeline
from nightlight.store.advance import lock_alert
from nightlight.store.consent import why_not_reached
from nightlight.store.hosts import host_address
from nightlight.store.models import Alert as AlertRow
from nightlight.store.models import Attempt, Circle, Notification, NotificationStatus
from nightlight.store.outbox import Claim, leased, tell_rules
from nightlight.store.races import LostRace, racing
from nightlight.store.timers import CLOCK_SLACK
from nightlight.store.wanted import is_wanted

LEASE_SECONDS = 15
NEWS_STALE_AFTER = timedelta(minutes=60)
"""News nobody could be given for this long is news no more; an ask of an open call never goes stale."""

LAPSED_MAX = 100
SWITCHED_OFF_AT_ONCE_MAX = 50
"""So many messages for channels that are off are passed over in one look."""

_TO_MEMBERS_ABOUT_AN_ASK = (Purpose.STAND_DOWN, Purpose.REOPENED, Purpose.ALL_CLEAR, Purpose.TAKER_NEWS)

_log = structlog.get_logger()


def claim(now: datetime, slots: Mapping[str, int], providers: Mapping[str, int]) -> list[Claim]:
    """Lease what is due, first asks first: at most `slots[channel]` of each channel. See `claim_each`."""
    return list(claim_each(now, slots, providers))


def claim_each(now: datetime, slots: Mapping[str, int], providers: Mapping[str, int]) -> Iterator[Claim]:
    """The same one by one, each committed when it is given, so that sending it need not wait for the others.

    *slots* names every channel that is on, *providers* says how many providers each has. What
    somebody else is writing about at this very moment is left for the next look.
    """
    _pass_over_what_is_off(now, frozenset(slots))
    taken: set[str] = set()
    for channel, free in slots.items():
        # One channel's due messages must not hide another's, however many they are.
        for alert, notification in list(_due(now, channel).values_list("alert_id", "pk")[:free]):
            # One address, two people: an earlier row of this loop may have taken this one with it.
            if notification in taken:
                continue
            look = partial(_claim_one, alert, notification, now, providers)
            for claimed in _safely(look, alert, notification, now):
                taken.update(claimed.merged)
                yield claimed


def _safely(look: Callable[[], list[Claim]], alert: str, notification: str, now: datetime) -> list[Claim]:
    try:
        return racing(look)
    except (OperationalError, InterfaceError):
        raise  # The database is away: nothing else would fare better.
    except LostRace:
        return []
    # One message that breaks must neither stop the worker nor keep its place at the front for ever.
    except Exception as error:  # noqa: BLE001
        _log.error("claim broke", notification=notification, error=type(error).__name__)
        outbox.set_aside(alert, notification, now)
        return []


def _pass_over_what_is_off(now: datetime, channels_on: frozenset[str]) -> None:
    """A message for a channel that was switched off since is a way that failed: the next one goes now."""
    rows = Notification.objects.filter(
        status=NotificationStatus.PLANNED, due__lte=now, alert__waits_for_host=False
    ).exclude(channel__in=channels_on)
    for alert, notification in list(rows.values_list("alert_id", "pk")[:SWITCHED_OFF_AT_ONCE_MAX]):
        _safely(partial(_pass_over_one, alert, notification, now, channels_on), alert, notification, now)


def _pass_over_one(
    alert_id: str, notification: str, now: datetime, channels_on: frozenset[str]
) -> list[Claim]:
    alert = lock_alert(alert_id)
    row = Notification.objects.filter(
        pk=notification, status=NotificationStatus.PLANNED, due__lte=now
    ).first()
    if row is not None and is_wanted(row, alert):
        _skip(row, "channel_off", now, channels_on)
    elif row is not None:
        _cancel(row)
    return []


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
    if not is_wanted(row, alert):
        _cancel(row)
        return []
    why = _why_not(row, alert, now)
    if why:
        _skip(row, why, now, frozenset(providers))
        return []
    return [_lease(row, alert, now, providers)]


def _lease(row: Notification, alert: AlertRow, now: datetime, providers: Mapping[str, int]) -> Claim:
    before = [Outcome(attempt.outcome) for attempt in row.attempts.all() if attempt.outcome]
    provider = next_try(before, providers[row.channel]).provider if before else 0
    merged = _same_address(row, alert, now) if row.purpose == Purpose.ASK else []
    lease_token = new_id()
    # Each row counts its own tries, so that a person reads one message at most so often.
    attempts = [
        Attempt(
            id=new_id(),
            notification=each,
            number=each.attempts.count() + 1,
            lease_token=lease_token,
            provider=f"{row.channel}-{provider + 1}",
            began_at=now,
        )
        for each in (row, *merged)
    ]
    Attempt.objects.bulk_create(attempts)
    lease = {
        "status": NotificationStatus.LEASED,
        "lease_token": lease_token,
        "lease_until": now + timedelta(seconds=LEASE_SECONDS),
        "claimed_at": now,
    }
    others = [each.pk for each in merged]
    Notification.objects.filter(pk=row.pk).update(**lease)
    Notification.objects.filter(pk__in=others).update(**lease, merged_into=row)
    return Claim(
        notification=row.pk,
        alert=row.alert_id,
        attempt=attempts[0].pk,
        lease_token=lease_token,
        channel=row.channel,
        provider=provider,
        claimed_at=now,
        merged=tuple(others),
    )


def _why_not(row: Notification, alert: AlertRow, now: datetime) -> str:
    """Why *row*, which is still wanted, must not be sent after all; empty when it may."""
    if row.purpose != Purpose.ASK and now - row.created_at > NEWS_STALE_AFTER:
        return "stale"
    if row.contact_method is None:
        return "" if host_address(row.channel, row.address_hash) is not None else "way_withdrawn"
    circle = Circle.objects.get(person_id=alert.person_id)
    if row.purpose == Purpose.CALLER_NEWS:
        if not circle.tell_caller:
            return "switched_off"
        return "way_withdrawn" if row.contact_method.ended_at is not None else ""
    return why_not_reached(
        circle, row.contact_method, now, asking=row.purpose == Purpose.ASK, may_wake=_may_wake(alert)
    )


def _may_wake(alert: AlertRow) -> bool:
    """Whether the need passes the hours of those who agreed to be woken; nobody is woken gently."""
    gently = bool(alert.state.get("gently")) if alert.state else False
    return is_urgent(Need(alert.need)) and not gently


def _cancel(row: Notification) -> None:
    """No longer wanted: not a way that failed, and it may be wanted again."""
    _let_go(row, NotificationStatus.CANCELLED)


def _let_go(row: Notification, status: NotificationStatus, **fields: object) -> None:
    Notification.objects.filter(pk=row.pk).update(
        status=status, lease_token="", lease_until=None, merged_into=None, **fields
    )


def _skip(row: Notification, why: str, now: datetime, channels_on: frozenset[str]) -> None:
    """Not sent, and why; to the ladder it is a way that failed, so the next one goes now."""
    _let_go(row, NotificationStatus.SKIPPED, why=why, settled_at=now)
    timeline.write_delivery(row, What.SKIPPED, now)
    tell_rules(row, Outcome.PERMANENT, why, final=True, now=now, channels_on=channels_on)


def _same_address(row: Notification, alert: AlertRow, now: datetime) -> list[Notification]:
    """Asks for other people of the same call and rung at the same address, due now as well (rule 10)."""
    others = Notification.objects.filter(
        alert_id=row.alert_id,
        rung=row.rung,
        purpose=Purpose.ASK,
        channel=row.channel,
        address_hash=row.address_hash,
        status=NotificationStatus.PLANNED,
        due__lte=now,
    ).exclude(Q(pk=row.pk) | Q(address_hash=""))
    others = others.select_related("contact_method").order_by("created_at", "pk")
    return [other for other in others if is_wanted(other, alert) and not _why_not(other, alert, now)]


def still_wanted(claimed: Claim, now: datetime, *, channels_on: frozenset[str]) -> bool:
    """Whether a claim whose sending was held up may still be sent; if so, its lease begins anew.

    What may not is skipped and settled, each of those who share the message for themselves.
    """
    return racing(partial(_is_still_wanted, claimed, now, channels_on))


def _is_still_wanted(claimed: Claim, now: datetime, channels_on: frozenset[str]) -> bool:
    alert = lock_alert(claimed.alert)
    left = []
    for row in leased(claimed):
        if not is_wanted(row, alert):
            _cancel(row)
        elif why := _why_not(row, alert, now):
            _skip(row, why, now, channels_on)
        else:
            left.append(row)
    if left and left[0].pk == claimed.notification:
        until = now + timedelta(seconds=LEASE_SECONDS)
        Notification.objects.filter(pk__in=[row.pk for row in left]).update(lease_until=until)
        return True
    for row in left:
        # Whose message was to carry this one is out of it: it goes by itself.
        _let_go(row, NotificationStatus.PLANNED)
    return False


def lapsed(now: datetime) -> list[Claim]:
    """Claims whose lease ran out. Each is to be settled as unknown, in a transaction of its own."""
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
