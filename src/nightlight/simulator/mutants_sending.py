"""Faults planted into outbox and worker."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from django.db import transaction

from nightlight.engine import retries
from nightlight.engine.retries import Outcome
from nightlight.simulator.mutating import always, dies_here, mutant
from nightlight.store import advance, claims, lapses, outbox
from nightlight.store import effects as carrying_out
from nightlight.store.leases import lease
from nightlight.store.letters import letter_for
from nightlight.store.models import Attempt, Notification
from nightlight.store.outbox import Claim
from nightlight.worker import sender
from nightlight.worker.letters import message_for
from nightlight.worker.points import Point, Step
from nightlight.worker.settler import Sent


@mutant
def mark_before_send() -> AbstractContextManager[Any]:
    """A message is marked as sent before it is sent."""

    def deliver(self: sender.Sender, claimed: Claim, **_options: Any) -> Step:
        yield Point.CLAIMED
        channel = self._channels[claimed.channel][claimed.provider]
        letter = letter_for(claimed, self._clock.now())
        message = message_for(claimed, letter, self._base_url, self._service_name)
        self.settle_one(claimed, Sent(outcome=Outcome.ACCEPTED))
        yield Point.SETTLED
        sender.hand_over(channel, lambda: channel.send(message))
        yield Point.SENT

    return patch.object(sender.Sender, "deliver", deliver)


@mutant
@contextmanager
def advance_then_enqueue() -> Iterator[None]:
    """A call is advanced in one transaction, and its messages are written down in the next."""

    def later(*arguments: Any) -> None:
        transaction.on_commit(lambda: None if dies_here() else carrying_out.carry_out(*arguments))

    with patch.object(advance, "carry_out", later):
        yield


@mutant
def forget_the_fence() -> AbstractContextManager[Any]:
    """Whoever held a lease may settle it for ever."""

    def leased(claimed: Claim) -> list[Notification]:
        rows = Notification.objects.filter(pk=claimed.notification).select_related("alert", "contact_method")
        return list(rows.exclude(status="planned"))

    return patch.object(outbox, "leased", leased)


@mutant
def claim_what_is_claimed() -> AbstractContextManager[Any]:
    """A claim takes what others have claimed already."""

    def unmarked(groups: Any, *arguments: Any) -> list[Claim]:
        claimed = lease(groups, *arguments)
        rows = [row.pk for group in groups for row in (group[0], *group[1])]
        Notification.objects.filter(pk__in=rows).update(status="planned")
        return claimed

    return patch.object(claims, "lease", unmarked)


@mutant
def leases_never_lapse() -> AbstractContextManager[Any]:
    """A lease that ran out is never given back."""
    return patch.object(lapses, "lapsed", always([]))


@mutant
def a_lapse_counts_as_sent() -> AbstractContextManager[Any]:
    """A lease that ran out counts as sent."""
    settle = outbox.settle

    def settled(claimed: Claim, outcome: Outcome, *arguments: Any, **options: Any) -> None:
        settle(
            claimed, Outcome.ACCEPTED if options.get("reason") == "lapsed" else outcome, *arguments, **options
        )

    return patch.object(outbox, "settle", settled)


@mutant
def no_attempt_first() -> AbstractContextManager[Any]:
    """Nothing is written down before it is sent."""
    deliver = sender.Sender.deliver

    def forgetful(self: sender.Sender, claimed: Claim, **options: Any) -> Step:
        Attempt.objects.filter(pk=claimed.attempt).delete()
        yield from deliver(self, claimed, **options)

    return patch.object(sender.Sender, "deliver", forgetful)


@mutant
def consent_from_the_frozen_ladder() -> AbstractContextManager[Any]:
    """Consent is read when the ladder is planned, and not again."""
    return patch.object(claims, "_why_not", always(""))


@mutant
@contextmanager
def settle_and_event_apart() -> Iterator[None]:
    """A delivery is settled in one transaction, and the ladder hears of it in the next."""
    tell = outbox.tell_rules

    def later(*arguments: Any, **options: Any) -> None:
        transaction.on_commit(lambda: None if dies_here() else tell_alone(arguments, options))

    def tell_alone(arguments: Any, options: Any) -> None:
        with transaction.atomic():
            tell(*arguments, **options)

    with patch.object(outbox, "tell_rules", later):
        yield


@mutant
def wanted_is_not_asked_again() -> AbstractContextManager[Any]:
    """Whether a message is still wanted is not asked again."""
    return patch.object(claims, "is_wanted", always(True))


@mutant
def old_claims_are_not_checked() -> AbstractContextManager[Any]:
    """A claim that grew old is sent as it is."""
    return patch.object(claims, "still_wanted", always(True))


@mutant
def repeats_without_end() -> AbstractContextManager[Any]:
    """What may have gone out is sent again for ever."""
    return patch.object(retries, "ARRIVALS_MAX", 10**6)


@mutant
def unknown_is_given_up() -> AbstractContextManager[Any]:
    """What nobody knows of counts as failed for good."""

    def settled(claimed: Claim, outcome: Outcome, *arguments: Any, **options: Any) -> None:
        settle(claimed, Outcome.ACCEPTED if outcome is Outcome.UNKNOWN else outcome, *arguments, **options)

    settle = outbox.settle
    return patch.object(outbox, "settle", settled)
