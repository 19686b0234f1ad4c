"""The mailbox in which bounces and replies arrive, read by IMAP. Stop 1 of the road: from the mailbox to `intake.hearing`.

Read only: nothing is marked as seen, moved or erased there, so that a person may read the same mailbox.
The place is the mailbox's own validity and the highest number that was read (RFC 3501, 2.3.1).
"""

import imaplib
import re
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from nightlight.channels.base import (
    SEND_TIMEOUT_SECONDS,
    Heard,
    ProviderMisconfigured,
    Receipt,
    Reply,
    SendFailure,
    TemporaryFailure,
)
from nightlight.channels.deadline import Deadline, tls_context, why_it_broke
from nightlight.channels.mail_reading import Ours, read_mail
from nightlight.channels.provider_url import ChannelSettingError, ProviderUrl, read_provider_url

SHAPE = "imaps://user:password@host[:port][/FOLDER]"
PORTS = {"imap": 143, "imaps": 993}
LOOK_EVERY_SECONDS = 2.0
MAILS_MAX = 20
"""Read at a stretch; the rest follows at once."""
MAIL_BYTES_MAX = 262_144
"""Of each mail; what a person writes, and the report of a bounce, come before what is attached."""
LOOK_BACK = timedelta(days=2)
"""When the mailbox was made anew, its numbers say nothing: the mails of so long ago are read once more."""

_FOLDER = re.compile(r"[A-Za-z0-9 ._/&+,-]{1,100}")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def read_imap_url(url: str, setting: str) -> ProviderUrl:
    """The mailbox in *url*. Raises ChannelSettingError, naming *setting*."""
    scheme = url.partition(":")[0]
    if scheme not in PORTS:
        raise ChannelSettingError(f"{setting}: {scheme}:// is not a mailbox. Write {SHAPE}")
    server = read_provider_url(url, setting=setting, shape=SHAPE, default_port=PORTS[scheme])
    if not server.user:
        raise ChannelSettingError(f"{setting}: it names no user and password. Write {SHAPE}")
    if server.query or (server.path.strip("/") and not _FOLDER.fullmatch(server.path.strip("/"))):
        raise ChannelSettingError(f"{setting}: what follows the port is not a folder's name. Write {SHAPE}")
    return server


class MailboxListener:
    """One mailbox. TLS from the start with `imaps`, else STARTTLS: required off loopback."""

    kind = "smtp"
    is_shared = True

    def __init__(
        self,
        *,
        name: str,
        server: ProviderUrl,
        ours: Ours,
        now: Callable[[], datetime],
        timeout_seconds: float = SEND_TIMEOUT_SECONDS,
    ) -> None:
        self.name = name
        self._server = server
        self._folder = server.path.strip("/") or "INBOX"
        self._ours = ours
        self._now = now
        self._timeout_seconds = timeout_seconds
        self._open: _Session | None = None

    def listen(self, position: str, seconds: float) -> Heard:
        """What came in after *position*, within so many *seconds*. Raises a `SendFailure`."""
        with Deadline(self._timeout_seconds + seconds) as deadline:
            try:
                session = self._session(deadline)
                return self._hear(session, position, seconds)
            except SendFailure:
                self._hang_up()
                raise
            except (OSError, imaplib.IMAP4.error) as error:
                self._hang_up()
                raise _broken(error, deadline) from error
            except BaseException:
                self._hang_up()
                raise

    def _session(self, deadline: Deadline) -> "_Session":
        """The line of last time, for many providers count how often one logs in; else a new one."""
        if self._open is not None:
            deadline.keep(self._open.connection)
            return self._open
        self._open = _Session(self._server, deadline)
        self._open.log_in(self._server)
        self._open.examine(self._folder)
        return self._open

    def _hang_up(self) -> None:
        if self._open is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                self._open.shutdown()
        self._open = None

    def _hear(self, session: "_Session", position: str, seconds: float) -> Heard:
        validity, _, number = position.partition(":")
        if not position:
            # The very first time: what lies there already is not for us.
            return Heard(position=f"{session.validity}:{session.highest()}")
        if validity != session.validity:
            return self._hear_anew(session)
        last = int(number)
        for turn in range(max(round(seconds / LOOK_EVERY_SECONDS), 1)):
            if turn:
                select.select([session.connection], [], [], LOOK_EVERY_SECONDS)
            found = session.newer_than(last)
            if found:
                return self._read(session, found[:MAILS_MAX])
        return Heard(position=position)

    def _hear_anew(self, session: "_Session") -> Heard:
        since = self._now() - LOOK_BACK
        found = session.since(f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}")
        highest = session.highest()
        heard = self._read(session, found[-MAILS_MAX:])
        return Heard(receipts=heard.receipts, replies=heard.replies, position=f"{session.validity}:{highest}")

    def _read(self, session: "_Session", numbers: list[int]) -> Heard:
        read = [read_mail(content, self._ours) for content in map(session.fetch, numbers)]
        return Heard(
            receipts=tuple(one for one in read if isinstance(one, Receipt)),
            replies=tuple(one for one in read if isinstance(one, Reply)),
            position=f"{session.validity}:{max(numbers, default=0)}",
        )


