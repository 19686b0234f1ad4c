"""What PostgreSQL is told with each connection of ours: to let go soon of whoever is not heard of any more.

A machine whose cable is cut in the middle of a transaction leaves it open on the server, and with it the lock on
a call: by its own settings a server notices that after two hours, and until then nobody can work that call. It
was found so, with three machines and one cable (docs/internals/campaigns.md).
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

IDLE_SECONDS = 8
"""A transaction of ours in which nothing is asked for so long is over: it takes milliseconds.

Shorter than anybody waits for an answer of the database, and than a lease (15 s)."""
LOOK_EVERY_SECONDS = 2
"""A server that works or waits for somebody looks this often whether they are still there (PostgreSQL 14 or newer)."""
SILENT_SECONDS = 10
"""After so long without a word the server asks whether a connection is still there, three times."""
UNTAKEN_SECONDS = 30
"""An answer that nobody takes for so long is for nobody. Long enough for a backup whose disk is slow."""

_CAN_LOOK = 140_000


def ask_to_let_go(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Tell the server of *connection*, which was just made; on SQLite there is nobody to tell.

    By statements, not in the address: poolers refuse what they do not know there.
    """
    if connection.vendor != "postgresql":
        return
    wishes = {
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
        "tcp_keepalives_idle": str(SILENT_SECONDS),
        "tcp_keepalives_interval": "3",
        "tcp_keepalives_count": "3",
        "tcp_user_timeout": f"{UNTAKEN_SECONDS}s",
    }
    with connection.cursor() as cursor:
        if connection.pg_version >= _CAN_LOOK:  # type: ignore[attr-defined]
            wishes["client_connection_check_interval"] = f"{LOOK_EVERY_SECONDS}s"
        told = ", ".join(["set_config(%s, %s, false)"] * len(wishes))
        cursor.execute(f"SELECT {told}", [part for wish in wishes.items() for part in wish])
