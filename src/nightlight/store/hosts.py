"""Whoever runs the service: how they are told, and what every page shows of them."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TypedDict

from nightlight.store.models import Host
from nightlight.store.sealing import ADDRESS, look_up_hashes, unseal


class HostWay(TypedDict):
    """One way to tell the host."""

    channel: str
    to: str


def host() -> Host:
    """The one row there is, or an empty one when nobody has said anything yet."""
    return Host.objects.filter(pk=1).first() or Host()


def host_ways(row: Host) -> list[HostWay]:
    """The ways of *row*, opened, in the order the host gave them."""
    ways: list[HostWay] = json.loads(unseal(row.ways_sealed)) if row.ways_sealed else []
    return ways


def host_address(channel: str, address_hash: str) -> str | None:
    """The host's own address behind *address_hash*, or None when it is no way of theirs any more."""
    for way in host_ways(host()):
        if way["channel"] == channel and address_hash in look_up_hashes(way["to"], ADDRESS):
            return way["to"]
    return None


def prices_of(row: Host) -> dict[str, Decimal]:
    """What one unit of each kind of way costs, as far as the host said so."""
    return {kind: Decimal(price) for kind, price in row.prices.items()}


def keep_prices(currency: str, prices: Mapping[str, Decimal], alarm: Decimal | None) -> None:
    """From now on a unit costs this, in *currency* (three capital letters), and a day over *alarm* is told of.

    With another alarm the host may be told anew, however lately they were told.
    """
    row = host()
    values: dict[str, object] = {
        "currency": currency,
        "prices": {kind: str(price) for kind, price in prices.items()},
        "spending_alarm": alarm,
    }
    if row.spending_alarm != alarm:
        values["spending_told_at"] = None
    Host.objects.update_or_create(pk=1, defaults=values)
