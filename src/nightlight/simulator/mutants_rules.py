"""Planted faults of the rules and of the modelled shell: each a mistake somebody could well make.

A check that finds nothing proves nothing unless it can find something. Each of these breaks one
promise; `tests/simulator/test_mutants_rules.py` lets the model check walk over every one of them
and sees it caught, with the promise that caught it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from nightlight.engine.decide import Decision, run
from nightlight.engine.effects import (
    BringForward,
    CancelPending,
    Effect,
    Notify,
    Purpose,
    StandDown,
    TellCaller,
)
from nightlight.engine.events import (
    Acknowledged,
    AcknowledgementExpired,
    AcknowledgementRenewed,
    ContactMade,
    Declined,
    Event,
    StillNeeded,
    TimerEvent,
    WaitInterrupted,
)
from nightlight.engine.facts import Facts
from nightlight.engine.holding import RENEWALS_MAX
from nightlight.engine.receipts import Evidence
from nightlight.engine.retries import ARRIVALS_MAX, Outcome
from nightlight.engine.state import Alert, AlertStatus
from nightlight.simulator.modelled_outbox import At, Row, Standing
from nightlight.simulator.modelled_senders import Lease, Settled, Shell, State, with_row
from nightlight.simulator.mutants_rings import (
    MissedIsOnlyNoted,
    MissedIsTheEnd,
    PickedUpIsAYes,
    RingsUntilSomebodyAnswers,
)

Rules = Callable[[Alert | None, Event, Facts], Decision]

# ------------------------------------------------------------------ of the rules


def a_yes_ends_the_call(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """Rule 6 forgotten: a yes does not hold the call, it closes it."""
    decision = run(alert, event, facts)
    if isinstance(event, Acknowledged) and decision.alert.status is AlertStatus.ACKNOWLEDGED:
        return replace(decision, alert=_over(decision.alert))
    return decision


def a_quiet_taker_ends_the_call(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """Rule 7 forgotten: when the hold runs out, so does the call."""
    decision = run(alert, event, facts)
    if isinstance(event, AcknowledgementExpired) and decision.alert != alert:
        return replace(decision, alert=_over(decision.alert))
    return decision


def _over(alert: Alert) -> Alert:
    return replace(alert, status=AlertStatus.RESOLVED, timer=None, hold=None, ahead=(), current=None)


def a_quiet_taker_is_forgotten(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """Nothing comes of a hold that runs out."""
    if isinstance(event, AcknowledgementExpired) and alert is not None:
        return Decision(alert=alert)
    return run(alert, event, facts)


def the_takers_word_is_contact(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """Anybody's word makes IN_CONTACT, and so keeps the ladder silent for an hour."""
    if isinstance(event, ContactMade) and not event.by_caller:
        event = replace(event, by_caller=True)
    return run(alert, event, facts)


