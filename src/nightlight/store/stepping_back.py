"""What a supporter changes about what they agreed to: a pause, hours, an offer, an end.

Each is one transaction. Whoever pauses or leaves while a call of that person is open is out of it at
once, so that nobody waits for them.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from nightlight import chance
from nightlight.engine.effects import Purpose
from nightlight.engine.events import AnswerUndone, Declined
from nightlight.engine.holding import may_undo
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Offer
from nightlight.engine.state import AlertStatus, Answer
from nightlight.store.advance import advance_within, load_alert, lock_alert
from nightlight.store.agreed_time import AGREED_MONTHS, months_after
from nightlight.store.models import Alert, Concern, Membership, Notification
from nightlight.store.notices import NoticePurpose, tell_person
from nightlight.store.races import racing
from nightlight.store.supporting import RENEWABLE_FOR
from nightlight.store.withdrawals import Moment, end_member

LEFT = "left"
"""Why a membership ended whose member left."""
TOLD_FROM = timedelta(hours=24)
"""A pause longer than this leaves a hole in the circle that its owner should know of."""
THOUGHT_EVERY = timedelta(hours=12)
"""So often, at most, one supporter says that they are thinking of one person."""

_Result = TypeVar("_Result")


class NotAgreed(LookupError):
    """They are not in this circle, or not any more."""


class Thought(StrEnum):
    """What came of telling somebody that one is thinking of them."""

    TOLD = "told"
    SHOWN = "shown"
    """No way of theirs can be used now; it is on their own page."""
    TOO_SOON = "too_soon"


@dataclass(frozen=True, kw_only=True)
class Mine:
    """One membership, and whose it is: a number alone opens nothing."""

    person: str
    membership: int


def pause(mine: Mine, until: datetime, moment: Moment) -> None:
    """Ask them nothing until then. A call they are asked in goes on without them. Raises `NotAgreed`.

    The one whose circle it is hears of a long pause alone: a night off is nobody's news.
    """
    _change(mine, partial(_pause, until=until, moment=moment))


def _pause(row: Membership, *, until: datetime, moment: Moment) -> None:
    call = _open_call_that_asked(row)
    Membership.objects.filter(pk=row.pk).update(paused_until=until)
    if call is not None:
        event = Declined(person=PersonId(row.person_id))
        advance_within(call, event, now=moment.now, channels_on=moment.channels_on)
    if until - moment.now > TOLD_FROM:
        _tell_owner(NoticePurpose.PAUSED, row, moment)


def come_back(mine: Mine, moment: Moment) -> None:
    """End the pause. What it said in an open call is taken back while an answer can be. Raises `NotAgreed`."""
    _change(mine, partial(_come_back, moment=moment))


def _come_back(row: Membership, *, moment: Moment) -> None:
    if row.paused_until is None or row.paused_until <= moment.now:
        return
    call = _open_call_that_asked(row)
    Membership.objects.filter(pk=row.pk).update(paused_until=None)
    if call is not None and _said_no_lately(call, row.person_id, moment.now):
        event = AnswerUndone(person=PersonId(row.person_id))
        advance_within(call, event, now=moment.now, channels_on=moment.channels_on)


def _open_call_that_asked(row: Membership) -> str | None:
    """The open call in which they are asked or said yes; not one whose caller says that they are in touch."""
    settled = (AlertStatus.RESOLVED, AlertStatus.IN_CONTACT)
    calls = Alert.objects.filter(person_id=row.circle_id).exclude(status__in=settled)
    call = calls.values_list("pk", flat=True).first()
    asked = Notification.objects.filter(alert_id=call, person_id=row.person_id, purpose=Purpose.ASK)
    return call if call is not None and asked.exists() else None


def _said_no_lately(call: str, person: str, now: datetime) -> bool:
    # A call that no rule can read is left as it is.
    if Alert.objects.filter(pk=call, poisoned_at__isnull=False).exists():
        return False
    alert = load_alert(call)
    ask = alert.ask_of(PersonId(person)) if alert else None
    return ask is not None and ask.answer is Answer.NO and may_undo(ask, now)


def set_hours(mine: Mine, start: time, end: time, now: datetime, *, wake_me: bool) -> None:
    """When they may be asked, by their own clock; the same hour twice is any hour. Raises `NotAgreed`."""
    hours = (None, None) if start == end else (start, end)
    _change(mine, partial(_say_anew, now=now, hours_from=hours[0], hours_until=hours[1], wake_me=wake_me))


def set_offers(mine: Mine, offers: Collection[Offer], now: datetime) -> None:
    """What they offer from now on; at least one thing. Raises `NotAgreed`."""
    assert offers
    chosen = [offer.value for offer in Offer if offer in offers]
    _change(mine, partial(_say_anew, now=now, offers=chosen))


def _say_anew(row: Membership, *, now: datetime, **values: object) -> None:
    """Keep *values* as agreed today, so that an older file of the host's does not take them back."""
    Membership.objects.filter(pk=row.pk).update(agreed_on=_today(row, now), **values)


