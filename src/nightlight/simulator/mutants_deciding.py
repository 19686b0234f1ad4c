"""Faults planted into rules, doors, and what is done about trouble."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from django.db import transaction

from nightlight.channels import wording
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
from nightlight.engine.state import Alert, AlertStatus, End
from nightlight.intake import reply
from nightlight.intake.answer import Saying, say
from nightlight.intake.receipt import take_receipt
from nightlight.simulator import providers as simulated
from nightlight.simulator.mutating import altered, always, deaf_to, mutant, without
from nightlight.store import advance, claims, outbox, poison, timers, withdrawals
from nightlight.store import effects as carrying_out
from nightlight.store.models import Notification


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

    return altered(change)


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
    return deaf_to(AcknowledgementExpired)


@mutant
def no_further_round() -> AbstractContextManager[Any]:
    """After the last step nobody is asked again."""
    return deaf_to(RoundDue)


@mutant
@contextmanager
def whoever_leaves_is_asked() -> Iterator[None]:
    """Whoever leaves stays on the ladder, and is asked."""
    with deaf_to(ResponderRemoved), patch.object(claims, "_why_not", always("")):
        yield


@mutant
def asked_without_a_message() -> AbstractContextManager[Any]:
    """A person counts as asked, and no message to them is planned."""
    return without(Notify)


@mutant
def nobody_stands_down() -> AbstractContextManager[Any]:
    """Nobody is told that someone has it, or that it is over."""
    return without(StandDown)


@mutant
@contextmanager
def nothing_is_taken_back() -> Iterator[None]:
    """What is planned is not taken back when someone has it."""
    with without(CancelPending), patch.object(claims, "is_wanted", always(True)):
        yield


@mutant
@contextmanager
def the_next_way_waits() -> Iterator[None]:
    """A way that fails is not followed by the next."""
    with without(BringForward):
        yield


@mutant
def unknown_is_not_told() -> AbstractContextManager[Any]:
    """The ladder never hears that nobody knows of a message."""
    return deaf_to(DeliveryUnknown)


@mutant
def a_receipt_answers() -> AbstractContextManager[Any]:
    """A report that a message arrived counts as a yes."""

    def taken(channel: str, receipt: Any, now: Any) -> bool:
        row = Notification.objects.filter(attempts__pk=receipt.attempt, purpose=Purpose.ASK).first()
        if row is not None and row.person_id is not None:
            say(row.alert_id, row.person_id, Saying.YES, now)
        return take_receipt(channel, receipt, now)

    return patch.object(simulated, "take_receipt", taken)


@mutant
def stop_is_not_heard() -> AbstractContextManager[Any]:
    """A way its owner stopped is used on."""
    return patch.object(withdrawals, "withdraw_way", always(True))


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


@mutant
def timers_are_forgotten() -> AbstractContextManager[Any]:
    """A ladder timer is forgotten."""
    return patch.object(timers, "due", always([]))


@mutant
def only_the_first_effect() -> AbstractContextManager[Any]:
    """Carrying out stops at the first message."""

    def change(decision: Decision, _alert: Alert | None, _event: Event) -> Decision:
        return replace(decision, effects=decision.effects[:1])

    return altered(change)


@mutant
def plans_overwrite() -> AbstractContextManager[Any]:
    """Plans for a person replace those for another."""
    ask = carrying_out._ask

    def overwritten(effect: Notify, alert_id: str, *arguments: Any) -> None:
        Notification.objects.filter(alert_id=alert_id, purpose=Purpose.ASK, status="planned").delete()
        ask(effect, alert_id, *arguments)

    return patch.object(carrying_out, "_ask", overwritten)


@mutant
def a_no_is_not_heard() -> AbstractContextManager[Any]:
    """A no is not heard."""
    return deaf_to(Declined)


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
def trouble_is_parked() -> AbstractContextManager[Any]:
    """A call in trouble is never tried again."""
    return patch.object(poison, "due_again", always([]))


@mutant
@contextmanager
def a_clock_set_back_is_not_noticed() -> Iterator[None]:
    """A clock that was set back is not noticed."""
    with (
        patch.object(timers, "too_far_ahead", always([])),
        patch.object(outbox, "too_far_ahead", always([])),
        patch("nightlight.worker.liveness.ClockWatch.was_set", always(False)),
    ):
        yield
