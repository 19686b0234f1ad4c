"""Whether a message outside any call may still go out, asked in the transaction that leases it.

What a person took back a moment ago is not sent: a way, a yes, or that somebody is contacted at all.
"""

from datetime import datetime

from nightlight.engine.state import AlertStatus
from nightlight.store.consent import NeverContacted, consents, is_within_hours
from nightlight.store.models import Alert, Circle, ContactMethod, Membership, Notice
from nightlight.store.notices import BETWEEN, SCHEDULED, NoticePurpose
from nightlight.store.quiet import stops
from nightlight.store.withdrawals import STOPPED

_AT_THEIR_HOURS = frozenset(
    {
        NoticePurpose.PRACTICE,
        NoticePurpose.RENEWAL,
        NoticePurpose.KEEPING,
        NoticePurpose.CHECK_IN_MISSED,
        NoticePurpose.CHECK_IN_CAME,
        NoticePurpose.CHECKED_IN,
        NoticePurpose.SAID_NOT_OK,
        NoticePurpose.HOW_ARE_YOU,
        NoticePurpose.PROMISE,
        NoticePurpose.PROMISE_OPEN,
        NoticePurpose.STAY,
        NoticePurpose.TALK,
        NoticePurpose.WROTE_BACK,
    }
)
"""To a member, only when they may be disturbed; to the person whose circle it is, at any hour."""
_WAKES = frozenset({NoticePurpose.CHECK_IN_MISSED})
"""Whoever agreed to be woken is told of a miss at any hour."""
_AT_AN_HOUR_OF_THEIR_OWN = frozenset({NoticePurpose.PROMISE})
"""What they said themselves that they would do is brought to mind at the hour they named, whatever their hours are."""
_MEMBERS_ONLY = _AT_THEIR_HOURS | {NoticePurpose.CONCERN_ANSWER}


def why_not(row: Notice, now: datetime) -> str:
    """Why *row* is never to be sent any more, as a code word; empty when it may be, now or later."""
    way = row.contact_method
    if row.used_at is not None:
        return "used"
    if row.expires_at <= now:
        return "expired"
    is_proof = row.purpose == NoticePurpose.PROOF
    if way.ended_at is not None or (way.proven_at is None and not is_proof):
        return "way_withdrawn"
    if is_proof and _was_stopped(way):
        return "stopped"
    if is_proof and _is_unwanted_everywhere(way):
        return "never_contact"
    if row.purpose in SCHEDULED and stops(row):
        return "quiet"
    if row.circle_id is None:
        return ""
    never = NeverContacted(Circle(pk=row.circle_id))
    if never.has_person(row.person_id, ContactMethod.objects.filter(person=row.person_id)):
        return "never_contact"
    is_member = row.person_id != row.circle_id
    return _why_no_member(row, now) if is_member and row.purpose in _MEMBERS_ONLY else ""


def _why_no_member(row: Notice, now: datetime) -> str:
    membership = _membership(row)
    if membership is None or membership.ended_at is not None:
        return "removed"
    is_paused = membership.paused_until is not None and now < membership.paused_until
    if row.purpose in _AT_THEIR_HOURS and not is_paused and not consents(membership, now):
        return "not_agreed"
    return ""


def must_wait(row: Notice, now: datetime) -> bool:
    """Whether it is not the hour for it: nobody is woken, or disturbed in a pause, by practice or a renewal."""
    if row.purpose == NoticePurpose.FOLLOW_UP:
        return has_open_call(row.person_id)
    if row.circle_id in (None, row.person_id) or row.purpose not in _AT_THEIR_HOURS:
        return False
    membership = _membership(row)
    assert membership is not None
    if row.purpose in _WAKES and membership.wake_me and consents(membership, now):
        return False
    if row.purpose in _AT_AN_HOUR_OF_THEIR_OWN:
        return not consents(membership, now)
    zone = membership.person.time_zone
    if not consents(membership, now) or not is_within_hours(
        membership.hours_from, membership.hours_until, now, zone
    ):
        return True
    return row.purpose == NoticePurpose.PRACTICE and has_open_call(membership.circle_id)


def _membership(row: Notice) -> Membership | None:
    rows = Membership.objects.select_related("person")
    return rows.filter(circle_id=row.circle_id, person_id=row.person_id).first()


def has_open_call(circle: str) -> bool:
    """Whether whose circle it is has a call open: nobody practises meanwhile."""
    return Alert.objects.filter(person_id=circle).exclude(status=AlertStatus.RESOLVED).exists()


def _was_stopped(way: ContactMethod) -> bool:
    """Whether somebody else at this address sent a carrier's word to stop; only they can take it back."""
    same = ContactMethod.objects.filter(address_hash=way.address_hash, channel=way.channel, ended_why=STOPPED)
    return same.exclude(person=way.person_id).exists()


def _is_unwanted_everywhere(way: ContactMethod) -> bool:
    """Whether its owner is in circles, and each of them never wants this address reached."""
    circles = list(
        Membership.objects.filter(person=way.person_id, ended_at=None).values_list("circle_id", flat=True)
    )
    return bool(circles) and all(NeverContacted(Circle(pk=circle)).has_way(way) for circle in circles)


def attempt_named(channel: str, notice: str) -> str:
    """A name under which `notices_send.record_receipt` knows *notice*, which went out by *channel*; else nothing."""
    sent = Notice.objects.filter(pk=notice, contact_method__channel=channel).exclude(outcomes=[])
    return f"{notice}{BETWEEN}1" if sent.exists() else ""
