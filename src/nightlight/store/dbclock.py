"""Which clock the write path goes by: PostgreSQL's own, so that several machines agree; else this machine's."""

from datetime import datetime, timedelta

from django.db import connection

from nightlight import clock

READ_AGAIN_SECONDS = 1.0
READ_AGAIN_AT_LAST_SECONDS = 5.0
"""Whoever would have to open a connection for it leaves it to the other threads for so long."""


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
    """`database_now` as a `clock.Clock`, for callers that are handed one and ask it often.

    PostgreSQL is asked once a second; in between, the seconds since then are counted by a clock that
    nobody can set.
    """

    def __init__(self) -> None:
        self._read: tuple[datetime, float] | None = None

    def now(self) -> datetime:
        """The present moment by the database's clock, aware, in UTC."""
        if connection.vendor != "postgresql":
            return clock.now()
        # Read as one value, so that threads never see half of it.
        read = self._read
        good_for = READ_AGAIN_SECONDS if connection.connection is not None else READ_AGAIN_AT_LAST_SECONDS
        if read is not None and 0 <= (passed := clock.boottime() - read[1]) < good_for:
            return read[0] + timedelta(seconds=passed)
        moment = database_now()
        self._read = (moment, clock.boottime())
        return moment
