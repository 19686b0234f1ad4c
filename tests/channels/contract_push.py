"""Channels for devices and apps, with whatever listens at an address in every trouble it can be in."""

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from nightlight.channels.base import Channel, Message, Receipt
from nightlight.channels.ntfy import NtfyChannel
from nightlight.channels.outside import public_only, read_outside_url
from nightlight.channels.push import PushChannel
from nightlight.channels.unifiedpush import UnifiedPushChannel
from tests.channels.contract import PASSWORD, Bench, Make, Trouble, nobody_listens
from tests.channels.faulty_providers import Fault, Step, answer, faulty_gateway
from tests.channels.stories import HOST_KEY, now, push_to_sam, subscription

TOPIC = "sams-own-long-topic"
HERE = (ipaddress.ip_network("127.0.0.0/8"),)


class _Addressed:
    """A channel whose provider is named by the address: wherever a message is to go, it goes to *to*."""

    def __init__(self, channel: Channel, to: str) -> None:
        self.kind, self.provider = channel.kind, channel.provider
        self._channel, self._to = channel, to

    def send(self, message: Message) -> Receipt:
        """Hand it over there."""
        return self._channel.send(replace(message, to=self._to))


def _push(port: int) -> Channel:
    channel = PushChannel(
        provider="push-1",
        contact="mailto:desk@example.org",
        key=lambda: HOST_KEY,
        now=now,
        reach=public_only(HERE),
        timeout_seconds=0.4,
    )
    return _Addressed(channel, subscription(f"http://127.0.0.1:{port}/wpush/5ecret"))


def _unifiedpush(port: int) -> Channel:
    channel = UnifiedPushChannel(provider="unifiedpush-1", reach=public_only(HERE), timeout_seconds=0.4)
    return _Addressed(channel, f"http://127.0.0.1:{port}/push/5ecret")


def _ntfy(port: int) -> Channel:
    server = read_outside_url(f"http://127.0.0.1:{port}")
    return NtfyChannel(
        provider="ntfy-1", server=server, token=PASSWORD, reach=public_only(), timeout_seconds=0.4
    )


def _http_with(channel: Callable[[int], Channel], step: Step) -> Make:
    @contextmanager
    def make(_: Path) -> Iterator[Channel]:
        with faulty_gateway(step) as provider:
            yield channel(provider.port)

    return make


def _http_troubles(channel: Callable[[int], Channel], taken: Step) -> dict[Trouble, Make]:
    """What any provider asked over HTTP may do; *taken* is how it says yes."""

    def does(step: Step) -> Make:
        return _http_with(channel, step)

    return {
        Trouble.NONE: does(taken),
        Trouble.NOT_NOW: does(b"HTTP/1.1 429 Later\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"),
        Trouble.GONE: nobody_listens(channel),
        Trouble.HANGS_AFTER: does(Fault.HANG),
        Trouble.DRIPS: does(Fault.DRIP),
        Trouble.BREAKS_OFF_AFTER: does(Fault.CLOSE),
        Trouble.GARBAGE: does(b"\x00\xff what is this\r\n\r\n"),
        Trouble.BREAKS: does(answer(500, "")),
    }


BENCHES = [
    Bench(
        kind="push",
        message=push_to_sam(),
        troubles={
            **_http_troubles(_push, answer(201, "")),
            Trouble.REFUSES: _http_with(_push, answer(410, "")),
        },
    ),
    Bench(
        kind="unifiedpush",
        message=push_to_sam(),
        troubles={
            **_http_troubles(_unifiedpush, answer(201, "")),
            Trouble.REFUSES: _http_with(_unifiedpush, answer(404, "")),
        },
    ),
    Bench(
        kind="ntfy",
        message=push_to_sam(to=TOPIC),
        troubles={
            **_http_troubles(_ntfy, answer(200, '{"id":"sPs71M8A2T","event":"message"}')),
            Trouble.MISCONFIGURED: _http_with(_ntfy, answer(401, '{"code":40101,"http":401}')),
        },
    ),
]
