"""The host tries a kind of way on themselves: a plain test by the real providers, to their own addresses."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from enum import StrEnum

import structlog
from django.db import connections

from nightlight import config
from nightlight.chance import new_id
from nightlight.channels.base import (
    Channel,
    Message,
    OutcomeUnknown,
    PermanentFailure,
    ReceiptStatus,
    SendFailure,
)
from nightlight.channels.wording_notices import compose_test, speak_test
from nightlight.intake.channels import switched_on
from nightlight.store.channel_tests import Trial, keep_results, may_test
from nightlight.store.hosts import host, host_ways

TESTS_AT_ONCE_MAX = 8
"""So many go out together, and no more: a page waits for them, each for as long as a provider may take."""

_log = structlog.get_logger()


class Came(StrEnum):
    """What a provider made of a test."""

    TAKEN = "taken"
    """Whether it arrives, nobody knows yet."""
    QUEUED = "queued"
    REFUSED = "refused"
    NOT_NOW = "not_now"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """Why no test went out; or that it did."""

    SENT = "sent"
    OFF = "off"
    NO_WAY = "no_way"
    """The host has no way of this kind."""
    TOO_SOON = "too_soon"


def trial_message(kind: str, to: str, language: str) -> Message:
    """A test for a way of this *kind* that asks for nothing."""
    name = config.current().name
    words = compose_test(name, language, kind)
    return Message(
        notification=new_id(),
        attempt=new_id(),
        to=to,
        subject=words.subject,
        text=words.text,
        language=language,
        spoken=speak_test(name, language),
    )


def host_addresses(kind: str) -> list[str]:
    """The host's own ways of this *kind*, in their order."""
    return [way["to"] for way in host_ways(host()) if way["channel"] == kind]


def send_host_test(kind: str, language: str, now: datetime) -> Why:
    """One test by every provider of *kind* to every way the host has of it; what came of it is kept.

    At most one a minute for each kind, whoever presses. Raises `ChannelSettingError`.
    """
    channels = switched_on().get(kind, ())
    if not channels:
        return Why.OFF
    addresses = host_addresses(kind)
    if not addresses:
        return Why.NO_WAY
    if not may_test(kind, now):
        return Why.TOO_SOON
    tries = [
        _trial(channel, place, trial_message(kind, to, language))
        for place, to in enumerate(addresses, start=1)
        for channel in channels
    ][:TESTS_AT_ONCE_MAX]
    keep_results(kind, now, _all_at_once(tries))
    return Why.SENT


def _all_at_once(tries: Sequence[Callable[[], Trial]]) -> list[Trial]:
    """What comes of *tries*: whoever waits for the page waits for the slowest, and not for each in turn."""
    if len(tries) == 1:
        return [tries[0]()]
    with ThreadPoolExecutor(max_workers=len(tries)) as hands:
        return list(hands.map(_in_a_hand, tries))


def _in_a_hand(trial: Callable[[], Trial]) -> Trial:
    try:
        return trial()
    finally:
        connections.close_all()  # A channel may have looked something up, and this thread ends here.


def _trial(channel: Channel, place: int, message: Message) -> Callable[[], Trial]:
    def send() -> Trial:
        came, reason = _hand_over(channel, message)
        return Trial(provider=channel.provider, place=place, outcome=came, reason=reason)

    return send


def _hand_over(channel: Channel, message: Message) -> tuple[Came, str]:
    try:
        receipt = channel.send(message)
    except PermanentFailure as failure:
        return Came.REFUSED, failure.reason
    except OutcomeUnknown as failure:
        return Came.UNKNOWN, failure.reason
    except SendFailure as failure:
        return Came.NOT_NOW, failure.reason
    # A fault in a channel of ours: it may have sent before it broke.
    except Exception as error:  # noqa: BLE001
        _log.error("channel broke", provider=channel.provider, error=type(error).__name__)
        return Came.UNKNOWN, type(error).__name__
    return _CAME.get(receipt.status, Came.TAKEN), receipt.reason


_CAME = {ReceiptStatus.QUEUED: Came.QUEUED, ReceiptStatus.FAILED: Came.REFUSED}
