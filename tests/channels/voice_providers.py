"""Voice services and trunks in every trouble they can be in, for the contract of all channels."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from nightlight.channels.base import Channel
from nightlight.channels.provider_url import ProviderUrl
from nightlight.channels.twilio_account import TwilioAccount
from nightlight.channels.voice_sip import SipTrunk, SipVoiceChannel
from nightlight.channels.voice_twilio import TwilioVoiceChannel
from tests.channels.faulty_providers import Step, answer, faulty_gateway
from tests.servers.faulty_trunk import faulty_trunk
from tests.servers.postfix import certificate
from tests.servers.sip import own_address

RINGS = '{"sid": "CA87105da94bff44b999e4e6eb90d8eb6a", "status": "queued", "price": null}'
"""As it stands in the documentation of Twilio's API, shortened."""


def twilio_voice(port: int, scheme: str = "twilio-plain") -> Channel:
    """A channel to a voice service on *port*."""
    url = "https://circle.example.org/hooks/voice/twilio-1/5ecret"
    account = TwilioAccount(
        url=ProviderUrl(
            scheme=scheme, host="127.0.0.1", port=port, user="nightlight", password="not-for-a-log"
        ),
        sender="+447700900888",
    )
    return TwilioVoiceChannel(provider="twilio-1", account=account, callback_url=url, timeout_seconds=0.4)


def twilio_voice_with(step: Step) -> Callable[[Path], AbstractContextManager[Channel]]:
    """To one that does *step*."""

    @contextmanager
    def make(_: Path) -> Iterator[Channel]:
        with faulty_gateway(step) as provider:
            yield twilio_voice(provider.port)

    return make


@contextmanager
def twilio_voice_of_somebody_else(folder: Path) -> Iterator[Channel]:
    """To one whose certificate nobody we trust has signed."""
    certificate(folder)
    with faulty_gateway(answer(201, RINGS), tls=folder) as provider:
        yield twilio_voice(provider.port, "twilio")


def _sip(address: str, port: int) -> Channel:
    url = ProviderUrl(scheme="sip", host=address, port=port, user="nightlight", password="not-for-a-log")
    trunk = SipTrunk(url=url, sender="+447700900888")
    return SipVoiceChannel(
        provider="sip-1", trunk=trunk, timeout_seconds=2, ring_seconds=0.1, key_seconds=0.1
    )


def sip_with(status: str) -> Callable[[Path], AbstractContextManager[Channel]]:
    """To a trunk that answers *status*."""

    @contextmanager
    def make(_: Path) -> Iterator[Channel]:
        with faulty_trunk(status) as trunk:
            yield _sip(trunk.address, trunk.port)

    return make


@contextmanager
def sip_nobody_listens(_: Path) -> Iterator[Channel]:
    """To a trunk that is not there."""
    with own_address() as address:
        yield _sip(address, 9)
