"""What people arrange around a call: who may, whom else to ask, and that its open pages see every change.

The call's row is locked before any row that belongs to it, as everywhere.
"""

from collections.abc import Collection
from datetime import datetime

from django.db.models import F

from nightlight.engine.ids import PersonId
from nightlight.engine.state import Alert, Answer
from nightlight.store.consent import NeverContacted, consents
from nightlight.store.convert import alert_from_json
from nightlight.store.models import Alert as AlertRow
from nightlight.store.models import Circle, ContactMethod, Membership, Notice
from nightlight.store.notices import NoticePurpose, Written, call_off_for_good, tell_ways, ways_to_tell
from nightlight.store.supporting import link_in_message


class NotPossible(Exception):
    """It cannot be arranged: not by them, not for this call, or not any more."""


def lock_call(alert: str | None) -> AlertRow | None:
    """The call's row, locked until the transaction at hand ends; None when it is gone."""
    return AlertRow.objects.select_for_update().filter(pk=alert).first() if alert else None


def changed(alert: str | None) -> None:
    """Something arranged around the call is different now: its open pages are to be shown anew."""
    AlertRow.objects.filter(pk=alert).update(arranged=F("arranged") + 1)


def as_decided(row: AlertRow | None) -> Alert | None:
    """The call as the rules see it; None when it is gone or nobody can read it."""
    try:
        return alert_from_json(row.state) if row is not None and row.state else None
    except ValueError:
        return None


def helped(row: AlertRow | None, person: str) -> bool:
    """Whether *person* said yes to the call and did not take it back: only they are asked what they will do."""
    alert = as_decided(row)
    if alert is None:
        return False
    ask = alert.ask_of(PersonId(person))
    return alert.taker == person or person in alert.seconds or (ask is not None and ask.answer is Answer.YES)


def is_in(circle: str, person: str) -> bool:
    """Whether *person* agreed to be in *circle*, did not leave and may be contacted."""
    rows = Membership.objects.filter(circle_id=circle, person_id=person, ended_at=None)
    if not rows.filter(agreed_on__isnull=False).exists():
        return False
    never = NeverContacted(Circle(pk=circle))
    return not never.has_person(person, ContactMethod.objects.filter(person_id=person))


def may_be_asked(circle: str, now: datetime, *, besides: Collection[str] = ()) -> list[str]:
    """Members of *circle* who agree at this moment and may be contacted, in its order."""
    rows = Membership.objects.filter(circle_id=circle, ended_at=None).exclude(person_id__in=besides)
    never = NeverContacted(Circle(pk=circle))
    found = rows.select_related("person").prefetch_related("person__ways").order_by("position", "pk")
    return [
        row.person_id
        for row in found
        if consents(row, now) and not never.has_person(row.person_id, row.person.ways.all())
    ]


def tell_member(
    purpose: NoticePurpose,
    person: str,
    circle: str,
    now: datetime,
    channels_on: frozenset[str],
    *,
    until: datetime | None = None,
) -> bool:
    """A message to a member of *circle* that leads to their own page; whether there was a way to send it."""
    if not ways_to_tell(person, channels_on).exists():
        return False
    written = Written(circle=circle, token=link_in_message(person, now), until=until)
    return tell_ways(purpose, ways_to_tell(person, channels_on), now, written)


def tell_owner(
    purpose: NoticePurpose, circle: str, now: datetime, channels_on: frozenset[str], *, about: str = ""
) -> bool:
    """A message to the one whose *circle* it is, leading to their home; whether there was a way to send it."""
    return tell_ways(purpose, ways_to_tell(circle, channels_on), now, Written(circle=circle, about=about))


def call_off_for(purposes: Collection[NoticePurpose], circle: str, now: datetime, person: str = "") -> None:
    """What was written down for *purposes* and did not go out is not sent; of one person, or of all."""
    rows = Notice.objects.filter(purpose__in=purposes, circle_id=circle)
    call_off_for_good(rows.filter(person_id=person) if person else rows, now, "not_needed")
