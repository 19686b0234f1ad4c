"""What is promised about check-ins, held against what is written down after every step of the years.

The oracle knows from `years_calendar` which local dates are owed a window and when, from `years_people` what the
person will do and chose, and from the world what went wrong. From the product it reads only what became of it.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from nightlight.engine.checkin import Came, Excuse, How, OnMiss
from nightlight.simulator import database
from nightlight.simulator.agenda import VirtualClock
from nightlight.simulator.years_people import COMES, Agreed, Inhabitant, Missing, Owed
from nightlight.store.notices import NoticePurpose

OUTAGE_SLACK_SECONDS = 75.0
"""Nobody working for a minute is no outage yet (rule 12), and a look comes a moment after it is due."""
PROMPT_SECONDS = 5.0
FAULT_SLACK_SECONDS = 150.0
"""A message in the hands of a worker that died goes out once its lease ran out."""
EARLY = timedelta(hours=6)
"""A sign of life counts from so long before it is due."""
LATE_COUNTS = timedelta(days=7)
_WINDOWS = """
    SELECT id, check_in_id, local_date, due, ended_at, came, how, why, alert_id FROM check_in_window
    WHERE id > %s ORDER BY id
"""
_OPEN = "SELECT id, person_id, state FROM alert WHERE status <> 'resolved'"
_NOTICES = """
    SELECT rowid, purpose, circle_id, person_id FROM notice
    WHERE rowid > %s AND purpose IN ('check_in_missed', 'check_in_came', 'checked_in')
"""

Word = tuple[str, str, str]
"""For what, of whom, to whom."""


class World(Protocol):
    """What the oracle needs to know of the world."""

    clock: VirtualClock
    clock_is_wrong: bool
    people: dict[str, Inhabitant]
    last_fault: float
    """When anything last went wrong, in seconds that had passed; what still does goes wrong now."""
    last_outage: float
    """When we were last away, or a clock was last set."""
    last_provider_trouble: float
    start: datetime

    def owes(self, agreed: Agreed) -> None:
        """Something else is owed now."""
        ...

    def lived_on(self, agreed: Agreed) -> None:
        """The window that *agreed* is owed is over."""
        ...

    def note(self, what: str, count: int = 1) -> None:
        """Something worth counting happened."""
        ...


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What became of one window, as it is written down."""

    check_in: str
    on: date
    due: datetime
    ended_at: datetime
    came: str
    how: str
    why: str
    alert: str | None


@dataclass(kw_only=True)
class Open:
    """A call that is not over."""

    person: str
    causes: tuple[str, ...]


def _moment(kept: datetime) -> datetime:
    return kept.replace(tzinfo=UTC)


@dataclass(kw_only=True)
class Step:
    """One step of the world, while it is held against the promises."""

    heard: Collection[str]
    """For which check-ins a sign of life was taken in."""
    how: How | None
    before: dict[str, Open]
    """Calls that were open before it."""
    may_begin: set[str]
    """For whom a call may begin."""
    may_end: set[str]
    """Calls that may end."""
    words: set[Word] = field(default_factory=set)
    """Who must be told."""
    may_hear: set[Word] = field(default_factory=set)
    """Who else may be."""


