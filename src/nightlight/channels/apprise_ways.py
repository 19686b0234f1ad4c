"""Other apps people already have, by Apprise: one way out, nothing comes back. Stop 7 of the road: from `worker.sender`.

An address here holds its owner's own token for a service, and nothing of the host's. Only services that
are always found at the same place on the internet are known, whatever stands in the address: one that
names a host, a file or a region of its own could be made to knock at doors inside. So an address is a
plain one, without the parameters by which Apprise would be told to read files or to do otherwise.
"""

import logging
import queue
import re
import threading
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from nightlight.channels.addresses import ADDRESS_CHARACTERS_MAX, AddressError
from nightlight.channels.base import (
    SEND_TIMEOUT_SECONDS,
    Message,
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    ReceiptStatus,
    SendFailure,
    TemporaryFailure,
)
from nightlight.channels.provider_url import ChannelSettingError

SERVICES: Mapping[str, str] = MappingProxyType(
    {
        "discord": "Discord",
        "flock": "Flock",
        "gchat": "Google Chat",
        "groupme": "GroupMe",
        "guilded": "Guilded",
        "join": "Join",
        "line": "LINE",
        "pbul": "Pushbullet",
        "pover": "Pushover",
        "prowl": "Prowl",
        "revolt": "Revolt",
        "slack": "Slack",
        "spush": "Simplepush",
        "tgram": "Telegram",
        "threema": "Threema",
        "viber": "Viber",
        "whatsapp": "WhatsApp",
    }
)
"""By the name Apprise gives them: those that write to people, each at one place of its own."""

UNDER_WAY_MAX = 48
"""Sends that nobody waits for any more count as well, until the service lets go of them."""

_SHAPE = re.compile(r"([a-z][a-z0-9]*)://[A-Za-z0-9._~@:/+=-]+\Z")
_STATUS = re.compile(r"error=([1-5]\d\d)\b")
_NEVER_BEGUN = (
    "NewConnectionError",
    "ConnectTimeout",
    "NameResolutionError",
    "Failed to establish",
    "Failed to resolve",
)


def check_apprise(address: str) -> str:
    """*address* of a service that is known. Raises AddressError, which never shows what is secret in it."""
    written = address.strip()
    shape = _SHAPE.match(written)
    if shape is None or len(written) > ADDRESS_CHARACTERS_MAX:
        raise AddressError(
            "This is no address of a service: write it as its page at Apprise says, as tgram://TOKEN/ID,"
            " without anything after a ? or #."
        )
    if shape.group(1) not in SERVICES:
        raise AddressError(
            f"{shape.group(1)}:// is no service that is known. There are: {', '.join(SERVICES)}."
        )
    return written


def check_services(names: Collection[str], setting: str) -> frozenset[str]:
    """*names* of services that are known. Raises ChannelSettingError, naming *setting*."""
    strange = [name for name in names if name not in SERVICES]
    if strange:
        raise ChannelSettingError(
            f"{setting}: {', '.join(strange)} is no service that is known. There are: {', '.join(SERVICES)}"
        )
    return frozenset(names)


class AppriseChannel:
    """Every service of Apprise that is switched on."""

    kind = "apprise"

    def __init__(
        self,
        *,
        provider: str,
        services: frozenset[str],
        service_name: str,
        timeout_seconds: float = SEND_TIMEOUT_SECONDS,
    ) -> None:
        """*service_name* is what a service that asks for a sender is told."""
        self.provider = provider
        self._services = services
        self._service_name = service_name
        self._timeout_seconds = timeout_seconds
        self._hands = threading.Semaphore(UNDER_WAY_MAX)

    def send(self, message: Message) -> Receipt:
        """Hand *message* over within the timeout, or raise a `SendFailure`."""
        shape = _SHAPE.match(message.to)
        if shape is None:
            raise PermanentFailure("bad_address")
        if shape.group(1) not in self._services:
            raise PermanentFailure("service_off")
        plugin = _plugin(message.to, self._service_name, self._timeout_seconds)
        if not self._hands.acquire(blocking=False):
            raise TemporaryFailure("too_many_under_way")
        ends: queue.SimpleQueue[SendFailure | None] = queue.SimpleQueue()
        threading.Thread(
            target=self._send_and_tell, args=(plugin, message, ends), name="apprise", daemon=True
        ).start()
        try:
            failure = ends.get(timeout=self._timeout_seconds)
        except queue.Empty:
            # Its own timeouts begin anew with every byte; a sender waits no longer than this.
            raise OutcomeUnknown("timeout") from None
        if failure is not None:
            raise failure
        return Receipt(status=ReceiptStatus.ACCEPTED)

    def _send_and_tell(
        self, plugin: Any, message: Message, ends: "queue.SimpleQueue[SendFailure | None]"
    ) -> None:
        said = _said.begin()
        try:
            was_taken = plugin.notify(body=message.text or " ", title=message.subject, body_format="text")
            ends.put(None if was_taken else _failure(said))
        # Whatever a service's own code makes of an odd answer, the message may have gone out before.
        except Exception:  # noqa: BLE001
            ends.put(OutcomeUnknown("garbled_reply"))
        finally:
            _said.end()
            self._hands.release()


class _Said(logging.Handler):
    """What Apprise says while one thread sends: the only place where it tells why it failed. None of it is kept."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._lines = threading.local()

    def begin(self) -> list[str]:
        """The lines this thread's send will say."""
        logger = logging.getLogger("apprise")
        # Its words hold tokens and addresses: they go here and nowhere else.
        logger.propagate = False
        logger.setLevel(logging.DEBUG)
        if logger.handlers != [self]:
            logger.handlers = [self]
        self._lines.said = []
        said: list[str] = self._lines.said
        return said

    def end(self) -> None:
        """Listen to this thread no longer."""
        self._lines.said = None

    def emit(self, record: logging.LogRecord) -> None:
        said = getattr(self._lines, "said", None)
        if said is not None:
            said.append(record.getMessage())


_said = _Said()


def _plugin(address: str, service_name: str, timeout_seconds: float) -> Any:
    """What Apprise makes of *address*. Raises PermanentFailure when that is nothing."""
    # Only where it is switched on: it brings a hundred services along.
    from apprise import Apprise, AppriseAsset, PersistentStoreMode  # noqa: PLC0415

    asset = AppriseAsset(
        app_id=service_name,
        app_desc=service_name,
        app_url="",
        image_url_mask="",
        image_url_logo="",
        # What it would keep on the disk between two messages holds addresses.
        storage_mode=PersistentStoreMode.MEMORY,
        http_redirects=False,
        secure_logging=True,
    )
    _said.begin()
    plugin = Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    _said.end()
    if plugin is None:
        raise PermanentFailure("bad_address")
    # It would wait seconds between two requests, while somebody waits for whoever is written to.
    plugin.request_rate_per_sec = 0
    plugin.socket_connect_timeout = plugin.socket_read_timeout = timeout_seconds
    return plugin


def _failure(said: list[str]) -> SendFailure:
    """Why nothing was taken, from what was said meanwhile."""
    text = "\n".join(said)
    status = _STATUS.search(text)
    if status is None:
        if any(sign in text for sign in _NEVER_BEGUN):
            return TemporaryFailure("not_reached")
        return OutcomeUnknown("disconnected")
    code = int(status.group(1))
    if code in {408, 425, 429, 503}:
        return TemporaryFailure(f"deferred_{code}")
    if 300 <= code < 500:
        # The token is its owner's, so a wrong one is the address's fault and nothing the host could mend.
        return PermanentFailure(f"refused_{code}")
    return OutcomeUnknown(f"provider_failed_{code}")
