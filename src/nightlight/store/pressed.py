"""Whom a ring was for: what is needed to understand a key that was pressed in it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from nightlight.engine.effects import Purpose
from nightlight.engine.state import AlertStatus
from nightlight.store.inbound import LINKS_LAST
from nightlight.store.models import Attempt, Notice, Notification
from nightlight.store.notices import NoticePurpose, notice_of
from nightlight.store.sealing import UnreadableError, unseal

_ASKS = (Purpose.ASK, Purpose.REOPENED)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One person whom a ring asked."""

    alert: str
    person: str
    name: str
    token: str
    language: str
    caller: str
    caller_name: str
    is_over: bool


@dataclass(frozen=True, kw_only=True)
class Practised:
    """A ring that was practice."""

    token: str
    language: str


@dataclass(frozen=True, kw_only=True)
class Reminded:
    """A ring that reminded a person of a check-in of theirs."""

    check_in: str
    token: str
    language: str


def asked_by(attempt: str, now: datetime) -> tuple[Asked, ...]:
    """Everybody whom the ring of *attempt* asked, in the order in which it named them; empty when it asked nobody.

    Also empty long after the call ended, and when no host key opens what it bore.
    """
    rang = Attempt.objects.filter(pk=attempt).values_list("notification_id", "lease_token").first()
    if rang is None:
        return ()
    first, lease_token = rang
    recent = Q(alert__resolved_at=None) | Q(alert__resolved_at__gt=now - LINKS_LAST)
    together = Attempt.objects.filter(lease_token=lease_token).values("notification")
    rows = (
        Notification.objects.filter(recent, pk__in=together, purpose__in=_ASKS, person__isnull=False)
        .exclude(token_sealed="")
        .select_related("alert__person", "person")
        .order_by("created_at", "id")
    )
    try:
        return tuple(_asked(row) for row in sorted(rows, key=lambda row: row.pk != first))
    except UnreadableError:
        return ()


def practised_by(attempt: str) -> Practised | None:
    """The practice that the ring of *attempt* was, or None."""
    notice = Notice.objects.filter(pk=notice_of(attempt), purpose=NoticePurpose.PRACTICE)
    row = notice.exclude(token_sealed="").select_related("person").first()
    try:
        return Practised(token=unseal(row.token_sealed), language=row.person.language) if row else None
    except UnreadableError:
        return None


def reminded_by(attempt: str) -> Reminded | None:
    """The reminder of a check-in that the ring of *attempt* was, or None."""
    notice = Notice.objects.filter(pk=notice_of(attempt), purpose=NoticePurpose.CHECK_IN)
    row = notice.exclude(token_sealed="").exclude(check_in=None).select_related("person").first()
    if row is None or row.check_in_id is None:
        return None
    try:
        token = unseal(row.token_sealed)
    except UnreadableError:
        return None
    return Reminded(check_in=row.check_in_id, token=token, language=row.person.language)


def _asked(row: Notification) -> Asked:
    assert row.person is not None
    return Asked(
        alert=row.alert_id,
        person=row.person.pk,
        name=row.person.name,
        token=unseal(row.token_sealed),
        language=row.person.language,
        caller=row.alert.person_id,
        caller_name=row.alert.person.name,
        is_over=row.alert.status == AlertStatus.RESOLVED,
    )
