"""A phone rang, and nobody answered: the way after it goes now, and it rings once more.

A provider says so some time after it took the call over, so it is neither an outcome of sending nor a
word on delivery: it is another end of a try that had been accepted.
"""

from datetime import datetime

from nightlight.engine.receipts import Evidence
from nightlight.engine.retries import RINGS_MAX, Outcome
from nightlight.store.advance import lock_alert
from nightlight.store.models import Attempt, Notification, NotificationStatus
from nightlight.store.outbox import code, of_lease, settle_row
from nightlight.store.races import racing


def record_missed(
    attempt: str, now: datetime, *, providers: int, channels_on: frozenset[str], reason: str = ""
) -> bool:
    """Nobody answered the call of *attempt*; whether the attempt is known.

    Said twice, or of a call that somebody did answer, it changes nothing. *providers* is how many the
    channel has.
    """
    known = Attempt.objects.filter(pk=attempt).values_list("notification__alert_id", "lease_token").first()
    if known is None:
        return False
    alert, lease_token = known

    def record() -> None:
        lock_alert(alert)
        # A ring that somebody answered was not missed, whatever its end is called.
        rows = [row for row in of_lease(lease_token) if row.evidence != Evidence.DELIVERED]
        fresh = Attempt.objects.filter(lease_token=lease_token, notification__in=rows)
        fresh = fresh.exclude(outcome=Outcome.MISSED)
        if not fresh.update(outcome=Outcome.MISSED, reason=code(reason)):
            return
        for row in rows:
            if _is_to_be_settled(row, lease_token):
                settle_row(
                    row,
                    Outcome.MISSED,
                    now,
                    providers=providers,
                    channels_on=channels_on,
                    reason=code(reason),
                )

    racing(record)
    return True


def _is_to_be_settled(row: Notification, lease_token: str) -> bool:
    """Whether this is the end of the latest try of *row*, and whoever made that try is through with it."""
    # What was answered was not missed, and what will never ring is not tried again.
    if row.evidence in (Evidence.DELIVERED, Evidence.FAILED):
        return False
    if row.status == NotificationStatus.LEASED:
        # Whoever rang it is about to settle it, and finds what is written here: it is no plain one any more.
        Notification.objects.filter(pk=row.pk, lease_token=lease_token).update(evidence=Evidence.ACCEPTED)
        return False
    latest = row.attempts.order_by("-number").values_list("lease_token", flat=True).first()
    # Of an older ring it is only known how often it rang in vain: once too often, and the next is not made.
    rings = row.attempts.filter(outcome=Outcome.MISSED).count()
    return latest == lease_token or (row.status == NotificationStatus.PLANNED and rings >= RINGS_MAX)
