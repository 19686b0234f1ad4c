"""Sample phones: a channel in which nothing leaves the machine, for `nightlight try`. Stop 7 of the road.

The messages lie in one SQLite file of their own, so that the worker can send and the pages can show
what reached each phone, and so that a phone can be put into a state in which a way fails.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from nightlight.channels.base import (
    Message,
    PermanentFailure,
    ProviderMisconfigured,
    Receipt,
    ReceiptStatus,
    TemporaryFailure,
)

DIRECTORY = "sample-phones"
"""In a data directory made by `try`, and nowhere else."""
FILE_NAME = "sample-phones.sqlite3"
BUSY_SECONDS = 5

# The write lock first: of two processes that begin together one makes the tables, the other finds them.
_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    phone TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    sent_at TEXT NOT NULL,
    state TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS message_phone ON message (phone, id);
CREATE TABLE IF NOT EXISTS phone (phone TEXT PRIMARY KEY, state TEXT NOT NULL);
COMMIT;
"""


class PhoneState(StrEnum):
    """What becomes of a message to a sample phone."""

    ON = "on"
    OFF = "off"
    """The provider accepts, and nothing arrives."""
    REFUSES = "refuses"
    """The provider refuses, for good."""
    QUEUES = "queues"
    """A gateway holds it and promises nothing; nothing arrives."""


@dataclass(frozen=True, kw_only=True)
class SampleMessage:
    """One message as it lies on a sample phone."""

    id: int
    kind: str
    phone: str
    subject: str
    text: str
    sent_at: datetime
    """In UTC."""
    state: PhoneState
    """What the phone was in when it was sent; it lies there only if that was on."""

    @property
    def arrived(self) -> bool:
        """Whether it lies on its phone."""
        return self.state is PhoneState.ON


class SamplePhones:
    """All sample phones of one data directory, shared by every process that opens it."""

    def __init__(self, directory: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._file = directory / FILE_NAME
        self._busy_seconds = busy_seconds

    def put(self, kind: str, message: Message, sent_at: datetime) -> tuple[int, PhoneState]:
        """Lay *message* on its phone, if that phone is on. Gives the message's id and the phone's state.

        Raises sqlite3.Error when the file cannot be written.
        """
        with self._open() as database, database:
            # The write lock first, so that the state read is the one in force when this is kept.
            database.execute("BEGIN IMMEDIATE")
            state = _state(database, message.to)
            kept = database.execute(
                "INSERT INTO message (kind, phone, subject, text, sent_at, state) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    kind,
                    message.to,
                    message.subject,
                    message.text,
                    sent_at.astimezone(UTC).isoformat(),
                    state.value,
                ),
            )
        assert kept.lastrowid is not None
        return kept.lastrowid, state

    def messages(self, phone: str | None = None, *, after: int = 0) -> tuple[SampleMessage, ...]:
        """What arrived, oldest first, with an id above *after*; on *phone*, or on all of them."""
        return tuple(message for message in self.sent(phone, after=after) if message.arrived)

    def sent(self, phone: str | None = None, *, after: int = 0) -> tuple[SampleMessage, ...]:
        """What was sent, also what did not arrive; else as `messages`."""
        with self._open() as database:
            rows = database.execute(
                "SELECT id, kind, phone, subject, text, sent_at, state FROM message"
                " WHERE id > ? AND (? IS NULL OR phone = ?) ORDER BY id",
                (after, phone, phone),
            ).fetchall()
        return tuple(_message(row) for row in rows)

    def clear(self) -> None:
        """Take every message off every phone, and switch all of them on. Ids go on where they were."""
        with self._open() as database, database:
            database.execute("BEGIN IMMEDIATE")
            database.execute("DELETE FROM message")
            database.execute("DELETE FROM phone")

    def state(self, phone: str) -> PhoneState:
        """The state *phone* is in; on, when nobody said otherwise."""
        with self._open() as database:
            return _state(database, phone)

    def set_state(self, phone: str, state: PhoneState) -> None:
        """From the next message on, *phone* behaves so."""
        with self._open() as database, database:
            database.execute(
                "INSERT INTO phone (phone, state) VALUES (?, ?)"
                " ON CONFLICT (phone) DO UPDATE SET state = excluded.state",
                (phone, state.value),
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._file, timeout=self._busy_seconds)) as database:
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'phone'").fetchone():
                database.executescript(_SCHEMA)
            yield database


class SampleChannel:
    """The provider of one kind of sample phones; the kind's name says that it is a sample."""

    def __init__(
        self, *, kind: str, provider: str, phones: SamplePhones, now: Callable[[], datetime]
    ) -> None:
        self.kind = kind
        self.provider = provider
        self._phones = phones
        self._now = now

    def send(self, message: Message) -> Receipt:
        """Lay *message* on its phone, or raise a `SendFailure` as the phone's state says."""
        try:
            reference, state = self._phones.put(self.kind, message, self._now())
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL}:
                raise TemporaryFailure("sample_phones_busy") from error
            raise ProviderMisconfigured("sample_phones_unreadable") from error
        except sqlite3.DatabaseError as error:
            raise ProviderMisconfigured("sample_phones_unreadable") from error
        if state is PhoneState.REFUSES:
            raise PermanentFailure("sample_phone_refuses")
        status = ReceiptStatus.QUEUED if state is PhoneState.QUEUES else ReceiptStatus.ACCEPTED
        return Receipt(status=status, reference=str(reference))


def _state(database: sqlite3.Connection, phone: str) -> PhoneState:
    row = database.execute("SELECT state FROM phone WHERE phone = ?", (phone,)).fetchone()
    return PhoneState(row[0]) if row else PhoneState.ON


def _message(row: tuple[int, str, str, str, str, str, str]) -> SampleMessage:
    return SampleMessage(
        id=row[0],
        kind=row[1],
        phone=row[2],
        subject=row[3],
        text=row[4],
        sent_at=datetime.fromisoformat(row[5]),
        state=PhoneState(row[6]),
    )
