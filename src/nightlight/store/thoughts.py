"""One word and no demand: a member sends "thinking of you", or the two people's own word. It needs no answer.

How many may come in a day, all members together, the person says; whoever is over that hears it kindly.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from nightlight.store.models import Afterwards, Circle, Membership, Thought
from nightlight.store.notices import NoticePurpose, Written, tell_ways, ways_to_tell
from nightlight.store.quiet import quiet_ones
from nightlight.store.races import racing
from nightlight.store.sealing import opened, seal
from nightlight.store.stepping_back import Mine, NotAgreed
from nightlight.store.withdrawals import Moment

A_DAY = (0, 1, 3, 10)
"""What a person may choose between; 0 is nobody."""
WORD_MAX = 60
SHOWN_FOR = timedelta(days=3)
KEPT_FOR = timedelta(days=31)
"""So long it is known who sent one; nobody counts them."""


class Sent(StrEnum):
    """What came of it."""

    SENT = "sent"
    SHOWN = "shown"
    """No way of theirs can be used now; it is on their own page."""
    ENOUGH_TODAY = "enough_today"
    NOT_NOW = "not_now"
    """The person wants none, or everything is switched off; which of them is theirs alone."""


@dataclass(frozen=True, kw_only=True)
class ThoughtView:
    """Somebody thought of the person."""

    name: str
    word: str
    """The two people's own; empty for the usual one."""
    at: datetime


def words_a_day(person: str) -> int:
    """How many a day may come to *person*, all members together."""
    row = Afterwards.objects.filter(circle_id=person).first()
    return row.words_a_day if row else int(Afterwards._meta.get_field("words_a_day").default)


def set_words_a_day(person: str, number: int) -> None:
    """*number* is one of `A_DAY`."""
    assert number in A_DAY
    Circle.objects.get_or_create(person_id=person)
    Afterwards.objects.update_or_create(circle_id=person, defaults={"words_a_day": number})


def own_word(membership: int) -> str:
    """The two people's own word; empty for the usual one."""
    sealed = Membership.objects.filter(pk=membership).values_list("own_word_sealed", flat=True).first()
    return opened(sealed or "")


def set_own_word(person: str, member: str, word: str) -> None:
    """From now on *member* sends *word* to *person*; an empty one is the usual one."""
    rows = Membership.objects.filter(circle_id=person, person_id=member, ended_at=None)
    rows.update(own_word_sealed=seal(word) if word else "")


def send(mine: Mine, moment: Moment) -> Sent:
    """Send it, within what the person allows. Raises `NotAgreed`."""
    return racing(lambda: _send(mine, moment))


def _send(mine: Mine, moment: Moment) -> Sent:
    rows = Membership.objects.select_related("circle__person").filter(
        pk=mine.membership, person_id=mine.person, ended_at=None, agreed_on__isnull=False
    )
    row = rows.first()
    if row is None:
        raise NotAgreed(mine.membership)
    # One at a time for each circle, so that two at once are counted.
    Circle.objects.select_for_update().get(pk=row.circle_id)
    allowed, today = words_a_day(row.circle_id), _since(row.circle.person.time_zone, moment.now)
    if allowed == 0 or quiet_ones([row.circle_id, row.person_id]):
        return Sent.NOT_NOW
    said = Thought.objects.filter(circle_id=row.circle_id, at__gte=today)
    # One a day from each: it never presses.
    if said.count() >= allowed or said.filter(person_id=row.person_id).exists():
        return Sent.ENOUGH_TODAY
    Thought.objects.filter(circle_id=row.circle_id, at__lt=moment.now - KEPT_FOR).delete()
    Thought.objects.create(circle_id=row.circle_id, person_id=row.person_id, at=moment.now)
    written = Written(
        circle=row.circle_id,
        about=row.person_id,
        words=opened(row.own_word_sealed),
        until=moment.now + timedelta(hours=12),
    )
    ways = ways_to_tell(row.circle_id, moment.channels_on)
    return Sent.SENT if tell_ways(NoticePurpose.THOUGHT, ways, moment.now, written) else Sent.SHOWN


def _since(zone: str, now: datetime) -> datetime:
    """When the day of the person began."""
    local = now.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date(), time(0), tzinfo=local.tzinfo)


def thoughts_of(person: str, now: datetime) -> tuple[ThoughtView, ...]:
    """Who thought of *person* lately, as long as it was not put away; the newest first."""
    rows = _shown(person, now).select_related("person").order_by("-at", "-pk")
    words = {
        row.person_id: opened(row.own_word_sealed)
        for row in Membership.objects.filter(circle_id=person, ended_at=None)
    }
    return tuple(
        ThoughtView(name=row.person.name, word=words[row.person_id], at=row.at)
        for row in rows
        if row.person_id in words
    )


def put_away(person: str, now: datetime) -> None:
    """The person has seen those that are there; nobody hears of it."""
    _shown(person, now).update(seen_at=now)


def _shown(person: str, now: datetime) -> QuerySet[Thought]:
    return Thought.objects.filter(circle_id=person, seen_at=None, at__gt=now - SHOWN_FOR)
