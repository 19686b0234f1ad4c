"""How check-ins are getting on, for whoever watches the machines: which are late, and which could reach nobody.

Through the two indexes of what is due and what runs alone, so that millions of idle ones cost nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from nightlight.engine.checkin import OnMiss
from nightlight.store.models import CheckIn, ContactMethod

STUCK_AFTER = timedelta(minutes=10)
"""A deadline, or the beginning of one, that nobody looked at for so long while a worker lives."""
PUT_OFF_MAX = timedelta(minutes=1)
"""One that broke is looked at again no later than this."""
NAMED_MAX = 50


@dataclass(frozen=True, kw_only=True)
class CheckInNumbers:
    """What is measured of check-ins at one moment."""

    running: int
    """Whose time runs."""
    stuck: int
    oldest_due: timedelta
    """For how long the oldest look has been due; 0 when none is."""


def _late(now: datetime) -> Q:
    before = now - STUCK_AFTER
    return Q(window_deadline__lt=before) | Q(window_deadline=None, window_due__lt=before)


def _looked_at_soon(now: datetime) -> QuerySet[CheckIn]:
    return CheckIn.objects.filter(looks_at__lte=now + PUT_OFF_MAX).order_by("looks_at", "pk")


def measure_check_ins(now: datetime) -> CheckInNumbers:
    """In one query."""
    runs = Q(window_deadline__isnull=False)
    rows = CheckIn.objects.filter(Q(looks_at__lte=now + PUT_OFF_MAX) | runs)
    found = rows.aggregate(
        running=Count("pk", filter=runs),
        stuck=Count("pk", filter=_late(now) & Q(looks_at__lte=now + PUT_OFF_MAX)),
        oldest=Min("looks_at"),
    )
    oldest = found["oldest"]
    waits = max(now - oldest, timedelta(0)) if oldest is not None else timedelta(0)
    return CheckInNumbers(running=found["running"], stuck=found["stuck"], oldest_due=waits)


def stuck_check_ins(now: datetime) -> list[str]:
    """Those that should long have moved on."""
    return list(_looked_at_soon(now).filter(_late(now)).values_list("pk", flat=True)[:NAMED_MAX])


def unheard_check_ins() -> list[str]:
    """Those that are on, and whose person is to have somebody told, and nobody of them is in the circle any more."""
    agreed = CheckIn.told.through.objects.filter(
        checkin=OuterRef("pk"),
        person__memberships__circle=OuterRef("circle"),
        person__memberships__ended_at=None,
        person__memberships__agreed_on__isnull=False,
    )
    rows = CheckIn.objects.filter(~Exists(agreed), on_since__isnull=False, on_miss=OnMiss.TELL)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:NAMED_MAX])


def unreminded_check_ins(channels_on: frozenset[str]) -> list[str]:
    """Those that are on, and whose person has no way by which we could remind them."""
    ways = ContactMethod.objects.filter(
        person=OuterRef("circle"), ended_at=None, proven_at__isnull=False, channel__in=channels_on
    )
    rows = CheckIn.objects.filter(~Exists(ways), on_since__isnull=False)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:NAMED_MAX])
