"""An alert that breaks a rule of ours is set aside for seconds, not for good, and its people are asked anyway.

The fixed road here uses neither `decide`, `state` nor `policy` (but `availability`, and the
never-contact list): whatever broke there must not also break this (design, rule 13). And should it
break itself, the event is kept all the same.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q

from nightlight.engine.availability import may_be_asked
from nightlight.engine.effects import Entry, News, PlannedWay, Purpose, TellCaller, TellHost, What
from nightlight.engine.events import (
    Declined,
    DeliveryEvent,
    Event,
    HandedOn,
    ResponderAvailable,
    TimerEvent,
    WaitInterrupted,
)
from nightlight.engine.facts import Member
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.store import looks, timeline
from nightlight.store.convert import event_to_json
from nightlight.store.effects import FIRST_ASK, bring_forward, carry_out, free_serial, plan
from nightlight.store.facts import members_one_by_one
from nightlight.store.models import Alert as AlertRow
from nightlight.store.models import Circle, LadderStep, Notification, NotificationStatus, WaitingEvent
from nightlight.store.timers import CLOCK_SLACK
from nightlight.store.wake import wake_worker
from nightlight.store.wanted import PLAIN_ASK

RETRY_AFTER = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=30))
RETRY_EVERY = timedelta(minutes=1)

_log = structlog.get_logger()

TELL_AGAIN_AFTER = timedelta(minutes=60)
"""Caller and host hear of a call in trouble no oftener than this."""

# A yes that could not be decided still stops the plain asks: somebody is on their way.
_YES_KINDS = ("Acknowledged", "AcknowledgementRenewed", "ContactMade")
# These come again by themselves as long as there is a reason for them.
_COME_AGAIN = (TimerEvent, WaitInterrupted, ResponderAvailable)
_WORKING = (AlertStatus.TRIGGERED, AlertStatus.EXHAUSTED)


def retry_after(tries: int) -> timedelta:
    """How long after failed try number *tries* (from 1) the next one comes; never never."""
    return RETRY_AFTER[tries - 1] if tries <= len(RETRY_AFTER) else RETRY_EVERY


def keep(row: AlertRow, event: Event, now: datetime) -> int | None:
    """Keep *event* until the alert can take it; its number among those that wait, if it waits.

    What the event means for a message under way does not wait for the rules: a way that fails leads
    at once to the next one, and whoever said no is asked no more.
    """
    if isinstance(event, _COME_AGAIN):
        return None
    kind, body = event_to_json(event)
    kept = WaitingEvent.objects.create(alert_id=row.id, at=now, kind=kind, body=body)
    _in_its_own(lambda: _act_at_once(row, event, now))
    return kept.pk


def _act_at_once(row: AlertRow, event: Event, now: datetime) -> None:
    if isinstance(event, DeliveryEvent) and not _someone_said_yes(row):
        bring_forward(row.pk, event.message, now, person=event.person)
    elif isinstance(event, Declined | HandedOn):
        planned = Notification.objects.filter(alert_id=row.pk, person_id=event.person, purpose=Purpose.ASK)
        planned.filter(status=NotificationStatus.PLANNED).update(status=NotificationStatus.CANCELLED)


def note_failure(row: AlertRow, error: Exception, now: datetime, channels_on: frozenset[str]) -> None:
    """Count one failed try, set the next one, and let the fixed road do its part."""
    tries = row.poison_tries + 1
    row.poisoned_at = row.poisoned_at or now
    row.poison_tries, row.poison_next_at = tries, now + retry_after(tries)
    row.poison_why = type(error).__name__
    row.save(update_fields=["poisoned_at", "poison_tries", "poison_next_at", "poison_why"])
    _log.error("alert set aside", alert=row.pk, error=type(error).__name__, tries=tries)
    # A call that is over asks nobody and troubles nobody.
    if row.status != AlertStatus.RESOLVED:
        circle = Circle.objects.get(person_id=row.person_id)
        _in_its_own(lambda: ask_plainly(row, circle, now, channels_on))
        _in_its_own(lambda: _tell(row, circle, now, channels_on))
    wake_worker()


def _in_its_own(step: Callable[[], object]) -> None:
    """Do *step*; if it breaks, nothing of it is kept and everything else is."""
    try:
        with transaction.atomic():
            step()
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001  (rule 13: the last road must not block the event)
        _log.error("fixed road broke", error=type(error).__name__)


def clear(row: AlertRow) -> None:
    """The alert took everything that was waiting for it: it is an alert like any other again."""
    AlertRow.objects.filter(pk=row.pk).update(
        poisoned_at=None, poison_tries=0, poison_next_at=None, poison_why=""
    )
    # It is in trouble no more; whoever has not heard that it was need not.
    Notification.objects.filter(
        alert_id=row.pk, purpose=Purpose.CALLER_NEWS, message__lt=0, status=NotificationStatus.PLANNED
    ).update(status=NotificationStatus.CANCELLED)


def ask_plainly(row: AlertRow, circle: Circle, now: datetime, channels_on: frozenset[str]) -> bool:
    """Ask the eligible people of the next step nobody was asked in yet; whether there were any.

    The step before keeps its wait: the next one is asked only when that is over. Somebody who has
    the call keeps it as long as their time runs.
    """
    is_held = row.status not in _WORKING and row.timer_due is not None and row.timer_due > now
    if is_held or _someone_said_yes(row):
        return False
    asked = dict(
        Notification.objects.filter(alert_id=row.pk, purpose=Purpose.ASK)
        .order_by("created_at")
        .values_list("person_id", "created_at")
    )
    members = members_one_by_one(circle, row.pk, now, channels_on)
    seen: set[str] = set()
    for step in LadderStep.objects.filter(circle=circle).prefetch_related("places"):
        # Somebody who stands on two steps belongs to the first.
        people = [place.person_id for place in step.places.all() if place.person_id not in seen]
        seen.update(people)
        latest = max((asked[person] for person in people if person in asked), default=None)
        if latest is not None and timedelta(0) <= now - latest < step.wait:
            return False
        eligible = [
            members[person]
            for person in people
            if person in members and person not in asked and may_be_asked(members[person], Need(row.need))
        ]
        if eligible:
            for member in eligible:
                _plan_plain_asks(row, member, now)
            return True
    return False


def _someone_said_yes(row: AlertRow) -> bool:
    return WaitingEvent.objects.filter(alert_id=row.pk, kind__in=_YES_KINDS).exists()


def _plan_plain_asks(row: AlertRow, member: Member, now: datetime) -> None:
    for position, way in enumerate(member.ways):
        planned = PlannedWay(contact_method=way.contact_method, due=now + way.after)
        _plan_plain_ask(row, member.person, planned, position, now)
    timeline.write(row.pk, [Entry(what=What.ASKED, who=member.person, detail=row.need)], now)


def _plan_plain_ask(row: AlertRow, person: str, way: PlannedWay, position: int, now: datetime) -> None:
    fields: dict[str, object] = {
        "purpose": Purpose.ASK,
        "person_id": person,
        "message": PLAIN_ASK,
        "first": True,
        "priority": FIRST_ASK,
    }
    plan(row.pk, way, position, now, fields)


def _tell(row: AlertRow, circle: Circle, now: datetime, channels_on: frozenset[str]) -> None:
    """Tell caller and host, unless they heard of it lately."""
    lately = Q(created_at__gt=now - TELL_AGAIN_AFTER) & Q(created_at__lte=now)
    if Notification.objects.filter(lately, alert_id=row.pk, news=News.IN_TROUBLE).exists():
        return
    serial = free_serial(row.pk)
    for effect in (
        TellCaller(news=News.IN_TROUBLE, message=serial, hold=0),
        TellHost(news=News.IN_TROUBLE, message=serial - 1, hold=0),
    ):
        carry_out(effect, row.pk, circle, now, channels_on)
    entries = [Entry(what=what, detail=News.IN_TROUBLE) for what in (What.CALLER_TOLD, What.HOST_TOLD)]
    timeline.write(row.pk, entries, now)


def due_again(now: datetime) -> list[str]:
    """Ids of poisoned alerts whose next try has come, or that a clock set back keeps from it."""
    if not looks.is_any_poisoned():
        return []
    # No try lies further ahead than the longest pause between two.
    come = Q(poison_next_at__lte=now) | Q(poison_next_at__gt=now + RETRY_EVERY + CLOCK_SLACK)
    rows = AlertRow.objects.filter(come, poisoned_at__isnull=False, waits_for_host=False)
    return list(rows.order_by(F("poison_next_at")).values_list("pk", flat=True))
