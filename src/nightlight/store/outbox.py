"""The outbox: recorded before sent, settled after. A crash may repeat a message; it may not lose one.

Part of stops 6 and 8 of the road. A notification is claimed with a lease, sent by
`worker.sender`, and settled here in one transaction with the event it causes. When a lease has run
out nobody knows whether the message went out, and that is what is recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from nightlight.engine.effects import Entry, News, Purpose, What
from nightlight.engine.events import DeliveryEvent, DeliveryFailed, DeliveryUnknown
from nightlight.engine.ids import ContactMethodId, NotificationId, PersonId
from nightlight.engine.receipts import Evidence, join
from nightlight.engine.retries import DELAY_AFTER_THOSE, Outcome, next_try
from nightlight.store import timeline
from nightlight.store.advance import advance_within, lock_alert
from nightlight.store.effects import ASK, REPEAT, TOLD, bring_forward, tell_host_of_provider
from nightlight.store.models import Attempt, Notification, NotificationStatus
from nightlight.store.races import racing
from nightlight.store.timers import CLOCK_SLACK
from nightlight.store.wanted import is_wanted

REASON_CHARACTERS_MAX = 200
BROKEN_AGAIN_AFTER = timedelta(seconds=60)
"""A message that a fault of ours keeps from being claimed is looked at again after this."""

# What an attempt's outcome is as evidence, and as a line of the timeline.
_EVIDENCE = {
    Outcome.ACCEPTED: Evidence.ACCEPTED,
    Outcome.QUEUED: Evidence.QUEUED,
    Outcome.UNKNOWN: Evidence.UNKNOWN,
}
_TAKEN_OVER = (Outcome.ACCEPTED, Outcome.QUEUED)
_LINE = {
    Outcome.ACCEPTED: What.ACCEPTED,
    Outcome.QUEUED: What.QUEUED,
    Outcome.UNKNOWN: What.UNKNOWN,
    Outcome.TEMPORARY: What.FAILED,
    Outcome.PERMANENT: What.FAILED,
    Outcome.MISSED: What.FAILED,
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


def leased(claimed: Claim) -> list[Notification]:
    """The rows this very lease still holds, locked: the claimed one first, then those its message stands for.

    Empty when the lease ran out and they were taken up again.
    """
    rows = (
        Notification.objects.select_for_update(of=("self",))
        .filter(lease_token=claimed.lease_token, status=NotificationStatus.LEASED)
        .select_related("alert", "contact_method")
        .order_by("created_at", "pk")
    )
    return sorted(rows, key=lambda row: row.pk != claimed.notification)


def settle(
    claimed: Claim,
    outcome: Outcome,
    now: datetime,
    *,
    providers: int,
    channels_on: frozenset[str],
    reason: str = "",
    reference: str = "",
    units: int = 0,
    host_must_know: bool = False,
) -> None:
    """Record what came of one attempt, and let the ladder know what it must: one transaction.

    *units* is what its provider charges for. A stale lease token (the lease ran out, and the message was taken up again) may add evidence
    and nothing else.
    """
    reason, reference = code(reason), code(reference)

    def record() -> None:
        lock_alert(claimed.alert)
        rows = leased(claimed)
        attempts = Attempt.objects.filter(
            notification__in=(claimed.notification, *claimed.merged), lease_token=claimed.lease_token
        )
        if not rows and outcome is Outcome.UNKNOWN:
            return  # Somebody who knew more was here first.
        known = attempts.filter(outcome=Outcome.MISSED)
        # A phone that nobody answers may be reported before whoever rang it is through with telling us so.
        missed = known.values_list("reason", flat=True).first()
        attempts.exclude(outcome=Outcome.MISSED).update(outcome=outcome, reason=reason)
        attempts.update(ended_at=now, provider_reference=reference)
        # One message, whoever else it stands for.
        attempts.filter(pk=claimed.attempt).update(units=units)
        if not rows and missed is None:
            _add_late_evidence(claimed, outcome, now)
        came = (outcome, reason) if missed is None else (Outcome.MISSED, missed)
        for row in rows:
            settle_row(row, came[0], now, providers=providers, channels_on=channels_on, reason=came[1])
        if host_must_know and tell_host_of_provider(claimed.alert, now, channels_on):
            told = Entry(what=What.HOST_TOLD, detail=News.PROVIDER_REFUSES_US)
            timeline.write(claimed.alert, [told], now)

    racing(record)


def code(text: str) -> str:
    """What a provider gave as a code, short enough to keep; PostgreSQL keeps no zero byte at all."""
    return text.replace("\0", "")[:REASON_CHARACTERS_MAX]


def settle_row(
    row: Notification,
    outcome: Outcome,
    now: datetime,
    *,
    providers: int,
    channels_on: frozenset[str],
    reason: str,
) -> None:
    """What came of the latest try of *row*, which is locked, in the transaction at hand."""
    outcomes = [Outcome(attempt.outcome) for attempt in row.attempts.all() if attempt.outcome]
    following = next_try(outcomes or [outcome], providers)
    evidence = _joined(row.evidence, _EVIDENCE.get(outcome))
    is_known = _is_known(evidence, outcome, outcomes)
    delay = None if is_known or not is_wanted(row, row.alert) else following.delay
    status = (
        _final_status(following.status, evidence, outcome) if delay is None else NotificationStatus.PLANNED
    )
    fields: dict[str, object] = {
        "status": status,
        "evidence": evidence,
        "lease_token": "",
        "lease_until": None,
        "merged_into": None,
        "settled_at": now if delay is None else None,
        "sent_at": row.sent_at or (now if outcome in _EVIDENCE else None),
    }
    if delay is not None:
        # Only what may have arrived is a repeat; a first ask that did not is still waited for.
        fields |= {"due": now + delay, "priority": REPEAT if evidence else max(row.priority, ASK)}
    arrived = evidence in (Evidence.ACCEPTED, Evidence.DELIVERED) and is_known
    first_trouble = not arrived and not row.failed_before
    final = following.delay is None and following.status is Evidence.FAILED and not arrived
    if first_trouble:
        fields["failed_before"] = True
    if outcome is Outcome.MISSED or (final and Outcome.MISSED in outcomes):
        # That it was taken is worth nothing any more: it reached nobody, and is no live way of theirs.
        fields["evidence"] = Evidence.FAILED if final else ""
    Notification.objects.filter(pk=row.pk).update(**fields)
    if row.evidence == Evidence.FAILED and _LINE[outcome] is What.FAILED:
        return  # A report was faster than the answer it repeats, and all of this is said.
    timeline.write_delivery(row, _LINE[outcome], now, reason)
    if first_trouble or final:
        tell_rules(row, outcome, reason, final=final, now=now, channels_on=channels_on)
    if arrived:
        _tell_once(row)


def _is_known(evidence: str, outcome: Outcome, outcomes: Sequence[Outcome]) -> bool:
    """Whether what became of the latest try, which ended in *outcome*, is known, so that no other is needed.

    A report may have been faster than the answer it speaks of. A phone that rang was there to be
    reached; whether anybody was is another matter, and what was known of a ring in vain says
    nothing of the ring after it.
    """
    if evidence == Evidence.DELIVERED:
        return True
    rang_in_vain = Outcome.MISSED in (outcome, *outcomes) and outcome not in _TAKEN_OVER
    return evidence not in ("", Evidence.UNKNOWN) and not rang_in_vain


def _joined(old: str, new: Evidence | None) -> str:
    if new is None:
        return old
    return join(Evidence(old), new) if old else new


def _final_status(status: Evidence | None, evidence: str, outcome: Outcome) -> NotificationStatus:
    """What a notification that is tried no more settles as."""
    if status is not None:
        return NotificationStatus(join(Evidence(evidence), status) if evidence else status)
    # No more tries because nobody wants it any more: what is known is all there will be. A phone that
    # nobody answered reached nobody: if it is wanted again, it rings again.
    if evidence and outcome is not Outcome.MISSED:
        return NotificationStatus(evidence)
    return NotificationStatus.FAILED if outcome is Outcome.PERMANENT else NotificationStatus.CANCELLED


def _tell_once(row: Notification) -> None:
    """News went out: its other ways are not needed, unless it is reported later that this one failed."""
    if row.purpose == Purpose.ASK:
        return
    Notification.objects.filter(
        alert_id=row.alert_id, message=row.message, purpose=row.purpose, status=NotificationStatus.PLANNED
    ).exclude(purpose=Purpose.HOST_NEWS).update(status=NotificationStatus.CANCELLED, why=TOLD)


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


def _add_late_evidence(claimed: Claim, outcome: Outcome, now: datetime) -> None:
    """An answer of a provider that came after its lease had run out."""
    evidence = _EVIDENCE.get(outcome)
    for row in of_lease(claimed.lease_token) if evidence else ():
        _add_evidence(row, Evidence(_joined(row.evidence, evidence)), now, reason="late")


def of_lease(lease_token: str) -> list[Notification]:
    """Everything that one lease stood for, locked."""
    pks = list(Attempt.objects.filter(lease_token=lease_token).values_list("notification", flat=True))
    rows = Notification.objects.select_for_update(of=("self",)).select_related("alert", "contact_method")
    return list(rows.filter(pk__in=pks).order_by("created_at", "pk"))


def record_receipt(
    attempt: str, evidence: Evidence, now: datetime, *, channels_on: frozenset[str], reason: str = ""
) -> bool:
    """Join a provider's later word on one attempt; whether the attempt is known.

    Receipts come late, twice and in any order. They never answer, and for a closed call they
    change nothing but what is known.
    """
    known = Attempt.objects.filter(pk=attempt).values_list("notification__alert_id", "lease_token").first()
    if known is None:
        return False
    alert, lease_token = known

    def record() -> None:
        lock_alert(alert)
        missed = Attempt.objects.filter(pk=attempt, outcome=Outcome.MISSED).exists()
        if missed and evidence in (Evidence.UNKNOWN, Evidence.QUEUED, Evidence.ACCEPTED):
            return  # Said of the beginning of a ring whose end is known.
        for row in of_lease(lease_token):
            _join_receipt(row, evidence, now, channels_on, code(reason))

    racing(record)
    return True


def _join_receipt(
    row: Notification, evidence: Evidence, now: datetime, channels_on: frozenset[str], reason: str
) -> None:
    joined = Evidence(_joined(row.evidence, evidence))
    if joined == row.evidence:
        return
    if joined is Evidence.FAILED and row.status == NotificationStatus.FAILED:
        # Refused on the spot and reported as well: it failed once.
        Notification.objects.filter(pk=row.pk).update(evidence=joined)
        return
    _add_evidence(row, joined, now, reason=reason)
    if joined is Evidence.FAILED:
        tell_rules(row, Outcome.PERMANENT, reason or "reported", final=True, now=now, channels_on=channels_on)


def _add_evidence(row: Notification, joined: Evidence, now: datetime, *, reason: str) -> None:
    """More is known of *row*. While a sender holds it that is all; else it needs no further try."""
    if joined == row.evidence:
        return
    fields: dict[str, object] = {"evidence": joined}
    if joined in (Evidence.ACCEPTED, Evidence.DELIVERED):
        fields["sent_at"] = row.sent_at or now
    if row.status != NotificationStatus.LEASED:
        fields |= {"status": joined, "settled_at": now}
    Notification.objects.filter(pk=row.pk).update(**fields)
    timeline.write_delivery(row, What(joined.value), now, reason)
    if joined in (Evidence.ACCEPTED, Evidence.DELIVERED):
        _tell_once(row)


def set_aside(alert: str, notification: str, now: datetime) -> None:
    """A fault of ours keeps this message from being claimed: the next way goes now, and others are not held up."""

    def record() -> None:
        lock_alert(alert)
        row = Notification.objects.filter(pk=notification, status=NotificationStatus.PLANNED).first()
        if row is not None:
            again = now + BROKEN_AGAIN_AFTER
            Notification.objects.filter(pk=row.pk).update(due=again, failed_before=True, why="broken")
            bring_forward(alert, row.message, now, person=row.person_id)

    racing(record)


def too_far_ahead(now: datetime) -> list[str]:
    """Planned messages that lie further ahead than they were planned for: a clock was set back."""
    from_the_future = Q(created_at__gt=now + CLOCK_SLACK)
    tried = Q(failed_before=True, due__gt=now + DELAY_AFTER_THOSE + CLOCK_SLACK)
    rows = Notification.objects.filter(
        from_the_future | tried, status=NotificationStatus.PLANNED, due__isnull=False, due__gt=now
    )
    return list(rows.values_list("pk", flat=True))


def bring_nearer(notification: str, now: datetime) -> None:
    """Give a message its own delay from now, instead of one that a clock set back made longer."""
    row = Notification.objects.filter(pk=notification, status=NotificationStatus.PLANNED).first()
    if row is None or row.due is None:
        return
    delay = max(row.due - row.created_at, timedelta(0))
    if row.failed_before:
        delay = min(delay, DELAY_AFTER_THOSE)
    Notification.objects.filter(pk=row.pk, due=row.due).update(
        due=now + delay, created_at=min(row.created_at, now)
    )


def first_due() -> datetime | None:
    """When the first planned notification is or was due, or None; for sleeping until then."""
    rows = Notification.objects.filter(
        status=NotificationStatus.PLANNED, due__isnull=False, alert__waits_for_host=False
    )
    return rows.order_by(F("due").asc()).values_list("due", flat=True).first()
