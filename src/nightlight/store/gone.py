"""Ways that end by themselves: the provider says that nobody is at the address any more, and nobody will be.

Its owner hears so by another way of theirs, once, with the page on which they can add one.
"""

from datetime import datetime
from functools import partial

from nightlight.store.models import Attempt, ContactMethod, Notice
from nightlight.store.notices import NoticePurpose, call_off, tell_person, ways_to_tell
from nightlight.store.races import racing
from nightlight.store.supporting import new_supporter_link
from nightlight.store.withdrawals import Moment, withdraw_way

GONE = "gone"
"""Why a way ended that nobody ended: a browser that was reset, an app that was taken off."""


def end_ways_of_lease(lease_token: str, now: datetime, channels_on: frozenset[str]) -> int:
    """End every way that one message of a call was sent by; how many there were."""
    ways = Attempt.objects.filter(lease_token=lease_token, notification__contact_method__isnull=False)
    found = ways.values_list("notification__contact_method", flat=True).distinct()
    return sum([_end(way, Moment(now=now, channels_on=channels_on)) for way in list(found)])


def end_way_of_notice(notice: str, now: datetime, channels_on: frozenset[str]) -> int:
    """End the way that one message outside any call was sent by; whether it was there until now."""
    way = Notice.objects.values_list("contact_method", flat=True).get(pk=notice)
    return _end(way, Moment(now=now, channels_on=channels_on))


def _end(way: str, moment: Moment) -> bool:
    return racing(partial(_end_and_tell, way, moment))


def _end_and_tell(way_id: str, moment: Moment) -> bool:
    way = ContactMethod.objects.get(pk=way_id)
    if not withdraw_way(way, GONE, moment):
        return False
    call_off(Notice.objects.filter(contact_method=way), moment.now, "way_withdrawn")
    # One that never counted is missed by nobody; and a fresh link is not made for nothing.
    if way.proven_at is not None and ways_to_tell(way.person_id, moment.channels_on).exists():
        link = new_supporter_link(way.person_id, moment.now)
        tell_person(NoticePurpose.WAY_GONE, way.person_id, moment.now, moment.channels_on, token=link)
    return True
