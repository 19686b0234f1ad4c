"""What is promised about a check-in in a night, held against what is kept after every step.

What is owed and when is reckoned by the calendar of the years; who was heard of, called for and away is what
really happened. From the product it is only read what became of a window.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from nightlight.engine.checkin import Came, Excuse, How, OnMiss
from nightlight.simulator.check_ins_drawn import Agreed
from nightlight.simulator.check_ins_kept import Call, Ended, Kept, Word
from nightlight.simulator.scenario import NAMES, Scenario
from nightlight.simulator.truth import Truth
from nightlight.simulator.years_calendar import due as due_on
from nightlight.store.models import Notification
from nightlight.store.notices import NoticePurpose

AWAY_SECONDS = 75.0
"""Nobody of ours at work for a minute is an outage (rule 12); a moment more, and it is one for sure."""
SLACK_SECONDS = 5.0
HELD_UP_MAX_SECONDS = 100.0
"""What went wrong before that has no more part in it."""
EARLY = timedelta(hours=6)
"""A sign of life counts from so long before it is due."""


@dataclass(kw_only=True)
class Sign:
    """A sign of life at a door."""

    how: How
    owed: date | None
    """The date it is one for, where that can be said for sure."""
    must_end: frozenset[str]
    """Calls that a miss alone began, and that it ends."""
    may_hear: frozenset[str]
    """Who was told of a miss."""
    must_hear: frozenset[str]
    """To whom the word of a miss went out."""
    was_missed: bool


@dataclass(kw_only=True)
class Step:
    """One step of the world."""

    before: Call | None
    words: set[Word] = field(default_factory=set)
    """Who must be told."""
    may_hear: set[Word] = field(default_factory=set)


class CheckInPromises:
    """Holds one night to what is promised about its check-in."""

    def __init__(self, agreed: Agreed, scenario: Scenario, truth: Truth, note: Callable[[str], None]) -> None:
        self._agreed = agreed
        self._scenario = scenario
        self._truth = truth
        self._note = note
        self._circle = scenario.circles[0]
        self._name = NAMES[agreed.person]
        self.clock_was_wrong = False
        """Then times that were written down prove nothing for the rest of the night."""
        self.disturbed_at = float("-inf")
        """When anything last went wrong, in seconds that had passed."""
        self.reminded: list[tuple[float, str, bool]] = []
        """When a provider was handed a reminder, by which kind of way, and whether it took it."""
        self.told: set[str] = set()
        """To whom the word of a miss went out."""
        self.calls = 0
        """That a miss began."""
        self._sign: Sign | None = None
        self._missed: list[Ended] = []
        """Misses after which nobody heard of the person."""
        self._missed_calls: set[str] = set()
        self._over: dict[date, Ended] = {}
        self._confirmed: set[date] = set()
        self._away: list[tuple[float, float]] = []
        self._worked_at = 0.0
        self._open: Call | None = None
        self._kept = Kept(str(agreed.person))

    # ------------------------------------------------------------------ what really happened

    def worked(self, passed: float) -> bool:
        """One of ours did something; whether an outage ended with that."""
        was_away = passed - self._worked_at > AWAY_SECONDS
        if was_away:
            self._away.append((self._worked_at, passed))
            self.disturbed_at = passed
        self._worked_at = passed
        return was_away

    def before_a_sign(self, how: How, now: datetime) -> None:
        """Somebody is about to say *how* they are."""
        call = self._kept.open_call()
        on = self._owed_on()
        due = self._due(on)
        is_near = due is not None and due - EARLY <= now and not self.clock_was_wrong
        ends = frozenset({call.id} if call is not None and self._is_the_misses_alone(call) else ())
        is_ok = how is How.OK
        if is_ok:
            self._truth.may_end |= ends
        may_hear = frozenset(str(person) for person in self._agreed.told if self._missed)
        self._sign = Sign(
            how=how,
            owed=on if is_near else None,
            must_end=ends if is_ok and call is not None and not call.in_trouble else frozenset(),
            may_hear=may_hear if is_ok else frozenset(),
            must_hear=may_hear & self.told if is_ok else frozenset(),
            was_missed=bool(self._missed),
        )

    @property
    def has_missed(self) -> bool:
        """Whether a miss came after which nobody heard of the person."""
        return bool(self._missed)

    def nothing_was_said(self) -> None:
        """The door was closed: it did not come in."""
        self._sign = None

    def _is_the_misses_alone(self, call: Call) -> bool:
        is_its_own = any(each.alert == call.id for each in self._missed)
        return is_its_own and call.id not in self._truth.raised and call.id not in self._truth.spoke

    def _owed_on(self) -> date:
        on = self._agreed.on
        while on in self._over:
            on += timedelta(days=1)
        return on

    def _due(self, on: date) -> datetime | None:
        return due_on(on, self._agreed.at, self._agreed.zone)

    def _passed(self, moment: datetime) -> float:
        return (moment - self._scenario.start).total_seconds()

    # ------------------------------------------------------------------ after every step

    def after_a_step(self) -> Iterator[str]:
        """What is broken since the last look."""
        before, self._open = self._open, self._kept.open_call()
        step = Step(before=before)
        sign, self._sign = self._sign, None
        if sign is not None:
            yield from self._heard(sign, step)
        for ended in self._kept.new_windows():
            yield from self._ended(ended, sign, step)
        if sign is not None and sign.owed is not None:
            self._confirmed.add(sign.owed)
            if sign.owed not in self._over:
                yield f"{self._name} checked in, and it was taken for nothing"
        call = self._open
        if call is not None and "check_in" in call.causes and call.id not in self._missed_calls:
            yield f"{self._name} was called for by a check-in, and no miss asked for that"
        yield from self._words(step)

    def _ended(self, ended: Ended, sign: Sign | None, step: Step) -> Iterator[str]:
        if ended.on in self._over:
            yield f"{self._name}'s check-in of {ended.on} ended twice"
        self._over[ended.on] = ended
        if ended.due != self._due(ended.on):
            yield f"{self._name}'s check-in of {ended.on} was due at another time than a clock there says"
        match ended.came:
            case Came.MADE:
                yield from self._made(ended, sign)
            case Came.EXCUSED:
                yield from self._excused(ended)
            case _:
                yield from self._was_missed(ended, step)

    def _made(self, ended: Ended, sign: Sign | None) -> Iterator[str]:
        if sign is None:
            yield f"{self._name}'s check-in counts as made, and nobody gave a sign of life"
        elif ended.how != sign.how:
            yield f"{self._name} was {sign.how}, and {ended.how} is written down"
        self._note("a check-in was made")
        if ended.how == How.NOT_OK:
            self._note("a check-in was made by saying not OK")

    def _excused(self, ended: Ended) -> Iterator[str]:
        following = self._due(ended.on + timedelta(days=1))
        if ended.why == Excuse.OUTAGE and following is not None and following <= ended.at:
            self._note("a check-in was excused because we were away")
        elif not self.clock_was_wrong:
            yield f"{self._name}'s check-in was excused ({ended.why}), and nothing explains it"

    # ------------------------------------------------------------------ a miss

    def _was_missed(self, ended: Ended, step: Step) -> Iterator[str]:
        if ended.on in self._confirmed:
            yield f"{self._name} had checked in, and is missed all the same"
        if not self.clock_was_wrong:
            yield from self._had_full_time(ended)
            yield from self._was_reminded(ended)
        on_miss = self._agreed.on_miss
        if on_miss is OnMiss.CALL:
            yield from self._called(ended, step)
        elif ended.alert is not None:
            yield f"{self._name}'s miss called the circle, which {self._name} did not choose"
        if on_miss is OnMiss.TELL:
            chosen = {str(person) for person in self._agreed.told}
            step.words |= {(NoticePurpose.CHECK_IN_MISSED, p) for p in chosen if self._can_hear(p)}
            step.may_hear |= {(NoticePurpose.CHECK_IN_MISSED, p) for p in chosen}
        if on_miss is OnMiss.REMIND:
            self._note("a miss stayed with the person alone")
        self._missed.append(ended)

    def _had_full_time(self, ended: Ended) -> Iterator[str]:
        grace, at, due = self._agreed.grace.total_seconds(), self._passed(ended.at), self._passed(ended.due)
        if at < due + grace - 1:
            yield f"{self._name} was missed before the time was over"
        for since, until in self._away:
            if due < until and due + grace > since and at < until + grace - SLACK_SECONDS:
                yield f"{self._name} was missed, and we had been away within the time"
        if self._was_calm(due) and at > due + grace + SLACK_SECONDS:
            yield f"{self._name} was missed, and that was seen too late"

    def _was_calm(self, since: float) -> bool:
        return self.disturbed_at < since - HELD_UP_MAX_SECONDS

    def _was_reminded(self, ended: Ended) -> Iterator[str]:
        due, grace = self._passed(ended.due), self._agreed.grace.total_seconds()
        handed = [each for each in self.reminded if each[0] >= due - 1]
        often = self._kept.reminders_between(ended.due, ended.at)
        if often < 2:
            yield f"{self._name} was missed after {often} of two reminders"
        # Whom no reminder reached had the whole time once more: the silence may be ours.
        had_twice = self._passed(ended.at) >= due + 2 * grace - 1
        if not had_twice and not any(taken for _, _, taken in handed):
            yield f"{self._name} was missed, and no reminder had gone out"
        ways = {way.channel for way in self._scenario.people[self._agreed.person].ways}
        if self._was_calm(due):
            if len({kind for _, kind, _ in handed}) < min(2, len(ways)):
                yield f"{self._name} was missed, and not reminded on two ways"
            if self._passed(ended.at) - handed[0][0] < grace - SLACK_SECONDS:
                yield f"{self._name} was missed in less time after the first reminder than was agreed"

    def _called(self, ended: Ended, step: Step) -> Iterator[str]:
        before, call = step.before, self._open
        if ended.alert is None or call is None or call.id != ended.alert:
            yield f"{self._name}'s miss was to call the circle, and did not"
            return
        self._missed_calls.add(ended.alert)
        if before is None:
            self.calls += 1
            self._note("a miss called the circle")
        elif before.id != ended.alert:
            yield f"{self._name}'s miss began a second call"
        else:
            self._note("a miss joined an open call")
            if before.status == "acknowledged" and call.status == "acknowledged":
                yield from self._taker_was_told(call)
        if "check_in" not in call.causes and not call.in_trouble:
            yield f"{self._name}'s miss is in no call's causes"

    def _taker_was_told(self, call: Call) -> Iterator[str]:
        told = Notification.objects.filter(
            alert=call.id, person=call.taker, purpose="taker_news", news="check_in_joined"
        )
        if told.exists():
            self._note("whoever had the call was told of a miss")
        elif self._can_hear(call.taker) and not call.in_trouble:
            yield f"{self._name} was missed while {NAMES[call.taker]} had the call, and they were not told"

    def _can_hear(self, person: str) -> bool:
        """Whether nothing stands against telling *person*, whatever happened tonight."""
        caller = str(self._agreed.person)
        is_out = (caller, person) in self._truth.left or (caller, person) in self._truth.paused
        member = next((each for each in self._circle.members if each.person == person), None)
        ways = self._scenario.people[person].ways  # type: ignore[index]
        closed = self._truth.stopped.keys() | self._truth.taken_up_again
        is_agreed = member is not None and member.agreed_until.year > self._scenario.start.year + 1
        return is_agreed and not is_out and any(way.id not in closed for way in ways)

    # ------------------------------------------------------------------ afterwards

    def _heard(self, sign: Sign, step: Step) -> Iterator[str]:
        if sign.was_missed and sign.how is How.NOT_OK:
            self._note("late, and not OK: what the miss began went on")
            return
        if not sign.was_missed:
            return
        self._note("heard of after a miss")
        self._missed = []
        step.may_hear |= {(NoticePurpose.CHECK_IN_CAME, person) for person in sign.may_hear}
        step.words |= {(NoticePurpose.CHECK_IN_CAME, p) for p in sign.must_hear if self._can_hear(p)}
        self.told -= sign.must_hear
        call = self._open
        for ended in sign.must_end:
            if call is not None and call.id == ended and not call.in_trouble:
                yield f"{self._name} came late, and the call that the miss alone began goes on"
            elif call is None:
                self._ended_by_it(ended)
        if call is not None and step.before is not None and call.id not in sign.must_end:
            self._note("a late OK left a call alone that was about more")

    def _ended_by_it(self, call: str) -> None:
        self._note("a late OK ended a call that the miss alone began")
        if Notification.objects.filter(alert=call, purpose="all_clear").exists():
            self._note("a late OK ended a call, and whoever was asked heard so")

    def _words(self, step: Step) -> Iterator[str]:
        found = self._kept.new_words()
        for purpose, person in sorted(found - step.words - step.may_hear):
            yield f"{NAMES[person]} was told of {self._name}'s check-in ({purpose}), and nobody chose that"
        for purpose, person in sorted(step.words - found):
            yield f"{NAMES[person]} was not told of {self._name}'s check-in ({purpose})"
        for purpose, _ in found:
            self._note(f"told of a check-in: {purpose}")

    # ------------------------------------------------------------------ when all is well again

    def is_over(self, now: datetime) -> bool:
        """Whether nothing is owed any more by *now*."""
        due = self._due(self._owed_on())
        return bool(self._over) and (due is None or due > now)

    def at_the_end(self, now: datetime) -> Iterator[str]:
        """What is left lying once nothing goes wrong any more."""
        due = self._due(self._owed_on())
        if due is not None and due + 2 * self._agreed.grace + timedelta(minutes=10) < now:
            yield f"{self._name}'s check-in was never made, excused or missed"
        if self._kept.is_left_lying(now - timedelta(seconds=60)):
            yield "a word outside calls that is due is left lying"
