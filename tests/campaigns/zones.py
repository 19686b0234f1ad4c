"""Every local date has its one window: in every time zone, around every change of its offset, for fourteen years.

`python -m tests.campaigns.zones`; see docs/internals/campaigns.md. Ends with 1 when a window was wrong.

What is right is reckoned here from the offsets alone, second by second of the changes, and knows nothing of how
the product does it: a time of day on a date is the earliest instant at which clocks there show it; where they
skip it, the instant at which they go on; on a date that they skip altogether, none.
"""

import argparse
import json
import sys
import time as seconds_of
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from nightlight.intake.recurrence import windows_after
from nightlight.store.local_time import instant
from tests.campaigns.terminal import on_stderr

FIRST_YEAR, LAST_YEAR = 2024, 2037
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
STRIDE = timedelta(hours=12)
"""No zone changes its offset twice in so short a time and back; a change is looked for between two steps."""
WALKED = (time(0), time(2, 30), time(21), time(23, 59))
"""Times of day of the check-ins that are walked through all the years."""
DAILY = "FREQ=DAILY"
WRONG_KEPT = 20
SAY_EVERY = 50


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of a zone's offset."""

    at: datetime
    """The first instant of the offset that follows, in UTC."""
    before: timedelta
    after: timedelta


@dataclass(frozen=True, kw_only=True)
class Years:
    """The offsets of one zone through the years, as reckoned by asking for the offset of many instants."""

    zone: str
    changes: tuple[Change, ...]
    offset: timedelta
    """At the beginning."""

    def offset_at(self, moment: datetime) -> timedelta:
        """How far clocks there are ahead of UTC."""
        place = bisect_right([change.at for change in self.changes], moment)
        return self.changes[place - 1].after if place else self.offset

    def right(self, on: date, at: time) -> datetime | None:
        """When it is *at* on the local date *on*, in UTC; None on a date that is skipped."""
        wall = datetime.combine(on, at, UTC)
        offsets = {self.offset, *(change.after for change in self.changes)}
        shown = sorted(wall - offset for offset in offsets)
        for moment in shown:
            if moment + self.offset_at(moment) == wall:
                return moment
        skips = [each for each in self.changes if each.at + each.before <= wall < each.at + each.after]
        goes_on = skips[0].at if skips else None
        return goes_on if goes_on and (goes_on + skips[0].after).date() == on else None

    def exists(self, on: date) -> bool:
        """Whether clocks there show any time of *on*."""
        midnight = datetime.combine(on, time(), UTC)
        return not any(
            each.at + each.before <= midnight and midnight + DAY <= each.at + each.after
            for each in self.changes
        )


def years_of(zone: str, first: int = FIRST_YEAR, last: int = LAST_YEAR) -> Years:
    """The changes of *zone*, each found to the second."""
    tz = ZoneInfo(zone)
    moment, end = datetime(first, 1, 1, tzinfo=UTC) - 2 * DAY, datetime(last + 1, 1, 1, tzinfo=UTC) + 2 * DAY
    beginning = offset = _offset(tz, moment)
    changes = []
    while moment < end:
        later = moment + STRIDE
        after = _offset(tz, later)
        if after != offset:
            changes.append(Change(at=_edge(tz, moment, later), before=offset, after=after))
        moment, offset = later, after
    return Years(zone=zone, changes=tuple(changes), offset=beginning)


def _offset(tz: ZoneInfo, moment: datetime) -> timedelta:
    offset = moment.astimezone(tz).utcoffset()
    assert offset is not None
    return offset


def _edge(tz: ZoneInfo, before: datetime, after: datetime) -> datetime:
    old = _offset(tz, before)
    while after - before > SECOND:
        middle = before + (after - before) // SECOND // 2 * SECOND
        before, after = (middle, after) if _offset(tz, middle) == old else (before, middle)
    return after


@dataclass(kw_only=True)
class Report:
    """What was tried, and what was wrong."""

    zones: int = 0
    offset_changes: int = 0
    dates: int = 0
    """Local dates of zones walked through."""
    windows: int = 0
    """Instants that were held against what is right."""
    dates_skipped: int = 0
    wrong: int = 0
    examples: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        """One more that is wrong."""
        self.wrong += 1
        if len(self.examples) < WRONG_KEPT:
            self.examples.append(what)


Instant = Callable[[date, time, str], datetime | None]


def try_changes(years: Years, report: Report, minutes: int, of: Instant = instant) -> None:
    """Every *minutes* of the day before, of and after each change, and the edges of the change to the second."""
    for change in years.changes:
        local = (change.at + change.before).date()
        for on in (local - DAY, local, local + DAY):
            for at in (*_times(minutes), *_edges(change)):
                found, right = of(on, at, years.zone), years.right(on, at)
                report.windows += 1
                if found != right:
                    report.note(f"{years.zone} {on} {at}: {found} instead of {right}")


def _times(minutes: int) -> Iterator[time]:
    for minute in range(0, 24 * 60, minutes):
        yield time(minute // 60, minute % 60)


def _edges(change: Change) -> Iterator[time]:
    for edge in (change.at + change.before, change.at + change.after):
        for nearby in (edge - SECOND, edge, edge + SECOND):
            yield nearby.time()


def walk(years: Years, at: time, report: Report, first: int = FIRST_YEAR, last: int = LAST_YEAR) -> None:
    """Each local date of the years that exists has one window of a check-in each day at *at*, at the right time."""
    found = windows_after(DAILY, date(first, 1, 1), at, years.zone, date(first, 1, 1) - DAY)
    before: datetime | None = None
    on = date(first, 1, 1)
    while on <= date(last, 12, 31):
        report.dates += 1
        if not years.exists(on):
            report.dates_skipped += 1
            on += DAY
            continue
        shown, due = next(found)
        report.windows += 1
        if (shown, due) != (on, years.right(on, at)):
            report.note(f"{years.zone} {at}: {shown} at {due} where {on} was to come")
        if before is not None and due <= before:
            report.note(f"{years.zone} {at}: {on} is not after the date before it")
        on, before = shown + DAY, due


def campaign(
    zones: Sequence[str], minutes: int, walked: Sequence[time], say: Callable[[str], None]
) -> Report:
    """All of it for *zones*; *say* hears how far it is."""
    report, began = Report(), seconds_of.monotonic()
    for zone in zones:
        years = years_of(zone)
        report.zones += 1
        report.offset_changes += len(years.changes)
        try_changes(years, report, minutes)
        for at in walked:
            walk(years, at, report)
        if report.zones % SAY_EVERY == 0:
            say(f"{report.zones} of {len(zones)} zones in {seconds_of.monotonic() - began:.0f} s")
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it and print the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.zones", description=__doc__)
    parser.add_argument(
        "--minutes", type=int, default=5, help="so far apart are the times tried around a change"
    )
    parser.add_argument("--json", action="store_true", help="print an object")
    options = parser.parse_args(arguments)
    report = campaign(sorted(available_timezones()), options.minutes, WALKED, on_stderr("zones"))
    if options.json:
        print(json.dumps(vars(report)))  # noqa: T201
    else:
        print(  # noqa: T201
            f"{report.zones} zones, {report.offset_changes} offset changes from {FIRST_YEAR} to {LAST_YEAR},"
            f" {report.dates} local dates ({report.dates_skipped} skipped), {report.windows} windows:"
            f" {report.wrong} wrong"
        )
        for example in report.examples:
            print(example)  # noqa: T201
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
