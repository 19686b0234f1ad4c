"""Ana's circle with phones that ring, and what people press who listen to what they are told."""

import re
from collections.abc import Callable
from typing import Any

from nightlight import config
from nightlight.channels.base import Message, Receipt, ReceiptStatus
from nightlight.intake.channels import switched_on
from nightlight.intake.key import KeyTaken, take_key
from nightlight.intake.receipt import take_receipt
from nightlight.store.models import Attempt
from tests.people import NUMBERS, SAM
from tests.worker.simulated_channel import SimulatedChannel
from tests.worker.world import World

VOICE_URL = "twilio-plain://AC1:secret@127.0.0.1:8099/+447700900888"


class RingingWorld(World):
    """A world in which phones ring as well."""

    def __init__(self, *, providers: int = 1) -> None:
        super().__init__(providers=providers, kinds=("smtp", "sms", "voice"))

    @property
    def phone(self) -> SimulatedChannel:
        return self.channels["voice"][0]

    def rung(self, person: str = SAM) -> list[Message]:
        """Every ring at the phone of *person*, the oldest first."""
        number = NUMBERS[person]  # type: ignore[index]
        return [each for own in self.channels["voice"] for each in own.handed if each.to == number]

    def missed(self, ring: Message, reason: str = "no_key") -> bool:
        """The provider says that nobody pressed a key."""
        told = Receipt(status=ReceiptStatus.MISSED, attempt=ring.attempt, reason=reason)
        return take_receipt("voice", told, self.time)

    def presses(self, ring: Message, key: str) -> KeyTaken:
        """Somebody who holds the phone presses *key*."""
        return take_key(ring.attempt, key, self.time)

    def outcomes(self) -> list[str]:
        """Of every ring, in their order."""
        rings = Attempt.objects.filter(notification__channel="voice").order_by("began_at", "number")
        return list(rings.values_list("outcome", flat=True))


def a_ringing_world(with_settings: Callable[..., config.Settings]) -> RingingWorld:
    """An empty one at noon, with settings that agree with it."""
    with_settings(
        base_url="https://circle.example.org",
        smtp_urls=("smtp://127.0.0.1:2525",),
        mail_from="circle@example.org",
        sms_urls=("kannel://user:secret@127.0.0.1:13013?from=12345",),
        voice_urls=(VOICE_URL,),
    )
    switched_on.cache_clear()
    return RingingWorld()


def keys_in(ring: Any) -> list[str]:
    """Every key that is announced, in the order in which it is said."""
    spoken = ring.spoken if isinstance(ring, Message) else ring
    assert spoken is not None
    return re.findall(r"press (\d)", " ".join(spoken.said))
