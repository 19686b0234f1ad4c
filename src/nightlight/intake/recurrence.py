"""On which local dates a check-in is due, and at which instant: recurrence rules and time zones.

Every local date of a rule has one instant at most. In a night in which the clock is put forward over the time,
it is the first instant after the gap; in one in which the time comes twice, the first of the two; and a date
that a country left out has none.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from dateutil.rrule import rrule, rrulestr

from nightlight.store.local_time import instant

RULE_LENGTH_MAX = 200
_KNOWN = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_DAYS_LOOKED_AHEAD_MAX = 366 * 9
"""29 February comes every eight years at the rarest."""


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
    parts = dict(part.partition("=")[::2] for part in cleaned.split(";"))
    unknown = [name for name in parts if name not in _KNOWN]
    if unknown:
        raise RuleError(f"{unknown[0]} has no place in the rule; use {', '.join(sorted(_KNOWN))}")
    if parts.get("FREQ") not in _FREQUENCIES:
        raise RuleError(f"FREQ must be one of {', '.join(sorted(_FREQUENCIES))}")
    try:
        found = next(iter(_rule(cleaned, date(2024, 1, 1))), None)
    except (ValueError, TypeError, KeyError) as error:
        raise RuleError(f'{cleaned} cannot be read ({error}); write it like "FREQ=DAILY"') from None
    if found is None:
        raise RuleError(f"{cleaned} names no date at all; write one that does")
    return cleaned


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
    while True:
        latest = _rule(rule, starts_on).after(found)
        if latest is None or latest.date() - after > timedelta(days=_DAYS_LOOKED_AHEAD_MAX):
            return
        found = latest
        yield found.date()


def windows_after(
    rule: str, starts_on: date, at: time, zone: str, after: date
) -> Iterator[tuple[date, datetime]]:
    """Local date and instant of each window after the local date *after*, in order."""
    for on in dates_after(rule, starts_on, after):
        due = instant(on, at, zone)
        if due is not None:
            yield on, due
