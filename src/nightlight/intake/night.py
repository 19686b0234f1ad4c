"""What people type when they arrange something around a call, made into what the store knows. Stop 2 of the road."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from nightlight.intake.supporting import NotUnderstood, read_time
from nightlight.store.local_time import instant, local_date
from nightlight.store.night_list import LINE_MAX, LINES_MAX
from nightlight.store.promise_rows import AHEAD_MAX, WORDS_MAX, Promised, What

MORNING = time(9)
QUARTER = timedelta(minutes=15)


def moment(day: str, hour: str, zone: str, now: datetime) -> datetime:
    """A day and an hour as a form writes them, by the clock in *zone*.

    Raises `NotUnderstood`: `no_day`, `past`, `too_far`.
    """
    try:
        found = instant(date.fromisoformat(day), read_time(hour), zone)
    except (ValueError, OverflowError):
        raise NotUnderstood("no_day") from None
    if found is None:
        raise NotUnderstood("no_day")
    if found <= now:
        raise NotUnderstood("past")
    if found > now + AHEAD_MAX:
        raise NotUnderstood("too_far")
    return found


def promised(what: str, words: str, due: datetime) -> Promised:
    """What somebody says they will do. Raises `NotUnderstood`: `no_what`, `no_words`, `too_long`."""
    if what not in set(What):
        raise NotUnderstood("no_what")
    if what == What.OWN and not words:
        raise NotUnderstood("no_words")
    if len(words) > WORDS_MAX:
        raise NotUnderstood("too_long")
    return Promised(what=What(what), words=words, due=due)


def next_morning(now: datetime, zone: str) -> datetime:
    """The next nine o'clock by the clock in *zone*: what a form begins with."""
    today = local_date(now, zone)
    mornings = (instant(today + timedelta(days=day), MORNING, zone) for day in range(4))
    return next(each for each in mornings if each is not None and each > now)


def soon(due: datetime, zone: str, now: datetime) -> datetime:
    """*due* while it is ahead; else in an hour, at a quarter, by the clock in *zone*."""
    if due > now:
        return due
    later = (now + timedelta(hours=1)).astimezone(ZoneInfo(zone))
    return later + (QUARTER - timedelta(minutes=later.minute % 15, seconds=later.second))


def lines(text: str) -> list[str]:
    """One line of a list each, without empty ones. Raises `NotUnderstood`: `too_many`, `line_too_long`."""
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if len(found) > LINES_MAX:
        raise NotUnderstood("too_many")
    if any(len(line) > LINE_MAX for line in found):
        raise NotUnderstood("line_too_long")
    return found


def day(typed: str) -> date:
    """A day as a form writes it. Raises `NotUnderstood`: `no_day`."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise NotUnderstood("no_day") from None
