"""Which ways still reach somebody, as far as is known: the one rule that every page and every warning asks."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from nightlight.store.models import Notice, NotificationStatus
from nightlight.store.notices import NoticePurpose

PROVEN_FOR = timedelta(days=35)
"""A monthly practice, and some days: longer ago, a way is not proven lately."""
ANSWER_WITHIN = timedelta(days=1)
"""Practice that nobody tapped on for so long says that its way may not reach them."""

_WENT_OUT = tuple(
    status.value
    for status in (
        NotificationStatus.ACCEPTED,
        NotificationStatus.QUEUED,
        NotificationStatus.DELIVERED,
        NotificationStatus.UNKNOWN,
        NotificationStatus.FAILED,
    )
)


class Way(Protocol):
    """What is needed of a way: a row, or what a page knows of one."""

    @property
    def id(self) -> str: ...

    @property
    def proven_at(self) -> datetime | None: ...


def proven_lately(ways: Iterable[Way], now: datetime) -> frozenset[str]:
    """The ids of those *ways* that were proven within `PROVEN_FOR`, and by which no practice was left unanswered since."""
    proven = {way.id: way.proven_at for way in ways if way.proven_at and now - way.proven_at < PROVEN_FOR}
    left = Notice.objects.filter(
        contact_method__in=proven,
        purpose=NoticePurpose.PRACTICE,
        status__in=_WENT_OUT,
        used_at=None,
        settled_at__lt=now - ANSWER_WITHIN,
    )
    latest = dict(left.order_by("created_at").values_list("contact_method_id", "created_at"))
    return frozenset(way for way, at in proven.items() if way not in latest or latest[way] <= at)
