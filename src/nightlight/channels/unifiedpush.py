"""UnifiedPush: an address that an app on a phone has from its own push server. From `worker.sender`, to that server.

An app that gave its keys with the address gets what only it can read, as Web Push does it; any other
gets a few lines of plain text, which its push server can read too.
"""

from nightlight.channels.addresses import AddressError
from nightlight.channels.app_text import TEXT_BYTES_MAX, clipped, links_of, packed, shown
from nightlight.channels.base import SEND_TIMEOUT_SECONDS, Message, PermanentFailure, Receipt
from nightlight.channels.http_call import HttpRequest, Reach, call
from nightlight.channels.outside import OutsideUrl, read_outside_url
from nightlight.channels.web_push import encrypted, headers_for, read_subscription, verdict

STEP_BYTES = 512


def check_unifiedpush(typed: str) -> str:
    """The address in *typed* as it is kept, with its keys when there are any. Raises AddressError."""
    if len(typed.split()) > 1:
        return read_subscription(typed).kept
    return read_outside_url(typed).url


class UnifiedPushChannel:
    """Every server of UnifiedPush there is: each address names its own."""

    kind = "unifiedpush"

    def __init__(self, *, provider: str, reach: Reach, timeout_seconds: float = SEND_TIMEOUT_SECONDS) -> None:
        self.provider = provider
        self._reach = reach
        self._timeout_seconds = timeout_seconds

    def send(self, message: Message) -> Receipt:
        """Hand *message* over within the timeout, or raise a `SendFailure`."""
        try:
            endpoint, headers, body = _for(message)
        except AddressError as error:
            raise PermanentFailure("no_address") from error
        request = HttpRequest(
            method="POST", target=endpoint.target, headers={**headers_for(message), **headers}, body=body
        )
        return verdict(
            call(endpoint.place, request, timeout_seconds=self._timeout_seconds, reach=self._reach)
        )


def _for(message: Message) -> tuple[OutsideUrl, dict[str, str], bytes]:
    if len(message.to.split()) > 1:
        given = read_subscription(message.to)
        body = encrypted(packed(shown(message), STEP_BYTES), given.public_key, given.secret)
        headers = {"Content-Type": "application/octet-stream", "Content-Encoding": "aes128gcm"}
        return given.endpoint, headers, body
    return read_outside_url(message.to), {"Content-Type": "text/plain; charset=utf-8"}, _plain(message)


def _plain(message: Message) -> bytes:
    """The words, and each link on a line of its own."""
    lines = [clipped(message.text, TEXT_BYTES_MAX)]
    for link in links_of(message):
        lines += [f"{link.name}:"] if link.name else []
        lines.append(link.url)
    return "\n".join(line for line in lines if line).encode() or b"\n"
