"""Local dates, times and rules as a calendar on the wall has them: the yardstick for the product's own.

Nothing here is read from the product. It asks the time zone database in the other direction, from instants to
what a clock shows, so that a mistake of one is not a mistake of both.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

_HOURS_ROUND_A_DATE = range(-30, 48, 6)
"""Of UTC, counted from its midnight: every offset that holds anywhere on that date is met in them."""

RULES: Mapping[str, Callable[[date, date], bool]] = {
    "FREQ=DAILY": lambda _on, _first: True,
    "FREQ=WEEKLY;BYDAY=MO,WE,SA": lambda on, _first: on.weekday() in (0, 2, 5),
    "FREQ=DAILY;INTERVAL=2": lambda on, first: (on - first).days % 2 == 0,
    "FREQ=MONTHLY;BYMONTHDAY=1,15,29,31": lambda on, _first: on.day in (1, 15, 29, 31),
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29": lambda on, _first: (on.month, on.day) == (2, 29),
}
"""Whether a local date is one of a rule that begins on another."""
LOOKED_AHEAD_DAYS = 366 * 9
"""29 February comes every eight years at the rarest."""


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """Every time zone there is, in the order of their names."""
    return tuple(sorted(zone for zone in available_timezones() if zone not in ("localtime", "Factory")))


@lru_cache(maxsize=65_536)
def due(on: date, at: time, zone: str) -> datetime | None:
    """The instant at which a clock in *zone* first shows *at* on *on*, or the first later on that date; or None."""
    tz, wall = ZoneInfo(zone), datetime.combine(on, at)
    midnight = datetime.combine(on, time(), UTC)
    offsets = [offset_at(midnight + timedelta(hours=hours), zone) for hours in _HOURS_ROUND_A_DATE]
    read = sorted((wall - offset).replace(tzinfo=UTC) for offset in set(offsets))
    shown = next((each for each in read if each.astimezone(tz).replace(tzinfo=None) == wall), None)
    if shown is not None:
        return shown
    # Clocks are changed on whole minutes.
    moment = read[0].replace(second=0)
    while moment.astimezone(tz).replace(tzinfo=None) < wall:
        moment += timedelta(minutes=1)
    return moment if moment.astimezone(tz).date() == on else None


def offset_at(moment: datetime, zone: str) -> timedelta:
    """By how much a clock in *zone* is ahead of UTC."""
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset


def first_due_after(
    moment: datetime, after: date, *, rule: str, starts_on: date, at: time, zone: str
) -> tuple[date, datetime] | None:
    """The first date of *rule* later than *after* that is due later than *moment*, and when."""
    on = max(after, moment.astimezone(ZoneInfo(zone)).date() - timedelta(days=2))
    for _ in range(LOOKED_AHEAD_DAYS):
        on += timedelta(days=1)
        if on < starts_on or not RULES[rule](on, starts_on):
            continue
        found = due(on, at, zone)
        if found is not None and found > moment:
            return on, found
    return None


def zone_with_change_near(moment: datetime, names: list[str], days: int) -> str | None:
    """The first of *names* in which the clock is changed within *days*; None when in none of them."""
    later = moment + timedelta(days=days)
    return next((name for name in names if offset_at(moment, name) != offset_at(later, name)), None)
