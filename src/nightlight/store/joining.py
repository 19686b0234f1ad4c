"""What whoever holds the link of an invitation says to it: yes with their limits, no, or that it was not for them."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import partial
from zoneinfo import ZoneInfo

from nightlight import chance
from nightlight.engine.needs import Offer
from nightlight.store.circles_read import reach_of
from nightlight.store.consent import NeverContacted
from nightlight.store.invitations import (
    UNANSWERED,
    WRONG_ADDRESSES_MAX,
    Answer,
    is_full,
    lock_circle,
    member_to_ask,
    state_of,
)
from nightlight.store.models import Circle, ContactMethod, Invitation, Membership, NeverContact, Person
from nightlight.store.notices import NoticePurpose, tell_person
from nightlight.store.races import racing
from nightlight.store.sealing import (
    ADDRESS,
    UnreadableError,
    look_up_hash,
    look_up_hashes,
    seal,
    token_hash,
)
from nightlight.store.supporting import new_supporter_link
from nightlight.store.ways import add_way


class WhyNot(StrEnum):
    """Why an address cannot be used here."""

    OWN = "own"
    """It is that of the person who invites."""
    NOT_HERE = "not_here"
    """Somebody in this circle has it, or it is never contacted. Which of the two is not said: whoever holds
    a link could otherwise ask whose numbers are known here."""


@dataclass(frozen=True, kw_only=True)
class NewWay:
    """An address by which somebody wants to be reached, checked, and how long after the beginning of an ask."""

    channel: str
    address: str
    after: timedelta = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Yes:
    """A yes with its limits. Without *hours*, at any time."""

    offers: tuple[Offer, ...]
    ways: tuple[NewWay, ...]
    time_zone: str
    agreed_until: date
    hours: tuple[time, time] | None = None
    wake_me: bool = False
    word: str = ""
    """A kind word that goes with it."""


@dataclass(frozen=True, kw_only=True)
class Joined:
    """What came of a yes."""

    is_over: bool = False
    """The invitation cannot be answered any more."""
    is_full: bool = False
    refused: dict[int, WhyNot] = field(default_factory=dict)
    """Which of the ways cannot be used, by their place; then nothing was changed."""
    own_link: str = ""
    """The token of the own page of whoever joined; empty when nobody did, or a member offered more."""

    @property
    def is_in(self) -> bool:
        """Whether the yes counts."""
        return not (self.is_over or self.is_full or self.refused)


def accept(token: str, yes: Yes, now: datetime, channels_on: frozenset[str]) -> Joined:
    """Somebody says yes: they are in the circle, with ways that are still to be proven; the person is told."""
    return racing(partial(_accept, token, yes, now, channels_on))


def offer_more(token: str, offers: tuple[Offer, ...], now: datetime, channels_on: frozenset[str]) -> bool:
    """A member says yes to more; nothing else of what they agreed to changes. Whether it still counted."""
    return racing(partial(_offer_more, token, offers, now, channels_on))


def decline(token: str, answer: Answer, word: str, now: datetime, channels_on: frozenset[str]) -> bool:
    """Somebody says no, or that it was not for them; the person is told kindly. Whether it still counted."""
    return racing(partial(_decline, token, answer, word, now, channels_on))


def note_opened(token: str, now: datetime) -> None:
    """Somebody began to answer."""
    Invitation.objects.filter(token_hash=token_hash(token), opened_at=None).update(opened_at=now)


def _accept(token: str, yes: Yes, now: datetime, channels_on: frozenset[str]) -> Joined:
    row = _unanswered(token, now)
    if row is None or row.person_id is not None:
        return Joined(is_over=True)
    if is_full(row.circle_id):
        return Joined(is_full=True)
    refused = _refused(row.circle, yes.ways)
    if refused:
        _note_refused(row, refused, now)
        return Joined(refused=refused)
    person = Person.objects.create(
        id=chance.new_id(), name=row.name, time_zone=yes.time_zone, language=row.language, created_at=now
    )
    start, end = yes.hours or (None, None)
    Membership.objects.create(
        circle=row.circle,
        person=person,
        position=row.circle.memberships.count(),
        agreed_on=now.astimezone(ZoneInfo(yes.time_zone)).date(),
        agreed_until=yes.agreed_until,
        offers=[offer.value for offer in yes.offers],
        wake_me=yes.wake_me,
        hours_from=start,
        hours_until=end,
        is_adult=row.is_adult,
        is_parent=row.is_parent,
    )
    for way in yes.ways:
        add_way(person.pk, way.channel, way.address, now, after=way.after)
    row.person = person
    _answered(row, Answer.YES, yes.word, now)
    tell_person(NoticePurpose.JOINED, row.circle_id, now, channels_on, circle=row.circle_id, about=person.pk)
    return Joined(own_link=new_supporter_link(person.pk, now))


def _offer_more(token: str, offers: tuple[Offer, ...], now: datetime, channels_on: frozenset[str]) -> bool:
    row = _unanswered(token, now)
    if row is None or row.person_id is None or member_to_ask(row.circle_id, row.person_id) is None:
        return False
    member = Membership.objects.select_for_update().get(circle=row.circle, person=row.person_id)
    both = {*member.offers, *offers}
    member.offers = [offer.value for offer in Offer if offer in both]
    member.save(update_fields=["offers"])
    _answered(row, Answer.YES, "", now)
    tell_person(
        NoticePurpose.JOINED, row.circle_id, now, channels_on, circle=row.circle_id, about=row.person_id
    )
    return True


def _decline(token: str, answer: Answer, word: str, now: datetime, channels_on: frozenset[str]) -> bool:
    row = _unanswered(token, now)
    if row is None:
        return False
    _answered(row, answer, word, now)
    about = row.person_id or ""
    tell_person(NoticePurpose.DECLINED, row.circle_id, now, channels_on, circle=row.circle_id, about=about)
    return True


def _unanswered(token: str, now: datetime) -> Invitation | None:
    """The invitation that *token* opens, locked together with its circle, if it can be answered now."""
    rows = Invitation.objects.filter(token_hash=token_hash(token))
    circle = rows.values_list("circle_id", flat=True).first()
    if circle is None:
        return None
    lock_circle(circle)
    row = rows.select_for_update(of=("self",)).select_related("circle").first()
    return row if row and state_of(row, now) in UNANSWERED else None


def _answered(row: Invitation, answer: Answer, word: str, now: datetime) -> None:
    row.answer, row.answered_at = answer.value, now
    row.reply_sealed = seal(word) if word else ""
    # What was answered is not handed over again.
    row.token_sealed = ""
    row.save()


def _note_refused(row: Invitation, refused: dict[int, WhyNot], now: datetime) -> None:
    row.wrong_addresses += len(refused)
    if row.wrong_addresses >= WRONG_ADDRESSES_MAX:
        row.expires_at, row.token_sealed = now, ""
    row.save(update_fields=["wrong_addresses", "expires_at", "token_sealed"])


def _refused(circle: Circle, ways: tuple[NewWay, ...]) -> dict[int, WhyNot]:
    found = {}
    never = NeverContacted(circle)
    for place, way in enumerate(ways):
        if _is_own(circle, way.address):
            found[place] = WhyNot.OWN
        elif _is_never_contacted(circle, never, way) or _is_a_members(circle, way.address):
            found[place] = WhyNot.NOT_HERE
    return found


def _is_own(circle: Circle, address: str) -> bool:
    hashes = look_up_hashes(address, ADDRESS)
    if ContactMethod.objects.filter(person=circle.pk, address_hash__in=hashes, ended_at=None).exists():
        return True
    try:
        reach = reach_of(circle)
    except UnreadableError:
        return False
    return reach is not None and "".join(c for c in reach.call if c in "+0123456789") == address


def _is_a_members(circle: Circle, address: str) -> bool:
    members = Membership.objects.filter(circle=circle, ended_at=None).values("person")
    ways = ContactMethod.objects.filter(address_hash__in=look_up_hashes(address, ADDRESS), ended_at=None)
    return ways.filter(person__in=members).exists()


def _is_never_contacted(circle: Circle, never: NeverContacted, way: NewWay) -> bool:
    row = ContactMethod(
        channel=way.channel,
        address_sealed=seal(way.address),
        address_hash=look_up_hash(way.address, ADDRESS),
    )
    if never.has_way(row):
        return True
    people = NeverContact.objects.filter(circle=circle).exclude(person=None).values("person")
    hashes = look_up_hashes(way.address, ADDRESS)
    return ContactMethod.objects.filter(person__in=people, address_hash__in=hashes).exists()
