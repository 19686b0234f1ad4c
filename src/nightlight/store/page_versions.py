"""Whether a page about a call would still say the same: everything it shows, as short as it can be read.

Open pages ask every two seconds. Most of the time nothing has changed, and then a few small reads
must be all that it costs. What is read here is not shown to anybody; it is only compared.
"""

from datetime import datetime, timedelta

from django.db.models import F

from nightlight.engine.holding import UNDO_WITHIN
from nightlight.engine.state import AlertStatus
from nightlight.store.models import (
    Alert,
    KeptReply,
    Membership,
    NeverContact,
    Notification,
    TimelineEntry,
    WaitingEvent,
)

Version = tuple[object, ...]
"""Equal as long as a page would show the same."""

_WISH = ("wish__place", "wish__moment", "wish__text_sealed")
"""What the caller added; sealed anew with every change, so it differs when it was written again."""
_CALL = (
    "id",
    "person_id",
    "version",
    "status",
    "poisoned_at",
    "waits_for_host",
    "arranged",
    *_WISH,
    "timer_due",
)


def caller_version(person: str, now: datetime) -> Version:
    """What *person*'s own page shows depends on this: on their open call, or on the last one."""
    latest = F("resolved_at").desc(nulls_first=True)
    row = Alert.objects.filter(person_id=person).order_by(latest, "id").values_list(*_CALL).first()
    if row is None or row[3] == AlertStatus.RESOLVED:
        return ("over", row)
    # A message that came through, or failed, is written down without touching the call itself.
    return (row, _is_past(row[-1], now), _messages(row[0], now), _circle(person))


def answer_version(alert: str, person: str, now: datetime) -> Version:
    """What the page of *person* about *alert* shows depends on this."""
    shared = (
        "person__name",
        "person__circle__know_each_other",
        "person__circle__reach_sealed",
        "person__circle__call_card__text_sealed",
    )
    row = Alert.objects.filter(pk=alert).values_list("person_id", *_CALL, *shared).first()
    if row is None:
        return ("gone", alert)
    words = KeptReply.objects.filter(alert=alert).order_by("-id").values_list("id").first()
    is_poisoned = row[5] is not None
    waiting = WaitingEvent.objects.filter(alert=alert).count() if is_poisoned else 0
    last = TimelineEntry.objects.filter(alert=alert).order_by("-id").values_list("at", flat=True).first()
    # Nothing can be undone any more once nothing has happened for this long.
    is_settled = last is None or now - last > UNDO_WITHIN + timedelta(seconds=1)
    return (person, row, words, waiting, is_settled, _circle(row[0]))


def _circle(person: str) -> Version:
    """Who is in the circle, under which name, and who or what is on its never-contact list."""
    members = Membership.objects.filter(circle=person).order_by("id")
    never = NeverContact.objects.filter(circle=person).order_by("id")
    return (*members.values_list("person_id", "person__name", "ended_at"), *never.values_list("id"))


def _messages(alert: str, now: datetime) -> Version:
    """How far every message came."""
    rows = Notification.objects.filter(alert_id=alert).order_by("pk")
    read = rows.values_list("pk", "status", "evidence", "failed_before", "sent_at", "due")
    return tuple((*row, _is_past(row[-1], now)) for row in read)


def _is_past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now