def _today(row: Membership, now: datetime) -> date:
    return now.astimezone(ZoneInfo(row.person.time_zone)).date()


def renew(mine: Mine, now: datetime) -> bool:
    """Go on for three months from today; whether that was still theirs to say. Raises `NotAgreed`."""
    return _change(mine, partial(_renew, now=now))


def _renew(row: Membership, *, now: datetime) -> bool:
    if row.agreed_until is not None:
        today = _today(row, now)
        if today - row.agreed_until > RENEWABLE_FOR:
            return False
        until = max(row.agreed_until, months_after(today, AGREED_MONTHS))
        _say_anew(row, now=now, agreed_until=until, renewal_asked_at=None)
    return True


def leave(mine: Mine, moment: Moment, *, named: bool = True) -> None:
    """Out of the circle from now on; its owner is told kindly, unless *named* is no, without a name.

    Raises `NotAgreed`.
    """
    _change(mine, partial(_leave, moment=moment, named=named))


def _leave(row: Membership, *, moment: Moment, named: bool) -> None:
    end_member(row, LEFT, moment)
    _tell_owner(NoticePurpose.LEFT, row, moment, named=named)


def think_of(mine: Mine, moment: Moment) -> Thought:
    """Tell the one whose circle it is, and nobody else, that they are being thought of. Raises `NotAgreed`."""
    return _change(mine, partial(_think_of, moment=moment))


def _think_of(row: Membership, *, moment: Moment) -> Thought:
    said = Concern.objects.filter(circle=row.circle_id, person=row.person_id)
    if said.filter(at__gt=moment.now - THOUGHT_EVERY).exists():
        return Thought.TOO_SOON
    Concern.objects.create(
        id=chance.new_id(), circle_id=row.circle_id, person_id=row.person_id, at=moment.now
    )
    return Thought.TOLD if _tell_owner(NoticePurpose.CONCERN, row, moment) else Thought.SHOWN


def _tell_owner(purpose: NoticePurpose, row: Membership, moment: Moment, *, named: bool = True) -> bool:
    owner, now, on = row.circle_id, moment.now, moment.channels_on
    return tell_person(purpose, owner, now, on, circle=owner, about=row.person_id if named else "")


def _change(mine: Mine, change: Callable[[Membership], _Result]) -> _Result:
    """Let *change* happen to the membership, if it is theirs and holds; two presses of one button in turn."""

    def once() -> _Result:
        rows = Membership.objects.filter(
            pk=mine.membership, person_id=mine.person, ended_at=None, agreed_on__isnull=False
        )
        owner = rows.values_list("circle_id", flat=True).first()
        # A call's row is locked before any other.
        for call in Alert.objects.filter(person_id=owner).exclude(status=AlertStatus.RESOLVED):
            lock_alert(call.pk)
        row = rows.select_for_update(of=("self",)).select_related("person").first()
        if row is None:
            raise NotAgreed(mine.membership)
        return change(row)

    return racing(once)
