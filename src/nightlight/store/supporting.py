"""A supporter's own page: the link that opens it, and what they agreed to as they may see it.

Nothing here speaks of other members, of the ladder or of a call: a supporter learns of the one whose
circle it is by name, and of nobody else.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.db import models, transaction

from nightlight import chance
from nightlight.store.circles_read import NoSuchPerson
from nightlight.store.consent import NeverContacted
from nightlight.store.models import (
    Account,
    Circle,
    Concern,
    ContactMethod,
    Membership,
    Notice,
    Person,
    StartLink,
    SupporterLink,
)
from nightlight.store.notices import NoticePurpose, tell_way
from nightlight.store.races import racing
from nightlight.store.sealing import ADDRESS, look_up_hashes, seal, token_hash

TOKEN_BYTES = 24
LINKS_AN_HOUR_MAX = 3
"""So often one address is sent its link: nobody's phone is to be filled by whoever types its number."""
LINKS_IN_MESSAGES_MAX = 20
"""Of so many messages the links work; a new link, asked for because one was shared, ends them all."""
RENEWABLE_FOR = timedelta(days=31)
"""So long after the end of what was agreed one tap still renews it; later the person asks anew."""
START_LASTS = timedelta(hours=1)
"""How long a link to a circle of one's own is good: it is followed at once, or made again."""


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """What somebody agreed to for one circle, and how it stands at one moment."""

    id: int
    circle: str
    name: str
    """Of the one whose circle it is."""
    offers: tuple[str, ...]
    until: date | None
    """The last day of it, in the zone of whoever agreed."""
    has_run_out: bool
    may_renew: bool
    """The end is near, or lately gone by."""
    hours_from: time | None
    hours_until: time | None
    wake_me: bool
    paused_until: datetime | None
    """None when there is no pause, or it is over."""
    thought_of_at: datetime | None
    """When they last said that they are thinking of the person."""

    @property
    def any_hour(self) -> bool:
        """Whether they may be asked at every hour."""
        return self.hours_from is None or self.hours_from == self.hours_until


def new_supporter_link(person: str, now: datetime) -> str:
    """A token for *person*'s own page as a supporter; the ones before stop working. Raises `NoSuchPerson`."""
    token = chance.new_token(TOKEN_BYTES)
    with transaction.atomic():
        # Two made at once must not both stay good.
        if not Person.objects.select_for_update().filter(pk=person).exists():
            raise NoSuchPerson(person)
        SupporterLink.objects.filter(person_id=person, replaced_at=None).update(replaced_at=now)
        SupporterLink.objects.create(token_hash=token_hash(token), person_id=person, created_at=now)
    return token


def link_in_message(person: str, now: datetime) -> str:
    """A token for the same page, for one message more; those in the latest messages go on working.

    Somebody who taps on what came an hour ago must not meet a closed door because something came since.
    """
    token = chance.new_token(TOKEN_BYTES)
    open_ones = SupporterLink.objects.filter(person_id=person, replaced_at=None)
    older = list(open_ones.order_by("-created_at").values_list("pk", flat=True)[LINKS_IN_MESSAGES_MAX - 1 :])
    SupporterLink.objects.filter(pk__in=older).update(replaced_at=now)
    SupporterLink.objects.create(token_hash=token_hash(token), person_id=person, created_at=now)
    return token


def supporter_of_link(token: str, _now: datetime) -> str | None:
    """Whose own page *token* opens, or None, whatever the reason."""
    rows = SupporterLink.objects.filter(token_hash=token_hash(token), replaced_at=None)
    return rows.values_list("person_id", flat=True).first()


def send_own_links(channel: str, address: str, now: datetime) -> None:
    """Send whoever supports somebody and proved *address* the link to their own page, to that address.

    Says nothing about whether there was anybody. The same is read and sealed either way; only the
    commit of what was written is over sooner when nobody has the address.
    """
    racing(partial(_send_own_links, channel, address, now))


def _send_own_links(channel: str, address: str, now: datetime) -> None:
    found = ContactMethod.objects.filter(
        channel=channel,
        address_hash__in=look_up_hashes(address, ADDRESS),
        ended_at=None,
        proven_at__isnull=False,
        person__memberships__agreed_on__isnull=False,
    )
    ways = list(found.order_by("person_id").distinct())
    sent = Notice.objects.filter(
        contact_method__in=[way.pk for way in ways] or [""],
        purpose=NoticePurpose.LINK,
        created_at__gt=now - timedelta(hours=1),
    )
    tries = max((sent.filter(contact_method=way).count() for way in ways), default=sent.count())
    if not ways or tries >= LINKS_AN_HOUR_MAX:
        seal(chance.new_token(TOKEN_BYTES))
        return
    for way in ways:
        tell_way(NoticePurpose.LINK, way, now, token=new_supporter_link(way.person_id, now))


def agreements(person: str, now: datetime) -> tuple[Agreed, ...]:
    """The circles *person* is in, by the name of whose they are.

    Not in it: where they were never asked, where they left or were taken away, and where they must
    never be contacted.
    """
    rows = _memberships(person).select_related("circle__person", "person").order_by("circle__person__name")
    ways = list(ContactMethod.objects.filter(person_id=person))
    return tuple(_agreed(row, now) for row in rows if not NeverContacted(row.circle).has_person(person, ways))


def agreement(person: str, number: int, now: datetime) -> Agreed | None:
    """The one of `agreements` with this number; None when there is none such, whatever the reason."""
    return next((each for each in agreements(person, now) if each.id == number), None)


def _memberships(person: str) -> "models.QuerySet[Membership]":
    return Membership.objects.filter(person_id=person, ended_at=None, agreed_on__isnull=False)


def _agreed(row: Membership, now: datetime) -> Agreed:
    today = now.astimezone(ZoneInfo(row.person.time_zone)).date()
    until = row.agreed_until
    thought = Concern.objects.filter(circle=row.circle_id, person=row.person_id).order_by("-at").first()
    return Agreed(
        id=row.pk,
        circle=row.circle_id,
        name=row.circle.person.name,
        offers=tuple(row.offers),
        until=until,
        has_run_out=until is not None and until < today,
        may_renew=until is not None and abs(today - until) <= RENEWABLE_FOR,
        hours_from=row.hours_from,
        hours_until=row.hours_until,
        wake_me=row.wake_me,
        paused_until=row.paused_until if row.paused_until and row.paused_until > now else None,
        thought_of_at=thought.at if thought else None,
    )


def set_reader(person: str, language: str, time_zone: str) -> None:
    """From now on *person* is written to in *language*, and their hours are those of *time_zone*."""
    Person.objects.filter(pk=person).update(language=language, time_zone=time_zone)


def has_pages_of_their_own(person: str) -> bool:
    """Whether *person* is more than a supporter: they have a circle, or can sign in.

    A supporter's link, which goes out by text, opens neither and erases neither.
    """
    return (
        Account.objects.filter(person_id=person).exists() or Circle.objects.filter(person_id=person).exists()
    )


def begin_own_circle(person: str, now: datetime) -> str | None:
    """A token that lets *person* begin a circle of their own, once; None when they have pages of their own."""
    token = chance.new_token(TOKEN_BYTES)
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person)
        if has_pages_of_their_own(person):
            return None
        # A press that came twice leaves one link, not two.
        StartLink.objects.filter(person_id=person, used_at=None).delete()
        StartLink.objects.create(
            token_hash=token_hash(token), person_id=person, created_at=now, expires_at=now + START_LASTS
        )
    return token
