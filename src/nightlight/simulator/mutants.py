"""Faults planted by hand into rules, write path, outbox and worker. The simulator must find every one.

Each is a way in which engines of this kind have lost calls, woken people for nothing, or told the
caller what was not so. A proof that finds none of them would prove nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from unittest.mock import patch

from django.db import transaction

from nightlight.channels import wording
from nightlight.engine import retries
from nightlight.engine.decide import Decision, run
from nightlight.engine.effects import BringForward, CancelPending, Notify, Purpose, StandDown
from nightlight.engine.events import (
    Acknowledged,
    AcknowledgementExpired,
    ContactMade,
    Declined,
    DeliveryUnknown,
    EndedBy,
    Event,
    ResponderRemoved,
    RoundDue,
)
from nightlight.engine.receipts import Evidence
from nightlight.engine.replies import Meaning
from nightlight.engine.retries import Outcome
from nightlight.engine.state import Alert, AlertStatus, End
from nightlight.intake import reply
from nightlight.intake.answer import Saying, say
from nightlight.intake.receipt import take_receipt
from nightlight.simulator import providers as simulated
from nightlight.store import advance, claims, outbox, poison, timers, withdrawals
from nightlight.store import effects as carrying_out
from nightlight.store.leases import lease
from nightlight.store.letters import letter_for
from nightlight.store.models import Attempt, Notification
from nightlight.store.outbox import Claim
from nightlight.worker import sender
from nightlight.worker.letters import message_for
from nightlight.worker.points import Point, Step
from nightlight.worker.settler import Sent

DIES_BETWEEN = 0.05
"""How often a process dies between two commits that a planted fault has parted."""

Planted = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One planted fault."""

    name: str
    what: str
    """What it does, in a sentence."""
    plant: Planted


MUTANTS: dict[str, Mutant] = {}


def mutant(plant: Callable[[], Any]) -> Callable[[], Any]:
    """Put a maker of a planted fault into the list, under its own name and with its own sentence."""
    name = plant.__name__
    MUTANTS[name] = Mutant(name=name, what=plant.__doc__ or "", plant=plant)
    return plant


_chance = Random(1)  # noqa: S311  (a planted fault, not a secret)


def _dies_here() -> bool:
    """Whether the process dies between two commits that should have been one."""
    return _chance.random() < DIES_BETWEEN


def _always(value: Any) -> Callable[..., Any]:
    def given(*_arguments: Any, **_options: Any) -> Any:
        return value

    return given


def _ruled(change: Callable[[Decision, Alert | None, Event], Decision]) -> AbstractContextManager[Any]:
    """Let *change* alter what the rules decide."""

    def ruled(alert: Alert | None, event: Event, facts: Any) -> Decision:
        return change(run(alert, event, facts), alert, event)

    return patch.object(advance, "run", ruled)


def _without(*kinds: type) -> AbstractContextManager[Any]:
    """Drop every effect of *kinds*."""

    def change(decision: Decision, _alert: Alert | None, _event: Event) -> Decision:
        kept = tuple(effect for effect in decision.effects if not isinstance(effect, kinds))
        return replace(decision, effects=kept)

    return _ruled(change)


def _deaf_to(*kinds: type) -> AbstractContextManager[Any]:
    """Let nothing come of events of *kinds*."""

    def change(decision: Decision, alert: Alert | None, event: Event) -> Decision:
        if alert is None or not isinstance(event, kinds):
            return decision
        return replace(decision, alert=alert, effects=(), entries=())

    return _ruled(change)


# ---------------------------------------------------------------- the outbox and the worker


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
        transaction.on_commit(lambda: None if _dies_here() else carrying_out.carry_out(*arguments))

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
    return patch.object(claims, "lapsed", _always([]))


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
    return patch.object(claims, "_why_not", _always(""))


@mutant
def wanted_is_not_asked_again() -> AbstractContextManager[Any]:
    """Whether a message is still wanted is not asked again."""
    return patch.object(claims, "is_wanted", _always(True))


@mutant
def old_claims_are_not_checked() -> AbstractContextManager[Any]:
    """A claim that grew old is sent as it is."""
    return patch.object(claims, "still_wanted", _always(True))


@mutant
@contextmanager
def settle_and_event_apart() -> Iterator[None]:
    """A delivery is settled in one transaction, and the ladder hears of it in the next."""
    tell = outbox.tell_rules

    def later(*arguments: Any, **options: Any) -> None:
        transaction.on_commit(lambda: None if _dies_here() else tell_alone(arguments, options))

    def tell_alone(arguments: Any, options: Any) -> None:
        with transaction.atomic():
            tell(*arguments, **options)

    with patch.object(outbox, "tell_rules", later):
        yield


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


# ---------------------------------------------------------------- the rules


@mutant
def a_yes_ends_the_call() -> AbstractContextManager[Any]:
    """A yes ends the call."""

    def change(decision: Decision, alert: Alert | None, event: Event) -> Decision:
        if not isinstance(event, Acknowledged) or alert is None or alert.status is AlertStatus.RESOLVED:
            return decision
        end = End(at=decision.alert.raised_at, by=EndedBy.TAKER, person=event.person, reason="")
        over = replace(
            decision.alert,
            status=AlertStatus.RESOLVED,
            end=end,
            timer=None,
            hold=None,
            contact=None,
            current=None,
            ahead=(),
            pause_left=None,
            seconds=(),
        )
        return replace(decision, alert=over)

    return _ruled(change)


