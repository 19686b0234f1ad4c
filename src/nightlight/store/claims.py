"""Claiming what is due, with a lease: what `worker.sender` begins with.

What a person withdrew a moment ago is not sent: consent and status are checked again here, in the
very transaction that leases.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from nightlight.engine.effects import Purpose, What
from nightlight.engine.needs import Need, is_urgent
from nightlight.engine.retries import Outcome
from nightlight.store import looks, outbox, timeline
from nightlight.store.advance import lock_alert
from nightlight.store.consent import Agreements
from nightlight.store.hosts import host_address
from nightlight.store.leases import First, in_order, lease
from nightlight.store.models import Alert as AlertRow
from nightlight.store.models import Circle, Notification, NotificationStatus
from nightlight.store.outbox import Claim, leased, tell_rules
from nightlight.store.races import LostRace, racing
from nightlight.store.wanted import is_wanted

LEASE_SECONDS = 15
NEWS_STALE_AFTER = timedelta(minutes=60)
"""News nobody could be given for this long is news no more; an ask of an open call never goes stale."""

SWITCHED_OFF_AT_ONCE_MAX = 50
"""So many messages for channels that are off are passed over in one look."""

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_TO_MEMBERS_ABOUT_AN_ASK = (Purpose.STAND_DOWN, Purpose.REOPENED, Purpose.ALL_CLEAR, Purpose.TAKER_NEWS)

# What a claim asks of an alert, and of a message that may be sent: both are read for every one.
_READ_OF_ALERT = ("person_id", "status", "need", "state", "poison_next_at")
_READ = (
    *(
        "status",
        "due",
        "alert_id",
        "person_id",
        "channel",
        "purpose",
        "message",
        "hold",
        "rung",
        "address_hash",
        "created_at",
        "claimed_at",
    ),
    *("contact_method__person_id", "contact_method__address_hash", "contact_method__address_sealed"),
    *("contact_method__proven_at", "contact_method__ended_at"),
)

_log = structlog.get_logger()


_Place = tuple[str, str]
"""A notification by the ids of its alert and of itself."""


def claim(now: datetime, slots: Mapping[str, int], providers: Mapping[str, int]) -> list[Claim]:
    """Lease what is due, first asks first: at most `slots[channel]` of each channel. See `claim_each`."""
    return list(claim_each(now, slots, providers))


def claim_each(
    now: datetime, slots: Mapping[str, int], providers: Mapping[str, int], first: First = in_order
) -> Iterator[Claim]:
    """The same one by one, each committed when it is given, so that sending it need not wait for the others.

    *slots* names every channel that is on, *providers* says how many providers each has, *first* with
    which one begins. What somebody else is writing about just now is left for the next look.
    """
    pass_over_what_is_off(now, frozenset(slots))
    for together in claim_batches(now, slots, providers, first):
        yield from together


def claim_batches(
    now: datetime, slots: Mapping[str, int], providers: Mapping[str, int], first: First = in_order
) -> Iterator[list[Claim]]:
    """The same in batches, each one commit; what is for channels that are off is not looked at."""
    taken: set[str] = set()
    for channel in _channels_to_look_at(now, slots):
        free = slots[channel]
        # One channel's due messages must not hide another's, however many they are.
        due = list(_due(now, channel).values_list("alert_id", "pk")[:free]) if free > 0 else []
        left: Sequence[_Place] = due
        if len(due) > 1:
            together, left = _safely_together(due, now, providers, first)
            if together:
                yield together
        for place in left:
            # One address, two people: an earlier row of this loop may have taken this one with it.
            if place[1] in taken:
                continue
            for claimed in _safely(partial(_claim_one, *place, now, providers, first), *place, now):
                taken.update(claimed.merged)
                yield [claimed]


def _channels_to_look_at(now: datetime, channels: Collection[str]) -> Iterator[str]:
    """Each channel for which something is due, also what came due because another was looked at."""
    looked: set[str] = set()
    while left := [each for each in looks.channels_with_due(now, channels) if each not in looked]:
        for channel in left:
            looked.add(channel)
            yield channel


def _safely_together(
    places: Sequence[_Place], now: datetime, providers: Mapping[str, int], first: First
) -> tuple[list[Claim], Sequence[_Place]]:
    """What could be leased in one transaction, and what is to be looked at one by one."""
    try:
        return racing(partial(_claim_together, places, now, providers, first))
    except (OperationalError, InterfaceError):
        raise  # The database is away: nothing else would fare better.
    # Whichever of them broke, nothing of all this was kept: each is looked at alone.
    except Exception as error:  # noqa: BLE001
        _log.warning("claimed one by one", error=type(error).__name__)
        return [], places


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


def pass_over_what_is_off(now: datetime, channels_on: frozenset[str]) -> None:
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
        # Not the column itself: its index would have everything sorted that is due, for each look.
        Notification.objects.alias(at=Coalesce("due", Value(_NEVER)))
        .filter(
            status=NotificationStatus.PLANNED,
            channel=channel,
            at__lte=now,
            alert__waits_for_host=False,
        )
        # News of a call never overtakes the ask it speaks of (rule 4).
        .filter(~Q(purpose__in=_TO_MEMBERS_ABOUT_AN_ASK) | ~Exists(ask_in_flight))
        .order_by("priority", "due", "position")
    )


def _claim_together(
    places: Sequence[_Place], now: datetime, providers: Mapping[str, int], first: First
) -> tuple[list[Claim], list[_Place]]:
    """Lease those that may be sent and stand for nobody else; the others are given back untouched.

    No event happens here and no lock is waited for, so holding several alerts holds up nobody.
    """
    alerts = _locked_alerts(alert for alert, _ in places)
    rows = _locked_rows((pk for _, pk in places), alerts, now)
    agreements = _agreements(rows, alerts)
    shared = _rows_that_share(rows, now)
    sendable = [
        row
        for row in rows
        if row.pk not in shared
        and is_wanted(row, alerts[row.alert_id])
        and not _why_not(row, alerts[row.alert_id], now, agreements)
    ]
    groups = [(row, ()) for row in sendable]
    claimed = lease(groups, now, _until(now), providers, first) if groups else []
    done = {row.pk for row in sendable}
    return claimed, [(row.alert_id, row.pk) for row in rows if row.pk not in done]


def _claim_one(
    alert_id: str, notification: str, now: datetime, providers: Mapping[str, int], first: First
) -> list[Claim]:
    """Lease one notification; an empty list when it must not, or not just now, be sent."""
    alerts = _locked_alerts([alert_id])
    rows = _locked_rows([notification], alerts, now)
    if not rows:
        return []
    alert, row = alerts[alert_id], rows[0]
    if not is_wanted(row, alert):
        _cancel(row)
        return []
    others = _same_address(row, alert, now) if row.purpose == Purpose.ASK else []
    agreements = _agreements([row, *others], alerts)
    why = _why_not(row, alert, now, agreements)
    if why:
        _skip(row, why, now, frozenset(providers))
        return []
    merged = [other for other in others if not _why_not(other, alert, now, agreements)]
    return lease([(row, merged)], now, _until(now), providers, first)


def _locked_alerts(ids: Iterable[str]) -> dict[str, AlertRow]:
    """The alerts' rows, without those in use: what a withdrawal, an answer or an end takes as well.

    Whichever comes first wins.
    """
    rows = AlertRow.objects.select_for_update(skip_locked=True).filter(pk__in=set(ids))
    return {row.pk: row for row in rows.only(*_READ_OF_ALERT)}


def _locked_rows(ids: Iterable[str], alerts: Mapping[str, AlertRow], now: datetime) -> list[Notification]:
    """Those still planned and due, of alerts that are ours now, in the order of *ids*."""
    order = {pk: place for place, pk in enumerate(ids)}
    rows = (
        Notification.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("contact_method")
        .filter(pk__in=order, alert_id__in=alerts)
    )
    ready = (row for row in rows.only(*_READ) if _is_ready(row.status, row.due, now))
    return sorted(ready, key=lambda row: order[row.pk])


def _is_ready(status: str, due: datetime | None, now: datetime) -> bool:
    """Whether a message is planned and due. Asked of rows that were found by their keys.

    Asked of the database beside a key, SQLite would rather look through everything that is due.
    """
    return status == NotificationStatus.PLANNED and due is not None and due <= now


def _agreements(rows: Iterable[Notification], alerts: Mapping[str, AlertRow]) -> Agreements:
    to_people = [row for row in rows if row.person_id is not None]
    return Agreements(
        {alerts[row.alert_id].person_id for row in to_people}, {row.person_id or "" for row in to_people}
    )


def _until(now: datetime) -> datetime:
    return now + timedelta(seconds=LEASE_SECONDS)


def _why_not(row: Notification, alert: AlertRow, now: datetime, agreements: Agreements) -> str:
    """Why *row*, which is still wanted, must not be sent after all; empty when it may."""
    if row.purpose != Purpose.ASK and now - row.created_at > NEWS_STALE_AFTER:
        return "stale"
    if row.contact_method is None:
        return "" if host_address(row.channel, row.address_hash) is not None else "way_withdrawn"
    if row.purpose == Purpose.CALLER_NEWS:
        if not Circle.objects.get(person_id=alert.person_id).tell_caller:
            return "switched_off"
        return "way_withdrawn" if row.contact_method.ended_at is not None else ""
    return agreements.why_not_reached(
        alert.person_id,
        row.contact_method,
        now,
        asking=row.purpose == Purpose.ASK,
        may_wake=_may_wake(alert),
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
    if not row.address_hash:
        return []
    others = Notification.objects.filter(
        alert_id=row.alert_id,
        rung=row.rung,
        purpose=Purpose.ASK,
        channel=row.channel,
        address_hash=row.address_hash,
    )
    others = others.exclude(pk=row.pk).select_related("contact_method").order_by("created_at", "pk")
    return [other for other in others if _is_ready(other.status, other.due, now) and is_wanted(other, alert)]


def _rows_that_share(rows: Iterable[Notification], now: datetime) -> set[str]:
    """Which of *rows* are asks that another row would go out with, by `_same_address`."""
    asks = [row for row in rows if row.purpose == Purpose.ASK and row.address_hash]
    found: dict[tuple[object, ...], set[str]] = defaultdict(set)
    others = Notification.objects.filter(
        alert_id__in={row.alert_id for row in asks},
        address_hash__in={row.address_hash for row in asks},
        purpose=Purpose.ASK,
    )
    for pk, status, due, *place in others.values_list(
        "pk", "status", "due", "alert_id", "rung", "channel", "address_hash"
    ):
        if _is_ready(status, due, now):
            found[tuple(place)].add(pk)
    return {row.pk for row in asks if found[row.alert_id, row.rung, row.channel, row.address_hash] - {row.pk}}


def still_wanted(claimed: Claim, now: datetime, *, channels_on: frozenset[str]) -> bool:
    """Whether a claim whose sending was held up may still be sent; if so, its lease begins anew.

    What may not is skipped and settled, each of those who share the message for themselves.
    """
    return racing(partial(_is_still_wanted, claimed, now, channels_on))


def _is_still_wanted(claimed: Claim, now: datetime, channels_on: frozenset[str]) -> bool:
    alert = lock_alert(claimed.alert)
    left = []
    rows = leased(claimed)
    agreements = _agreements(rows, {alert.pk: alert})
    for row in rows:
        if not is_wanted(row, alert):
            _cancel(row)
        elif why := _why_not(row, alert, now, agreements):
            _skip(row, why, now, channels_on)
        else:
            left.append(row)
    if left and left[0].pk == claimed.notification:
        Notification.objects.filter(pk__in=[row.pk for row in left]).update(lease_until=_until(now))
        return True
    for row in left:
        # Whose message was to carry this one is out of it: it goes by itself.
        _let_go(row, NotificationStatus.PLANNED)
    return False
