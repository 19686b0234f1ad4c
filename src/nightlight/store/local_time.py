"""Local dates and times as instants, also in nights in which a clock is put forward or back.

Every local date has one instant at most for a time of day: in a night in which the clock is put forward over it,
the first after the gap; in one in which it comes twice, the first of the two; on a date that a country left out,
none.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


def instant(on: date, at: time, zone: str) -> datetime | None:
    """When it is *at* on the local date *on* in *zone*, in UTC; None when that date does not exist there."""
    tz = ZoneInfo(zone)
    wall = datetime.combine(on, at.replace(fold=0), tz)
    found = wall.astimezone(UTC)
    if found.astimezone(tz).replace(tzinfo=None) != wall.replace(tzinfo=None):
        found = _end_of_gap(wall, tz)
        # A gap may swallow the end of a date (in Greenland it ends at midnight), and then the next one has begun;
        # only where it swallowed all of it there was no such date.
        just_before = (found - SECOND).astimezone(tz).date()
        return found if on in (found.astimezone(tz).date(), just_before) else None
    return found


def _end_of_gap(wall: datetime, tz: ZoneInfo) -> datetime:
    """The first instant after the gap in which *wall* lies, to the second."""
    # Read with the offset of before the gap, it is too late by as much as it lies in the gap; with that of
    # after it, too early.
    late = int(wall.astimezone(UTC).timestamp())
    early = int(wall.replace(fold=1).astimezone(UTC).timestamp())
    after = datetime.fromtimestamp(late, tz).utcoffset()
    while late - early > 1:
        middle = (early + late) // 2
        if datetime.fromtimestamp(middle, tz).utcoffset() == after:
            late = middle
        else:
            early = middle
    return datetime.fromtimestamp(late, UTC)


def local_date(now: datetime, zone: str) -> date:
    """Which day it is in *zone*."""
    return now.astimezone(ZoneInfo(zone)).date()