@dataclass
class Oracle:
    """Holds the promises."""

    world: World
    agreed: dict[str, Agreed]
    may_begin: set[str] = field(default_factory=set)
    """Whose call was just raised by themself."""
    may_end: set[str] = field(default_factory=set)
    """Calls that the person just ended."""
    _window: int = 0
    _notice: int = 0
    _open: dict[str, Open] = field(default_factory=dict)

    def look(self, heard: Collection[str] = (), how: How | None = None) -> Iterator[str]:
        """Hold one step against the promises; *heard* are the check-ins for which a sign of life came in it."""
        before, self._open = self._open, dict(self._open_calls())
        step = Step(
            heard=heard, how=how, before=before, may_begin=set(self.may_begin), may_end=set(self.may_end)
        )
        self.may_begin, self.may_end = set(), set()
        if how is How.OK:
            for check_in in heard:
                yield from self._heard_after_a_miss(self.agreed[check_in], step)
        owed = {check_in: self.agreed[check_in].owed for check_in in heard}
        for ended in self._new_windows():
            yield from self._ended(ended, step)
        yield from self._were_heard(owed)
        yield from self._calls(step)
        yield from self._words(step)

    def _open_calls(self) -> Iterator[tuple[str, Open]]:
        for alert, person, state in database.look(_OPEN):
            yield alert, Open(person=person, causes=tuple(json.loads(state).get("causes", ())))

    def open_people(self) -> list[str]:
        """Whose calls were open at the last look."""
        return [each.person for each in self._open.values()]

    def _new_windows(self) -> list[Ended]:
        found = []
        for pk, check_in, on, due, ended_at, came, how, why, alert in database.look(
            _WINDOWS, str(self._window)
        ):
            self._window = pk
            found.append(
                Ended(
                    check_in=check_in,
                    on=on,
                    due=_moment(due),
                    ended_at=_moment(ended_at),
                    came=came,
                    how=how,
                    why=why,
                    alert=alert,
                )
            )
        return found

    def _were_heard(self, owed: Mapping[str, Owed | None]) -> Iterator[str]:
        """Whoever gives a sign of life is not asked for it again on the same date."""
        for check_in, each in owed.items():
            is_near = each is not None and each.due - EARLY <= self.world.clock.now()
            if each is not None and is_near and each.on not in self.agreed[check_in].seen:
                yield f"{check_in} on {each.on}: a sign of life came, and was taken for none"

    # ------------------------------------------------------------------ one window

    def _ended(self, ended: Ended, step: Step) -> Iterator[str]:
        agreed = self.agreed[ended.check_in]
        name = f"{ended.check_in} on {ended.on}"
        if ended.on in agreed.seen:
            yield f"{name} has a second window"
        agreed.seen.add(ended.on)
        self.world.note("windows")
        self.world.note(f"windows: {ended.came}" + (f" ({ended.why})" if ended.why else ""))
        is_owed = agreed.owed is not None and agreed.owed.on == ended.on
        if is_owed:
            self.world.lived_on(agreed)
            yield from self._is_at_its_time(agreed, ended)
        elif agreed.owed is not None and ended.on > agreed.owed.on and not self.world.clock_is_wrong:
            yield f"{ended.check_in} on {agreed.owed.on} has no window; the one of {ended.on} came first"
        if ended.came == Came.MADE:
            yield from self._made(agreed, ended, step)
        elif ended.came == Came.EXCUSED:
            yield from self._excused(agreed, ended, is_owed=is_owed)
        else:
            if not is_owed:
                yield f"{name} was missed, and nothing was owed then"
            yield from self._missed(agreed, ended, step)
        self._goes_on(agreed, ended)

    def _is_at_its_time(self, agreed: Agreed, ended: Ended) -> Iterator[str]:
        assert agreed.owed is not None
        if ended.due != agreed.owed.due:
            yield (
                f"{agreed.id} on {ended.on} was due at {ended.due:%H:%M:%S},"
                f" and a clock there says {agreed.owed.due:%H:%M:%S}"
            )

    def _goes_on(self, agreed: Agreed, ended: Ended) -> None:
        agreed.last_on = max(agreed.last_on or ended.on, ended.on)
        agreed.reminded = []
        if agreed.since is not None:
            agreed.expect(self.world.people[agreed.person].zone, agreed.since)
        self.world.owes(agreed)

    def _made(self, agreed: Agreed, ended: Ended, step: Step) -> Iterator[str]:
        if agreed.id not in step.heard or step.how is None:
            yield f"{agreed.id} on {ended.on} is made, and nobody gave a sign of life"
        elif ended.how != step.how:
            yield f"{agreed.id} on {ended.on} was {step.how}, and is written down as {ended.how}"
        step.words |= {(NoticePurpose.CHECKED_IN, agreed.person, member) for member in agreed.noted}

    def _excused(self, agreed: Agreed, ended: Ended, *, is_owed: bool) -> Iterator[str]:
        why, person = Excuse(ended.why), self.world.people[agreed.person]
        name = f"{agreed.id} on {ended.on} was excused ({why}), and"
        if why in (Excuse.AWAY, Excuse.PHONE):
            if agreed.paused_until is None or ended.due >= agreed.paused_until:
                yield f"{name} the person was not away"
        elif why is Excuse.OUTAGE:
            if is_owed and not self._was_disturbed_since(ended.due):
                yield f"{name} we were there all the time"
        elif why is Excuse.QUIET:
            if not person.is_quiet and not self._just(person.quiet_changed):
                yield f"{name} nothing was switched off"
        elif is_owed and not self._just(agreed.since) and not self._was_disturbed_since(ended.due):
            yield f"{name} nothing was changed"

    def _just(self, moment: datetime | None) -> bool:
        """Whether *moment* is this one, or so near that both were waited for together."""
        return moment is not None and abs(self.world.clock.now() - moment) < timedelta(minutes=10)

    def _was_disturbed_since(self, moment: datetime) -> bool:
        return self.world.clock_is_wrong or self.world.last_outage > self._passed(moment)

    def _passed(self, moment: datetime) -> float:
        return (moment - self.world.start).total_seconds()

    # ------------------------------------------------------------------ a miss

    def _missed(self, agreed: Agreed, ended: Ended, step: Step) -> Iterator[str]:
        name = f"{agreed.id} on {ended.on} was missed,"
        if agreed.plans.get(ended.on) == COMES:
            yield f"{name} and the person comes whenever they can or are asked"
        if self._was_away_at(agreed, ended.due):
            yield f"{name} and the person had said that they are away"
        if self.world.people[agreed.person].is_quiet and not self.world.clock_is_wrong:
            yield f"{name} and everything was switched off"
        yield from self._had_full_time(agreed, ended, name)
        yield from self._was_reminded(agreed, ended, name)
        open_before = next((call for call, each in step.before.items() if each.person == agreed.person), None)
        told: frozenset[str] = frozenset()
        if agreed.on_miss is OnMiss.TELL:
            told = agreed.told
            step.words |= {(NoticePurpose.CHECK_IN_MISSED, agreed.person, member) for member in told}
        if agreed.on_miss is OnMiss.CALL:
            yield from self._called(ended, open_before, name)
            step.may_begin.add(agreed.person)
        elif ended.alert is not None:
            yield f"{name} and led to a call that the person did not choose"
        self.world.note(f"misses: {agreed.on_miss}")
        agreed.missing.append(Missing(ended_at=ended.ended_at, alert=ended.alert, told=told))

    def _was_away_at(self, agreed: Agreed, due: datetime) -> bool:
        if agreed.paused_until is None or agreed.paused_at is None or self.world.clock_is_wrong:
            return False
        return agreed.paused_at <= due < agreed.paused_until

    def _called(self, ended: Ended, open_before: str | None, name: str) -> Iterator[str]:
        if ended.alert is None or ended.alert not in self._open:
            yield f"{name} and nobody was called"
        elif open_before is not None and ended.alert != open_before:
            yield f"{name} and raised a second call"
        elif "check_in" not in self._open[ended.alert].causes:
            yield f"{name} and the call does not know of it"
        else:
            self.world.note("calls joined by a miss" if open_before else "calls raised by a miss")

    def _had_full_time(self, agreed: Agreed, ended: Ended, name: str) -> Iterator[str]:
        grace, passed = agreed.grace.total_seconds(), self.world.clock.passed
        if passed - self.world.last_outage < grace - OUTAGE_SLACK_SECONDS:
            yield f"{name} and we were away, or a clock was set, within its time"
        if self.world.clock_is_wrong:
            return
        late = passed - self._passed(ended.due) - grace
        if late < -PROMPT_SECONDS:
            yield f"{name} before its time was over"
        if late > PROMPT_SECONDS and self.world.last_fault < self._passed(ended.due) - 1:
            yield f"{name} and that was seen {late:.0f} s too late"

    def _was_reminded(self, agreed: Agreed, ended: Ended, name: str) -> Iterator[str]:
        was_well = self.world.last_provider_trouble < self._passed(ended.due) - 1
        if self.world.clock_is_wrong or not was_well:
            return
        kinds = {kind for _, kind in agreed.reminded}
        was_calm = self.world.last_fault < self._passed(ended.due) - 1
        # One that was in the hands of a worker as it died goes out again by the next way.
        if len(kinds) < 2 and (was_calm or len(agreed.reminded) < 2):
            yield f"{name} and they were reminded on {len(kinds)} of two ways before"
            return
        slack = PROMPT_SECONDS if was_calm else FAULT_SLACK_SECONDS
        if self.world.clock.passed - agreed.reminded[0][0] < agreed.grace.total_seconds() - slack:
            yield f"{name} and the first reminder left them less time than was agreed"

    # ------------------------------------------------------------------ afterwards

    def _heard_after_a_miss(self, agreed: Agreed, step: Step) -> Iterator[str]:
        now = self.world.clock.now()
        missing = [each for each in agreed.missing if each.ended_at > now - LATE_COUNTS]
        agreed.missing = []
        for each in missing:
            self.world.note("heard of after a miss")
            # Whom the miss did not reach yet need not hear of its end.
            was_well = self.world.last_fault < self._passed(each.ended_at)
            came = {(NoticePurpose.CHECK_IN_CAME, agreed.person, member) for member in each.told}
            step.words |= came if was_well else set()
            step.may_hear |= came
            if each.alert is None or each.alert not in step.before:
                continue
            alone = set(step.before[each.alert].causes) == {"check_in"}
            if alone:
                step.may_end.add(each.alert)
                self.world.note("calls ended by a late check-in")
            if alone and each.alert in self._open:
                yield f"{agreed.id}: heard of late, and the call that the miss alone began goes on"

    def _calls(self, step: Step) -> Iterator[str]:
        before = step.before
        for call in before.keys() - self._open.keys() - step.may_end:
            yield f"a call of {before[call].person} ended, and nobody who may end it wanted that"
        begun = self._open.keys() - before.keys()
        for call in begun:
            self.world.note("calls")
            if self._open[call].person not in step.may_begin:
                yield f"{self._open[call].person} was called for, and nothing asked for that"
        people = [each.person for each in self._open.values()]
        if len(people) != len(set(people)):
            yield "somebody has two calls open"

    def _words(self, step: Step) -> Iterator[str]:
        found: set[Word] = set()
        for pk, purpose, circle, person in database.look(_NOTICES, str(self._notice)):
            self._notice = max(self._notice, pk)
            found.add((purpose, circle, person))
        for purpose, circle, person in sorted(found - step.words - step.may_hear):
            yield f"{person} was told of {circle} ({purpose}), and nobody chose that"
        for purpose, circle, person in sorted(step.words - found):
            yield f"{person} was not told of {circle} ({purpose})"
        self.world.note("quiet words", len(found))

    def left_lying(self) -> Iterator[str]:
        """Windows that should long have found their end."""
        if self.world.clock_is_wrong:
            return
        for agreed in self.agreed.values():
            if agreed.owed is None:
                continue
            since = max(self._passed(agreed.owed.due), self.world.last_fault)
            if self.world.clock.passed - since > 2 * agreed.grace.total_seconds() + 600:
                yield f"{agreed.id} on {agreed.owed.on} was never made, excused or missed"
