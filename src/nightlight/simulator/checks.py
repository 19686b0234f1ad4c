"""What is promised, held against what is kept and what really happened. Each breach is a sentence.

Safety is asked after every step and at every send, under whatever faults; the end of a run is asked
once the faults are over: nothing may be left lying, and nobody may have been lost.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from nightlight.engine.decide import run
from nightlight.engine.effects import Purpose
from nightlight.engine.invariants import broken
from nightlight.engine.needs import Need, is_urgent
from nightlight.engine.retries import ARRIVALS_MAX
from nightlight.engine.state import AlertStatus
from nightlight.simulator import database
from nightlight.simulator.providers import Handed
from nightlight.simulator.replay import Rules, replayed
from nightlight.simulator.scenario import NAMES, Scenario, is_within
from nightlight.simulator.settling import HOST_ADDRESS
from nightlight.simulator.truth import Truth
from nightlight.simulator.workers import Delivery
from nightlight.store.convert import alert_from_json, event_from_json, facts_from_json
from nightlight.store.models import (
    Alert,
    Attempt,
    EventRow,
    Notification,
    NotificationStatus,
    WaitingEvent,
)
from nightlight.store.wanted import PLAIN_ASK

LEFT_LYING = timedelta(seconds=60)
"""Once all is well, nothing that is due may wait longer."""
CHANGES_MAX = 500
"""Far more events than any call of a night has met."""
LONGEST_PAUSE = timedelta(minutes=61)
TOLD_OF_AN_ASK = frozenset({Purpose.STAND_DOWN, Purpose.REOPENED, Purpose.ALL_CLEAR, Purpose.TAKER_NEWS})
_DEAD = (NotificationStatus.FAILED, NotificationStatus.SKIPPED)
_WORKING = frozenset({AlertStatus.TRIGGERED, AlertStatus.EXHAUSTED})


def is_asked_by(row: Notification) -> bool:
    """Whether *row* is a message of an ask that is open, in a call that nobody has."""
    if row.purpose != Purpose.ASK or row.message < 0:
        return False
    if row.alert.status not in _WORKING or row.alert.poison_next_at is not None:
        return False
    asks = (ask for ask in row.alert.state.get("asks", ()) if ask["person"] == row.person_id)
    return any(ask["message"] == row.message and ask["answer"] is None for ask in asks)


def next_way_waits(row: Notification, now: datetime) -> bool:
    """Whether a further way of the ask that *row* is of waits, and no other way may have got through."""
    others = Notification.objects.filter(alert=row.alert, person=row.person_id, message=row.message)
    others = others.exclude(pk=row.pk).filter(purpose=Purpose.ASK)
    left = [other for other in others if other.status not in _DEAD]
    waiting = [
        other
        for other in left
        if other.status == NotificationStatus.PLANNED and not other.failed_before and not other.evidence
    ]
    failing = [other for other in left if other.failed_before and not other.evidence]
    is_alone = len(waiting) + len(failing) == len(left)
    return bool(waiting) and is_alone and all(other.due is None or other.due > now for other in waiting)


class Promises:
    """Holds one run to what is promised."""

    def __init__(self, scenario: Scenario, truth: Truth) -> None:
        self._scenario = scenario
        self._truth = truth
        self.rules: Rules = run
        """Those by which calls were decided in this world."""
        self.clock_was_wrong = False
        """Somebody set the clock in this world; then times that were written down prove nothing."""
        self.asks = 0
        """Held against what their reader agreed to."""
        self._versions: dict[str, int] = {}
        self._changes = -1
        """How much had been written at the last look."""
        self._circles = {circle.caller: circle for circle in scenario.circles}

    # ------------------------------------------------------------------ after every step

    def after_a_step(self, passed: float, now: datetime | None) -> Iterator[str]:
        """What any call breaks that changed since the last look. *now* is None while a clock is wrong."""
        changes = database.changes()
        if changes == self._changes:
            return
        self._changes = changes
        for pk, version in database.glance("SELECT id, version FROM alert"):
            if self._versions.get(pk) != version:
                self._versions[pk] = version
                yield from self._of_row(Alert.objects.get(pk=pk), passed, now)

    def _of_row(self, row: Alert, passed: float, now: datetime | None) -> Iterator[str]:
        status = AlertStatus(row.status)
        if status in _WORKING:
            self._truth.not_working_since.pop(row.pk, None)
        else:
            self._truth.not_working_since.setdefault(row.pk, passed)
        if row.version > CHANGES_MAX:
            yield f"{NAMES[row.person_id]}'s call goes round in circles"
        if not row.state:
            return
        alert = alert_from_json(row.state)
        yield from (f"{NAMES[row.person_id]}'s call: {wrong}" for wrong in broken(alert, now))
        if alert.status is not status:
            yield "the row and the document of a call disagree about how it stands"
        if alert.timer is not None and row.timer_due != alert.timer.due:
            yield "the row and the document of a call disagree about its timer"
        if status is AlertStatus.RESOLVED and row.pk not in self._truth.may_end:
            yield f"{NAMES[row.person_id]}'s call is over, and nobody who may end it wanted that"
        if status is AlertStatus.IN_CONTACT and row.pk not in self._truth.callers_word:
            yield f"{NAMES[row.person_id]} is said to be in touch, and never said so"
        if status is AlertStatus.ACKNOWLEDGED and (row.pk, alert.taker) not in self._truth.yes:
            yield f"{NAMES.get(alert.taker or '', 'nobody')} is said to have it, and never said yes"
        if alert.current is not None:
            for person in alert.current.people:
                yield from self._was_planned(row, person, alert.ask_of(person))

    def _was_planned(self, row: Alert, person: str, ask: object) -> Iterator[str]:
        message = getattr(ask, "message", 0)
        planned = Notification.objects.filter(alert=row, person=person, purpose=Purpose.ASK, message=message)
        if message and not planned.exists():
            yield f"{NAMES[person]} counts as asked, and no message to them was written down"

    def after_a_settle(self, notification: str, now: datetime) -> Iterator[str]:
        """A way that failed, or of which nobody knows, leads at once to the next way."""
        row = Notification.objects.select_related("alert").get(pk=notification)
        known = row.evidence in ("accepted", "delivered")
        if row.failed_before and not known and is_asked_by(row) and next_way_waits(row, now):
            yield f"a way to {NAMES[row.person_id or '']} failed, and the next one waits"

    # ------------------------------------------------------------------ at every send

    def at_a_send(self, handed: Handed, delivery: Delivery | None, now: datetime) -> Iterator[str]:
        """What handing this one message to a provider breaks; *now* is what the wall clock shows."""
        message = handed.message
        attempt = Attempt.objects.filter(pk=message.attempt).select_related("notification__alert").first()
        if attempt is None or delivery is None:
            yield "a message was sent that nobody had written down"
            return
        if message.attempt in self._truth.attempts:
            yield "one attempt was sent twice"
        self._truth.attempts.add(message.attempt)
        row = attempt.notification
        # A lease that ran out says "nobody knows", and so it is.
        if attempt.outcome in ("accepted", "queued"):
            yield "a message was marked as sent before it was"
        yield from self._of_repeats(row, attempt)
        if row.host_way is not None:
            if message.to != HOST_ADDRESS:
                yield "news for the host went to somebody else"
            return
        yield from self._of_recipient(row, handed)
        yield from self._of_consent(row, delivery, now)

    def _of_repeats(self, row: Notification, attempt: Attempt) -> Iterator[str]:
        if len(self._truth.taken[row.pk]) >= ARRIVALS_MAX:
            yield f"one message to {NAMES.get(row.person_id or '', 'the host')} was sent more than {ARRIVALS_MAX} times"
        # A word that came late, while the next try was under way already, stops nothing.
        known = row.attempts.filter(outcome__in=("accepted", "queued"), ended_at__lt=attempt.began_at)
        if known.exists() and not self.clock_was_wrong:
            yield "a message was sent again although a provider had taken it"

    def _of_recipient(self, row: Notification, handed: Handed) -> Iterator[str]:
        person, caller = str(row.person_id), row.alert.person_id
        resident = self._scenario.people[person]  # type: ignore[index]
        if handed.message.to not in {way.address for way in resident.ways}:
            yield f"a message for {NAMES[person]} went to another address"
        members = {member.person for member in self._circles[caller].members}  # type: ignore[index]
        if person not in members and person != caller:
            yield f"{NAMES[person]} heard of a call of {NAMES[caller]}, and is not in that circle"
        sharing = {
            p for p, r in self._scenario.people.items() if handed.message.to in {w.address for w in r.ways}
        }
        # Who calls is named to those who are asked, and who has it to the caller; nobody else is named.
        if person != caller:
            for other in members - sharing:
                if f"{NAMES[other]} " in handed.message.text:
                    yield f"{NAMES[person]} was told the name of {NAMES[other]}"
        if row.purpose in TOLD_OF_AN_ASK and not self._was_asked(row, person):
            yield f"{NAMES[person]} was told how a call goes that they were never asked in"

    def _was_asked(self, row: Notification, person: str) -> bool:
        asked = Attempt.objects.filter(
            notification__alert=row.alert_id, notification__person=person, notification__purpose=Purpose.ASK
        )
        return asked.exists() or (row.alert_id, person) in self._truth.yes

    def _of_consent(self, row: Notification, delivery: Delivery, now: datetime) -> Iterator[str]:
        person, caller, looked = str(row.person_id), row.alert.person_id, delivery.looked_at
        stopped = self._truth.stopped.get(row.contact_method_id or "")
        # The word back that says so goes by another way.
        if stopped is not None and stopped < looked:
            yield f"{NAMES[person]} was reached by a way they had stopped"
        if row.purpose != Purpose.ASK:
            left = self._truth.left.get((caller, person))
            if left is not None and left < looked and row.purpose != Purpose.TEXT_BACK:
                yield f"{NAMES[person]} had left the circle, and was told of a call"
            return
        self.asks += 1
        if self._truth.is_out(caller, person, looked):
            yield f"{NAMES[person]} was asked, and had left, was taken out, kept away or at rest"
        since = self._truth.not_working_since.get(row.alert_id)
        # A rule that broke may have been the one that ends a hold: then somebody is asked all the same (rule 13).
        if since is not None and since < looked and row.message != PLAIN_ASK:
            yield f"{NAMES[person]} was woken for a call that somebody had, or that was over"
        yield from self._of_hours(row, person, now)

    def _of_hours(self, row: Notification, person: str, now: datetime) -> Iterator[str]:
        circle = self._circles[row.alert.person_id]  # type: ignore[index]
        member = next(member for member in circle.members if member.person == person)
        zone = self._scenario.people[member.person].zone
        # A minute of grace: between the look and the send an hour may strike.
        if (now - timedelta(seconds=60)).astimezone(ZoneInfo(zone)).date() > member.agreed_until:
            yield f"{NAMES[person]} was asked after their agreement had run out"
        is_within_hours = any(
            is_within(member.hours, zone, now - timedelta(seconds=seconds)) for seconds in (0, 60)
        )
        if not is_within_hours and not (member.wake_me and is_urgent(Need(row.alert.need))):
            yield f"{NAMES[person]} was asked outside their hours"

    # ------------------------------------------------------------------ when all is well again

    def at_the_end(self, now: datetime, calm_since: datetime) -> Iterator[str]:
        """What was lost, or is left lying, once nothing goes wrong any more."""
        known = set(Alert.objects.values_list("pk", flat=True))
        for lost in sorted(self._truth.raised - known):
            yield f"a call is lost whose caller was told that it went out ({lost})"
        for row in Alert.objects.exclude(status=AlertStatus.RESOLVED):
            if self.somebody_can_be_asked(row):
                yield f"{NAMES[row.person_id]}'s call is still {row.status}, though everybody was willing"
        yield from self.left_lying(now)
        if WaitingEvent.objects.exists() or Alert.objects.exclude(poisoned_at=None).exists():
            yield "a call that was in trouble was never taken up again"
        yield from self._untrue()
        for row in Alert.objects.all():
            yield from self._first_ask(row, calm_since)
            yield from self._heard_the_end(row)
            yield from self._replays(row)

    def somebody_can_be_asked(self, row: Alert, *, any_hour: bool = True) -> bool:
        """Whether anybody is left who may be asked in this call, at some hour or at every hour."""
        caller, circle = row.person_id, self._circles[row.person_id]  # type: ignore[index]
        return any(
            (caller, member.person) not in self._truth.left
            and (caller, member.person) not in self._truth.paused
            and member.agreed_until.year > self._scenario.start.year + 1
            and (any_hour or member.hours is None)
            # Somewhere to sleep is asked only of those who offered it (design, rule 9).
            and (row.need != Need.STAY or "stay" in member.offers)
            and any(way.id not in self._truth.stopped for way in self._scenario.people[member.person].ways)
            for member in circle.members
        )

    def left_lying(self, now: datetime) -> Iterator[str]:
        """What is due, held or in trouble, and nobody sees to."""
        if Notification.objects.filter(status=NotificationStatus.PLANNED, due__lt=now - LEFT_LYING).exists():
            yield "a message that is due is left lying"
        if Notification.objects.filter(
            status=NotificationStatus.LEASED, lease_until__lt=now - LEFT_LYING
        ).exists():
            yield "a message is held by nobody, and never given back"
        if Alert.objects.filter(poison_next_at__lt=now - 2 * LEFT_LYING).exists():
            yield "a call in trouble is not tried again"
        if (
            Alert.objects.filter(timer_due__lt=now - LEFT_LYING, poison_next_at=None)
            .exclude(status="resolved")
            .exists()
        ):
            yield "a ladder timer that is due is left lying"

    def _untrue(self) -> Iterator[str]:
        """What is said to have gone out must have been taken by a provider."""
        for row in Notification.objects.filter(status__in=("accepted", "delivered", "queued")):
            with_it = {row.pk, row.merged_into_id or "", *self._carried_by(row)}
            if not any(self._truth.taken.get(each) for each in with_it):
                yield f"a message to {NAMES.get(row.person_id or '', 'the host')} is said to have gone out, and did not"

    def _carried_by(self, row: Notification) -> set[str]:
        """Messages that were one with *row*: two people, one telephone."""
        leases = row.attempts.values_list("lease_token", flat=True)
        return set(
            Attempt.objects.filter(lease_token__in=list(leases)).values_list("notification", flat=True)
        )

    def _first_ask(self, row: Alert, calm_since: datetime) -> Iterator[str]:
        """In a call that stayed open for longer than any pause while all was well, somebody was asked."""
        if self.clock_was_wrong:
            return
        well_since = max(calm_since, row.raised_at)
        if row.resolved_at is not None and row.resolved_at < well_since + LONGEST_PAUSE:
            return
        asks = Attempt.objects.filter(notification__alert=row, notification__purpose=Purpose.ASK)
        if self.somebody_can_be_asked(row, any_hour=False) and not asks.exists():
            yield f"nobody was ever asked in {NAMES[row.person_id]}'s call"

    def _heard_the_end(self, row: Alert) -> Iterator[str]:
        """Whoever was asked and said nothing, or has it, hears that it is over."""
        if not row.state:
            return
        alert = alert_from_json(row.state)
        for ask in alert.asks:
            asked = Notification.objects.filter(alert=row, person=ask.person, purpose=Purpose.ASK)
            # Of one that its provider gave back they know nothing.
            asked = asked.exclude(status=NotificationStatus.FAILED)
            arrived = [pk for pk in asked.values_list("pk", flat=True) if self._truth.taken.get(pk)]
            if not arrived or ask.answer is not None or self._cannot_be_told(row, ask.person):
                continue
            told = Notification.objects.filter(
                alert=row, person=ask.person, purpose__in=(Purpose.ALL_CLEAR, Purpose.STAND_DOWN)
            )
            if not told.exists():
                yield f"{NAMES[ask.person]} was asked, and never hears that it is over"

    def _cannot_be_told(self, row: Alert, person: str) -> bool:
        out = self._truth.left.get((row.person_id, person)) is not None
        resident = self._scenario.people[person]  # type: ignore[index]
        # Perhaps it was over just while their last way was stopped.
        closed = self._truth.stopped.keys() | self._truth.taken_up_again
        return out or all(way.id in closed for way in resident.ways)

    def _replays(self, row: Alert) -> Iterator[str]:
        events = EventRow.objects.filter(alert=row).order_by("number")
        told = [(event_from_json(e.kind, e.body), facts_from_json(e.facts)) for e in events]
        if row.state and told and replayed(told, self.rules) != alert_from_json(row.state):
            yield f"the events of {NAMES[row.person_id]}'s call do not lead to how it stands"
