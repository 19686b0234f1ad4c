"""What a person wants of their check-ins, as their pages say it. Stop 2 of the road, beside `intake.checkin`."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from itertools import islice

from nightlight.engine.checkin import Excuse
from nightlight.intake import checkin
from nightlight.intake.channels import kinds_on
from nightlight.intake.recurrence import windows_after
from nightlight.intake.supporting import PAUSE_MAX, NotUnderstood
from nightlight.store import check_in_edits, check_in_queries, check_ins
from nightlight.store.check_in_edits import Plan, Press
from nightlight.store.check_in_queries import CheckInView
from nightlight.store.local_time import instant, local_date
from nightlight.store.races import racing

DATES_SHOWN = 3
"""So many dates show what a rule means."""
MORNING = time(9)
"""When a pause ends for which no hour was chosen."""


def make(person: str, plan: Plan, press: Press) -> str:
    """A new check-in of *person*, switched on; its id. The same press again makes none. Raises `TooMany`."""

    def both() -> str:
        made, is_new = check_in_edits.create(person, plan, press)
        if is_new:
            checkin.switch_on(made, press.now)
        return made

    return racing(both)


def change(check_in: str, plan: Plan, zone: str, now: datetime) -> None:
    """From now on *check_in* is as in *plan*; what runs already runs on."""

    def both() -> None:
        row = check_ins.lock(check_in)
        if row is None:
            return
        has_new_times = check_in_edits.change(row, plan, local_date(now, zone))
        check_ins.note_change(check_in, now)
        if has_new_times:
            checkin.replan(check_in, now)

    racing(both)


def remove(check_in: str) -> None:
    """Erase *check_in*."""
    racing(lambda: check_in_edits.remove(check_in))


def new_machine_key(check_in: str) -> str:
    """A fresh key for a lamp, a door or a script; shown once."""
    return racing(lambda: check_ins.new_machine_key(check_in))


def new_page_link(check_in: str) -> str:
    """A fresh link to its page; the one in old reminders opens nothing any more."""
    return racing(lambda: check_ins.new_page_token(check_in))


def pause(check_in: str, why: str, until: tuple[str, str], zone: str, now: datetime) -> datetime:
    """Nothing is asked before *until*, a day and an hour as a form writes them; when that is.

    *why* is `away` or `phone`. Raises `NotUnderstood`: `not_understood`, `no_day`, `past`, `too_long`.
    """
    if why not in (Excuse.AWAY, Excuse.PHONE):
        raise NotUnderstood("not_understood")
    end = _moment(until[0], until[1], zone)
    if end <= now:
        raise NotUnderstood("past")
    if end - now > PAUSE_MAX:
        raise NotUnderstood("too_long")
    checkin.pause(check_in, Excuse(why), end, now)
    return end


def _moment(day: str, hour: str, zone: str) -> datetime:
    try:
        found = instant(date.fromisoformat(day), read_time(hour) if hour else MORNING, zone)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise NotUnderstood("no_day")
    return found


def read_time(written: str) -> time:
    """The local time that *written* says, like 21:00. Raises ValueError."""
    found = time.fromisoformat(written)
    if found.tzinfo is not None:
        raise ValueError(written)
    return found.replace(second=0, microsecond=0)


def tell_quietly(view: CheckInView, people: Collection[str], person: str, now: datetime) -> tuple[str, ...]:
    """Let members know that it is not so good, because the person wants it; the names of those told.

    Nobody is asked for anything. Empty when nobody of *people* can be told, or the person did not say so lately.
    """
    chosen = [each.person for each in check_in_queries.choosable(person) if each.person in people]
    latest = view.latest
    if latest is None or not check_in_queries.is_latest_not_ok(view, now) or not chosen:
        return ()
    told = racing(lambda: check_in_edits.tell_not_ok(latest.id, chosen, now, kinds_on()))
    return check_in_queries.names_of(told)


def next_times(rule: str, starts_on: date, at: time, zone: str, now: datetime) -> list[datetime]:
    """The next few moments at which a check-in is due by this rule."""
    found = windows_after(rule, starts_on, at, zone, local_date(now, zone) - timedelta(days=1))
    ahead = (due for _, due in islice(found, DATES_SHOWN + 2) if due > now)
    return list(islice(ahead, DATES_SHOWN))
