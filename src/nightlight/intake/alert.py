"""Somebody calls their circle, changes what they need, or says it is over. Stop 2 of the road.

From a door, with plain arguments and the time; to `store.advance`, with one engine event.
"""

from datetime import datetime

from nightlight.engine.events import (
    AlertRaised,
    ContactMade,
    EndedBy,
    NeedChanged,
    RaisedBy,
    Resolved,
    StillNeeded,
)
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need
from nightlight.engine.policy import PolicyError
from nightlight.intake.channels import kinds_on
from nightlight.intake.checkin import switch_off_within
from nightlight.store import check_in_files, withdrawals
from nightlight.store.advance import Advanced, advance, raise_alert
from nightlight.store.policies import policy_of
from nightlight.store.races import racing

REASON_CHARACTERS_MAX = 500


class NotPossible(ValueError):
    """What was asked for cannot be done; the message says why, and what would be right."""


def call(person: str, need: Need, now: datetime, *, by: RaisedBy = RaisedBy.CALLER) -> Advanced:
    """Call the circle of *person*: a new alert, or their open one joined. Durable when this returns.

    Raises `NotPossible` when there is no such person, or no ladder that could be climbed.
    """
    try:
        policy = policy_of(person)
    except PolicyError as error:
        raise NotPossible(f"the ladder of {person!r} cannot be climbed: {error}") from error
    if policy is None:
        raise NotPossible(
            f"{person!r} has no circle to call; import one with `nightlight circle import FILE.toml`"
        )
    event = AlertRaised(person=PersonId(person), need=need, by=by, policy=policy)
    return raise_alert(event, now=now, channels_on=kinds_on())


def still_needed(alert: str, now: datetime) -> Advanced:
    """The caller still needs someone."""
    return advance(alert, StillNeeded(), now=now, channels_on=kinds_on())


def change_need(alert: str, need: Need, now: datetime) -> Advanced:
    """The caller needs something else."""
    return advance(alert, NeedChanged(need=need), now=now, channels_on=kinds_on())


def in_touch(
    alert: str, now: datetime, *, person: str | None = None, ask_again_at: datetime | None = None
) -> Advanced:
    """The caller says they are in touch: with *person*, or with somebody they do not name."""
    event = ContactMade(
        by_caller=True, person=PersonId(person) if person else None, ask_again_at=ask_again_at
    )
    return advance(alert, event, now=now, channels_on=kinds_on())


def resolve(
    alert: str, by: EndedBy, now: datetime, *, person: str | None = None, reason: str = ""
) -> Advanced:
    """End the call, if who says so may (design, rule 8); `refused` says why not."""
    # PostgreSQL keeps no zero byte.
    reason = reason.replace("\0", "").strip()
    if len(reason) > REASON_CHARACTERS_MAX:
        raise NotPossible(
            f"the reason has {len(reason)} characters; it may have at most {REASON_CHARACTERS_MAX}"
        )
    event = Resolved(by=by, person=PersonId(person) if person else None, reason=reason)
    return advance(alert, event, now=now, channels_on=kinds_on())


def take_circle_back(person: str, now: datetime) -> None:
    """*person* never asked for the circle the host imported: nobody in it is reached any more."""
    moment = withdrawals.Moment(now=now, channels_on=kinds_on())

    def all_of_it() -> None:
        withdrawals.undo_import(person, moment)
        for check_in in check_in_files.not_in_file(person, ()):
            switch_off_within(check_in, now)

    racing(all_of_it)


def accept_circle(person: str, now: datetime) -> None:
    """*person* has seen what the host imported, and it is right."""
    withdrawals.accept_import(person, now)
