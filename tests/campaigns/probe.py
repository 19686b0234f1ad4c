"""Somebody who writes all the while: one row for each commit, to see for how long nobody could, and what was lost."""

import threading
import time
from itertools import pairwise
from typing import Any

import psycopg

from nightlight.store.postgresql.connection import SureConnection

PAUSE_SECONDS = 0.01
AGAIN_SECONDS = 0.1
CONNECT_SECONDS = 2


class Probe:
    """Writes until it is ended; used by the campaigns whose servers change."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._kept: list[int] = []
        self._times: list[float] = []
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE campaign_probe (number bigint)")
        self._thread = threading.Thread(target=self._write, name="probe", daemon=True)
        self._thread.start()

    @property
    def acknowledged(self) -> int:
        """How many rows the server said it kept."""
        with self._lock:
            return len(self._kept)

    def first_after(self, moment: float) -> float | None:
        """When, by `time.monotonic`, a row was first kept after *moment*; None as long as there is none."""
        with self._lock:
            return (
                next((at for at in self._times if at > moment), None) if self._times[-1:] > [moment] else None
            )

    def end(self) -> None:
        """Write no more."""
        self._ended.set()
        self._thread.join()

    def longest_gap(self) -> float:
        """The longest time, in seconds, in which nothing was kept."""
        with self._lock:
            times = list(self._times)
        return max((after - before for before, after in pairwise(times)), default=0.0)

    def lost(self) -> int:
        """How many of the acknowledged rows the database does not have. To be asked when it has ended."""
        with psycopg.connect(self._url) as connection:
            kept = {number for (number,) in connection.execute("SELECT number FROM campaign_probe")}
        return len(set(self._kept) - kept)

    def _write(self) -> None:
        number = 0
        connection: SureConnection[Any] | None = None
        while not self._ended.is_set():
            number += 1
            try:
                if connection is None:
                    connection = SureConnection.connect(
                        self._url, autocommit=True, connect_timeout=CONNECT_SECONDS
                    )
                    connection.watch()
                connection.execute("INSERT INTO campaign_probe VALUES (%s)", [number])
            except psycopg.Error:
                if connection is not None:
                    connection.close()
                connection = None
                self._ended.wait(AGAIN_SECONDS)
                continue
            with self._lock:
                self._kept.append(number)
                self._times.append(time.monotonic())
            self._ended.wait(PAUSE_SECONDS)
        if connection is not None:
            connection.close()
