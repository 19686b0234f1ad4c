"""On which local dates a check-in is due, and at which instant: recurrence rules and time zones.

Every local date of a rule has one instant at most. In a night in which the clock is put forward over the time,
it is the first instant after the gap; in one in which the time comes twice, the first of the two; and a date
that a country left out has none.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice

from dateutil.rrule import rrule, rrulestr

from nightlight.store.local_time import instant

RULE_LENGTH_MAX = 200
_KNOWN = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_COUNTED = {"DAILY": (1, frozenset()), "WEEKLY": (7, frozenset({"BYDAY", "WKST"}))}
"""Days of the step that INTERVAL multiplies, and what may stand beside it: nothing by which it could miss every date."""
INTERVAL_MAX = 52
GAP_DAYS_MAX = 366 * 9
"""29 February comes every eight years at the rarest; what is rarer is no check-in."""
_TRIED_DAYS = (1, 29, 30, 31)
"""From each of these days a rule must name dates: some take the day of the month from where they begin."""
_TRIED_YEARS = 60
_TRIED_DATES = 10


class RuleError(ValueError):
    """A recurrence rule that cannot be kept; the message says why, and what would be right."""


def check_rule(rule: str) -> str:
    """*rule* as it is kept: upper case, without DTSTART. Raises `RuleError`.

    It names dates only (the time of day stands beside it), and never ends by itself: a check-in is switched off
    by the person, not by a rule that ran out in silence.
    """
    cleaned = rule.strip().upper().removeprefix("RRULE:")
    if not cleaned or len(cleaned) > RULE_LENGTH_MAX:
        raise RuleError(f'{rule[:40]!r} is no recurrence rule; write it like "FREQ=WEEKLY;BYDAY=MO,TH"')
    named = [part.partition("=")[::2] for part in cleaned.split(";")]
    parts = dict(named)
    if len(parts) < len(named):
        raise RuleError(f"{cleaned} says something twice; say it once")
    unknown = [name for name in parts if name not in _KNOWN]
    if unknown:
        raise RuleError(f"{unknown[0]} has no place in the rule; use {', '.join(sorted(_KNOWN))}")
    if parts.get("FREQ") not in _FREQUENCIES:
        raise RuleError(f"FREQ must be one of {', '.join(sorted(_FREQUENCIES))}")
    if "INTERVAL" in parts:
        _check_interval(parts)
    try:
        for day in _TRIED_DAYS:
            _check_dates(cleaned, date(2024, 1, day))
    except (ValueError, TypeError, KeyError) as error:
        if isinstance(error, RuleError):
            raise
        raise RuleError(f'{cleaned} cannot be read ({error}); write it like "FREQ=DAILY"') from None
    return cleaned


def _check_interval(parts: dict[str, str]) -> None:
    """INTERVAL only where dates are counted from a beginning, and cannot all be counted over."""
    said, freq = parts["INTERVAL"], parts["FREQ"]
    if not said.isdecimal() or not 1 <= int(said) <= INTERVAL_MAX:
        raise RuleError(f"INTERVAL must be a whole number from 1 to {INTERVAL_MAX}")
    if freq not in _COUNTED or parts.keys() - {"FREQ", "INTERVAL"} - _COUNTED[freq][1]:
        raise RuleError("INTERVAL goes with FREQ=DAILY alone, or with FREQ=WEEKLY and BYDAY")


def _check_dates(rule: str, start: date) -> None:
    end = datetime.combine(date(start.year + _TRIED_YEARS, 1, 1), time())
    found = [each.date() for each in islice(_rule(rule, start).replace(until=end), _TRIED_DATES)]
    if not found:
        raise RuleError(f"{rule} names no date at all in some months or years; write one that does")
    gaps = (later - earlier for earlier, later in zip([start, *found], found, strict=False))
    if max(gaps).days > GAP_DAYS_MAX:
        raise RuleError(f"{rule} names dates rarer than every nine years; write one that names more")


@lru_cache(maxsize=4096)
def _rule(rule: str, starts_on: date) -> rrule:
    """At midnight, or dateutil would take minute and second from the moment of reading."""
    read = rrulestr(rule, dtstart=datetime.combine(starts_on, time()))
    assert isinstance(read, rrule)
    return read


def dates_after(rule: str, starts_on: date, after: date) -> Iterator[date]:
    """The local dates of *rule* later than *after*, in order."""
    if rule == "FREQ=DAILY":
        # By far the most, and counted without a library.
        day = max(after + timedelta(days=1), starts_on)
        while True:
            yield day
            day += timedelta(days=1)
    found = datetime.combine(after, time())
    read = _rule(rule, _nearer(rule, starts_on, after))
    while True:
        latest = read.after(found)
        if latest is None:
            return
        found = latest
        yield found.date()


def _nearer(rule: str, starts_on: date, after: date) -> date:
    """A later date from which *rule* counts the very same, so that years gone by are not counted again each day."""
    parts = dict(part.partition("=")[::2] for part in rule.split(";"))
    if parts["FREQ"] not in _COUNTED or after <= starts_on:
        return starts_on
    length = _COUNTED[parts["FREQ"]][0] * int(parts.get("INTERVAL", "1"))
    return starts_on + timedelta(days=(after - starts_on).days // length * length)


def windows_after(
    rule: str, starts_on: date, at: time, zone: str, after: date
) -> Iterator[tuple[date, datetime]]:
    """Local date and instant of each window after the local date *after*, in order."""
    for on in dates_after(rule, starts_on, after):
        due = instant(on, at, zone)
        if due is not None:
            yield on, due
