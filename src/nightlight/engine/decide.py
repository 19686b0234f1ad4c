"""The decision: the only rule for changing an alert. Stop 4 of the road: from `store.advance`, and back to it.

`TABLE` is the truth: every status meets every event in it, because the world may say anything at
any time. Each cell names the rule and the statuses it may lead to; `decide` holds the rule to
that. The diagram in ARCHITECTURE.md is drawn from it, and tests walk it cell by cell.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nightlight.engine import rules_caller, rules_circle, rules_timer
from nightlight.engine.draft import Draft
from nightlight.engine.effects import Effect, Entry, What
from nightlight.engine.events import (
    Acknowledged,
    AcknowledgementExpired,
    AcknowledgementRenewed,
    AlertRaised,
    AnswerUndone,
    ContactDue,
    ContactMade,
    ContactMethodWithdrawn,
    Declined,
    DeliveryFailed,
    DeliveryUnknown,
    Event,
    HandedOn,
    LadderRanOut,
    NeedChanged,
    Resolved,
    ResponderAvailable,
    ResponderRemoved,
    RoundDue,
    StepTimedOut,
    StillNeeded,
    WaitInterrupted,
)
from nightlight.engine.facts import Facts
from nightlight.engine.ladder import begin_round
from nightlight.engine.state import Alert, AlertStatus

CHAIN_MAX = 3
"""No event leads to more than this many decisions; more would be a rule calling itself."""

Rule = Callable[[Draft, Any], None]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one event does in one status: the rule, or None when nothing changes; and where it may lead."""

    rule: Rule | None
    to: frozenset[AlertStatus]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The alert after an event, and what must now be done about it."""

    alert: Alert
    effects: tuple[Effect, ...] = ()
    entries: tuple[Entry, ...] = ()
    then: Event | None = None
    """At most one further event for the same alert, to be decided in the same transaction."""
    refused: str = ""
    """Why the event changed less than who brought it may have hoped, as a code word for the page."""


_T, _E, _A, _C, _R = AlertStatus


def _row(
    event: type[Event], rules_and_statuses: dict[AlertStatus, tuple[Rule, tuple[AlertStatus, ...]]]
) -> dict[tuple[AlertStatus, type[Event]], Cell]:
    """One row of the table; a status that is not named stays as it is and nothing changes."""
    row = {}
    for status in AlertStatus:
        rule, to = rules_and_statuses.get(status, (None, (status,)))
        row[status, event] = Cell(rule=rule, to=frozenset(to))
    return row


TABLE: dict[tuple[AlertStatus, type[Event]], Cell] = {
    **_row(
        AlertRaised,
        {
            _T: (rules_caller.joined, (_T,)),
            _E: (rules_caller.joined, (_E,)),
            _A: (rules_caller.joined_while_held, (_A, _T, _E)),
            _C: (rules_caller.joined_while_held, (_C, _T, _E)),
        },
    ),
    **_row(StepTimedOut, {_T: (rules_timer.step_timed_out, (_T,)), _E: (rules_timer.step_timed_out, (_E,))}),
    **_row(
        LadderRanOut, {_T: (rules_timer.ladder_ran_out, (_E, _T)), _E: (rules_timer.ladder_ran_out, (_E,))}
    ),
    **_row(RoundDue, {_E: (rules_timer.round_due, (_E,))}),
    **_row(ResponderAvailable, {_E: (rules_timer.responder_available, (_E,))}),
    **_row(
        WaitInterrupted,
        {status: (rules_timer.wait_interrupted, (status,)) for status in (_T, _E, _A, _C)},
    ),
    **_row(
        Acknowledged,
        {
            _T: (rules_circle.said_yes, (_A, _T)),
            _E: (rules_circle.said_yes, (_A, _E)),
            _A: (rules_circle.said_yes_as_well, (_A,)),
            _C: (rules_circle.said_yes_as_well, (_C,)),
        },
    ),
    **_row(
        AcknowledgementRenewed,
        {
            _T: (rules_circle.said_yes, (_A, _T)),
            _E: (rules_circle.said_yes, (_A, _E)),
            _A: (rules_circle.renewed, (_A,)),
        },
    ),
    **_row(AcknowledgementExpired, {_A: (rules_timer.acknowledgement_expired, (_A, _T, _E))}),
    **_row(
        Declined,
        {
            _T: (rules_circle.declined, (_T,)),
            _E: (rules_circle.declined, (_E,)),
            _A: (rules_circle.declined_while_held, (_A, _T, _E)),
            _C: (rules_circle.declined_while_held, (_C, _T, _E)),
        },
    ),
    **_row(
        HandedOn,
        {
            _T: (rules_circle.declined, (_T,)),
            _E: (rules_circle.declined, (_E,)),
            _A: (rules_circle.declined_while_held, (_A, _T, _E)),
            _C: (rules_circle.declined_while_held, (_C, _T, _E)),
        },
    ),
    **_row(
        AnswerUndone,
        {
            _T: (rules_circle.undone, (_T,)),
            _E: (rules_circle.undone, (_E,)),
            _A: (rules_circle.undone_while_held, (_A, _T, _E)),
            _C: (rules_circle.undone_while_held, (_C,)),
        },
    ),
    **{
        key: cell
        for event in (DeliveryFailed, DeliveryUnknown)
        for key, cell in _row(
            event,
            {
                _T: (rules_circle.not_delivered, (_T,)),
                _E: (rules_circle.not_delivered, (_E,)),
                _A: (rules_circle.tell_not_delivered, (_A,)),
                _C: (rules_circle.tell_not_delivered, (_C,)),
                _R: (rules_circle.tell_not_delivered, (_R,)),
            },
        ).items()
    },
    **_row(
        ContactMethodWithdrawn,
        {_T: (rules_circle.way_withdrawn, (_T,)), _E: (rules_circle.way_withdrawn, (_E,))},
    ),
    **_row(
        ContactMade,
        {
            _T: (rules_caller.contact_made, (_C, _A, _T)),
            _E: (rules_caller.contact_made, (_C, _A, _E)),
            _A: (rules_caller.contact_made, (_C, _A)),
            _C: (rules_caller.contact_made, (_C,)),
        },
    ),
    **_row(ContactDue, {_C: (rules_timer.contact_due, (_C, _T, _E))}),
    **_row(
        StillNeeded,
        {
            _T: (rules_caller.still_needed, (_T,)),
            _E: (rules_caller.still_needed, (_E,)),
            _A: (rules_caller.still_needed_while_held, (_T, _E)),
            _C: (rules_caller.still_needed_while_held, (_T, _E)),
        },
    ),
    **_row(
        NeedChanged,
        {
            _T: (rules_caller.need_changed, (_T,)),
            _E: (rules_caller.need_changed, (_E,)),
            _A: (rules_caller.need_changed_while_held, (_A, _T, _E)),
            _C: (rules_caller.need_changed_while_held, (_C, _T, _E)),
        },
    ),
    **_row(
        ResponderRemoved,
        {
            _T: (rules_circle.responder_removed, (_T,)),
            _E: (rules_circle.responder_removed, (_E,)),
            _A: (rules_circle.responder_removed_while_held, (_A, _T, _E)),
            _C: (rules_circle.responder_removed_while_held, (_C, _T, _E)),
        },
    ),
    **_row(Resolved, {status: (rules_caller.resolved, (_R, status)) for status in (_T, _E, _A, _C)}),
}


def decide(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """Return the alert after *event*, and what must now be done about it.

    *alert* is None only for the `AlertRaised` that makes one. Raises nothing for anything the
    world may say; an `AssertionError` means one of our own rules broke its word, and the store
    then sets the alert aside as poisoned.
    """
    if alert is None:
        assert isinstance(event, AlertRaised), "only AlertRaised makes an alert"
        return _raise_alert(event, facts)
    cell = TABLE[alert.status, type(event)]
    draft = Draft(alert=alert, facts=facts)
    if cell.rule is not None:
        cell.rule(draft, event)
    assert draft.alert.status in cell.to, f"{type(event).__name__} led to {draft.alert.status}"
    return _finished(draft)


def _raise_alert(event: AlertRaised, facts: Facts) -> Decision:
    alert = Alert(
        id=facts.alert_id,
        person=event.person,
        need=event.need,
        status=AlertStatus.TRIGGERED,
        causes=(event.by,),
        policy=event.policy,
        raised_at=facts.now,
    )
    draft = Draft(alert=alert, facts=facts)
    draft.record(What.RAISED, detail=event.need.value)
    begin_round(draft, 1)
    return _finished(draft)


def _finished(draft: Draft) -> Decision:
    return Decision(
        alert=draft.alert,
        effects=tuple(draft.effects),
        entries=tuple(draft.entries),
        then=draft.then,
        refused=draft.refused,
    )


def run(alert: Alert | None, event: Event, facts: Facts) -> Decision:
    """Decide *event* and every `then` that follows from it; what comes out has no `then` left."""
    effects: tuple[Effect, ...] = ()
    entries: tuple[Entry, ...] = ()
    refused = ""
    following: Event | None = event
    for _ in range(CHAIN_MAX):
        if following is None:
            break
        decision = decide(alert, following, facts)
        alert, following = decision.alert, decision.then
        effects, entries = (*effects, *decision.effects), (*entries, *decision.entries)
        refused = refused or decision.refused
    assert alert is not None
    assert following is None, "the chain of decisions did not end"
    return Decision(alert=alert, effects=effects, entries=entries, refused=refused)
