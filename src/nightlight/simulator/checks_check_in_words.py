"""What is promised at every send outside calls: to whom, by which way, at which hour, and when no more."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from nightlight.engine.retries import ARRIVALS_MAX
from nightlight.simulator.check_ins_drawn import Agreed
from nightlight.simulator.check_ins_kept import OF_OTHERS
from nightlight.simulator.checks_check_ins import CheckInPromises
from nightlight.simulator.noticing import NoticeDelivery
from nightlight.simulator.providers import Handed, Heard
from nightlight.simulator.scenario import NAMES, Scenario, is_within
from nightlight.simulator.truth import Truth
from nightlight.store.models import Notice
from nightlight.store.notices import NoticePurpose


class WordPromises:
    """Holds what goes out outside calls to what its readers agreed to."""

    def __init__(self, agreed: Agreed, scenario: Scenario, truth: Truth, promises: CheckInPromises) -> None:
        self._agreed = agreed
        self._scenario = scenario
        self._truth = truth
        self._promises = promises
        self._members = {member.person: member for member in scenario.circles[0].members}
        self.heard_at: float | None = None
        """When the person was last heard of in a way that needs no reminder any more."""

    def at_a_send(
        self, handed: Handed, row: Notice, delivery: NoticeDelivery, now: datetime
    ) -> Iterator[str]:
        """What handing over *row* breaks; *now* is what the wall clock shows."""
        person, to = row.person_id, handed.message.to
        if to not in {way.address for way in self._scenario.people[person].ways}:  # type: ignore[index]
            yield f"a word for {NAMES[person]} went to another address"
        if len(self._truth.taken[row.pk]) >= ARRIVALS_MAX:
            yield f"one word to {NAMES[person]} was sent more than {ARRIVALS_MAX} times"
        if row.purpose == NoticePurpose.CHECK_IN:
            yield from self._of_a_reminder(handed, row, delivery, now)
        elif row.purpose in OF_OTHERS:
            yield from self._of_others(handed, row, delivery, now)
            if row.purpose == NoticePurpose.CHECK_IN_MISSED and handed.taken:
                self._promises.told.add(person)
        if handed.heard is not Heard.TAKEN:
            self._promises.disturbed_at = handed.at

    def _of_a_reminder(
        self, handed: Handed, row: Notice, delivery: NoticeDelivery, now: datetime
    ) -> Iterator[str]:
        name = NAMES[row.person_id]
        if row.person_id != self._agreed.person:
            yield f"{name} was reminded of somebody else's check-in"
        if now < self._agreed.due and not self._promises.clock_was_wrong:
            yield f"{name} was reminded before it was due"
        self._promises.reminded.append((handed.at, handed.kind, handed.taken))
        written = (row.created_at - self._scenario.start).total_seconds()
        since = self.heard_at
        is_past = since is not None and written < since < delivery.looked_at
        if is_past and not self._promises.clock_was_wrong:
            yield f"{name} had checked in, and was reminded of it"

    def _of_others(
        self, handed: Handed, row: Notice, delivery: NoticeDelivery, now: datetime
    ) -> Iterator[str]:
        person, caller, looked = row.person_id, str(self._agreed.person), delivery.looked_at
        name = NAMES[person]
        member = self._members.get(person)  # type: ignore[call-overload]
        if member is None or person not in self._agreed.told:
            yield f"{name} was told of a check-in, and was not chosen for that"
            return
        if self._truth.is_out(caller, person, looked):
            yield f"{name} was told of a check-in, and had left, was taken out, kept away or at rest"
        stopped = self._truth.stopped.get(row.contact_method_id)
        if stopped is not None and stopped < looked:
            yield f"{name} was told of a check-in by a way they had stopped"
        sharing = {
            p for p, r in self._scenario.people.items() if handed.message.to in {w.address for w in r.ways}
        }
        for other in self._members.keys() - sharing - {person}:
            if f"{NAMES[other]} " in handed.message.text:
                yield f"{name} was told the name of {NAMES[other]}"
        zone = self._scenario.people[member.person].zone
        if (now - timedelta(seconds=60)).astimezone(ZoneInfo(zone)).date() > member.agreed_until:
            yield f"{name} was told of a check-in after their agreement had run out"
        at_their_hours = any(is_within(member.hours, zone, now - timedelta(seconds=s)) for s in (0, 60))
        is_woken = row.purpose == NoticePurpose.CHECK_IN_MISSED and member.wake_me
        if not at_their_hours and not is_woken:
            yield f"{name} was told of a check-in outside their hours"
        is_past = self.heard_at is not None and self.heard_at < looked
        if row.purpose == NoticePurpose.CHECK_IN_MISSED and is_past and not self._promises.clock_was_wrong:
            written = (row.created_at - self._scenario.start).total_seconds()
            if self.heard_at is not None and written < self.heard_at:
                yield f"{name} was told of a miss after {NAMES[caller]} had come"
