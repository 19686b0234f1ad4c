"""Text messages through one Kannel gateway. Stop 7 of the road: from `worker.sender`, to the gateway.

Kannel splits a long text only as far as its `sendsms-user` group allows: `max-messages = 3` and
`concatenation = true`, or the link at the end is cut off. For replies its `sms-service` group needs
`catch-all = true`, `max-messages = 0` and
`get-url = "CALLBACK_URL?from=%p&text=%b&id=%I&charset=%C"`.
"""

import http.client
import re
import socket
import ssl
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
from nightlight.channels.deadline import Deadline
from nightlight.channels.gsm7 import is_gsm7
from nightlight.channels.provider_url import ChannelSettingError, ProviderUrl, read_provider_url

SHAPE = "kannel://user:password@host:port[/cgi-bin/sendsms][?from=SENDER&smsc=ID], or kannels:// for TLS"
PATH = "/cgi-bin/sendsms"
BODY_BYTES_MAX = 4096
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
        with Deadline(self._timeout_seconds) as deadline:
            connection = self._connect(deadline)
            try:
                status, body = _ask(connection, target)
            except (OSError, http.client.HTTPException) as error:
                # From the first byte of the request on, the gateway may have taken the message.
                raise OutcomeUnknown(_broken(error, deadline)) from error
            finally:
                connection.close()
        if deadline.passed:
            # What was cut off in the middle can look whole.
            raise OutcomeUnknown("timeout")
        return _verdict(status, body)

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
        if request.method != "GET" or "text" not in fields or not fields.get("from"):
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

    def _connect(self, deadline: Deadline) -> http.client.HTTPConnection:
        """A fresh connection for each message.

        On one that was kept, a gateway that closes at the wrong moment would turn a message that was
        never sent into one of which nobody knows.
        """
        try:
            plain = deadline.connect(self._gateway.host, self._gateway.port)
        except OSError as error:
            raise TemporaryFailure(_broken(error, deadline)) from error
        connection = http.client.HTTPConnection(self._gateway.host, self._gateway.port)
        connection.sock = plain if self._gateway.scheme == "kannel" else self._wrap(plain, deadline)
        return connection

    def _wrap(self, plain: socket.socket, deadline: Deadline) -> ssl.SSLSocket:
        context = ssl.create_default_context()
        if self._gateway.on_loopback:
            # A machine's own gateway often signed its own certificate, and nothing leaves the machine.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        try:
            return context.wrap_socket(plain, server_hostname=self._gateway.host)
        except OSError as error:
            plain.close()
            if isinstance(error, ssl.SSLError) and not deadline.passed:
                raise ProviderMisconfigured("tls_failed") from error
            raise TemporaryFailure(_broken(error, deadline)) from error


def _ask(connection: http.client.HTTPConnection, target: str) -> tuple[int, str]:
    connection.request("GET", target, headers={"Connection": "close"})
    response = connection.getresponse()
    return response.status, response.read(BODY_BYTES_MAX).decode("utf-8", "replace")


def _verdict(status: int, body: str) -> Receipt:
    """What the gateway's answer means. Only `0:` is an acceptance; `3:` is a place in a queue."""
    if 200 <= status < 300:
        if body.startswith("0:"):
            return Receipt(status=ReceiptStatus.ACCEPTED)
        if body.startswith("3:"):
            return Receipt(status=ReceiptStatus.QUEUED)
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


def _broken(error: OSError | http.client.HTTPException, deadline: Deadline) -> str:
    if deadline.passed or isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ConnectionRefusedError):
        return "connection_refused"
    if isinstance(error, socket.gaierror):
        return "host_not_found"
    if isinstance(error, http.client.BadStatusLine) and not isinstance(error, ConnectionError):
        return "garbled_reply"
    return "disconnected"


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