@mutant
def the_taker_makes_contact() -> AbstractContextManager[Any]:
    """The taker's word makes contact."""

    def ruled(alert: Alert | None, event: Event, facts: Any) -> Decision:
        if isinstance(event, ContactMade):
            event = replace(event, by_caller=True)
        return run(alert, event, facts)

    return patch.object(advance, "run", ruled)


@mutant
def quiet_takers_keep_it() -> AbstractContextManager[Any]:
    """A taker who goes quiet keeps the call."""
    return _deaf_to(AcknowledgementExpired)


@mutant
def no_further_round() -> AbstractContextManager[Any]:
    """After the last step nobody is asked again."""
    return _deaf_to(RoundDue)


@mutant
def a_no_is_not_heard() -> AbstractContextManager[Any]:
    """A no is not heard."""
    return _deaf_to(Declined)


@mutant
@contextmanager
def whoever_leaves_is_asked() -> Iterator[None]:
    """Whoever leaves stays on the ladder, and is asked."""
    with _deaf_to(ResponderRemoved), patch.object(claims, "_why_not", _always("")):
        yield


@mutant
def asked_without_a_message() -> AbstractContextManager[Any]:
    """A person counts as asked, and no message to them is planned."""
    return _without(Notify)


@mutant
def nobody_stands_down() -> AbstractContextManager[Any]:
    """Nobody is told that someone has it, or that it is over."""
    return _without(StandDown)


@mutant
@contextmanager
def nothing_is_taken_back() -> Iterator[None]:
    """What is planned is not taken back when someone has it."""
    with _without(CancelPending), patch.object(claims, "is_wanted", _always(True)):
        yield


@mutant
@contextmanager
def the_next_way_waits() -> Iterator[None]:
    """A way that fails is not followed by the next."""
    with _without(BringForward):
        yield


@mutant
def unknown_is_not_told() -> AbstractContextManager[Any]:
    """The ladder never hears that nobody knows of a message."""
    return _deaf_to(DeliveryUnknown)


# ---------------------------------------------------------------- the doors


@mutant
def a_receipt_answers() -> AbstractContextManager[Any]:
    """A report that a message arrived counts as a yes."""

    def taken(receipt: Any, now: Any) -> bool:
        row = Notification.objects.filter(attempts__pk=receipt.attempt, purpose=Purpose.ASK).first()
        if row is not None and row.person_id is not None:
            say(row.alert_id, row.person_id, Saying.YES, now)
        return take_receipt(receipt, now)

    return patch.object(simulated, "take_receipt", taken)


@mutant
def a_number_answers() -> AbstractContextManager[Any]:
    """A plain yes from a number counts, without its digits."""
    without = reply._without_code

    def taken(asks: Any, read: Any, text: str, now: Any) -> str:
        if asks and read.meaning is Meaning.PLAIN_YES:
            say(asks[0].alert, asks[0].person, Saying.YES, now)
        return without(asks, read, text, now)

    return patch.object(reply, "_without_code", taken)


@mutant
def stop_is_not_heard() -> AbstractContextManager[Any]:
    """A way its owner stopped is used on."""
    return patch.object(withdrawals, "withdraw_way", _always(True))


@mutant
def raised_before_it_is_kept() -> AbstractContextManager[Any]:
    """A call that could not be kept is said to have gone out."""
    raise_within = advance.raise_within

    def raised(event: Any, **options: Any) -> Any:
        done = raise_within(event, **options)
        transaction.set_rollback(done.is_new)
        return done

    return patch.object(advance, "raise_within", raised)


@mutant
def others_are_named() -> AbstractContextManager[Any]:
    """The message names who else was asked."""
    compose = wording.compose

    def named(brief: Any, channel: str) -> Any:
        words = compose(brief, channel)
        return replace(words, text=f"{words.text}\nSam and Bo and Kit are asked.")

    return patch.object(wording, "compose", named)


@mutant
def receipts_go_backwards() -> AbstractContextManager[Any]:
    """A report makes less of what was known."""
    return patch.object(outbox, "join", lambda old, new: new if new is Evidence.ACCEPTED else old)


# ---------------------------------------------------------------- trouble


@mutant
def trouble_is_parked() -> AbstractContextManager[Any]:
    """A call in trouble is never tried again."""
    return patch.object(poison, "due_again", _always([]))


@mutant
@contextmanager
def a_clock_set_back_is_not_noticed() -> Iterator[None]:
    """A clock that was set back is not noticed."""
    with (
        patch.object(timers, "too_far_ahead", _always([])),
        patch.object(outbox, "too_far_ahead", _always([])),
        patch("nightlight.worker.liveness.ClockWatch.was_set", _always(False)),
    ):
        yield


@mutant
def timers_are_forgotten() -> AbstractContextManager[Any]:
    """A ladder timer is forgotten."""
    return patch.object(timers, "due", _always([]))


@mutant
def only_the_first_effect() -> AbstractContextManager[Any]:
    """Carrying out stops at the first message."""

    def change(decision: Decision, _alert: Alert | None, _event: Event) -> Decision:
        return replace(decision, effects=decision.effects[:1])

    return _ruled(change)


@mutant
def plans_overwrite() -> AbstractContextManager[Any]:
    """Plans for a person replace those for another."""
    ask = carrying_out._ask

    def overwritten(effect: Notify, alert_id: str, *arguments: Any) -> None:
        Notification.objects.filter(alert_id=alert_id, purpose=Purpose.ASK, status="planned").delete()
        ask(effect, alert_id, *arguments)

    return patch.object(carrying_out, "_ask", overwritten)
