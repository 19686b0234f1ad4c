"""An agreed sign of life in some of the nights: when it is due, what a miss means, and what the person does then.

Drawn from chances of its own, so that every night without one is as it was before there were any.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from zoneinfo import ZoneInfo

from nightlight.engine.checkin import How, OnMiss
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need

SHARE = 1 / 6
"""Of the nights in which Ana agreed to one."""
GRACES = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 20))
RULE = "FREQ=DAILY"
OUTAGE_SHARE = 0.35
OUTAGES_SECONDS = (90.0, 600.0, 1800.0)
MORE_THAN_A_DAY = 0.18
"""The share of these outages in which the next one comes as well, so that the first is never asked for."""
BEYOND_A_DAY_SECONDS = 600.0
STAYS_AWAY = 0.75
"""How often nobody comes while we are away for so long."""
DAY_SECONDS = 86_400.0


class Plan(StrEnum):
    """What the person does about it."""

    IN_TIME = "in time"
    WHEN_REMINDED = "when reminded"
    LATE = "late"
    NEVER = "never"


PLANS = (Plan.IN_TIME, Plan.WHEN_REMINDED, *(4 * [Plan.LATE]), *(2 * [Plan.NEVER]))


@dataclass(frozen=True, kw_only=True)
class Outage:
    """Nobody of ours is there."""

    before: float
    """It begins so many seconds before the sign of life is due; below 0 it is afterwards."""
    lasts: float


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """One sign of life that is agreed on for this night."""

    id: str
    person: PersonId
    zone: str
    due: datetime
    grace: timedelta
    remind: tuple[str, ...]
    """Kinds of way, as the person chose them; empty for their ways in their own order."""
    on_miss: OnMiss
    need: Need
    told: frozenset[PersonId]
    plan: Plan
    comes_after: float
    """Seconds after it is due, or after a reminder arrived."""
    how: How
    calls_first: bool
    """Whether they also call by themself, as on any other night."""
    outage: Outage | None

    @property
    def on(self) -> date:
        """The local date of its first window."""
        return self.due.astimezone(ZoneInfo(self.zone)).date()

    @property
    def at(self) -> time:
        """The local time at which it is due."""
        return self.due.astimezone(ZoneInfo(self.zone)).time()

    def faults_last(self, start: datetime) -> float:
        """Seconds for which faults must go on, so that the outage ends among them."""
        if self.outage is None:
            return 0.0
        due = (self.due - start).total_seconds()
        return due - self.outage.before + self.outage.lasts + 60.0


def drawn_check_in(
    seed: int,
    start: datetime,
    person: PersonId,
    zone: str,
    *,
    kinds: tuple[str, ...],
    members: list[PersonId],
) -> Agreed | None:
    """What *person* agreed to for the night of *seed*, or None.

    *kinds* are those of the ways they have, *members* are in their circle.
    """
    chance = Random(f"{seed}:check-ins at night")  # noqa: S311  (a made-up world, not a secret)
    if chance.random() >= SHARE:
        return None
    plan, grace = chance.choice(PLANS), chance.choice(GRACES)
    agreed = Agreed(
        id=f"{person}-tonight",
        person=person,
        zone=zone,
        due=_due(start, zone, chance),
        grace=grace,
        remind=tuple(chance.sample(kinds, chance.randint(0, min(2, len(kinds))))),
        on_miss=chance.choice((*(3 * [OnMiss.CALL]), *(2 * [OnMiss.TELL]), OnMiss.REMIND)),
        need=chance.choice((Need.TALK, Need.TALK, Need.COMPANY, Need.COME)),
        told=frozenset(chance.sample(members, chance.randint(1, min(2, len(members))))),
        plan=plan,
        comes_after=_comes_after(plan, grace.total_seconds(), chance),
        how=How.NOT_OK if chance.random() < 0.2 else How.OK,
        calls_first=chance.random() < 0.4,
        outage=_outage(grace.total_seconds(), chance) if chance.random() < OUTAGE_SHARE else None,
    )
    is_long = agreed.outage is not None and agreed.outage.lasts > DAY_SECONDS
    return replace(agreed, plan=Plan.NEVER) if is_long and chance.random() < STAYS_AWAY else agreed


def _due(start: datetime, zone: str, chance: Random) -> datetime:
    """A full minute, at which a clock there shows that time for the first time on that date."""
    minutes = chance.choice((chance.uniform(3, 15), chance.uniform(10, 60), chance.uniform(20, 100)))
    due = (start + timedelta(minutes=minutes)).replace(second=0, microsecond=0) + timedelta(minutes=1)
    while due.astimezone(ZoneInfo(zone)).fold:
        due += timedelta(minutes=30)
    return due


def _comes_after(plan: Plan, grace: float, chance: Random) -> float:
    match plan:
        case Plan.IN_TIME:
            return chance.uniform(-1800, 0) if chance.random() < 0.3 else chance.uniform(0, 0.95 * grace)
        case Plan.WHEN_REMINDED:
            return chance.uniform(2, 0.6 * grace)
        case _:
            return grace + chance.choice((chance.uniform(1, 60), chance.uniform(30, 2400)))


def _outage(grace: float, chance: Random) -> Outage:
    if chance.random() < MORE_THAN_A_DAY:
        before = chance.uniform(0, 300)
        return Outage(before=before, lasts=before + DAY_SECONDS + BEYOND_A_DAY_SECONDS)
    lasts = chance.choice(OUTAGES_SECONDS)
    return Outage(before=chance.uniform(-0.9 * grace, 0.5 * lasts), lasts=lasts)
