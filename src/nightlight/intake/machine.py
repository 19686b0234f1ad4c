"""A machine gives a sign of life. Stop 2 of the road: a short one where nothing is out of the ordinary.

The rules are those of `engine.checkin`; what the short road cannot do, it leaves to `intake.checkin`.
"""

from datetime import datetime
from itertools import islice

from nightlight.engine.checkin import Window, counts
from nightlight.intake.checkin import Taken, take_from_machine
from nightlight.intake.recurrence import windows_after
from nightlight.store import machine_road
from nightlight.store.machine_road import Idle


def sign_of_life(key: str, now: datetime) -> Taken | None:
    """The machine with *key* is there; what that did. None: no check-in has this key. Durable when this returns."""
    return shortly(key, now) or take_from_machine(key, now)


def shortly(key: str, now: datetime) -> Taken | None:
    """The same by the short road alone; None when it cannot be done in a moment, and nothing was changed."""
    idle = machine_road.idle_of(key, now) if machine_road.is_there() else None
    return _take_shortly(idle, now) if idle is not None else None


def _take_shortly(idle: Idle, now: datetime) -> Taken | None:
    window = idle.window
    if window is None or not counts(window, now):
        return Taken(made=False, next_due=window.due if window is not None else None)
    following = _following(idle, window)
    if following is None or following.due <= now or not machine_road.make(idle, window, following, now):
        return None
    return Taken(made=True, next_due=following.due)


def _following(idle: Idle, window: Window) -> Window | None:
    found = list(islice(windows_after(idle.rule, idle.starts_on, idle.at, idle.zone, window.on), 2))
    if not found:
        return None
    (on, due), later = found[0], found[1:]
    return Window(on=on, due=due, next_due=later[0][1] if later else None)
