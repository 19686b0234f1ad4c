"""Who hears of a check-in, and by which ways. Everything here runs inside the transaction it belongs to.

A word that breaks is left out, and the window goes on without it: what cannot be said to one person must
keep neither the next reminder nor the call from coming.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import partial

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q

from nightlight.engine.checkin import Window
from nightlight.store import check_ins
from nightlight.store.check_ins import Missed, Schedule
from nightlight.store.consent import NeverContacted, consents
from nightlight.store.models import (
    CheckIn,
    CheckInWindow,
    Circle,
    ContactMethod,
    EventRow,
    Membership,
    Notice,
    NotificationStatus,
)
from nightlight.store.notices import NoticePurpose, Written, call_off_for_good, tell_ways, ways_to_tell
from nightlight.store.races import LostRace
from nightlight.store.sealing import opened
from nightlight.store.supporting import link_in_message

_REACHED = (NotificationStatus.ACCEPTED, NotificationStatus.QUEUED, NotificationStatus.DELIVERED)


MADE = "made"
"""Why a message was not needed: the person was heard of."""

_log = structlog.get_logger()


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
    if window.reminded > 1:
        # The first may have gone out by the next way, where nobody knew what became of it by its own.
        used = _ways_used(schedule.id, window.began)
        own = sorted(own[1:] + own[:1], key=lambda way: way.pk in used)
    return _to_person(schedule, own, now, window.deadline)


def _ways_used(check_in: str, since: datetime | None) -> set[str]:
    """By which ways a reminder of the window that began then was handed to a provider."""
    rows = Notice.objects.filter(check_in_id=check_in, purpose=NoticePurpose.CHECK_IN, status__in=_REACHED)
    return set(
        (rows.filter(created_at__gte=since) if since else rows).values_list("contact_method", flat=True)
    )


def tell_person_of_miss(schedule: Schedule, now: datetime, channels_on: frozenset[str]) -> bool:
    """Tell the person, by every way until one is taken, that it did not come; the page says what followed."""
    return _to_person(schedule, ways(schedule, channels_on), now, None)


def _to_person(
    schedule: Schedule, own: Sequence[ContactMethod], now: datetime, until: datetime | None
) -> bool:
    def tell() -> bool:
        # The row is read again only where its link, read with the lock, cannot be opened.
        token = opened(schedule.token_sealed) or check_ins.page_token(CheckIn.objects.get(pk=schedule.id))
        written = Written(circle=schedule.person, check_in=schedule.id, token=token, until=until)
        return tell_ways(NoticePurpose.CHECK_IN, own, now, written)

    return _safely(schedule, tell)


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
    """Tell those of *people* who may be told now; ids of whom there is a way to tell."""
    never = NeverContacted(Circle(pk=schedule.person))
    return tuple(
        person
        for person in people
        if _may_hear(schedule.person, person, never, now)
        and _safely(schedule, partial(_tell_member, purpose, schedule, person, now, channels_on))
    )


def _may_hear(circle: str, person: str, never: NeverContacted, now: datetime) -> bool:
    row = Membership.objects.select_related("person").filter(circle_id=circle, person_id=person).first()
    own = ContactMethod.objects.filter(person_id=person)
    return row is not None and consents(row, now) and not never.has_person(person, own)


def _tell_member(
    purpose: NoticePurpose, schedule: Schedule, person: str, now: datetime, channels_on: frozenset[str]
) -> bool:
    own = list(ways_to_tell(person, channels_on))
    if not own:
        return False
    token = link_in_message(person, now)
    return tell_ways(purpose, own, now, Written(circle=schedule.person, check_in=schedule.id, token=token))


def _safely(schedule: Schedule, tell: Callable[[], bool]) -> bool:
    try:
        with transaction.atomic():
            return tell()
    except (OperationalError, InterfaceError, LostRace):
        raise  # The database is away, or another was first: all of it is done again.
    except Exception as error:  # noqa: BLE001
        _log.error("a word of a check-in broke", check_in=schedule.id, error=type(error).__name__)
        return False


def reminders_reached(check_in: str, since: datetime | None) -> bool:
    """Whether any reminder since then was handed to a provider."""
    rows = Notice.objects.filter(check_in_id=check_in, purpose=NoticePurpose.CHECK_IN, status__in=_REACHED)
    return (rows.filter(created_at__gte=since) if since else rows).exists()


def call_off_reminders(check_in: str, now: datetime) -> None:
    """Reminders that did not go out yet are not sent: there is nothing to be reminded of any more."""
    reminders = Notice.objects.filter(check_in_id=check_in, purpose=NoticePurpose.CHECK_IN)
    call_off_for_good(reminders, now, MADE)


def call_off_words_of(check_in: str, missed: Collection[Missed], now: datetime) -> list[str]:
    """Who was told of *missed*, or may have been; the words that did not go out are not sent any more."""
    if not missed:
        return []
    words = Notice.objects.filter(
        check_in_id=check_in,
        purpose=NoticePurpose.CHECK_IN_MISSED,
        created_at__gte=min(each.at for each in missed),
    )
    begun = words.exclude(outcomes=[]) | words.filter(status=NotificationStatus.LEASED)
    heard = set(begun.values_list("person_id", flat=True))
    call_off_for_good(words, now, MADE)
    chosen = dict.fromkeys(person for each in missed for person in each.told)
    windows = [each.window for each in missed]
    unheard = CheckInWindow.told.through.objects.filter(checkinwindow_id__in=windows)
    unheard.exclude(person_id__in=heard).delete()
    return [person for person in chosen if person in heard]


def person_spoke(alert: str) -> bool:
    """Whether the one who is called for said a word of their own in the call: then it is not the miss's alone."""
    words = Q(kind__in=("StillNeeded", "NeedChanged")) | Q(kind="ContactMade", body__by_caller=True)
    return EventRow.objects.filter(words, alert_id=alert).exists()


def own_ways(person: str) -> int:
    """By how many ways *person* could be reminded, whether or not their channels are on just now."""
    return ContactMethod.objects.filter(person_id=person, ended_at=None, proven_at__isnull=False).count()
