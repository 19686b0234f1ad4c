"""Somebody switches everything scheduled off, or on again. Stop 2 of the road; no call is touched by it.

From a page, a text, the host's desk or the command line; in one transaction, so that no silence counts from
the very moment from which nobody is reminded any more.
"""

from datetime import datetime
from functools import partial

from nightlight.intake import checkin
from nightlight.store import quiet
from nightlight.store.erasure import Stopped, stop_all
from nightlight.store.quiet import QuietBy
from nightlight.store.races import racing
from nightlight.store.withdrawals import Moment


def switch_off(person: str, by: QuietBy, now: datetime, *, reason: str = "") -> bool:
    """Nothing scheduled goes out for *person* from now on; whether anything changed.

    What a provider was handed before may still arrive.
    """
    return racing(partial(_switch_off, person, by, now, reason))


def _switch_off(person: str, by: QuietBy, now: datetime, reason: str) -> bool:
    changed = quiet.begin(person, by, now, reason=reason)
    if changed:
        checkin.hush(person, now)
    return changed


def take_back(person: str, by: QuietBy, now: datetime) -> bool:
    """Everything comes again as it was agreed, from now on; whether it had been off."""
    return racing(partial(quiet.end, person, by, now))


def stop_everything(person: str, moment: Moment, *, reason: str = "") -> Stopped:
    """From the command line: every way of theirs ends, and the one switch, together. Raises `NoSuchPerson`."""
    return racing(partial(_stop_everything, person, moment, reason))


def _stop_everything(person: str, moment: Moment, reason: str) -> Stopped:
    # A call's row is locked before any other, and ending a way locks it.
    stopped = stop_all(person, moment)
    _switch_off(person, QuietBy.COMMAND, moment.now, reason)
    return stopped
