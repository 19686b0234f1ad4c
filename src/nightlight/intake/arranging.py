"""What a person arranges in their own circle, from plain words on a page. Stop 2 of the road."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from nightlight.channels.addresses import AddressError, check_email, check_number
from nightlight.engine.policy import EscalationPolicy, EscalationStep
from nightlight.intake.channels import kinds_on
from nightlight.store import concerns, keeping_away, ladders, members
from nightlight.store.concerns import ConcernAnswer
from nightlight.store.notices import NoticePurpose, tell_person
from nightlight.store.races import racing
from nightlight.store.withdrawals import Moment


def save_ladder(person: str, steps: Sequence[EscalationStep], *, version: int) -> None:
    """Save *steps* as the ladder of *person*, who looked at *version*. No step at all is allowed: nobody is asked.

    Raises `PolicyError`, `LadderChanged` and `NotInCircle`.
    """
    if steps:
        EscalationPolicy(steps=tuple(steps))
    ladders.arrange(person, steps, version=version)


def remove(person: str, member: str, now: datetime, *, tell: bool) -> None:
    """*member* is out of the circle, also in the middle of a call; they hear of it only if *tell*.

    Raises `NoSuchMember`.
    """
    moment = _moment(now)

    def both() -> None:
        if tell:
            # Before the end: afterwards nobody of the circle may write to them.
            tell_person(NoticePurpose.REMOVED, member, now, moment.channels_on, circle=person, about=person)
        members.remove_member(person, member, moment)

    racing(both)


def keep_away(person: str, written: str, now: datetime) -> bool:
    """Never contact the number or mail address *written*; whether it is new. Raises `AddressError`, `ListFull`."""
    address = check_email(written) if "@" in written else check_number(written)
    return keeping_away.keep_address_away(person, address, _moment(now))


def keep_member_away(person: str, member: str, now: datetime) -> bool:
    """Never contact *member*; whether that is new. Raises `ListFull`."""
    return keeping_away.keep_person_away(person, member, _moment(now))


def answer_concern(person: str, concern: str, answer: ConcernAnswer, now: datetime) -> bool:
    """One tap in answer to somebody who is thinking of *person*; whether there was something to answer."""
    return racing(partial(_answer_concern, person, concern, answer, now))


def _answer_concern(person: str, concern: str, answer: ConcernAnswer, now: datetime) -> bool:
    who = concerns.answer_concern(person, concern, answer, now)
    if who is not None and answer is ConcernAnswer.THANKS:
        tell_person(NoticePurpose.CONCERN_ANSWER, who, now, kinds_on(), circle=person)
    return who is not None


def _moment(now: datetime) -> Moment:
    return Moment(now=now, channels_on=kinds_on())


__all__ = [
    "AddressError",
    "answer_concern",
    "keep_away",
    "keep_member_away",
    "remove",
    "save_ladder",
]
