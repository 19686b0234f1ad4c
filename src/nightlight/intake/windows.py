"""The windows of a check-in, one for each local date of its rule, where the person is now."""

from collections.abc import Iterator
from datetime import date, timedelta

from nightlight.engine.checkin import Window
from nightlight.intake.recurrence import windows_after
from nightlight.store.check_ins import Schedule


def windows_since(schedule: Schedule, since: date) -> Iterator[Window]:
    """Those from the local date *since* on that come after the last that is over, in order."""
    before_it = since - timedelta(days=1)
    return _windows(schedule, max(schedule.last_on, before_it) if schedule.last_on else before_it)


def window_after(schedule: Schedule, window: Window) -> Window | None:
    """The one that follows *window*, whether or not its time has come already; None after the last."""
    return next(_windows(schedule, window.on), None)


def _windows(schedule: Schedule, after: date) -> Iterator[Window]:
    found = windows_after(schedule.rule, schedule.starts_on, schedule.at, schedule.zone, after)
    before = next(found, None)
    while before is not None:
        following = next(found, None)
        yield Window(on=before[0], due=before[1], next_due=following[1] if following else None)
        before = following
