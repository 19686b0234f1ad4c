"""A connection that neither takes a doubtful commit for a sure one nor waits for ever.

With synchronous standbys a commit is answered when one of them has it. When that wait is cancelled
(`pg_cancel_backend`, a tool of an administrator's), the server still answers COMMIT with success, and sends a
warning beside it: kept here, perhaps nowhere else. Should this server die now, what was acknowledged is lost.
So the warning is made what it is: an outcome nobody knows.
"""

import time
from typing import TypeVar

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen
from psycopg.errors import Diagnostic, StatementCompletionUnknown
from psycopg.rows import Row

from nightlight.store.postgresql import Patience

_LOOK_EVERY_SECONDS = 0.1
"""As often the driver itself looks whether it is to end."""

_Answer = TypeVar("_Answer")

_WAIT_FOR_STANDBYS = "SyncRepWaitForLSN"
"""The function of the server that warns; like the severity, it is never translated, whatever lc_messages says."""
_IN_PLAIN_WORDS = "synchronous replication"
"""For servers that do not say where in their sources a message comes from."""


def says_that_the_wait_was_cancelled(notice: Diagnostic) -> bool:
    """Whether *notice* is the warning that standbys were not waited for, in any language of the server's."""
    if notice.severity_nonlocalized not in ("WARNING", None):
        return False
    where, words = notice.source_function or "", notice.message_primary or ""
    return where == _WAIT_FOR_STANDBYS or _IN_PLAIN_WORDS in words


class SureConnection(Connection[Row]):
    """Every answer of the server comes through `wait`, so this is the one place."""

    _in_doubt = False

    def watch(self) -> None:
        """Begin to listen for the warning; once, when the connection is made."""
        self.add_notice_handler(self._note)

    def _note(self, notice: Diagnostic) -> None:
        # What a handler raises reaches nobody, so it is raised by `wait`.
        self._in_doubt = self._in_doubt or says_that_the_wait_was_cancelled(notice)

    def wait(
        self, gen: PQGen[_Answer], interval: float = _LOOK_EVERY_SECONDS, timeout: float | None = None
    ) -> _Answer:
        """As the driver's; raises also when the outcome is not known, and when the server says nothing for too long."""
        patience = Patience.seconds if timeout is None else None
        began = time.monotonic()
        try:
            answer = super().wait(gen, interval, patience or timeout)
        except OperationalError:
            # Half an answer is still on its way: this connection can be used for nothing else.
            if patience is not None and time.monotonic() - began >= patience:
                self.close()
            raise
        if self._in_doubt:
            self._in_doubt = False
            raise StatementCompletionUnknown("kept, but perhaps on one server only: the wait was cancelled")
        return answer
