"""The outbox: recorded before sent, settled after. A crash may repeat a message; it may not lose one.

Part of stops 6 and 8 of the road. A notification is claimed with a lease, sent by
`worker.sender`, and settled here in one transaction with the event it causes. When a lease has run
out nobody knows whether the message went out, and that is what is recorded.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from nightlight.engine.effects import Purpose, What
from nightlight.engine.events import DeliveryEvent, DeliveryFailed, DeliveryUnknown
from nightlight.engine.ids import ContactMethodId, NotificationId, PersonId
from nightlight.engine.receipts import Evidence, join
from nightlight.engine.retries import Outcome, next_try
from nightlight.engine.state import AlertStatus
from nightlight.store import timeline
from nightlight.store.advance import advance_within, lock_alert
from nightlight.store.effects import REPEAT
from nightlight.store.models import Alert as AlertRow
from nightlight.store.models import Attempt, Notification, NotificationStatus
from nightlight.store.races import racing

_UNSETTLED = (NotificationStatus.PLANNED, NotificationStatus.LEASED)

# What an attempt's outcome is as evidence, and as a line of the timeline.
_EVIDENCE = {
    Outcome.ACCEPTED: Evidence.ACCEPTED,
    Outcome.QUEUED: Evidence.QUEUED,
    Outcome.UNKNOWN: Evidence.UNKNOWN,
}
_LINE = {
    Outcome.ACCEPTED: What.ACCEPTED,
    Outcome.QUEUED: What.QUEUED,
    Outcome.UNKNOWN: What.UNKNOWN,
    Outcome.TEMPORARY: What.FAILED,
    Outcome.PERMANENT: What.FAILED,
}


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One notification leased to one sender, with everything it needs to know which provider to use."""

    notification: str
    alert: str
    attempt: str
    lease_token: str
    channel: str
    provider: int
    """Which provider of the channel, counted from 0."""
    claimed_at: datetime
    merged: tuple[str, ...] = ()
    """Notifications for other people at the same address and rung, told by the same message."""


def leased(notification: str, lease_token: str) -> Notification | None:
    """The row while this very lease still holds it, locked; None when it was taken up again."""
    return (
        Notification.objects.select_for_update(of=("self",))
        .filter(pk=notification, lease_token=lease_token, status=NotificationStatus.LEASED)
        .select_related("alert", "contact_method")
        .first()
    )


def merged_rows(claimed: Claim) -> list[Notification]:
    """The rows that the same message stands for."""
    rows = Notification.objects.select_related("alert", "contact_method")
    return list(rows.filter(pk__in=claimed.merged, lease_token=claimed.lease_token))


def settle(
    claimed: Claim,
    outcome: Outcome,
    now: datetime,
    *,
    providers: int,
    channels_on: frozenset[str],
    reason: str = "",
    reference: str = "",
) -> None:
    """Record what came of one attempt, and let the ladder know what it must: one transaction.

    A stale lease token (the lease ran out, and the message was taken up again) may add evidence
    and nothing else.
    """

    def record() -> None:
        lock_alert(claimed.alert)
        Attempt.objects.filter(pk=claimed.attempt).update(
            ended_at=now, outcome=outcome, reason=reason[:200], provider_reference=reference[:200]
        )
        row = leased(claimed.notification, claimed.lease_token)
        if row is None:
            _add_late_evidence(claimed.notification, outcome)
            return
        outcomes = [Outcome(a.outcome) for a in row.attempts.all() if a.outcome]
        for each in (row, *merged_rows(claimed)):
            _settle_row(each, outcomes, now, providers=providers, channels_on=channels_on, reason=reason)

    racing(record)


def _settle_row(
    row: Notification,
    outcomes: list[Outcome],
    now: datetime,
    *,
    providers: int,
    channels_on: frozenset[str],
    reason: str,
) -> None:
    outcome = outcomes[-1]
    following = next_try(outcomes, providers)
    evidence = _joined(row.evidence, _EVIDENCE.get(outcome))
    again = following.delay is not None and _is_wanted_again(row)
    status = NotificationStatus.PLANNED if again else _final_status(following.status, evidence, outcome)
    fields: dict[str, object] = {
        "status": status,
        "evidence": evidence,
        "lease_token": "",
        "lease_until": None,
        "merged_into": None,
        "settled_at": None if again else now,
        "sent_at": row.sent_at or (now if outcome in _EVIDENCE else None),
    }
    if again and following.delay is not None:
        fields |= {"due": now + following.delay, "priority": REPEAT}
    first_trouble = outcome is not Outcome.ACCEPTED and not row.failed_before
    if first_trouble:
        fields["failed_before"] = True
    Notification.objects.filter(pk=row.pk).update(**fields)
    timeline.write_delivery(row, _LINE[outcome], now, reason)
    final = following.delay is None and following.status is Evidence.FAILED
    if first_trouble or final:
        tell_rules(row, outcome, reason, final=final, now=now, channels_on=channels_on)
    if outcome is Outcome.ACCEPTED and row.purpose != Purpose.ASK:
        _tell_once(row)


def _joined(old: str, new: Evidence | None) -> str:
    if new is None:
        return old
    return join(Evidence(old), new) if old else new


