"""What the page behind an answer link shows to one person, worked out from the call as it stands.

Pure: the view is read, the answer is a value. Before a yes nothing but the caller's name and the
need is in it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from nightlight.engine.holding import RENEWALS_MAX, may_still_hold, may_undo
from nightlight.engine.ids import PersonId
from nightlight.engine.policy import EndPolicy
from nightlight.engine.state import Alert, AlertStatus, Answer
from nightlight.store.queries import AlertView


class AnswerState(StrEnum):
    """Which page it is. The template of each has its name."""

    ASKED = "asked"
    TAKEN = "taken"
    SECOND = "second"
    SOMEONE_HAS_IT = "someone_has_it"
    DECLINED = "declined"
    NOTED = "noted"
    """They said yes and have held it as long as one person may; others are asked too."""
    KEPT = "kept"
    """They answered, and something is broken on our side: the answer waits."""
    OVER = "over"
    REMOVED = "removed"


TOLD_HOW_TO_REACH = frozenset({AnswerState.TAKEN, AnswerState.SECOND})
"""On these pages, and when a yes waits, the reader learns how to reach the caller."""


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What whoever has it can do, and until when nothing is needed of them."""

    in_contact: bool
    until: datetime | None
    renewals_left: int
    renewals_used: int
    minutes: int
    """How many more minutes one renewal gives."""
    claimed: bool
    """They said they are in touch; the caller has not said so yet."""
    asked: bool
    """Both were asked whether they are still in touch."""
    may_end: bool


@dataclass(frozen=True, kw_only=True)
class AnswerPage:
    """Everything one page says."""

    state: AnswerState
    caller: str
    need: str
    wished: bool
    open_again: bool
    """They said yes before, and are asked again."""
    someone_has_it: bool
    has_it: str
    """The name of whoever has it, when the reader may know it."""
    may_undo: bool
    said_yes: bool
    said_yes_then: bool
    """In the call itself they said yes, whoever had it in the end."""
    in_trouble: bool
    holding: Holding | None
    asked_at: datetime | None
    """When the reader was asked last; None when they never were."""

    @property
    def stamp(self) -> str:
        """Changes whenever a press on an older page would mean something else on this one."""
        left = self.holding.renewals_left if self.holding else 0
        return f"{self.state}-{left}"


def answer_page(
    view: AlertView,
    person: str,
    now: datetime,
    *,
    is_removed: bool,
    knows_names: bool,
    waiting: bool | None,
) -> AnswerPage:
    """The page of *person* about the call in *view*.

    *waiting* is an answer of theirs that a broken call has not taken up: True yes, False no.
    """
    alert = view.alert
    state = _state(view, PersonId(person), is_removed=is_removed, waiting=waiting)
    ask = alert.ask_of(PersonId(person)) if alert else None
    taker = view.acknowledged_by
    return AnswerPage(
        state=state,
        caller="" if is_removed else view.person.name,
        need=view.need,
        wished=ask is not None and ask.wished,
        open_again=state is AnswerState.ASKED and ask is not None and ask.answer is Answer.YES,
        someone_has_it=alert is not None and alert.hold is not None,
        has_it=taker.name if taker and knows_names and taker.id != person else "",
        may_undo=_may_undo(alert, PersonId(person), now),
        said_yes=waiting is True,
        said_yes_then=ask is not None and ask.answer is Answer.YES,
        in_trouble=view.is_poisoned,
        holding=_holding(alert) if alert and state is AnswerState.TAKEN else None,
        asked_at=ask.asked_at if ask and ask.message and not is_removed else None,
    )


def _state(view: AlertView, person: PersonId, *, is_removed: bool, waiting: bool | None) -> AnswerState:
    if is_removed:
        return AnswerState.REMOVED
    if view.status is AlertStatus.RESOLVED:
        return AnswerState.OVER
    if waiting is not None:
        return AnswerState.KEPT
    if view.alert is None:
        return AnswerState.ASKED
    return _state_in(view.alert, person)


def _state_in(alert: Alert, person: PersonId) -> AnswerState:
    ask = alert.ask_of(person)
    answer = ask.answer if ask else None
    if alert.taker == person:
        return AnswerState.TAKEN
    if answer is Answer.NO:
        return AnswerState.DECLINED
    if answer is Answer.YES and not may_still_hold(alert, person):
        return AnswerState.NOTED
    if person in alert.seconds:
        return AnswerState.SECOND
    return AnswerState.ASKED if alert.hold is None else AnswerState.SOMEONE_HAS_IT


def _may_undo(alert: Alert | None, person: PersonId, now: datetime) -> bool:
    if alert is None or not may_undo(alert.ask_of(person), now):
        return False
    # In contact, a yes is not taken back but handed on.
    return alert.status is not AlertStatus.IN_CONTACT or person != alert.taker


def _holding(alert: Alert) -> Holding:
    hold, timer = alert.hold, alert.timer
    assert hold is not None
    in_contact = alert.status is AlertStatus.IN_CONTACT
    may_go_on = timer is not None and hold.limit_at - timer.due > timedelta(0)
    return Holding(
        in_contact=in_contact,
        until=timer.due if timer else None,
        renewals_left=RENEWALS_MAX - hold.renewals if may_go_on and not in_contact else 0,
        renewals_used=hold.renewals,
        minutes=max(round(alert.policy.acknowledgement_expires / timedelta(minutes=1)), 1),
        claimed=hold.claimed,
        asked=alert.contact is not None and alert.contact.asked,
        may_end=in_contact and alert.policy.end is EndPolicy.CALLER_OR_TAKER,
    )
