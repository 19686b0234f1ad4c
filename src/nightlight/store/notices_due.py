"""When messages outside calls are due, and which of them should long have gone out."""

from datetime import datetime, timedelta

from django.db.models import Q

from nightlight.store.models import Notice, NotificationStatus
from nightlight.store.timers import CLOCK_SLACK

STUCK_AFTER = timedelta(minutes=10)


def next_due(now: datetime) -> datetime | None:
    """When the next message comes due after *now*, or None; for sleeping until then."""
    rows = Notice.objects.filter(status=NotificationStatus.PLANNED, due__gt=now)
    return rows.order_by("due").values_list("due", flat=True).first()


def bring_nearer(now: datetime) -> None:
    """Messages that were written down in the future, before a clock was set back, are due now."""
    unsent = (NotificationStatus.PLANNED, NotificationStatus.LEASED)
    ahead = Notice.objects.filter(status__in=unsent, created_at__gt=now + CLOCK_SLACK)
    if ahead.exists():
        ahead.filter(status=NotificationStatus.PLANNED, due__gt=now).update(due=now)
        # Once only: the pauses between tries are kept from now on.
        ahead.update(created_at=now)


def stuck(now: datetime) -> list[str]:
    """Messages outside calls that were taken up and never settled, or should long have gone out."""
    taken = Q(status=NotificationStatus.LEASED, lease_until__lt=now - STUCK_AFTER)
    overdue = Q(status=NotificationStatus.PLANNED, due__lt=now - STUCK_AFTER)
    return list(Notice.objects.filter(taken | overdue).order_by("due", "pk").values_list("pk", flat=True))
