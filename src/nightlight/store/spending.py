"""What messages cost here, counted from what the providers charge for and the prices the host wrote down.

An alarm tells the host that a day became dear. It is told and nothing else: no message is held back, and
nothing on the road of a call reads what stands here.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.db.models import Max, Q, QuerySet, Sum

from nightlight.store.hosts import host
from nightlight.store.models import Attempt, Host, Notice

WINDOW = timedelta(hours=24)
"""What is looked at: the last so many hours, whenever it is."""
TOLD_EVERY = timedelta(hours=24)
TELLING = timedelta(minutes=10)
"""Whoever begins to tell has this long. If they die over it, or no way takes it, it is tried again then."""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """The last 24 hours cost more than the host wanted to be told of."""

    cost: Decimal
    limit: Decimal
    currency: str
    """Three capital letters, or empty when the host wrote none."""


def units(since: datetime, until: datetime) -> Mapping[str, int]:
    """What the providers charge for, by kind of way: of tries made between *since* and *until*.

    What broke off in the middle is not in it; a provider may charge for it all the same.
    """
    counted: Counter[str] = Counter()
    tries = Attempt.objects.filter(began_at__gt=since, began_at__lte=until, units__gt=0)
    # A message that stands for several people at one address was sent once, and is charged for once.
    leases = tries.values_list("notification__channel", "lease_token").annotate(Max("units")).order_by()
    for channel, _, most in leases:
        counted[channel] += most
    # A message outside calls has one number for all its tries, which lie close together.
    outside = Notice.objects.filter(units__gt=0, created_at__gt=since, created_at__lte=until)
    for channel, total in outside.values_list("contact_method__channel").annotate(Sum("units")):
        counted[channel] += total
    return counted


def cost(counted: Mapping[str, int], prices: Mapping[str, str]) -> Decimal:
    """What *counted* units cost at *prices*, which are written as text; a kind without a price costs nothing."""
    return sum((count * _price(prices.get(kind)) for kind, count in counted.items()), Decimal(0))


def _price(written: object) -> Decimal:
    try:
        price = Decimal(str(written or 0))
    except InvalidOperation:
        return Decimal(0)
    return price if price.is_finite() and price > 0 else Decimal(0)


def begin_telling(now: datetime) -> Alarm | None:
    """The alarm that is to be told now, and by nobody else meanwhile; None when there is none to tell."""
    row = host()
    if row.spending_alarm is None or not _may_tell(now).exists():
        return None
    spent = cost(units(now - WINDOW, now), row.prices)
    if spent <= row.spending_alarm:
        return None
    if not _may_tell(now).update(spending_told_at=now - TOLD_EVERY + TELLING):
        return None
    return Alarm(cost=spent, limit=row.spending_alarm, currency=row.currency)


def told(now: datetime) -> None:
    """The host was told: not again for a day."""
    Host.objects.update(spending_told_at=now)


def _may_tell(now: datetime) -> QuerySet[Host]:
    return Host.objects.filter(
        # A clock that was set back must not keep the host in the dark.
        Q(spending_told_at=None) | Q(spending_told_at__lte=now - TOLD_EVERY) | Q(spending_told_at__gt=now)
    )
