"""A provider tells us what became of a message. Stop 2 of the road. It never answers, whatever it says."""

from datetime import datetime

from nightlight.channels.base import Receipt, ReceiptStatus
from nightlight.engine.receipts import Evidence
from nightlight.intake.channels import kinds_on
from nightlight.store import notices_send
from nightlight.store.outbox import record_receipt

_EVIDENCE = {
    ReceiptStatus.ACCEPTED: Evidence.ACCEPTED,
    ReceiptStatus.QUEUED: Evidence.QUEUED,
    ReceiptStatus.DELIVERED: Evidence.DELIVERED,
    ReceiptStatus.FAILED: Evidence.FAILED,
}


def take_receipt(receipt: Receipt, now: datetime) -> bool:
    """Join *receipt* to what is known; whether it speaks of an attempt of ours, in a call or outside one."""
    attempt, evidence = receipt.attempt, _EVIDENCE[receipt.status]
    return record_receipt(
        attempt, evidence, now, channels_on=kinds_on(), reason=receipt.reason
    ) or notices_send.record_receipt(attempt, evidence, now, reason=receipt.reason)
