"""What is promised of reports and of phones that ring: whatever their order, one final state, and never an answer."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from nightlight.channels.base import ReceiptStatus
from nightlight.engine.receipts import Evidence, join
from nightlight.engine.retries import ARRIVALS_MAX, RING_AGAIN_AFTER, RINGS_MAX, Outcome
from nightlight.engine.state import AlertStatus
from nightlight.simulator.checks import Promises, is_asked_by, next_way_waits
from nightlight.simulator.providers import Handed
from nightlight.simulator.scenario import NAMES
from nightlight.simulator.truth import Truth
from nightlight.simulator.workers import Delivery
from nightlight.store.models import Attempt, Notification, NotificationStatus

A_MOMENT = timedelta(seconds=1)
LATE = timedelta(minutes=10)
_SAID = {
    ReceiptStatus.ACCEPTED: Evidence.ACCEPTED,
    ReceiptStatus.QUEUED: Evidence.QUEUED,
    ReceiptStatus.DELIVERED: Evidence.DELIVERED,
    ReceiptStatus.FAILED: Evidence.FAILED,
}
_NO_RING_LEFT = (Evidence.DELIVERED, Evidence.FAILED)


class ReportPromises:
    """Holds what is known of messages to what providers said of them."""

    def __init__(self, truth: Truth, promises: Promises) -> None:
        self._truth = truth
        self._promises = promises
        self._in_vain_since: dict[str, float] = {}
        """By lease: when it was taken in that its ring was in vain, in seconds that had passed."""

    # ------------------------------------------------------------------ when a report was taken in

    def goals(self, attempt: Attempt, word: ReceiptStatus) -> Iterator[str]:
        """What is worth counting of a report, before it is put to the others."""
        row, before = attempt.notification, self._truth.reports[attempt.pk]
        if word in before:
            yield "a report came twice"
        if before and word not in before:
            yield "two reports said different things"
        if row.alert.status == AlertStatus.RESOLVED:
            yield "a report came for a call that was over"
        if attempt.ended_at is None:
            yield "a report came before the answer it speaks of"
        if word is ReceiptStatus.FAILED and row.channel == "smtp" and before == []:
            yield "a mail bounced after it had been taken"
        if word is ReceiptStatus.DELIVERED and attempt.outcome == Outcome.QUEUED:
            yield "what a gateway had queued arrived later"
        if word is ReceiptStatus.MISSED:
            yield "a phone rang in vain"
            if ReceiptStatus.MISSED not in before and self.misses(row.pk) + 1 == RINGS_MAX:
                yield "a phone rang in vain as often as it rings"
            if row.evidence == Evidence.DELIVERED:
                yield "a phone was answered, and reported as if it was not"

    def misses(self, notification: str) -> int:
        """How many rings of one message a provider reported to have been in vain."""
        return len(self._leases_in_vain(notification))

    def _leases_in_vain(self, notification: str) -> set[str]:
        """Those leases of one message whose ring was in vain; it may have stood for another's message as well."""
        leases = Attempt.objects.filter(notification=notification).values("lease_token")
        return {lease for (lease,) in leases.values_list("lease_token") if lease in self._in_vain_since}

    def _is_of_a_beginning(self, attempt: Attempt, word: ReceiptStatus) -> bool:
        """Whether *word* says that a ring began of which it is known that it was in vain."""
        return word is ReceiptStatus.ACCEPTED and attempt.lease_token in self._in_vain_since

    def after_a_report(
        self, attempt: Attempt, word: ReceiptStatus, now: datetime, passed: float
    ) -> Iterator[str]:
        """What is broken once *word* on *attempt* was taken in."""
        is_first = word not in self._truth.reports[attempt.pk]
        if word is ReceiptStatus.MISSED:
            self._in_vain_since.setdefault(attempt.lease_token, passed)
        self._truth.reports[attempt.pk].append(word)
        for row in self._together(attempt):
            if word in _SAID and not self._is_of_a_beginning(attempt, word):
                known = Evidence(row.evidence) if row.evidence else None
                if known is None or join(known, _SAID[word]) is not known:
                    yield f"a report on a message to {_whom(row)} was taken in, and is not known"
            if is_first and word is ReceiptStatus.FAILED and row.evidence == Evidence.FAILED:
                yield from self._next_way(row, "came back", now)
            if is_first and word is ReceiptStatus.MISSED:
                yield from self._after_a_miss(row, attempt, now)

    def _together(self, attempt: Attempt) -> list[Notification]:
        """Everything that one message stood for: two people, one telephone."""
        pks = Attempt.objects.filter(lease_token=attempt.lease_token).values("notification")
        return list(Notification.objects.filter(pk__in=pks).select_related("alert"))

    def _next_way(self, row: Notification, why: str, now: datetime) -> Iterator[str]:
        if is_asked_by(row) and next_way_waits(row, now):
            yield f"a message to {_whom(row)} {why}, and the next way waits"

    def _after_a_miss(self, row: Notification, attempt: Attempt, now: datetime) -> Iterator[str]:
        """Nobody answered: the next way goes now, and it rings once more, soon."""
        latest = row.attempts.order_by("-number").first()
        is_the_latest = latest is not None and latest.lease_token == attempt.lease_token
        is_in_hand = row.status == NotificationStatus.LEASED
        if is_in_hand or not is_the_latest or not is_asked_by(row) or self._is_settled_otherwise(row):
            return
        yield from self._next_way(row, "rang in vain", now)
        in_vain = self._leases_in_vain(row.pk)
        others = [each.outcome for each in row.attempts.all() if each.lease_token not in in_vain]
        rings = len(in_vain) + others.count(Outcome.UNKNOWN)
        is_answered = Outcome.ACCEPTED in others or Outcome.QUEUED in others
        is_left = len(in_vain) < RINGS_MAX and rings < ARRIVALS_MAX and not is_answered
        is_soon = row.due is not None and row.due <= now + RING_AGAIN_AFTER + A_MOMENT
        if is_left and not (row.status == NotificationStatus.PLANNED and is_soon):
            yield f"nobody answered the phone of {_whom(row)}, and it does not ring again"

    def _is_settled_otherwise(self, row: Notification) -> bool:
        """Whether it was answered, or is known never to ring: then nobody waits for a second ring."""
        words = {word for each in row.attempts.all() for word in self._truth.reports.get(each.pk, ())}
        return row.evidence == Evidence.DELIVERED or ReceiptStatus.FAILED in words

    # ------------------------------------------------------------------ at every ring

    def at_a_ring(self, handed: Handed, delivery: Delivery | None) -> Iterator[str]:
        """A phone that nobody answers rings no oftener than agreed, and no phone that was answered rings again."""
        row = Notification.objects.get(pk=handed.message.notification)
        # What is in a sender's hands already goes out (rule 1).
        looked_at = delivery.looked_at if delivery is not None else 0.0
        known = [lease for lease in self._leases_in_vain(row.pk) if self._in_vain_since[lease] < looked_at]
        if len(known) >= RINGS_MAX:
            yield f"the phone of {_whom(row)} rang in vain {RINGS_MAX} times, and rings again"
        said = handed.message.spoken
        if said is None or any("http" in sentence for sentence in said.said):
            yield f"the phone of {_whom(row)} rings, and nothing is said that can be heard"

    # ------------------------------------------------------------------ when all is over

    def at_the_end(self) -> Iterator[str]:
        """Nothing counts as failed, or as arrived, that no provider said so of."""
        rows = Notification.objects.filter(evidence__in=_NO_RING_LEFT)
        for row in rows.prefetch_related("attempts"):
            leases = [attempt.lease_token for attempt in row.attempts.all()]
            tries = list(Attempt.objects.filter(lease_token__in=leases))
            words = {word for each in tries for word in self._truth.reports.get(each.pk, ())}
            if row.evidence == Evidence.FAILED and not self._may_have_failed(tries, words):
                yield f"a message to {_whom(row)} counts as failed, and nobody said so"
            is_pressed = (row.alert_id, row.person_id) in self._truth.pressed
            if row.evidence == Evidence.DELIVERED and ReceiptStatus.DELIVERED not in words and not is_pressed:
                yield f"a message to {_whom(row)} counts as arrived, and nobody said so"

    def _may_have_failed(self, tries: list[Attempt], words: set[ReceiptStatus]) -> bool:
        refused = any(each.outcome in (Outcome.PERMANENT, Outcome.MISSED) for each in tries)
        return refused or ReceiptStatus.FAILED in words


def _whom(row: Notification) -> str:
    return NAMES.get(row.person_id or "", "the host")
