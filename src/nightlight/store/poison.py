"""An alert that breaks a rule of ours is set aside for seconds, not for good, and its people are asked anyway.

The fixed road here uses neither `decide`, `state` nor `policy` (but `availability`, and the
never-contact list): whatever broke there must not also break this (design, rule 13).
"""

from datetime import datetime, timedelta

import structlog
from django.db.models import F

from nightlight.engine.availability import may_be_asked
from nightlight.engine.effects import Entry, News, PlannedWay, Purpose, TellCaller, TellHost, What
from nightlight.engine.events import Event, TimerEvent
from nightlight.engine.needs import Need
from nightlight.store import timeline
from nightlight.store.convert import event_to_json
from nightlight.store.effects import FIRST_ASK, carry_out, plan
from nightlight.store.facts import load_facts
from nightlight.store.models import Alert as AlertRow
from nightlight.store.models import Circle, LadderStep, Notification, WaitingEvent
from nightlight.store.wake import wake_worker

RETRY_AFTER = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=30))
RETRY_EVERY = timedelta(minutes=1)

_log = structlog.get_logger()

# A yes that could not be decided still stops the plain asks: somebody is on their way.
_YES_KINDS = ("Acknowledged", "AcknowledgementRenewed", "ContactMade")


def retry_after(tries: int) -> timedelta:
    """How long after failed try number *tries* (from 1) the next one comes; never never."""
    return RETRY_AFTER[tries - 1] if tries <= len(RETRY_AFTER) else RETRY_EVERY


def keep(row: AlertRow, event: Event, error: Exception, now: datetime, channels_on: frozenset[str]) -> None:
    """Keep *event* for later, ask the next people plainly, and tell caller and host the first time."""
    # A timer comes again by itself as long as it is due.
    if not isinstance(event, TimerEvent):
        kind, body = event_to_json(event)
        WaitingEvent.objects.create(alert_id=row.id, at=now, kind=kind, body=body)
    note_failure(row, error, now, channels_on)


def note_failure(row: AlertRow, error: Exception, now: datetime, channels_on: frozenset[str]) -> None:
    """Count one failed try, set the next one, and let the fixed road do its part."""
    first_time = row.poison_tries == 0
    tries = row.poison_tries + 1
    AlertRow.objects.filter(pk=row.pk).update(
        poisoned_at=row.poisoned_at or now,
        poison_tries=tries,
        poison_next_at=now + retry_after(tries),
        poison_why=type(error).__name__,
    )
    _log.error("alert set aside", alert=row.pk, error=type(error).__name__, tries=tries)
    circle = Circle.objects.get(person_id=row.person_id)
    ask_plainly(row, circle, now, channels_on)
    if first_time:
        _tell(row, circle, now, channels_on)
    wake_worker()


def clear(row: AlertRow) -> None:
    """The alert took everything that was waiting for it: it is an alert like any other again."""
    AlertRow.objects.filter(pk=row.pk).update(
        poisoned_at=None, poison_tries=0, poison_next_at=None, poison_why=""
    )


def ask_plainly(row: AlertRow, circle: Circle, now: datetime, channels_on: frozenset[str]) -> bool:
    """Ask the eligible people of the next step nobody was asked in yet; whether there were any.

    The step before keeps its wait: the next one is asked only when that is over.
    """
    if WaitingEvent.objects.filter(alert_id=row.pk, kind__in=_YES_KINDS).exists():
        return False
    asked = dict(
        Notification.objects.filter(alert_id=row.pk, purpose=Purpose.ASK)
        .order_by("created_at")
        .values_list("person_id", "created_at")
    )
    facts = load_facts(circle, None, row.pk, now, channels_on)
    for step in LadderStep.objects.filter(circle=circle).prefetch_related("places"):
        people = [place.person_id for place in step.places.all()]
        latest = max((asked[person] for person in people if person in asked), default=None)
        if latest is not None:
            if now - latest < step.wait:
                return False
            continue
        members = [facts.members[p] for p in people if p in facts.members]  # type: ignore[index]
        eligible = [m for m in members if may_be_asked(m, Need(row.need))]
        for member in eligible:
            for position, way in enumerate(member.ways):
                planned = PlannedWay(contact_method=way.contact_method, due=now + way.after)
                _plan_plain_ask(row, member.person, planned, position, now)
        if eligible:
            timeline.write(
                row.pk, [Entry(what=What.ASKED, who=m.person, detail=row.need) for m in eligible], now
            )
            return True
    return False


def _plan_plain_ask(row: AlertRow, person: str, way: PlannedWay, position: int, now: datetime) -> None:
    fields: dict[str, object] = {
        "purpose": Purpose.ASK,
        "person_id": person,
        # Serials of the rules count up from 1; these never meet them.
        "message": -1,
        "first": True,
        "priority": FIRST_ASK,
    }
    plan(row.pk, way, position, now, fields)


def _tell(row: AlertRow, circle: Circle, now: datetime, channels_on: frozenset[str]) -> None:
    serial = -2
    for effect in (
        TellCaller(news=News.IN_TROUBLE, message=serial, hold=0),
        TellHost(news=News.IN_TROUBLE, message=serial - 1, hold=0),
    ):
        carry_out(effect, row.pk, circle, now, channels_on)
    timeline.write(row.pk, [Entry(what=What.HOST_TOLD, detail=News.IN_TROUBLE)], now)


def due_again(now: datetime) -> list[str]:
    """Ids of poisoned alerts whose next try has come."""
    rows = AlertRow.objects.filter(poisoned_at__isnull=False, poison_next_at__lte=now)
    return list(rows.order_by(F("poison_next_at")).values_list("pk", flat=True))
