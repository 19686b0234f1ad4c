"""Web Push to a browser that agreed to it. Stop 7 of the road: from `worker.sender`, to a push service.

The push service carries what it cannot read. That it took a message says nothing about the phone,
which may be off for days: it is accepted, never delivered, and the next way goes out as agreed.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from nightlight.channels.addresses import AddressError
from nightlight.channels.app_text import packed, shown
from nightlight.channels.base import SEND_TIMEOUT_SECONDS, Message, PermanentFailure, Receipt
from nightlight.channels.http_call import HttpRequest, Reach, call
from nightlight.channels.web_push import encrypted, headers_for, read_subscription, signed, verdict

SIGNED_FOR = timedelta(hours=12)
"""RFC 8292 allows a day; half of it leaves room for a clock that is wrong."""
STEP_BYTES = 512


class PushChannel:
    """Every push service there is: each subscription names its own."""

    kind = "push"

    def __init__(
        self,
        *,
        provider: str,
        contact: str,
        key: Callable[[], bytes],
        now: Callable[[], datetime],
        reach: Reach,
        timeout_seconds: float = SEND_TIMEOUT_SECONDS,
    ) -> None:
        self.provider = provider
        self._contact = contact
        self._key = key
        self._now = now
        self._reach = reach
        self._timeout_seconds = timeout_seconds

    def send(self, message: Message) -> Receipt:
        """Hand *message* over within the timeout, or raise a `SendFailure`."""
        try:
            subscription = read_subscription(message.to)
        except AddressError as error:
            raise PermanentFailure("no_subscription") from error
        body = encrypted(packed(shown(message), STEP_BYTES), subscription.public_key, subscription.secret)
        request = HttpRequest(
            method="POST",
            target=subscription.endpoint.target,
            headers={
                **headers_for(message),
                "Authorization": signed(
                    self._key(), subscription.endpoint.origin, self._contact, self._now() + SIGNED_FOR
                ),
                "Content-Type": "application/octet-stream",
                "Content-Encoding": "aes128gcm",
            },
            body=body,
        )
        place = subscription.endpoint.place
        return verdict(call(place, request, timeout_seconds=self._timeout_seconds, reach=self._reach))
