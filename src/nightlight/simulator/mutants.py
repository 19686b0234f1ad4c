"""Faults planted by hand into rules, write path, outbox and worker. The simulator must find every one.

Each is a way in which engines of this kind have lost calls, woken people for nothing, or told the
caller what was not so. A proof that finds none of them would prove nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from django.db import transaction

from nightlight.channels import wording
from nightlight.engine import retries
from nightlight.engine.decide import Decision
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
from nightlight.engine.retries import Outcome
from nightlight.engine.state import Alert, AlertStatus, End
from nightlight.intake import reply
from nightlight.intake.answer import Saying, say
from nightlight.simulator import providers as simulated
from nightlight.store import advance, claims, outbox, poison, timers, withdrawals
from nightlight.store import effects as carrying_out
from nightlight.store.models import Attempt, Notification
from nightlight.store.outbox import Claim
from nightlight.worker import sender
from nightlight.worker.points import Point, Step

Planted = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One planted fault."""

    name: str
    what: str
    """What it does, in a sentence."""
    plant: Planted


MUTANTS: dict[str, Mutant] = {}


def mutant(what: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Put a maker of a planted fault into the list, under its own name."""

    def listed(plant: Callable[[], Any]) -> Callable[[], Any]:
        name = plant.__name__
        MUTANTS[name] = Mutant(name=name, what=what, plant=plant)
        return plant

    return listed


def _ruled(change: Callable[[Decision, Alert | None, Event], Decision]) -> AbstractContextManager[Any]:
    """Let *change* alter what the rules decide."""
    run = advance.run

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


@mutant("a message is marked as sent before it is sent")
def mark_before_send() -> AbstractContextManager[Any]:
    def deliver(self: sender.Sender, claimed: Claim) -> Step:
        yield Point.CLAIMED
        channel = self._channels[claimed.channel][claimed.provider]
        letter = sender.letter_for(claimed, self._clock.now())
        message = sender.message_for(claimed, letter, self._base_url, self._service_name)
        self._settle(claimed, sender.Sent(outcome=Outcome.ACCEPTED))
        yield Point.SETTLED
        sender.hand_over(channel, lambda: channel.send(message))
        yield Point.SENT

    return patch.object(sender.Sender, "deliver", deliver)


@mutant("a call is advanced in one transaction, and its messages are written down in the next")
@contextmanager
def advance_then_enqueue() -> Iterator[None]:
    carry_out = advance.carry_out

    def later(*arguments: Any) -> None:
        transaction.on_commit(lambda: carry_out(*arguments), robust=True)

    with patch.object(advance, "carry_out", later):
        yield


@mutant("whoever held a lease may settle it for ever")
def forget_the_fence() -> AbstractContextManager[Any]:
    def leased(claimed: Claim) -> list[Notification]:
        rows = Notification.objects.filter(pk=claimed.notification).select_related("alert", "contact_method")
        return list(rows.exclude(status="planned"))

    return patch.object(outbox, "leased", leased)


@mutant("a claim takes what others have claimed already")
def claim_what_is_claimed() -> AbstractContextManager[Any]:
    lease = claims._lease

    def unmarked(row: Notification, *arguments: Any) -> Claim:
        claimed = lease(row, *arguments)
        Notification.objects.filter(pk=row.pk).update(status="planned")
        return claimed

    return patch.object(claims, "_lease", unmarked)


@mutant("a lease that ran out is never given back")
def leases_never_lapse() -> AbstractContextManager[Any]:
    return patch.object(claims, "lapsed", lambda now: [])


@mutant("a lease that ran out counts as sent")
def a_lapse_counts_as_sent() -> AbstractContextManager[Any]:
    settle = outbox.settle

    def settled(claimed: Claim, outcome: Outcome, *arguments: Any, **options: Any) -> None:
        settle(claimed, Outcome.ACCEPTED if options.get("reason") == "lapsed" else outcome, *arguments, **options)

    return patch.object(outbox, "settle", settled)


@mutant("nothing is written down before it is sent")
def no_attempt_first() -> AbstractContextManager[Any]:
    deliver = sender.Sender.deliver

    def forgetful(self: sender.Sender, claimed: Claim) -> Step:
        Attempt.objects.filter(pk=claimed.attempt).delete()
        yield from deliver(self, claimed)

    return patch.object(sender.Sender, "deliver", forgetful)


@mutant("consent is read when the ladder is planned, and not again")
def consent_from_the_frozen_ladder() -> AbstractContextManager[Any]:
    return patch.object(claims, "_why_not", lambda *arguments: "")


@mutant("whether a message is still wanted is not asked again")
def wanted_is_not_asked_again() -> AbstractContextManager[Any]:
    return patch.object(claims, "is_wanted", lambda row, alert: True)


@mutant("a claim that grew old is sent as it is")
def old_claims_are_not_checked() -> AbstractContextManager[Any]:
    return patch.object(claims, "still_wanted", lambda *arguments, **options: True)


@mutant("a delivery is settled in one transaction, and the ladder hears of it in the next")
@contextmanager
def settle_and_event_apart() -> Iterator[None]:
    tell = outbox.tell_rules

    def later(*arguments: Any, **options: Any) -> None:
        transaction.on_commit(lambda: tell_alone(arguments, options), robust=True)

    def tell_alone(arguments: Any, options: Any) -> None:
        with transaction.atomic():
            tell(*arguments, **options)

    with patch.object(outbox, "tell_rules", later):
        yield


@mutant("what may have gone out is sent again for ever")
def repeats_without_end() -> AbstractContextManager[Any]:
    return patch.object(retries, "ARRIVALS_MAX", 10**6)


@mutant("what nobody knows of counts as failed for good")
def unknown_is_given_up() -> AbstractContextManager[Any]:
    def settled(claimed: Claim, outcome: Outcome, *arguments: Any, **options: Any) -> None:
        settle(claimed, Outcome.ACCEPTED if outcome is Outcome.UNKNOWN else outcome, *arguments, **options)

    settle = outbox.settle
    return patch.object(outbox, "settle", settled)


# ---------------------------------------------------------------- the rules


@mutant("a yes ends the call")
def a_yes_ends_the_call() -> AbstractContextManager[Any]:
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


@mutant("the taker's word makes contact")
def the_taker_makes_contact() -> AbstractContextManager[Any]:
    run = advance.run

    def ruled(alert: Alert | None, event: Event, facts: Any) -> Decision:
        if isinstance(event, ContactMade):
            event = replace(event, by_caller=True)
        return run(alert, event, facts)

    return patch.object(advance, "run", ruled)


@mutant("a taker who goes quiet keeps the call")
def quiet_takers_keep_it() -> AbstractContextManager[Any]:
    return _deaf_to(AcknowledgementExpired)


@mutant("after the last step nobody is asked again")
def no_further_round() -> AbstractContextManager[Any]:
    return _deaf_to(RoundDue)


@mutant("a no is not heard")
def a_no_is_not_heard() -> AbstractContextManager[Any]:
    return _deaf_to(Declined)


@mutant("whoever leaves stays on the ladder, and is asked")
@contextmanager
def whoever_leaves_is_asked() -> Iterator[None]:
    with _deaf_to(ResponderRemoved), patch.object(claims, "_why_not", lambda *arguments: ""):
        yield


@mutant("a person counts as asked, and no message to them is planned")
def asked_without_a_message() -> AbstractContextManager[Any]:
    return _without(Notify)


@mutant("nobody is told that someone has it, or that it is over")
def nobody_stands_down() -> AbstractContextManager[Any]:
    return _without(StandDown)


@mutant("what is planned is not taken back when someone has it")
@contextmanager
def nothing_is_taken_back() -> Iterator[None]:
    with _without(CancelPending), patch.object(claims, "is_wanted", lambda row, alert: True):
        yield


@mutant("a way that fails is not followed by the next")
@contextmanager
def the_next_way_waits() -> Iterator[None]:
    with _without(BringForward):
        yield


@mutant("the ladder never hears that nobody knows of a message")
def unknown_is_not_told() -> AbstractContextManager[Any]:
    return _deaf_to(DeliveryUnknown)


# ---------------------------------------------------------------- the doors


@mutant("a report that a message arrived counts as a yes")
def a_receipt_answers() -> AbstractContextManager[Any]:
    take = simulated.take_receipt

    def taken(receipt: Any, now: Any) -> bool:
        row = Notification.objects.filter(attempts__pk=receipt.attempt, purpose=Purpose.ASK).first()
        if row is not None and row.person_id is not None:
            say(row.alert_id, row.person_id, Saying.YES, now)
        return take(receipt, now)

    return patch.object(simulated, "take_receipt", taken)


@mutant("a plain yes from a number counts, without its digits")
def a_number_answers() -> AbstractContextManager[Any]:
    without = reply._without_code

    def taken(asks: Any, read: Any, text: str, now: Any) -> str:
        if asks and read.meaning is reply.Meaning.PLAIN_YES:
            say(asks[0].alert, asks[0].person, Saying.YES, now)
        return without(asks, read, text, now)

    return patch.object(reply, "_without_code", taken)


@mutant("a way its owner stopped is used on")
def stop_is_not_heard() -> AbstractContextManager[Any]:
    return patch.object(withdrawals, "withdraw_way", lambda *arguments: True)


@mutant("a call that could not be kept is said to have gone out")
def raised_before_it_is_kept() -> AbstractContextManager[Any]:
    raise_within = advance.raise_within

    def raised(event: Any, **options: Any) -> Any:
        done = raise_within(event, **options)
        transaction.set_rollback(done.is_new)
        return done

    return patch.object(advance, "raise_within", raised)


@mutant("the message names who else was asked")
def others_are_named() -> AbstractContextManager[Any]:
    compose = wording.compose

    def named(brief: Any, channel: str) -> Any:
        words = compose(brief, channel)
        return replace(words, text=f"{words.text}\nSam and Bo and Kit are asked.")

    return patch.object(wording, "compose", named)


@mutant("a report makes less of what was known")
def receipts_go_backwards() -> AbstractContextManager[Any]:
    return patch.object(outbox, "join", lambda old, new: new if new is Evidence.ACCEPTED else old)


# ---------------------------------------------------------------- trouble


@mutant("a call in trouble is never tried again")
def trouble_is_parked() -> AbstractContextManager[Any]:
    return patch.object(poison, "due_again", lambda now: [])


@mutant("a clock that was set back is not noticed")
@contextmanager
def a_clock_set_back_is_not_noticed() -> Iterator[None]:
    with (
        patch.object(timers, "too_far_ahead", lambda now: []),
        patch.object(outbox, "too_far_ahead", lambda now: []),
        patch("nightlight.worker.liveness.ClockWatch.was_set", lambda self, now: False),
    ):
        yield


@mutant("a ladder timer is forgotten")
def timers_are_forgotten() -> AbstractContextManager[Any]:
    return patch.object(timers, "due", lambda now, limit: [])


@mutant("carrying out stops at the first message")
def only_the_first_effect() -> AbstractContextManager[Any]:
    def change(decision: Decision, _alert: Alert | None, _event: Event) -> Decision:
        return replace(decision, effects=decision.effects[:1])

    return _ruled(change)


@mutant("plans for a person replace those for another")
def plans_overwrite() -> AbstractContextManager[Any]:
    ask = carrying_out._ask

    def overwritten(effect: Notify, alert_id: str, *arguments: Any) -> None:
        Notification.objects.filter(alert_id=alert_id, purpose=Purpose.ASK, status="planned").delete()
        ask(effect, alert_id, *arguments)

    return patch.object(carrying_out, "_ask", overwritten)
