"""Which message outside a call somebody answers: the one a mail names, or the latest that went to a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from nightlight.store.inbound import Way
from nightlight.store.models import Notice
from nightlight.store.notices import NoticePurpose

ANSWERED_WITHIN = timedelta(days=14)
_NOT_ANSWERED = frozenset(
    {NoticePurpose.PROOF, NoticePurpose.LINK, NoticePurpose.START, NoticePurpose.PRACTICE}
)
"""Codes, links and practice are followed, not answered."""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What somebody answers, and who is to read it."""

    circle: str
    writer: str
    owner: str
    """The member whose note it answers; empty when it is the host's to read."""
    channel: str
    is_note: bool
    """It answers a note after a call, so one word ends those."""
    address_hash: str = ""
    """Of the address that the message went to."""


def latest_to(ways: Sequence[Way], now: datetime) -> Answered | None:
    """The latest message that went to one of *ways* lately and may be answered; notes before all others."""
    rows = list(_sent(now).filter(contact_method__in=[way.pk for way in ways]).order_by("-created_at", "-pk"))
    # A member's text answers nothing to do with their own notes; a person's answers the note first.
    notes = [row for row in rows if row.purpose == NoticePurpose.FOLLOW_UP]
    return next((_answered(row) for row in (*notes, *rows)), None)


def named(channel: str, notice: str, now: datetime) -> Answered | None:
    """The message *notice* that went out by *channel* lately and may be answered."""
    row = _sent(now).filter(pk=notice, contact_method__channel=channel).first()
    return _answered(row) if row else None


def _sent(now: datetime) -> "QuerySet[Notice]":
    rows = Notice.objects.filter(circle__isnull=False, created_at__gt=now - ANSWERED_WITHIN)
    return (
        # Nobody answers what never left.
        rows.exclude(outcomes=[])
        .exclude(purpose__in=_NOT_ANSWERED)
        .select_related("contact_method", "follow_up")
    )


def _answered(row: Notice) -> Answered:
    assert row.circle_id is not None
    note = row.follow_up if row.purpose == NoticePurpose.FOLLOW_UP else None
    return Answered(
        circle=row.circle_id,
        writer=row.person_id,
        owner=note.author_id or "" if note else "",
        channel=row.contact_method.channel,
        is_note=note is not None,
        address_hash=row.contact_method.address_hash,
    )