class _Session(imaplib.IMAP4):
    """imaplib's client on a connection that is cut off when the time is up."""

    def __init__(self, server: ProviderUrl, deadline: Deadline) -> None:
        self._server = server
        self._deadline = deadline
        self.connection: socket.socket
        self.validity = ""
        super().__init__(server.host, server.port)

    def _create_socket(self, timeout: float | None) -> socket.socket:  # noqa: ARG002
        # imaplib's own hook for another kind of socket; the deadline takes the place of its timeout.
        self.connection = self._deadline.connect(self.host, self.port)
        if self._server.scheme == "imaps":
            self.connection = tls_context(is_checked=not self._server.on_loopback).wrap_socket(
                self.connection, server_hostname=self.host
            )
        return self.connection

    def log_in(self, server: ProviderUrl) -> None:
        if server.scheme == "imap" and "STARTTLS" in self.capabilities:
            self.starttls(tls_context(is_checked=not server.on_loopback))
            self.connection = self.sock
        elif server.scheme == "imap" and not server.on_loopback:
            # Without TLS the password would cross a network for all to read.
            raise ProviderMisconfigured("tls_not_offered")
        try:
            self.login(server.user, server.password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            # RFC 5530: not a word on the password, the server cannot look at it just now.
            if "[UNAVAILABLE]" in str(error):
                raise TemporaryFailure("unavailable") from error
            raise ProviderMisconfigured("auth_refused") from error

    def examine(self, folder: str) -> None:
        kind, _ = self.select(f'"{folder}"', readonly=True)
        if kind != "OK":
            raise ProviderMisconfigured("no_such_folder")
        _, [validity] = self.response("UIDVALIDITY")
        if not validity or not validity.isdigit():
            raise ProviderMisconfigured("no_numbers")
        self.validity = validity.decode("ascii")

    def highest(self) -> int:
        """The number of the latest mail; 0 in an empty mailbox."""
        return max(self._search("ALL"), default=0)

    def newer_than(self, number: int) -> list[int]:
        """The numbers of mails after *number*, in order."""
        self.noop()
        # "n:*" names the latest mail also where n lies beyond it.
        return [found for found in self._search(f"UID {number + 1}:*") if found > number]

    def since(self, day: str) -> list[int]:
        """The numbers of the mails of *day* and after it."""
        return self._search(f"SINCE {day}")

    def fetch(self, number: int) -> bytes:  # type: ignore[override]
        """The beginning of one mail; nothing when it is gone by now. It stays unseen."""
        kind, found = self.uid("FETCH", str(number), f"(BODY.PEEK[]<0.{MAIL_BYTES_MAX}>)")
        if kind != "OK":
            raise TemporaryFailure("not_readable")
        return next((part[1] for part in found if isinstance(part, tuple)), b"")

    def _search(self, what: str) -> list[int]:
        kind, found = self.uid("SEARCH", what)
        if kind != "OK":
            raise TemporaryFailure("not_searchable")
        return sorted(_numbers(found))


def _numbers(found: list[bytes | None]) -> Iterator[int]:
    for line in found:
        yield from map(int, (line or b"").split())


def _broken(error: OSError | imaplib.IMAP4.error, deadline: Deadline) -> TemporaryFailure:
    was_answered = isinstance(error, imaplib.IMAP4.error) and not isinstance(error, imaplib.IMAP4.abort)
    if was_answered and not deadline.passed:
        return TemporaryFailure("garbled_reply")
    return why_it_broke(error, deadline)