def a_late_timer_counts(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """The generation of a timer is not looked at."""
    if isinstance(event, TimerEvent) and alert is not None and alert.timer is not None:
        event = replace(event, generation=alert.timer.generation)
    return run(alert, event, facts)


def an_outage_is_not_made_good(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """Rule 12 forgotten: who was given five minutes loses what we slept through."""
    if isinstance(event, WaitInterrupted) and alert is not None:
        return Decision(alert=alert)
    return run(alert, event, facts)


def a_hold_without_a_timer(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """Who takes the call and falls asleep has silenced it."""
    decision = run(alert, event, facts)
    if decision.alert.status is AlertStatus.ACKNOWLEDGED:
        return replace(decision, alert=replace(decision.alert, timer=None))
    return decision


def after_the_last_one_it_stops(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """Everyone was tried, and no further round is planned."""
    decision = run(alert, event, facts)
    if decision.alert.status is AlertStatus.EXHAUSTED:
        return replace(decision, alert=replace(decision.alert, timer=None))
    return decision


def a_hold_stops_nothing(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """Others go on being asked while someone has it."""

    def is_of_everyone(effect: Effect) -> bool:
        return isinstance(effect, CancelPending) and effect.person is None and Purpose.ASK in effect.purposes

    return _without_effects(run(alert, event, facts), is_of_everyone)


def nobody_is_stood_down(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """Those who were woken never hear that someone has it."""
    return _without_effects(run(alert, event, facts), lambda effect: isinstance(effect, StandDown))


def a_step_begins_and_asks_nobody(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """The ladder advances, and the ask is left for later."""
    return _without_effects(run(alert, event, facts), lambda effect: isinstance(effect, Notify))


def a_failed_way_brings_nothing_forward(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """A way that was refused is noted, and the next one waits for its hour."""
    return _without_effects(run(alert, event, facts), lambda effect: isinstance(effect, BringForward))


def _without_effects(decision: Decision, drop: Callable[[Effect], bool]) -> Decision:
    return replace(decision, effects=tuple(effect for effect in decision.effects if not drop(effect)))


def a_second_yes_takes_it_over(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """The last yes wins, not the first; whoever is on the way hears nothing of it."""
    decision = run(alert, event, facts)
    held = alert is not None and alert.status is AlertStatus.ACKNOWLEDGED
    hold = decision.alert.hold
    if held and hold and isinstance(event, Acknowledged) and event.person in decision.alert.seconds:
        taken = replace(decision.alert, hold=replace(hold, taker=event.person), seconds=())
        return replace(decision, alert=taken)
    return decision


def a_new_hold_on_top_of_one(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """A second yes begins a hold of its own while the first one lasts."""
    decision = run(alert, event, facts)
    held = alert is not None and alert.status is AlertStatus.ACKNOWLEDGED
    hold = decision.alert.hold
    if held and hold and isinstance(event, Acknowledged) and decision.alert is not alert:
        number = decision.alert.holds + 1
        return replace(
            decision, alert=replace(decision.alert, holds=number, hold=replace(hold, number=number))
        )
    return decision


def more_time_without_end(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """A fourth renewal is granted like the third."""
    hold = alert.hold if alert else None
    if not (isinstance(event, AcknowledgementRenewed) and alert and hold and hold.renewals >= RENEWALS_MAX):
        return run(alert, event, facts)
    decision = run(replace(alert, hold=replace(hold, renewals=0)), event, facts)
    if decision.alert.hold is None or decision.refused:
        return decision
    counted = replace(decision.alert.hold, renewals=hold.renewals + 1)
    return replace(decision, alert=replace(decision.alert, hold=counted))


def a_no_is_forgotten(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """Who said no is asked again with everybody else when Ana still needs someone."""
    if alert is not None and alert.between_rounds and isinstance(event, StillNeeded):
        asks = tuple(
            replace(ask, answer=None, answered_at=None) if ask.message else ask for ask in alert.asks
        )
        return run(replace(alert, asks=asks), event, facts)
    return run(alert, event, facts)


def the_removed_are_asked(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """When a step begins, consent is as it was when the call was raised."""
    if not isinstance(event, TimerEvent):
        return run(alert, event, facts)
    members = {name: replace(member, removed=False, consents=True) for name, member in facts.members.items()}
    return run(alert, event, replace(facts, members=members))


def the_last_no_is_not_noticed(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """The answer is kept, and the step goes on waiting for nobody."""
    decision = run(alert, event, facts)
    if isinstance(event, Declined) and alert is not None and alert.current and decision.alert != alert:
        kept = replace(alert, asks=decision.alert.asks[: len(alert.asks)])
        return replace(decision, alert=kept, effects=())
    return decision


def ana_hears_of_a_yes_too_early(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """The caller is told before it is kept that someone has it."""
    decision = run(alert, event, facts)
    if alert is None or alert.status is not AlertStatus.TRIGGERED:
        return decision
    told = any(isinstance(effect, TellCaller) for effect in decision.effects)
    open_again = replace(alert, message=decision.alert.message)
    return replace(decision, alert=open_again) if told and decision.alert.hold else decision


# ------------------------------------------------------------------ of the shell


class DecidedAndNotWrittenDown(Shell):
    """The alert is saved, and what must be sent because of it is left for another transaction."""

    def carry_out(
        self, people: Sequence[Standing], effects: Iterable[Effect], *, new_hold: bool
    ) -> tuple[Standing, ...]:
        kept = [effect for effect in effects if not isinstance(effect, Notify)]
        return super().carry_out(people, kept, new_hold=new_hold)


class TwoMayClaim(Shell):
    """The claim does not look whether somebody else has the message already."""

    def may_claim(self, row: Row) -> bool:
        return row.at in (At.PLANNED, At.LEASED)


class ClaimAsksNobody(Shell):
    """Consent and hours are not asked again in the claim."""

    def may_send_to(self, state: State, person: int) -> bool:  # noqa: ARG002  (not to look is the fault)
        return True


class MarkedBeforeSent(Shell):
    """A message counts as sent from the moment it is taken up."""

    def claimed(self, state: State, lease: Lease) -> State:
        leased = super().claimed(state, lease)
        row = leased.people[lease.person].rows[lease.way]
        return with_row(leased, lease.person, lease.way, row._replace(known=Evidence.ACCEPTED))


class LateWordIsObeyed(Shell):
    """The fence is forgotten: a lease that ran out settles like one that holds."""

    def said_late(self, state: State, lease: Lease, outcome: Outcome) -> Settled:
        return self.settled(state, lease, outcome)


class LapsedLeaseIsForgotten(Shell):
    """Nobody looks for leases whose worker died."""

    def lapsed(self, state: State, lease: Lease) -> Settled:  # noqa: ARG002  (not to look is the fault)
        return state, None


class LapsedLeaseIsSentAsIfNew(Shell):
    """A lease that ran out is planned again as if nothing had been tried; nobody counts."""

    def lapsed(self, state: State, lease: Lease) -> Settled:
        after, _ = super().lapsed(state, lease)
        row = state.people[lease.person].rows[lease.way]
        if state.people[lease.person].message != lease.message:
            return after, None
        return with_row(after, lease.person, lease.way, row._replace(at=At.PLANNED)), None


class UnknownIsTakenForAccepted(Shell):
    """A timeout counts as sent, and for good."""

    def settled(self, state: State, lease: Lease, outcome: Outcome) -> Settled:
        return super().settled(state, lease, Outcome.ACCEPTED if outcome is Outcome.UNKNOWN else outcome)


class TriedAgainWithoutEnd(Shell):
    """What may have arrived is sent again and again."""

    def settled(self, state: State, lease: Lease, outcome: Outcome) -> Settled:
        after, event = super().settled(state, lease, outcome)
        row = after.people[lease.person].rows[lease.way]
        if row.unknowns >= ARRIVALS_MAX and row.at is At.SETTLED and row.known is Evidence.UNKNOWN:
            after = with_row(after, lease.person, lease.way, row._replace(at=At.PLANNED))
        return after, event


class ReceiptAnswers(Shell):
    """A report that a message arrived is taken for a yes."""

    def reported(self, state: State, person: int, way: int, evidence: Evidence) -> Settled:
        after, event = super().reported(state, person, way, evidence)
        if evidence is Evidence.DELIVERED:
            return after, Acknowledged(person=self.names[person])
        return after, event


class NewsOvertakesTheAsk(Shell):
    """That someone has it may reach a phone before the ask it speaks of."""

    def may_hear(self, state: State, person: int) -> bool:  # noqa: ARG002  (not to look is the fault)
        return True


class ClockSetBackIsNotSeen(Shell):
    """Whoever waits for a timer waits an hour longer, because the clock was set back."""

    def sees_the_clock(self, state: State) -> Event | None:  # noqa: ARG002  (not to look is the fault)
        return None


class LostReportIsSilent(Shell):
    """A report that a message was lost is filed, and the rules never hear of it."""

    def reported(self, state: State, person: int, way: int, evidence: Evidence) -> Settled:
        after, _ = super().reported(state, person, way, evidence)
        return after, None


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One planted fault: what does it, and the words of the promise that must catch it."""

    promise: str
    rules: Rules = run
    shell: type[Shell] = Shell

    @property
    def name(self) -> str:
        """What the fault is called."""
        return self.shell.__name__ if self.rules is run else self.rules.__name__

    @property
    def breaks(self) -> str:
        """What it does wrong, in a sentence."""
        return (self.shell if self.rules is run else self.rules).__doc__ or ""


MUTANTS = (
    Mutant(rules=a_yes_ends_the_call, promise="it ended by itself"),
    Mutant(rules=a_quiet_taker_ends_the_call, promise="it ended by itself"),
    Mutant(rules=a_quiet_taker_is_forgotten, promise="nobody is ever asked again"),
    Mutant(rules=the_takers_word_is_contact, promise="in touch, and Ana did not say so"),
    Mutant(rules=a_late_timer_counts, promise="a late or doubled timer changed something"),
    Mutant(rules=an_outage_is_not_made_good, promise="swallowed is not given again"),
    Mutant(rules=a_hold_without_a_timer, promise="it is open and has no timer"),
    Mutant(rules=after_the_last_one_it_stops, promise="nobody is ever asked again"),
    Mutant(rules=a_hold_stops_nothing, promise="is still planned"),
    Mutant(rules=nobody_is_stood_down, promise="does not hear that someone has it"),
    Mutant(rules=a_step_begins_and_asks_nobody, promise="not asked by every way"),
    Mutant(rules=a_failed_way_brings_nothing_forward, promise="the next one is not brought forward"),
    Mutant(rules=a_second_yes_takes_it_over, promise="who said yes first"),
    Mutant(rules=a_new_hold_on_top_of_one, promise="there are two holds at once"),
    Mutant(rules=more_time_without_end, promise="its hold was renewed too often"),
    Mutant(rules=a_no_is_forgotten, promise="said no, and is asked again"),
    Mutant(rules=the_removed_are_asked, promise="was removed and is written to"),
    Mutant(rules=the_last_no_is_not_noticed, promise="nobody in it can answer any more"),
    Mutant(rules=ana_hears_of_a_yes_too_early, promise="and nobody has"),
    Mutant(shell=DecidedAndNotWrittenDown, promise="no message to them is written down"),
    Mutant(shell=TwoMayClaim, promise="two workers hold the same message"),
    Mutant(shell=ClaimAsksNobody, promise="and a message to them is taken up"),
    Mutant(shell=MarkedBeforeSent, promise="no provider ever took it"),
    Mutant(shell=LateWordIsObeyed, promise="a worker whose lease ran out"),
    Mutant(shell=LapsedLeaseIsForgotten, promise="stays in its hands for ever"),
    Mutant(shell=LapsedLeaseIsSentAsIfNew, promise="and the rules never hear of it"),
    Mutant(shell=UnknownIsTakenForAccepted, promise="and the rules never hear of it"),
    Mutant(shell=TriedAgainWithoutEnd, promise="reads one message more than 4 times"),
    Mutant(shell=ReceiptAnswers, promise="somebody has it and nobody said yes"),
    Mutant(shell=NewsOvertakesTheAsk, promise="before the ask it speaks of"),
    Mutant(shell=ClockSetBackIsNotSeen, promise="waits longer than their wait is long"),
    Mutant(shell=MissedIsOnlyNoted, promise="the phone of sam, and the rules never hear of it"),
    Mutant(shell=MissedIsTheEnd, promise="does not ring again"),
    Mutant(shell=RingsUntilSomebodyAnswers, promise="that nobody answers rings more than"),
    Mutant(shell=PickedUpIsAYes, promise="somebody has it and nobody said yes"),
    Mutant(shell=LostReportIsSilent, promise="was lost, and the rules never hear of it"),
)
"""Every planted fault, and the promise that must catch it."""
