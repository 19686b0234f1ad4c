"""Asking a member once, in the week before the end of what they agreed to, whether they go on."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from nightlight.store.consent import consents
from nightlight.store.models import Membership
from nightlight.store.notices import NoticePurpose, tell_person, ways_to_tell
from nightlight.store.quiet import quiet_ones
from nightlight.store.races import racing
from nightlight.store.supporting import link_in_message

ASKED_BEFORE = timedelta(days=7)
"""So long before the end they are asked."""


def ending_soon(now: datetime) -> list[int]:
    """Memberships that end within a week and whose member was not asked yet whether they go on."""
    # A day more on either side: which day it is depends on where they live.
    first, last = now.date() - timedelta(days=1), now.date() + ASKED_BEFORE + timedelta(days=1)
    rows = Membership.objects.filter(
        ended_at=None, agreed_on__isnull=False, agreed_until__range=(first, last)
    ).select_related("person")
    found = [row for row in rows.order_by("agreed_until", "pk") if _is_to_be_asked(row, now)]
    # Whoever has everything switched off is asked once that is taken back.
    quiet = quiet_ones([person for row in found for person in (row.circle_id, row.person_id)])
    return [row.pk for row in found if not quiet & {row.circle_id, row.person_id}]


def _is_to_be_asked(membership: Membership, now: datetime) -> bool:
    until = membership.agreed_until
    if until is None or not consents(membership, now):
        return False
    zone = ZoneInfo(membership.person.time_zone)
    if now.astimezone(zone).date() < until - ASKED_BEFORE:
        return False
    asked_at = membership.renewal_asked_at
    # Asked longer ago, it was about an agreement that has been renewed since.
    return asked_at is None or asked_at.astimezone(zone).date() < until - ASKED_BEFORE


def ask_for_renewal(membership: int, now: datetime, channels_on: frozenset[str]) -> bool:
    """Ask a member, by the link to their own page, unless they were asked meanwhile; whether they are asked."""
    return racing(lambda: _ask(membership, now, channels_on))


def _ask(pk: int, now: datetime, channels_on: frozenset[str]) -> bool:
    rows = Membership.objects.select_for_update(of=("self",)).select_related("person")
    membership = rows.filter(pk=pk, ended_at=None).first()
    if membership is None or not _is_to_be_asked(membership, now):
        return False
    # A fresh link is not made for somebody it cannot be sent to.
    if not ways_to_tell(membership.person_id, channels_on).exists():
        return False
    Membership.objects.filter(pk=pk).update(renewal_asked_at=now)
    return tell_person(
        NoticePurpose.RENEWAL,
        membership.person_id,
        now,
        channels_on,
        circle=membership.circle_id,
        token=link_in_message(membership.person_id, now),
    )
