"""Text messages through one Kannel gateway. Stop 7 of the road: from `worker.sender`, to the gateway.

Kannel splits a long text only as far as its `sendsms-user` group allows: `max-messages = 3` and
`concatenation = true`, or the link at the end is cut off. For replies its `sms-service` group needs
`catch-all = true`, `max-messages = 0` and
`get-url = "CALLBACK_URL?from=%p&text=%b&id=%I&charset=%C"`.
"""

import re
from urllib.parse import unquote_to_bytes, urlencode, urlsplit

from nightlight.channels.base import (
    SEND_TIMEOUT_SECONDS,
    CallbackRequest,
    Message,
    OutcomeUnknown,
    PermanentFailure,
    ProviderMisconfigured,
    Receipt,
    ReceiptStatus,
    Reply,
    SendFailure,
    TemporaryFailure,
)
from nightlight.channels.gsm7 import is_gsm7, segments
from nightlight.channels.http_call import HttpRequest, Place, call
from nightlight.channels.provider_url import ChannelSettingError, ProviderUrl, read_provider_url

SHAPE = "kannel://user:password@host:port[/cgi-bin/sendsms][?from=SENDER&smsc=ID], or kannels:// for TLS"
PATH = "/cgi-bin/sendsms"
REPLY_CHARACTERS_MAX = 2000

DLR_MASK = 1 | 2 | 4 | 8 | 16
_REPORTS = {
    "1": ReceiptStatus.DELIVERED,
    "2": ReceiptStatus.FAILED,
    "4": ReceiptStatus.QUEUED,
    "8": ReceiptStatus.ACCEPTED,
    "16": ReceiptStatus.FAILED,
}
_REASONS = {"2": "undelivered", "16": "refused_by_carrier"}


def read_kannel_url(url: str, setting: str) -> ProviderUrl:
    """The gateway in *url*. Raises ChannelSettingError, naming *setting*."""
    gateway = read_provider_url(url, setting=setting, shape=SHAPE)
    if gateway.scheme not in {"kannel", "kannels"}:
        raise ChannelSettingError(f"{setting}: {gateway.scheme}:// is not a text gateway. Write {SHAPE}")
    if not gateway.user:
        raise ChannelSettingError(f"{setting}: a URL has no user and password. Write {SHAPE}")
    unknown = sorted({name for name, _ in gateway.query} - {"from", "smsc"})
    if unknown:
        raise ChannelSettingError(f"{setting}: {unknown[0]!r} is not known after the ?. Write {SHAPE}")
    return gateway


class KannelChannel:
    """One Kannel gateway. Its reports and replies come to *callback_url*.

    Kannel signs nothing: the secret at the end of that path is the only proof, and the door checks it,
    since a gateway may still use the secret of an older host key.
    """

    kind = "sms"
    is_signed = False

    def __init__(
        self,
        *,
        provider: str,
        gateway: ProviderUrl,
        callback_url: str,
        timeout_seconds: float = SEND_TIMEOUT_SECONDS,
    ) -> None:
        # Kannel expands every %x in a report's address, so nothing there may be percent-encoded.
        if "%" in callback_url or "?" in callback_url:
            raise ChannelSettingError("NIGHTLIGHT_BASE_URL: a % or ? cannot be part of it. Leave it out")
        self.provider = provider
        self._gateway = gateway
        self._callback_url = callback_url
        self._timeout_seconds = timeout_seconds

    def send(self, message: Message) -> Receipt:
        """Hand *message* over within the timeout, or raise a `SendFailure`."""
        target = f"{self._gateway.path or PATH}?{urlencode(self._fields(message))}"
        place = Place(
            host=self._gateway.host,
            port=self._gateway.port,
            is_tls=self._gateway.scheme == "kannels",
            # A machine's own gateway often signed its own certificate, and nothing leaves the machine.
            is_checked=not self._gateway.on_loopback,
        )
        request = HttpRequest(method="GET", target=target)
        answer = call(place, request, timeout_seconds=self._timeout_seconds)
        return _verdict(answer.status, answer.text, segments(message.text))

    def read_receipt(self, request: CallbackRequest) -> Receipt | None:
        """The report in *request*, or None when it is none."""
        attempt = request.query.get("attempt", "")
        status = _REPORTS.get(request.query.get("type", ""))
        if request.method != "GET" or status is None or not re.fullmatch("[A-Za-z0-9]{1,64}", attempt):
            return None
        return Receipt(status=status, attempt=attempt, reason=_REASONS.get(request.query["type"], ""))

    def read_reply(self, request: CallbackRequest) -> Reply | None:
        """The reply in *request*, or None when it is none."""
        fields = _reply_fields(request)
        # What comes to the address of a report is none, whatever else it says: a report never answers.
        is_report = "attempt" in fields
        if request.method != "GET" or is_report or "text" not in fields or not fields.get("from"):
            return None
        return Reply(
            sender=_international(fields["from"]),
            text=fields["text"][:REPLY_CHARACTERS_MAX],
            reference=fields.get("id", "")[:64],
        )

    def _fields(self, message: Message) -> dict[str, str]:
        fields = {
            "username": self._gateway.user,
            "password": self._gateway.password,
            "to": message.to,
            "text": message.text,
            "charset": "UTF-8",
            "dlr-mask": str(DLR_MASK),
            "dlr-url": f"{self._callback_url}?attempt={message.attempt}&type=%d",
        }
        if not is_gsm7(message.text):
            fields["coding"] = "2"
        return fields | dict(self._gateway.query)


def _verdict(status: int, body: str, units: int) -> Receipt:
    """What the gateway's answer means. Only `0:` is an acceptance; `3:` is a place in a queue."""
    if 200 <= status < 300:
        if body.startswith("0:"):
            return Receipt(status=ReceiptStatus.ACCEPTED, units=units)
        if body.startswith("3:"):
            return Receipt(status=ReceiptStatus.QUEUED, units=units)
        raise OutcomeUnknown("garbled_reply")
    raise _refusal(status, body.lower())


def _refusal(status: int, body: str) -> SendFailure:
    if status == 403 and "authorization" not in body:
        # Not routable, or on a list of the gateway's: this number, by this gateway, never.
        return PermanentFailure("not_routable")
    if status in {429, 503}:
        return TemporaryFailure(f"deferred_{status}")
    if 300 <= status < 500:
        return ProviderMisconfigured(f"gateway_refused_{status}")
    return OutcomeUnknown(f"gateway_failed_{status}")


def _reply_fields(request: CallbackRequest) -> dict[str, str]:
    """The fields of a reply. One with a sign outside GSM 03.38 in it comes as raw UTF-16."""
    fields = dict(request.query)
    if fields.get("charset", "").upper() != "UTF-16BE":
        return fields
    for pair in urlsplit(request.url).query.split("&"):
        name, _, value = pair.partition("=")
        if name == "text":
            fields["text"] = unquote_to_bytes(value.replace("+", " ")).decode("utf-16-be", "replace")
    return fields


def _international(sender: str) -> str:
    """*sender* with its +: gateways leave it out, or write 00. What is no full number stays as it is."""
    digits = sender.strip()
    if re.fullmatch("00[1-9][0-9]{6,14}", digits):
        return "+" + digits[2:]
    if re.fullmatch("[1-9][0-9]{7,14}", digits):
        return "+" + digits
    return digits
