"""What Django loads for the engine `nightlight.store.postgresql`: its own backend, on our connections."""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import IsolationLevel

from nightlight.store.postgresql.connection import SureConnection


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, but for how a connection is made."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> SureConnection[Any]:
        """A connection that raises when the outcome of a commit is not known."""
        connection = SureConnection.connect(**conn_params)
        connection.watch()
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return connection

    def init_connection_state(self) -> None:
        """As Django does it, and so that the server's warnings reach us whatever a role's defaults say."""
        super().init_connection_state()
        with self.cursor() as cursor:
            cursor.execute("SET client_min_messages TO warning")
