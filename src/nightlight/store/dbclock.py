"""Which clock the write path goes by: PostgreSQL's own, so that several machines agree; else this machine's."""

from datetime import datetime

from django.db import connection

from nightlight import clock


def database_now() -> datetime:
    """The present moment by the database's clock, aware, in UTC."""
    if connection.vendor != "postgresql":
        return clock.now()
    with connection.cursor() as cursor:
        # Not now(): that stands still for the length of a transaction.
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


class DatabaseClock:
    """`database_now` as a `clock.Clock`, for callers that are handed one."""

    def now(self) -> datetime:
        """The present moment by the database's clock, aware, in UTC."""
        return database_now()
