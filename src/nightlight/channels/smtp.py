"""Mail, handed to one SMTP server. Stop 7 of the road: from `worker.sender`, to the server.

The server's word is final only after the dot that ends the mail: what breaks before it can be tried
again at once, what breaks after it may already be on its way.
"""

import re
import smtplib
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from nightlight.channels.addresses import AddressError, check_email
from nightlight.channels.base import (
    SEND_TIMEOUT_SECONDS,
    Message,
    OutcomeUnknown,
    PermanentFailure,
    ProviderMisconfigured,
    Receipt,
    ReceiptStatus,
    SendFailure,
    TemporaryFailure,
)
from nightlight.channels.deadline import Deadline, tls_context, why_it_broke
from nightlight.channels.provider_url import ChannelSettingError, ProviderUrl, read_provider_url

SHAPE = "smtp://[user:password@]host:port or smtps://[user:password@]host:port"
SUBJECT_CHARACTERS_MAX = 150

# Seven bits throughout: no server on the way has a reason to rewrite the mail, or to refuse it.
_POLICY = SMTP.clone(cte_type="7bit")
_QUEUED_AS = re.compile(rb"queued as ([A-Za-z0-9.-]{1,64})", re.IGNORECASE)
# Refusals at the recipient that speak of us, not of the recipient.
_CREDENTIALS_WANTED = frozenset({530, 535, 538})


def read_smtp_url(url: str, setting: str) -> ProviderUrl:
    """The server in *url*. Raises ChannelSettingError, naming *setting*."""
    server = read_provider_url(url, setting=setting, shape=SHAPE)
    if server.scheme not in {"smtp", "smtps"}:
        raise ChannelSettingError(f"{setting}: {server.scheme}:// is not a mail server. Write {SHAPE}")
    if server.path not in {"", "/"} or server.query:
        raise ChannelSettingError(f"{setting}: nothing may follow the port. Write {SHAPE}")
    return server


class SmtpChannel:
    """One SMTP server. TLS from the start with `smtps`, else STARTTLS: required off loopback."""

    kind = "smtp"

    def __init__(
        self,
        *,
        provider: str,
        server: ProviderUrl,
        sender: str,
        now: Callable[[], datetime],
        timeout_seconds: float = SEND_TIMEOUT_SECONDS,
        replies_are_read: bool = False,
    ) -> None:
        """*replies_are_read*: somebody listens at the sender's mailbox, so the words may say so."""
        self.provider = provider
        self.replies_are_read = replies_are_read
        self._server = server
        self._sender = sender
        self._domain = sender.rpartition("@")[2]
        self._now = now
        self._timeout_seconds = timeout_seconds

    def send(self, message: Message) -> Receipt:
        """Hand *message* over within the timeout, or raise a `SendFailure`."""
        try:
            to = check_email(message.to)
        except AddressError:
            raise PermanentFailure("bad_address") from None
        content = self._write(message, to)
        with Deadline(self._timeout_seconds) as deadline:
            client = _Client(self._server, deadline, local_hostname=self._domain)
            try:
                self._open(client)
                self._address(client, to)
                return _hand_over(client, content, deadline)
            except SendFailure:
                raise
            except (OSError, smtplib.SMTPException) as error:
                raise _before_the_dot(error, deadline) from error
            finally:
                client.close()

    def _write(self, message: Message, to: str) -> bytes:
        mail = EmailMessage(policy=_POLICY)
        mail["From"] = Address(addr_spec=self._sender)
        mail["To"] = Address(addr_spec=to)
        mail["Subject"] = _one_line(message.subject)
        mail["Date"] = format_datetime(self._now())
        mail["Message-ID"] = f"<{re.sub('[^A-Za-z0-9_-]', '', message.notification) or '0'}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        # Asks Exchange for what the line above asks of everybody else: no note of somebody who is away.
        mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
        mail.set_content(message.text)
        if message.html:
            mail.add_alternative(message.html, subtype="html")
        return mail.as_bytes()

    def _open(self, client: "_Client") -> None:
        code, _ = client.connect(self._server.host, self._server.port)
        if code != 220:
            raise ProviderMisconfigured(f"service_refused_{code}") if code >= 500 else _temporary(code)
        client.ehlo_or_helo_if_needed()
        if self._server.scheme == "smtp":
            self._protect(client)
        if self._server.user:
            self._log_in(client)

    def _protect(self, client: "_Client") -> None:
        if not client.has_extn("starttls"):
            if self._server.on_loopback:
                return
            # Without TLS the mail, and the password, would cross a network for all to read.
            raise ProviderMisconfigured("tls_not_offered")
        code, _ = client.starttls(context=tls_context(is_checked=not self._server.on_loopback))
        if code != 220:
            raise ProviderMisconfigured(f"tls_refused_{code}") if code >= 500 else _temporary(code)
        client.ehlo_or_helo_if_needed()

    def _log_in(self, client: "_Client") -> None:
        try:
            client.login(self._server.user, self._server.password)
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPAuthenticationError as error:
            if 400 <= error.smtp_code < 500:
                raise _temporary(error.smtp_code) from error
            raise ProviderMisconfigured(f"auth_refused_{error.smtp_code}") from error
        except (smtplib.SMTPException, UnicodeError) as error:
            # Not offered, no method in common, or a password this server cannot be told.
            raise ProviderMisconfigured("auth_not_possible") from error

    def _address(self, client: "_Client", to: str) -> None:
        code, _ = client.mail(self._sender)
        if code >= 500:
            raise ProviderMisconfigured(f"sender_refused_{code}")
        if code != 250:
            raise _temporary(code)
        code, words = client.rcpt(to)
        if code in _CREDENTIALS_WANTED or (code >= 500 and b"relay" in words.lower()):
            raise ProviderMisconfigured(f"relay_refused_{code}")
        if code >= 500:
            raise PermanentFailure(f"recipient_refused_{code}")
        if code not in {250, 251}:
            raise _temporary(code)


