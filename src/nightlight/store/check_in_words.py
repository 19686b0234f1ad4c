"""Who hears of a check-in, and by which ways. Everything here runs inside the transaction it belongs to."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from nightlight.engine.checkin import Window
from nightlight.store import check_ins
from nightlight.store.check_ins import Schedule
from nightlight.store.models import CheckIn, ContactMethod
from nightlight.store.notices import NoticePurpose, Written, tell_person, tell_ways, ways_to_tell
from nightlight.store.supporting import new_supporter_link


def ways(schedule: Schedule, channels_on: frozenset[str]) -> list[ContactMethod]:
    """By which ways the person is reminded: one of each kind they chose, in their order, and then the others."""
    own = list(ways_to_tell(schedule.person, channels_on))
    first: list[ContactMethod] = []
    for kind in schedule.remind or dict.fromkeys(way.channel for way in own):
        first += [way for way in own if way.channel == kind][:1]
    return first + [way for way in own if way not in first]


def remind(schedule: Schedule, window: Window, now: datetime, channels_on: frozenset[str]) -> bool:
    """Remind the person, the second time beginning with another way; whether they have any."""
    own = ways(schedule, channels_on)
    turn = (window.reminded - 1) % len(own) if own else 0
    return _to_person(schedule, own[turn:] + own[:turn], now, window.deadline)


def tell_person_of_miss(schedule: Schedule, now: datetime, channels_on: frozenset[str]) -> bool:
    """Tell the person, by every way until one is taken, that it did not come; the page says what followed."""
    return _to_person(schedule, ways(schedule, channels_on), now, None)


def _to_person(
    schedule: Schedule, own: Sequence[ContactMethod], now: datetime, until: datetime | None
) -> bool:
    row = CheckIn.objects.get(pk=schedule.id)
    written = Written(
        circle=schedule.person, check_in=schedule.id, token=check_ins.page_token(row), until=until
    )
    return tell_ways(NoticePurpose.CHECK_IN, own, now, written)


def tell_missed(schedule: Schedule, now: datetime, channels_on: frozenset[str]) -> tuple[str, ...]:
    """Tell those whom the person chose; ids of whoever has a way to be told."""
    people = check_ins.told_members(CheckIn.objects.get(pk=schedule.id))
    return _tell(NoticePurpose.CHECK_IN_MISSED, schedule, people, now, channels_on)


def tell_came(schedule: Schedule, people: Sequence[str], now: datetime, channels_on: frozenset[str]) -> None:
    """Tell those who were told of a miss that the person was heard of."""
    _tell(NoticePurpose.CHECK_IN_CAME, schedule, people, now, channels_on)


def tell_made(schedule: Schedule, now: datetime, channels_on: frozenset[str]) -> None:
    """The quiet note, to those whom the person chose to have it."""
    people = check_ins.noted_members(CheckIn.objects.get(pk=schedule.id))
    _tell(NoticePurpose.CHECKED_IN, schedule, people, now, channels_on)


def _tell(
    purpose: NoticePurpose,
    schedule: Schedule,
    people: Iterable[str],
    now: datetime,
    channels_on: frozenset[str],
) -> tuple[str, ...]:
    told = []
    for person in people:
        if not ways_to_tell(person, channels_on).exists():
            continue
        token = new_supporter_link(person, now)
        if tell_person(purpose, person, now, channels_on, circle=schedule.person, token=token):
            told.append(person)
    return tuple(told)
