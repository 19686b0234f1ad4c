"""Faults planted into what is made of reports, of phones that ring, and of keys that are pressed."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from nightlight.channels.base import ReceiptStatus
from nightlight.engine import retries
from nightlight.engine.effects import Purpose
from nightlight.intake import key as keys
from nightlight.intake.answer import Saying, say
from nightlight.intake.receipt import take_receipt
from nightlight.simulator import providers as simulated
from nightlight.simulator.mutating import always, mutant
from nightlight.store import outbox
from nightlight.store.models import Notification
from nightlight.worker.health import ProviderHealth


@mutant
def a_ring_in_vain_answers() -> AbstractContextManager[Any]:
    """A call that a voicemail took counts as a yes."""

    def taken(channel: str, receipt: Any, now: Any) -> bool:
        row = Notification.objects.filter(attempts__pk=receipt.attempt, purpose=Purpose.ASK).first()
        if receipt.status is ReceiptStatus.MISSED and row is not None and row.person_id is not None:
            say(row.alert_id, row.person_id, Saying.YES, now)
        return take_receipt(channel, receipt, now)

    return patch.object(simulated, "take_receipt", taken)


@mutant
def a_ring_in_vain_is_accepted() -> AbstractContextManager[Any]:
    """That nobody answered is filed as a call that was put through."""

    def taken(channel: str, receipt: Any, now: Any) -> bool:
        if receipt.status is ReceiptStatus.MISSED:
            receipt = replace(receipt, status=ReceiptStatus.ACCEPTED)
        return take_receipt(channel, receipt, now)

    return patch.object(simulated, "take_receipt", taken)


@mutant
def no_second_ring() -> AbstractContextManager[Any]:
    """A phone that nobody answered rings no second time."""
    return patch.object(retries, "RINGS_MAX", 1)


@mutant
def it_rings_and_rings() -> AbstractContextManager[Any]:
    """A phone that nobody answers rings for as long as the ask is open."""
    return patch.object(retries, "RINGS_MAX", 10**6)


@mutant
def any_key_is_a_yes() -> AbstractContextManager[Any]:
    """Whoever presses a key that was never announced, as machines do, has the call."""
    answered = keys._answered

    def fumbled(attempt: str, asked: Any, key: str, now: Any) -> Any:
        taken = answered(attempt, asked, key, now)
        if taken.taken_for == keys.WRONG:
            say(asked[0].alert, asked[0].person, Saying.YES, now)
        return taken

    return patch.object(keys, "_answered", fumbled)


@mutant
@contextmanager
def a_report_of_another() -> Iterator[None]:
    """A report that one message came back is taken for all that went to that person in this call."""
    of_lease = outbox.of_lease

    def of_person(lease_token: str) -> list[Notification]:
        own = of_lease(lease_token)
        if not own:
            return own
        rows = Notification.objects.filter(alert=own[0].alert_id, person=own[0].person_id)
        others = rows.exclude(pk__in=[row.pk for row in own]).exclude(sent_at=None)
        return [*own, *others.select_related("alert", "contact_method")]

    with patch.object(outbox, "of_lease", of_person):
        yield


@mutant
def the_first_provider_first() -> AbstractContextManager[Any]:
    """Every message begins with the first provider, also while that one takes nothing."""
    return patch.object(ProviderHealth, "first", always(0))


@mutant
def late_reports_are_dropped() -> AbstractContextManager[Any]:
    """A report on a call that is over, or on a message that settled, changes nothing of what is known."""
    return patch.object(outbox, "_join_receipt", always(None))
