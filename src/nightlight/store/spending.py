"""What the ways out of here cost: units that providers counted, times prices that the host typed."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from nightlight.store.channel_queries import units_since
from nightlight.store.hosts import host, prices_of


def cost_since(since: datetime) -> Mapping[str, Decimal]:
    """What each kind of way that has a price cost since *since*, in the host's currency.

    A kind without a price is left out: what it costs is not known, which is not nothing.
    """
    prices, units = prices_of(host()), units_since(since)
    return {kind: price * units.get(kind, 0) for kind, price in prices.items()}