def _final_status(status: Evidence | None, evidence: str, outcome: Outcome) -> NotificationStatus:
    """What a notification that is tried no more settles as."""
    if status is not None:
        return NotificationStatus(join(Evidence(evidence), status) if evidence else status)
    # No more tries because nobody wants it any more: what is known is all there will be.
    if evidence:
        return NotificationStatus(evidence)
    return NotificationStatus.FAILED if outcome is Outcome.PERMANENT else NotificationStatus.CANCELLED


def _is_wanted_again(row: Notification) -> bool:
    """Whether the message is still to be tried: the ask open, the news still news."""
    alert = row.alert
    if row.purpose != Purpose.ASK:
        return row.purpose != Purpose.STAND_DOWN or alert.status != AlertStatus.RESOLVED
    if alert.status not in (AlertStatus.TRIGGERED, AlertStatus.EXHAUSTED):
        return False
    # A newer ask of the same person, or their answer, cancelled what was still planned of this one.
    newer = Notification.objects.filter(
        alert_id=row.alert_id, person_id=row.person_id, purpose=Purpose.ASK, message__gt=row.message
    )
    return not newer.exists() and not _has_answered(row)


def _has_answered(row: Notification) -> bool:
    asks = alert_asks(row.alert)
    return any(ask.get("person") == row.person_id and ask.get("answer") for ask in asks)


def alert_asks(alert: AlertRow) -> list[dict[str, object]]:
    """The asks in an alert's document, as plain values; none while it is poisoned from birth."""
    asks: list[dict[str, object]] = alert.state.get("asks", []) if alert.state else []
    return asks


def _tell_once(row: Notification) -> None:
    """News went out: its other ways, held ready in case this one failed, are not needed."""
    Notification.objects.filter(
        alert_id=row.alert_id, message=row.message, purpose=row.purpose, status=NotificationStatus.PLANNED
    ).exclude(purpose=Purpose.HOST_NEWS).update(status=NotificationStatus.CANCELLED)


def tell_rules(
    row: Notification,
    outcome: Outcome,
    reason: str,
    *,
    final: bool,
    now: datetime,
    channels_on: frozenset[str],
) -> None:
    """Let the rules know, in the transaction that records it. The host's own ways concern no rule."""
    if row.person_id is None or row.contact_method_id is None:
        return
    about = {
        "notification": NotificationId(row.pk),
        "person": PersonId(row.person_id),
        "contact_method": ContactMethodId(row.contact_method_id),
        "purpose": Purpose(row.purpose),
        "message": row.message,
        "hold": row.hold,
    }
    event: DeliveryEvent
    if outcome in (Outcome.UNKNOWN, Outcome.QUEUED):
        event = DeliveryUnknown(**about)  # type: ignore[arg-type]
    else:
        event = DeliveryFailed(**about, final=final, reason=reason)  # type: ignore[arg-type]
    advance_within(row.alert_id, event, now=now, channels_on=channels_on)


def _add_late_evidence(notification: str, outcome: Outcome) -> None:
    """An answer of a provider that came after its lease had run out."""
    evidence = _EVIDENCE.get(outcome)
    row = Notification.objects.select_for_update().filter(pk=notification).first()
    if row is None or evidence is None:
        return
    joined = _joined(row.evidence, evidence)
    fields: dict[str, object] = {"evidence": joined}
    if row.status == NotificationStatus.PLANNED and evidence is Evidence.ACCEPTED:
        # Waiting to be tried again only because nobody knew; now somebody does.
        fields["status"] = NotificationStatus.ACCEPTED
    elif row.status in set(Evidence):
        fields["status"] = joined
    Notification.objects.filter(pk=row.pk).update(**fields)


def record_receipt(
    attempt: str, evidence: Evidence, now: datetime, *, channels_on: frozenset[str], reason: str = ""
) -> bool:
    """Join a provider's later word on one attempt; whether the attempt is known.

    Receipts come late, twice and in any order. They never answer, and for a closed call they
    change nothing but what is known.
    """
    known = (
        Attempt.objects.filter(pk=attempt).values_list("notification__alert_id", "notification_id").first()
    )
    if known is None:
        return False

    def record() -> None:
        lock_alert(known[0])
        rows = Notification.objects.select_for_update(of=("self",)).select_related("alert", "contact_method")
        _join_receipt(rows.get(pk=known[1]), evidence, now, channels_on, reason)

    racing(record)
    return True


def _join_receipt(
    row: Notification, evidence: Evidence, now: datetime, channels_on: frozenset[str], reason: str
) -> None:
    before = row.evidence
    joined = Evidence(_joined(before, evidence))
    if joined == before:
        return
    fields: dict[str, object] = {"evidence": joined}
    # While a sender holds it, or a next try is planned, only what is known grows; a delivery or a
    # refusal ends the waiting.
    ends = joined in (Evidence.DELIVERED, Evidence.FAILED)
    if row.status != NotificationStatus.LEASED and (ends or row.status not in _UNSETTLED):
        fields |= {"status": joined, "settled_at": now, "merged_into": None}
    Notification.objects.filter(pk=row.pk).update(**fields)
    timeline.write_delivery(row, What(joined.value), now, reason)
    if joined is Evidence.FAILED:
        tell_rules(row, Outcome.PERMANENT, reason or "reported", final=True, now=now, channels_on=channels_on)


def first_due() -> datetime | None:
    """When the first planned notification is or was due, or None; for sleeping until then."""
    rows = Notification.objects.filter(status=NotificationStatus.PLANNED, due__isnull=False)
    return rows.order_by(F("due").asc()).values_list("due", flat=True).first()
