"""One HTTP request to a provider, and what may be said of it when it breaks. Shared by the channels that need it.

A fresh connection for each request, with one end to its time: on one that was kept, a provider that
closes at the wrong moment would turn a message that was never sent into one of which nobody knows.
A redirect is an answer like any other; it is never followed.
"""

import base64
import http.client
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nightlight.channels.base import (
    SEND_TIMEOUT_SECONDS,
    OutcomeUnknown,
    ProviderMisconfigured,
    SendFailure,
    TemporaryFailure,
)
from nightlight.channels.deadline import Deadline, tls_context

ANSWER_BYTES_MAX = 65536

Reach = Callable[[Deadline, str, int], socket.socket]
"""How a host and port are connected to. Raises OSError, or a `SendFailure` that says why not."""


def directly(deadline: Deadline, host: str, port: int) -> socket.socket:
    """Connect to whatever the host's name stands for: for providers that whoever runs the service named."""
    return deadline.connect(host, port)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a provider listens."""

    host: str
    port: int
    is_tls: bool = True
    is_checked: bool = True
    """Whether its certificate must be good; only on loopback it need not be, for nothing leaves the machine."""


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """What is asked of it. `target` is path and query, already encoded."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class HttpAnswer:
    """What it said, whole or its first bytes (`bytes_max`); the names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text, whatever is in it."""
        return self.body.decode("utf-8", "replace")


def basic(user: str, password: str) -> str:
    """The value of an `Authorization` header for *user*."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def call(
    place: Place,
    request: HttpRequest,
    *,
    timeout_seconds: float = SEND_TIMEOUT_SECONDS,
    reach: Reach = directly,
    bytes_max: int = ANSWER_BYTES_MAX,
) -> HttpAnswer:
    """Ask *request* of *place*, and return its answer, whatever its status.

    Raises `TemporaryFailure` or `ProviderMisconfigured` when the request was never begun, and
    `OutcomeUnknown` from its first byte on.
    """
    with Deadline(timeout_seconds) as deadline:
        connection = _connect(place, deadline, reach)
        try:
            answer = _ask(connection, request, bytes_max)
        except (OSError, http.client.HTTPException) as error:
            # From the first byte of the request on, the provider may have taken the message.
            raise OutcomeUnknown(_broken(error, deadline)) from error
        finally:
            connection.close()
    if deadline.passed:
        # What was cut off in the middle can look whole.
        raise OutcomeUnknown("timeout")
    return answer


def refusal(status: int) -> SendFailure:
    """What an answer that is no acceptance amounts to, where a provider's own words say nothing better."""
    if status in {408, 425, 429, 503}:
        return TemporaryFailure(f"deferred_{status}")
    if 300 <= status < 500:
        return ProviderMisconfigured(f"provider_refused_{status}")
    return OutcomeUnknown(f"provider_failed_{status}")


def _connect(place: Place, deadline: Deadline, reach: Reach) -> http.client.HTTPConnection:
    try:
        plain = reach(deadline, place.host, place.port)
    except OSError as error:
        raise TemporaryFailure(_broken(error, deadline)) from error
    connection = http.client.HTTPConnection(place.host, place.port)
    connection.sock = _wrap(plain, place, deadline) if place.is_tls else plain
    return connection


def _wrap(plain: socket.socket, place: Place, deadline: Deadline) -> ssl.SSLSocket:
    try:
        return tls_context(is_checked=place.is_checked).wrap_socket(plain, server_hostname=place.host)
    except OSError as error:
        plain.close()
        if isinstance(error, ssl.SSLError) and not deadline.passed:
            raise ProviderMisconfigured("tls_failed") from error
        raise TemporaryFailure(_broken(error, deadline)) from error


def _ask(connection: http.client.HTTPConnection, request: HttpRequest, bytes_max: int) -> HttpAnswer:
    headers = {**request.headers, "Connection": "close"}
    connection.request(request.method, request.target, body=request.body or None, headers=headers)
    response = connection.getresponse()
    return HttpAnswer(
        status=response.status,
        headers={name.lower(): value for name, value in response.getheaders()},
        body=response.read(bytes_max),
    )


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
