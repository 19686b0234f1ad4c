"""Telling the host that messages became dear. It goes past the outbox: nobody waits for it, and it holds up nobody.

Written down before it is begun and after it is done, so that two workers tell it once, and a worker
that dies over it leaves it to be told again.
"""

from collections.abc import Mapping
from functools import partial

import structlog

from nightlight.chance import new_id
from nightlight.channels.base import Channel, Message
from nightlight.channels.wording import Words
from nightlight.channels.wording_host import spending_words
from nightlight.clock import Clock
from nightlight.engine.retries import Outcome
from nightlight.store import spending
from nightlight.store.hosts import HostWay, host, host_ways
from nightlight.store.spending import Alarm
from nightlight.worker.sender import hand_over

HOST_LANGUAGE = "en"
"""Host news is written in the language of the desk."""

_GONE_OUT = (Outcome.ACCEPTED, Outcome.QUEUED)
_log = structlog.get_logger()


def look_at_spending(
    channels: Mapping[str, tuple[Channel, ...]], clock: Clock, *, base_url: str, service_name: str
) -> bool:
    """Tell the host by every way of theirs when the last day became dear; whether that went out now."""
    alarm = spending.begin_telling(clock.now())
    if alarm is None:
        return False
    reached = _tell(alarm, channels, base_url, service_name)
    if reached:
        spending.told(clock.now())
    _log.warning("messages became dear", ways_told=reached)
    return reached > 0


def _tell(alarm: Alarm, channels: Mapping[str, tuple[Channel, ...]], base_url: str, service_name: str) -> int:
    """How many ways of the host took it, each by the first provider that did."""
    words = spending_words(
        HOST_LANGUAGE,
        service_name,
        cost=alarm.cost,
        limit=alarm.limit,
        currency=alarm.currency,
        url=f"{base_url}/desk",
    )
    return tell_host(words, channels)


def tell_host(words: Words, channels: Mapping[str, tuple[Channel, ...]]) -> int:
    """Say *words* to the host by every way of theirs; how many took it, each by the first provider that did."""
    reached = 0
    for way in host_ways(host()):
        # Made anew for each, as each is a message of its own to whoever counts repeats.
        message = Message(
            notification=new_id(), attempt=new_id(), to=way["to"], subject=words.subject, text=words.text
        )
        reached += _reach(way, message, channels)
    return reached


def _reach(way: HostWay, message: Message, channels: Mapping[str, tuple[Channel, ...]]) -> bool:
    providers = channels.get(way["channel"], ())
    return any(hand_over(each, partial(each.send, message)).outcome in _GONE_OUT for each in providers)
