"""One member of a circle as its owner sees them, and what the owner decides about them.

Of a member's ways their owner sees the kind and whether it is proven, never the address.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from nightlight.engine.needs import Offer
from nightlight.store.models import ContactMethod, LadderPlace, LadderStep, Membership
from nightlight.store.sealing import opened, seal
from nightlight.store.withdrawals import Moment, end_member

REMOVED = "removed"
"""Why a membership ended that the circle's owner ended."""
OWN = "own"
"""The owner's own sentence, instead of one of ours."""
OWN_WORDS_MAX = 80
PRETEXT_MAX = 140


class NoSuchMember(LookupError):
    """Nobody of this id is in the circle."""


@dataclass(frozen=True, kw_only=True)
class MemberWay:
    """One way of a member: its kind, and when it last proved itself."""

    id: str
    channel: str
    after: timedelta
    proven_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class MemberView:
    """What the owner of a circle knows of one member."""

    id: int
    """Of the membership: what an address of a page may hold, which a person's id may not."""
    person: str
    name: str
    time_zone: str
    language: str
    agreed_on: date | None
    agreed_until: date | None
    ended_at: datetime | None
    paused_until: datetime | None
    offers: tuple[Offer, ...]
    wake_me: bool
    hours: tuple[time, time] | None
    ways: tuple[MemberWay, ...]
    is_adult: bool
    is_parent: bool
    on_ladder: bool
    lock_words: str
    lock_words_own: str
    pretext: str

    def is_over(self, today: date) -> bool:
        """Whether the day is past until which they agreed."""
        return self.agreed_until is not None and self.agreed_until < today


def members_of(person: str, *, also_ended: bool = False) -> tuple[MemberView, ...]:
    """Everybody in the circle of *person*, in its order."""
    rows = Membership.objects.filter(circle_id=person)
    if not also_ended:
        rows = rows.filter(ended_at=None)
    asked = set(LadderPlace.objects.filter(step__circle_id=person).values_list("person_id", flat=True))
    found = rows.select_related("person").prefetch_related("person__ways").order_by("position", "pk")
    return tuple(_view(row, on_ladder=row.person_id in asked) for row in found)


def member_of(person: str, member: int) -> MemberView:
    """The member whose membership is *member*, if they have not left. Raises `NoSuchMember`."""
    found = next((view for view in members_of(person) if view.id == member), None)
    if found is None:
        raise NoSuchMember(member)
    return found


def _view(row: Membership, *, on_ladder: bool) -> MemberView:
    return MemberView(
        id=row.pk,
        person=row.person_id,
        name=row.person.name,
        time_zone=row.person.time_zone,
        language=row.person.language,
        agreed_on=row.agreed_on,
        agreed_until=row.agreed_until,
        ended_at=row.ended_at,
        paused_until=row.paused_until,
        offers=tuple(Offer(offer) for offer in row.offers),
        wake_me=row.wake_me,
        hours=(row.hours_from, row.hours_until) if row.hours_from and row.hours_until else None,
        ways=_ways(row.person.ways.all()),
        is_adult=row.is_adult,
        is_parent=row.is_parent,
        on_ladder=on_ladder,
        lock_words=row.lock_words,
        lock_words_own=opened(row.lock_words_sealed),
        pretext=opened(row.pretext_sealed),
    )


def _ways(rows: Iterable[ContactMethod]) -> tuple[MemberWay, ...]:
    return tuple(
        MemberWay(id=row.pk, channel=row.channel, after=row.after, proven_at=row.proven_at)
        for row in rows
        if row.ended_at is None
    )


def remove_member(person: str, member: str, moment: Moment) -> None:
    """*member* is out of the circle of *person* from now on, off the ladder, and out of an open call.

    They are told nothing by this. Runs inside a transaction the caller has open; raises `NoSuchMember`,
    and `LostRace` for it to be tried again whole.
    """
    row = Membership.objects.filter(circle_id=person, person_id=member, ended_at=None).first()
    if row is None:
        raise NoSuchMember(member)
    end_member(row, REMOVED, moment)
    LadderPlace.objects.filter(step__circle_id=person, person_id=member).delete()
    LadderStep.objects.filter(circle_id=person, places=None).delete()


def choose_words(person: str, member: str, *, lock_words: str, own: str, pretext: str) -> None:
    """What a message to *member* shows first, and what they may say in front of others.

    *lock_words* is empty for the usual sentence, a word of `channels.wording.LOCK_WORDS`, or `OWN`
    for *own*. Raises `NoSuchMember`.
    """
    changed = Membership.objects.filter(circle_id=person, person_id=member, ended_at=None).update(
        lock_words=lock_words,
        lock_words_sealed=seal(own) if own else "",
        pretext_sealed=seal(pretext) if pretext else "",
    )
    if not changed:
        raise NoSuchMember(member)


def pretext_for(caller: str, member: str) -> str:
    """What *member* may say in front of others when they take a call of *caller*; empty for nothing."""
    rows = Membership.objects.filter(circle_id=caller, person_id=member, ended_at=None)
    return opened(rows.values_list("pretext_sealed", flat=True).first() or "")
