"""For which kinds of way something is due: asked at every look, and most often the answer is none."""

from collections.abc import Collection
from datetime import datetime

from nightlight.store.models import Notification, NotificationStatus

TOGETHER_MAX = 100
"""Are more than these due, each kind is looked at by itself."""


def with_something_due(now: datetime, channels: Collection[str]) -> Collection[str]:
    """Those of *channels* by which something may be due, and no fewer: one short look instead of a long one for each."""
    rows = Notification.objects.filter(status=NotificationStatus.PLANNED, due__lte=now)
    due = list(rows.values_list("channel", flat=True)[:TOGETHER_MAX])
    return set(due) if len(due) < TOGETHER_MAX else channels
