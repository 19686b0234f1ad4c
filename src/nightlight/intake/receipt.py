"""A provider tells us what became of a message. Stop 2 of the road. It never answers, whatever it says."""

from datetime import datetime

from nightlight.channels.base import Receipt, ReceiptStatus
from nightlight.engine.receipts import Evidence
from nightlight.intake.channels import kinds_on, switched_on
from nightlight.store import inbound, notices_send, notices_send_checks
from nightlight.store.missed import record_missed
from nightlight.store.outbox import record_receipt

_EVIDENCE = {
    ReceiptStatus.ACCEPTED: Evidence.ACCEPTED,
    ReceiptStatus.QUEUED: Evidence.QUEUED,
    ReceiptStatus.DELIVERED: Evidence.DELIVERED,
    ReceiptStatus.FAILED: Evidence.FAILED,
}


def take_receipt(channel: str, receipt: Receipt, now: datetime) -> bool:
    """Join *receipt* to what is known; whether it speaks of an attempt of ours, in a call or outside one.

    *channel* is the kind of way it went by. A report that names only the notification speaks of its
    latest try, and of none that went out by another kind of way.
    """
    attempt = receipt.attempt or _attempt_of(channel, receipt.notification)
    if receipt.status is ReceiptStatus.MISSED:
        providers = len(switched_on().get(channel, ())) or 1
        return record_missed(
            attempt, now, providers=providers, channels_on=kinds_on(), reason=receipt.reason
        ) or notices_send.record_receipt(attempt, Evidence.FAILED, now, reason=receipt.reason)
    evidence = _EVIDENCE[receipt.status]
    return record_receipt(
        attempt, evidence, now, channels_on=kinds_on(), reason=receipt.reason
    ) or notices_send.record_receipt(attempt, evidence, now, reason=receipt.reason)


def _attempt_of(channel: str, notification: str) -> str:
    if not notification:
        return ""
    return inbound.latest_attempt(channel, notification) or notices_send_checks.attempt_named(
        channel, notification
    )
