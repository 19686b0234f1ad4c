"""What a bad night would meet, said on a good day: gaps in a circle, and a ladder made from what people offer.

Reading only. A gap never keeps anybody from calling.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Offer
from nightlight.engine.policy import WAIT_DEFAULT, EscalationStep
from nightlight.intake.channels import kinds_on
from nightlight.store.consent import is_within_hours
from nightlight.store.members import MemberView, MemberWay, members_of
from nightlight.store.proofs import proven_lately

ENDS_SOON = timedelta(days=14)
"""An agreement that ends within this is mentioned."""
PER_STEP_SUGGESTED = 2
"""So few are woken at once; the next step is minutes away."""
HOURS_OF_A_DAY = 24


class GapKind(StrEnum):
    """What is missing."""

    NOBODY = "nobody"
    """Nobody in the circle can be asked at all."""
    NOT_ON_LADDER = "not_on_ladder"
    NO_HOURS = "no_hours"
    """There are hours in which nobody can be asked."""
    ONE_WAY = "one_way"
    """Everybody is reached by the same one kind of way: when it fails, all fail."""
    NOT_PROVEN = "not_proven"
    ENDS_SOON = "ends_soon"
    NOBODY_COMES = "nobody_comes"
    NOWHERE_TO_STAY = "nowhere_to_stay"


@dataclass(frozen=True, kw_only=True)
class Gap:
    """One thing that is missing. `names` are of the members it is about, in the circle's order."""

    kind: GapKind
    names: tuple[str, ...] = ()
    hours: tuple[tuple[int, int], ...] = ()
    """From and until, full hours on the clock of the circle's owner."""
    channel: str = ""


def gaps(person: str, time_zone: str, now: datetime) -> tuple[Gap, ...]:
    """What is missing in the circle of *person*, the heaviest first."""
    on = kinds_on()
    members = members_of(person)
    asked = [m for m in members if m.on_ladder and _agrees(m, now) and _usable(m, on)]
    left_out = tuple(m.name for m in members if not m.on_ladder and _agrees(m, now))
    found = [Gap(kind=GapKind.NOT_ON_LADDER, names=left_out)] if left_out else []
    if not asked:
        return (Gap(kind=GapKind.NOBODY), *found)
    found += [*_hours(asked, time_zone, now), *_one_way(asked, on)]
    lately = proven_lately((way for m in members for way in m.ways), now)
    unproven = tuple(m.name for m in members if _agrees(m, now) and not _is_proven(m, on, lately))
    if unproven:
        found.append(Gap(kind=GapKind.NOT_PROVEN, names=unproven))
    ending = tuple(m.name for m in members if _ends_soon(m, now))
    if ending:
        found.append(Gap(kind=GapKind.ENDS_SOON, names=ending))
    if not any(Offer.COME in m.offers for m in asked):
        found.append(Gap(kind=GapKind.NOBODY_COMES))
    if not any(Offer.STAY in m.offers for m in asked):
        found.append(Gap(kind=GapKind.NOWHERE_TO_STAY))
    return tuple(found)


def _agrees(member: MemberView, now: datetime) -> bool:
    """Whether they agreed and that still holds; a pause ends by itself."""
    today = now.astimezone(ZoneInfo(member.time_zone)).date()
    return member.agreed_on is not None and not member.is_over(today)


def _usable(member: MemberView, on: frozenset[str]) -> tuple[MemberWay, ...]:
    return tuple(way for way in member.ways if way.proven_at is not None and way.channel in on)


def _is_proven(member: MemberView, on: frozenset[str], lately: frozenset[str]) -> bool:
    ways = _usable(member, on)
    return bool(ways) and all(way.id in lately for way in ways)


def _ends_soon(member: MemberView, now: datetime) -> bool:
    if member.agreed_until is None or not _agrees(member, now):
        return False
    today = now.astimezone(ZoneInfo(member.time_zone)).date()
    return member.agreed_until - today <= ENDS_SOON


def _hours(asked: Sequence[MemberView], time_zone: str, now: datetime) -> list[Gap]:
    """The hours of the coming day in which nobody may be asked; someone who may be woken covers all of them."""
    start = now.astimezone(ZoneInfo(time_zone)).replace(minute=0, second=0, microsecond=0)
    empty = [
        (start + timedelta(hours=ahead)).astimezone(start.tzinfo).hour
        for ahead in range(HOURS_OF_A_DAY)
        if not any(_may_be_asked(member, start + timedelta(hours=ahead, minutes=30)) for member in asked)
    ]
    return [Gap(kind=GapKind.NO_HOURS, hours=tuple(_spans(empty)))] if empty else []


def _may_be_asked(member: MemberView, at: datetime) -> bool:
    start, end = member.hours or (None, None)
    return member.wake_me or is_within_hours(start, end, at, member.time_zone)


def _spans(hours: Iterable[int]) -> list[tuple[int, int]]:
    """Single hours of a day as spans from and until, over midnight too: 23, 0, 1 are (23, 2)."""
    left = set(hours)
    if len(left) == HOURS_OF_A_DAY:
        return [(0, HOURS_OF_A_DAY)]
    spans = []
    for first in sorted(hour for hour in left if (hour - 1) % HOURS_OF_A_DAY not in left):
        last = first
        while (last + 1) % HOURS_OF_A_DAY in left:
            last = (last + 1) % HOURS_OF_A_DAY
        spans.append((first, (last + 1) % HOURS_OF_A_DAY))
    return spans


def _one_way(asked: Sequence[MemberView], on: frozenset[str]) -> list[Gap]:
    kinds = {way.channel for member in asked for way in _usable(member, on)}
    return [Gap(kind=GapKind.ONE_WAY, channel=next(iter(kinds)))] if len(kinds) == 1 else []


def suggested_ladder(person: str, now: datetime) -> tuple[EscalationStep, ...]:
    """A ladder of everybody who agreed: first those who may be woken or have no hours, then the others.

    Two in a step take turns, so that it is not always the same one who is woken first.
    """
    members = [member for member in members_of(person) if _agrees(member, now)]
    any_time = [m for m in members if m.wake_me or m.hours is None]
    others = [m for m in members if m not in any_time]
    groups = [
        some[first : first + PER_STEP_SUGGESTED]
        for some in (any_time, others)
        for first in range(0, len(some), PER_STEP_SUGGESTED)
    ]
    return tuple(
        EscalationStep(
            ask=tuple(PersonId(member.person) for member in group), wait=WAIT_DEFAULT, fair=len(group) > 1
        )
        for group in groups
    )
