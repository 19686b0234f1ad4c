"""The write path: the only place where an alert changes. Stops 3 and 5 of the road.

From `intake`, with one engine event about one alert; to `engine.decide`, which says what follows;
back here, where all of it is kept in one commit: the alert (compare-and-set on its version), the
outbox, the ladder timer, the timeline and one row of the `event` table. Nothing is sent here.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, InterfaceError, OperationalError, transaction

from nightlight.chance import new_id
from nightlight.engine.decide import Decision, run
from nightlight.engine.effects import SetTimer
from nightlight.engine.events import (
    AlertRaised,
    ContactMade,
    Event,
    NeedChanged,
    RaisedBy,
    Resolved,
    StillNeeded,
    TimerEvent,
    WaitInterrupted,
)
from nightlight.engine.ids import AlertId, PersonId
from nightlight.engine.ladder import may_round_now, newly_available
from nightlight.engine.state import Alert, AlertStatus
from nightlight.store import poison, timeline, timers
from nightlight.store.convert import (
    alert_from_json,
    alert_to_json,
    event_from_json,
    event_to_json,
    facts_to_json,
)
from nightlight.store.effects import carry_out
from nightlight.store.facts import load_facts
from nightlight.store.models import Alert as AlertRow
from nightlight.store.models import Circle, EventRow, ListLine, WaitingEvent
from nightlight.store.races import LostRace, racing
from nightlight.store.wake import wake_worker
from nightlight.store.wanted import is_set_aside

# Not the alert's fault: another transaction was first, or the database is away.
_NOT_THE_ALERT = (LostRace, OperationalError, InterfaceError)


class NoSuchAlert(LookupError):
    """There is no call with this id."""


@dataclass(frozen=True, kw_only=True)
class Advanced:
    """What came of one event."""

    alert_id: str
    status: AlertStatus
    refused: str = ""
    """Why less changed than who brought the event may have hoped; a code word."""
    is_new: bool = False
    waits: bool = False
    """The alert is poisoned: the event is kept, and taken up as soon as the alert can take it."""


def advance(alert_id: str, event: Event, *, now: datetime, channels_on: frozenset[str]) -> Advanced:
    """Let *event* happen to the alert, in a transaction of its own. Raises `NoSuchAlert`."""
    return racing(lambda: advance_within(alert_id, event, now=now, channels_on=channels_on))


def advance_within(alert_id: str, event: Event, *, now: datetime, channels_on: frozenset[str]) -> Advanced:
    """The same inside a transaction the caller has open, so that what caused *event* commits with it.

    Raises `NoSuchAlert`, and `LostRace` for the caller's transaction to be tried again whole.
    """
    assert transaction.get_connection().in_atomic_block, "an event is one transaction with its cause"
    row = lock_alert(alert_id)
    if row.waits_for_host and _ends_the_holding_back(event):
        go_on(row, now, channels_on)
    if is_set_aside(row):
        return _advance_set_aside(row, event, now, channels_on)
    try:
        with transaction.atomic():
            return _step(row, event, now, channels_on)
    except _NOT_THE_ALERT:
        raise
    # A rule of ours that breaks, or a row no rule can read, must silence this one alert for as
    # short a time as can be and no other alert at all (design, rule 13).
    except Exception as error:  # noqa: BLE001
        poison.keep(row, event, now)
        poison.note_failure(row, error, now, channels_on)
        return Advanced(alert_id=row.id, status=AlertStatus(row.status), waits=True)


def _ends_the_holding_back(event: Event) -> bool:
    """Whether *event* is the caller's word or silence, or an end: a call held since a restore waits no longer."""
    match event:
        case AlertRaised(by=by):
            # A check-in that did not come since then is no old news.
            return by in (RaisedBy.CALLER, RaisedBy.CHECK_IN)
        case ContactMade(by_caller=by_caller):
            return by_caller
        case _:
            return isinstance(event, StillNeeded | NeedChanged | Resolved)


