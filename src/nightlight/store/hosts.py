"""Whoever runs the service: how they are told, and what every page shows of them."""

import json
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