class _Client(smtplib.SMTP):
    """smtplib's client on a connection that is cut off when the time is up."""

    def __init__(self, server: ProviderUrl, deadline: Deadline, *, local_hostname: str) -> None:
        # A host given here is connected to at once, and smtplib would ask DNS for our own name.
        super().__init__(host="", local_hostname=local_hostname)
        self._host = server.host
        self._server = server
        self._deadline = deadline

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002
        # smtplib's own hook for another kind of socket; the deadline takes the place of its timeout.
        connection = self._deadline.connect(host, port)
        if self._server.scheme != "smtps":
            return connection
        try:
            return tls_context(is_checked=not self._server.on_loopback).wrap_socket(
                connection, server_hostname=host
            )
        except OSError:
            connection.close()
            raise


def _hand_over(client: _Client, content: bytes, deadline: Deadline) -> Receipt:
    code, _ = client.docmd("DATA")
    if code != 354:
        raise PermanentFailure(f"message_refused_{code}") if code >= 500 else _temporary(code)
    # A line that begins with a dot is doubled, or it would end the mail (RFC 5321, 4.5.2).
    client.send(re.sub(rb"(?m)^\.", b"..", content))
    try:
        client.send(b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")
        code, words = client.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise OutcomeUnknown("timeout" if deadline.passed else "disconnected") from error
    if code >= 500:
        raise PermanentFailure(f"message_refused_{code}")
    if 400 <= code < 500:
        raise _temporary(code)
    if code != 250:
        raise OutcomeUnknown("garbled_reply")
    with suppress(OSError):
        client.putcmd("quit")
    queued_as = _QUEUED_AS.search(words)
    return Receipt(
        status=ReceiptStatus.ACCEPTED, reference=queued_as.group(1).decode("ascii") if queued_as else ""
    )


def _temporary(code: int) -> TemporaryFailure:
    return TemporaryFailure(f"deferred_{code}" if code > 0 else "garbled_reply")


def _before_the_dot(error: OSError | smtplib.SMTPException, deadline: Deadline) -> TemporaryFailure:
    """What a conversation that broke off before the mail was complete amounts to."""
    if isinstance(error, smtplib.SMTPResponseException) and not deadline.passed:
        return _temporary(error.smtp_code)
    return why_it_broke(error, deadline)


def _one_line(subject: str) -> str:
    """*subject* without anything that could begin a header of its own."""
    printable = "".join(character if character.isprintable() else " " for character in subject)
    line = " ".join(printable.split())[:SUBJECT_CHARACTERS_MAX]
    # The library reads `=?utf-8?q?=0d=0aBcc:...?=` as what it stands for, and writes the break out as one.
    return line.replace("=?", "= ?")