def go_on(row: AlertRow, now: datetime, channels_on: frozenset[str]) -> None:
    """Let a call that was held since a restore go on, every wait of it with its full time."""
    AlertRow.objects.filter(pk=row.pk).update(waits_for_host=False)
    row.waits_for_host = False
    # One that is set aside has no wait running: it comes with its own next try.
    if row.status != AlertStatus.RESOLVED and not is_set_aside(row):
        _step(row, WaitInterrupted(), now, channels_on)
    wake_worker()


def _advance_set_aside(row: AlertRow, event: Event, now: datetime, channels_on: frozenset[str]) -> Advanced:
    """An event that meets a poisoned alert: behind those that wait already, in the order they came."""
    kept = poison.keep(row, event, now)
    advanced = _take_up(row.pk, now, channels_on).advanced
    if kept is not None and kept in advanced:
        return advanced[kept]
    return Advanced(alert_id=row.id, status=AlertStatus(row.status), waits=True)


def lock_alert(alert_id: str) -> AlertRow:
    """The alert's row, locked until the transaction at hand ends. Raises `NoSuchAlert`."""
    # SQLite ignores select_for_update: there a transaction is the one writer from its first word.
    row = AlertRow.objects.select_for_update().filter(pk=alert_id).first()
    if row is None:
        raise NoSuchAlert(alert_id)
    return row


def _step(row: AlertRow, event: Event, now: datetime, channels_on: frozenset[str]) -> Advanced:
    circle = Circle.objects.get(person_id=row.person_id)
    before = alert_from_json(row.state) if row.state else None
    facts = load_facts(circle, before, row.id, now, channels_on)
    decision = run(before, event, facts)
    _save(row, decision.alert)
    kind, body = event_to_json(event)
    EventRow.objects.create(
        alert_id=row.id, number=row.version, at=now, kind=kind, body=body, facts=facts_to_json(facts)
    )
    _carry_out_all(decision, row.id, circle, now, channels_on)
    return Advanced(alert_id=row.id, status=decision.alert.status, refused=decision.refused)


def _save(row: AlertRow, alert: Alert) -> None:
    """Write the alert back, provided nobody else did since it was read."""
    timer = alert.timer
    saved = AlertRow.objects.filter(pk=row.pk, version=row.version).update(
        version=row.version + 1,
        status=alert.status,
        need=alert.need,
        resolved_at=alert.end.at if alert.end else None,
        timer_kind=timer.kind if timer else None,
        timer_due=timer.due if timer else None,
        timer_generation=timer.generation if timer else row.timer_generation,
        timer_length=timer.length if timer else None,
        state=alert_to_json(alert),
    )
    if saved != 1:
        raise LostRace(row.pk)
    row.version += 1
    if alert.status is AlertStatus.RESOLVED and row.status != AlertStatus.RESOLVED:
        # Tonight's list was for this call, and is gone with it.
        ListLine.objects.filter(alert_id=row.pk).delete()


def _carry_out_all(
    decision: Decision, alert_id: str, circle: Circle, now: datetime, channels_on: frozenset[str]
) -> None:
    for effect in decision.effects:
        carry_out(effect, alert_id, circle, now, channels_on)
    timeline.write(alert_id, decision.entries, now)
    if any(not isinstance(effect, SetTimer) for effect in decision.effects):
        wake_worker()


def raise_alert(event: AlertRaised, *, now: datetime, channels_on: frozenset[str]) -> Advanced:
    """Make a new alert, or join the one the person has open. Durable when this returns."""
    return racing(lambda: raise_within(event, now=now, channels_on=channels_on))


def raise_within(event: AlertRaised, *, now: datetime, channels_on: frozenset[str]) -> Advanced:
    """The same inside a transaction the caller has open."""
    # Two raises at once meet here: the circle's row is what both must have.
    Circle.objects.select_for_update().get(person_id=event.person)
    open_one = AlertRow.objects.filter(person_id=event.person).exclude(status=AlertStatus.RESOLVED).first()
    if open_one is not None:
        return advance_within(open_one.id, event, now=now, channels_on=channels_on)
    row = _new_row(event, now)
    raised = advance_within(row.id, event, now=now, channels_on=channels_on)
    if not raised.waits:
        AlertRow.objects.filter(pk=row.id).update(poisoned_at=None)
    return Advanced(
        alert_id=raised.alert_id,
        status=raised.status,
        refused=raised.refused,
        waits=raised.waits,
        is_new=True,
    )


