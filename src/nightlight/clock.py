"""The only place that reads the time. Everything else is told it.

`try` lets a newcomer make time pass faster: it keeps a number of seconds in a file that its
processes share, and every reading here has that number added. Nothing else uses that file. The
simulator brings a clock of its own.
"""

import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

# Counts while the machine sleeps, and no one can set it; absent outside Linux.
_BOOTTIME: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

OFFSET_FILE_NAME = "clock-offset"
"""In the data directory of `try`, and nowhere else."""


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class OtherClock(Clock, Protocol):
    """A clock that takes the place of the machine's."""

    def boottime(self) -> float:
        """Seconds that really passed, whatever anybody set the clock to."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return now()


class _OffsetFile:
    """Seconds to be added to every reading, read again whenever the file was replaced."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[tuple[int, int], float] = ((0, 0), 0.0)

    def seconds(self) -> float:
        """What the file says now; 0 while it is missing."""
        try:
            status = self.path.stat()
            version = (status.st_mtime_ns, status.st_ino)
            # Compared and kept as one value, so that threads never see half of it.
            if self._read[0] != version:
                self._read = (version, float(self.path.read_text(encoding="ascii")))
        except FileNotFoundError:
            return 0.0
        return self._read[1]


class _Process:
    """What is added to the time in this process, if anything."""

    offset_file: _OffsetFile | None = None
    other: OtherClock | None = None


def use(other: OtherClock | None) -> None:
    """From now on every reading in this process is *other*'s; None goes back to the machine's clock."""
    _Process.other = other


def use_offset_file(path: Path | None) -> None:
    """From now on add the seconds kept in *path* to every reading in this process; None stops that."""
    _Process.offset_file = _OffsetFile(path) if path else None


def set_offset(path: Path, seconds: float) -> None:
    """Keep *seconds* in the offset file *path*, so that every reader sees the old number or the new one."""
    descriptor, draft = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(repr(float(seconds)))
    Path(draft).replace(path)


def now() -> datetime:
    """The present moment by the wall clock, aware, in UTC."""
    if _Process.other is not None:
        return _Process.other.now()
    return datetime.now(UTC) + timedelta(seconds=_offset())


def boottime() -> float:
    """Seconds since the machine started, asleep or awake; nobody can set this clock.

    Held against `now()` it shows that the wall clock was set. The offset of `try` moves both: it
    stands for time that passed.
    """
    if _Process.other is not None:
        return _Process.other.boottime()
    return time.clock_gettime(_BOOTTIME) + _offset()


def _offset() -> float:
    file = _Process.offset_file
    return file.seconds() if file else 0.0
