"""A call that is only imagined: who would be tried, when and by which way. Sends and writes nothing.

The rules are the very ones of a real call, and so are the facts. Only the clock is not: it jumps
from one timer, and from one way, to the next. Nobody in it answers, and no way fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from nightlight.engine.decide import Decision, run
from nightlight.engine.effects import Notify
from nightlight.engine.events import AlertRaised, Event, RaisedBy, StepTimedOut
from nightlight.engine.facts import Facts
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need
from nightlight.engine.policy import PEOPLE_PER_STEP_MAX, STEPS_MAX
from nightlight.engine.state import Alert, AlertStatus
from nightlight.intake.alert import NotPossible
from nightlight.intake.channels import kinds_on
from nightlight.store.policies import policy_of
from nightlight.store.standing import (
    WhyNot,
    channels_of_ways,
    rehearsal_facts,
    standings,
    time_zone_of,
)

# A fair step asks its people one after another, so each of them may take a turn of the clock.
TURNS_MAX = STEPS_MAX * PEOPLE_PER_STEP_MAX + 1


@dataclass(frozen=True, kw_only=True)
class Try:
    """One message that would go out."""

    at: datetime
    step: int
    """Counted from 1; a fair step counts once for each person."""
    who: str
    name: str
    channel: str
    wished: bool
    """Nobody offered what is wished for, so the words ask for less."""


@dataclass(frozen=True, kw_only=True)
class NotAsked:
    """Somebody who would not be asked in this lap."""

    who: str
    name: str
    why: WhyNot | None
    """None when they became available only after their step had passed."""


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """One lap of the ladder, from the call to the moment when everybody was tried."""

    person: str
    need: Need
    at: datetime
    zone: ZoneInfo
    """Of the caller; for showing the times."""
    tries: tuple[Try, ...]
    not_asked: tuple[NotAsked, ...]
    all_tried_at: datetime
    next_round_at: datetime


def rehearse(person: str, need: Need, at: datetime) -> Rehearsal:
    """One lap as it would go if *person* called at *at* (aware).

    Raises `NotPossible` when there is no such person or no ladder, `PolicyError` when it cannot be climbed.
    """
    policy, zone = policy_of(person), time_zone_of(person)
    if policy is None or zone is None:
        raise NotPossible(
            f"{person!r} has no circle to call; import one with `nightlight circle import FILE.toml`"
        )
    lap = _Lap(person)
    lap.decide(AlertRaised(person=PersonId(person), need=need, by=RaisedBy.CALLER, policy=policy), at)
    for _ in range(TURNS_MAX):
        if lap.alert.status is AlertStatus.EXHAUSTED:
            break
        assert lap.alert.timer is not None
        lap.decide(StepTimedOut(generation=lap.alert.timer.generation), lap.alert.timer.due)
    assert lap.alert.status is AlertStatus.EXHAUSTED, "a lap of the ladder did not end"
    assert lap.alert.timer is not None
    return Rehearsal(
        person=person,
        need=need,
        at=at,
        zone=zone,
        tries=lap.tries(),
        not_asked=lap.not_asked(need, at),
        all_tried_at=lap.now,
        next_round_at=lap.alert.timer.due,
    )


@dataclass(frozen=True, kw_only=True)
class _Planned:
    """One way of one ask, as it was planned."""

    due: datetime
    position: int
    ask: Notify
    way: str


class _Lap:
    """The alert that is imagined, and what was planned for it."""

    def __init__(self, person: str) -> None:
        self._person = person
        self._channels_on = kinds_on()
        self._alert: Alert | None = None
        self._planned: list[_Planned] = []
        self._asked_at: dict[PersonId, datetime] = {}
        self.now: datetime

    @property
    def alert(self) -> Alert:
        assert self._alert is not None
        return self._alert

    def decide(self, event: Event, now: datetime) -> None:
        """Let *event* happen at *now*."""
        self.now = now
        decision = run(self._alert, event, self._facts(now))
        self._alert = decision.alert
        self._note(decision)

    def _facts(self, now: datetime) -> Facts:
        """The facts of *now*, as if everybody asked so far had really been asked."""
        facts = rehearsal_facts(self._person, self._alert, now, self._channels_on)
        members = {
            person: replace(member, last_asked_at=self._asked_at.get(person, member.last_asked_at))
            for person, member in facts.members.items()
        }
        return replace(facts, members=members)

    def _note(self, decision: Decision) -> None:
        for effect in decision.effects:
            if isinstance(effect, Notify):
                self._asked_at[effect.person] = self.now
                self._planned += [
                    _Planned(due=way.due, position=position, ask=effect, way=way.contact_method)
                    for position, way in enumerate(effect.ways)
                    if way.due is not None
                ]

    def tries(self) -> tuple[Try, ...]:
        """What would go out, in that order. Consent is looked at again when a way is due, as in a claim."""
        channels = channels_of_ways(self._person)
        names = self._names()
        planned = sorted(self._planned, key=lambda each: (each.due, each.ask.rung, each.position))
        return tuple(
            Try(
                at=each.due,
                step=each.ask.rung,
                who=each.ask.person,
                name=names[each.ask.person],
                channel=channels[each.way],
                wished=each.ask.wished,
            )
            for each in planned
            if self._may_still_go(each)
        )

    def _may_still_go(self, planned: _Planned) -> bool:
        member = self._facts(planned.due).member(planned.ask.person)
        return member.consents and not member.removed

    def not_asked(self, need: Need, began_at: datetime) -> tuple[NotAsked, ...]:
        """Everybody else of the circle, and what stood in the way when the lap began or ended."""
        reasons: Mapping[str, WhyNot | None] = {
            each.person: each.why_not for each in standings(self._person, need, self.now, self._channels_on)
        }
        return tuple(
            NotAsked(who=each.person, name=each.name, why=each.why_not or reasons[each.person])
            for each in standings(self._person, need, began_at, self._channels_on)
            if PersonId(each.person) not in self._asked_at
        )

    def _names(self) -> dict[str, str]:
        return {
            each.person: each.name
            for each in standings(self._person, self.alert.need, self.now, self._channels_on)
        }