def _new_row(event: AlertRaised, now: datetime) -> AlertRow:
    try:
        with transaction.atomic():
            return AlertRow.objects.create(
                id=AlertId(new_id()),
                person_id=event.person,
                status=AlertStatus.TRIGGERED,
                need=event.need,
                raised_at=now,
                # Until the rules have spoken, the row is what a poisoned one would be: the database
                # refuses an open alert without a timer.
                poisoned_at=now,
                state={},
            )
    except IntegrityError as error:
        # One open call per person: somebody raised one without our seeing it, so this one joins it.
        raise LostRace(event.person) from error


def try_again(alert_id: str, *, now: datetime, channels_on: frozenset[str]) -> bool:
    """Let a poisoned alert take what is waiting for it, one by one; whether it took all of it.

    One event that breaks every time does not hold back the others: an answer is taken up even so.
    """

    def once_more() -> bool:
        lock_alert(alert_id)
        failed = _take_up(alert_id, now, channels_on).failed
        if failed is not None:
            poison.note_failure(lock_alert(alert_id), failed, now, channels_on)
        return failed is None

    return racing(once_more)


@dataclass(frozen=True, kw_only=True)
class _TakenUp:
    """What a poisoned alert took: by the id of the waiting event, and what broke, if anything did."""

    advanced: dict[int, Advanced]
    failed: Exception | None


def _take_up(alert_id: str, now: datetime, channels_on: frozenset[str]) -> _TakenUp:
    """Try everything that waits, and the ladder timer if it is due; if all goes well, the alert is well again."""
    advanced: dict[int, Advanced] = {}
    failed: Exception | None = None
    for waiting in WaitingEvent.objects.filter(alert_id=alert_id):
        number = waiting.pk
        try:
            with transaction.atomic():
                event = event_from_json(waiting.kind, waiting.body)
                advanced[number] = _step(lock_alert(alert_id), event, now, channels_on)
                waiting.delete()
        except _NOT_THE_ALERT:
            raise
        except Exception as error:  # noqa: BLE001  (rule 13, as above)
            advanced.pop(number, None)
            failed = error
    due = timers.due_event(lock_alert(alert_id), now)
    if due is not None:
        failed = _try_timer(alert_id, due, now, channels_on) or failed
    if failed is None:
        poison.clear(lock_alert(alert_id))
    return _TakenUp(advanced=advanced, failed=failed)


def _try_timer(
    alert_id: str, event: TimerEvent, now: datetime, channels_on: frozenset[str]
) -> Exception | None:
    """A timer is not kept: it comes again as long as it is due."""
    try:
        with transaction.atomic():
            _step(lock_alert(alert_id), event, now, channels_on)
    except _NOT_THE_ALERT:
        raise
    except Exception as error:  # noqa: BLE001  (rule 13, as above)
        return error
    return None


def newly_available_for(alert_id: str, *, now: datetime, channels_on: frozenset[str]) -> tuple[PersonId, ...]:
    """Whom the last round of this call could not ask and the next one could, if it may begin now."""
    row = AlertRow.objects.filter(pk=alert_id).first()
    if row is None or not row.state:
        return ()
    alert = alert_from_json(row.state)
    # Asked every few seconds of every call between rounds; mostly there is nobody to look for.
    if not alert.unavailable or not may_round_now(alert, now):
        return ()
    circle = Circle.objects.get(person_id=row.person_id)
    return newly_available(alert, load_facts(circle, alert, row.id, now, channels_on))


def load_alert(alert_id: str) -> Alert | None:
    """The alert as the rules see it, or None when it has not been born yet. Raises `NoSuchAlert`."""
    row = AlertRow.objects.filter(pk=alert_id).first()
    if row is None:
        raise NoSuchAlert(alert_id)
    return alert_from_json(row.state) if row.state else None
