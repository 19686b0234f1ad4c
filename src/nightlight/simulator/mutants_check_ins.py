"""Faults planted into agreed signs of life, for the nights to find while everything else goes wrong, too."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.db import transaction

from nightlight.engine import checkin as rules
from nightlight.engine.checkin import OnMiss
from nightlight.engine.events import AlertRaised, RaisedBy
from nightlight.intake import checkin
from nightlight.intake.channels import kinds_on
from nightlight.simulator.mutating import always, dies_here, mutant
from nightlight.store import check_in_words, check_ins
from nightlight.store.advance import raise_within
from nightlight.store.check_ins import Schedule


@mutant
@contextmanager
def our_absence_is_a_miss() -> Iterator[None]:
    """What was due while we were away is missed at once: nobody is given their time again."""
    with (
        patch.object(rules, "LATE_LOOK_MAX", timedelta(days=99)),
        patch.object(checkin, "interrupted", lambda window, *_: window),
    ):
        yield


@mutant
def a_miss_begins_as_a_call_of_their_own() -> AbstractContextManager[Any]:
    """A miss calls as if the person had pressed the button, so that no late OK may end it."""

    def raised(event: AlertRaised, **rest: Any) -> Any:
        return raise_within(replace(event, by=RaisedBy.CALLER), **rest)

    return patch.object(checkin, "raise_within", raised)


@mutant
def a_late_ok_leaves_the_call() -> AbstractContextManager[Any]:
    """Heard of late, the person's circle goes on being called."""
    return patch.object(check_ins, "is_open", always(False))


@mutant
def a_miss_is_kept_before_its_call() -> AbstractContextManager[Any]:
    """The miss is written down, and the call it means is a transaction of its own."""
    right = checkin._miss

    def miss(schedule: Schedule, window: Any, now: datetime) -> None:
        if schedule.on_miss is OnMiss.CALL and dies_here(often=0.5):
            check_ins.end_window(schedule.id, window, rules.Came.MISSED, now)
            return
        with transaction.atomic():
            right(schedule, window, now)

    return patch.object(checkin, "_miss", miss)


@mutant
def whoever_was_told_never_hears() -> AbstractContextManager[Any]:
    """Those who were told of a miss are left with it, though the person has come."""
    return patch.object(check_in_words, "tell_came", always(None))


@mutant
def one_reminder_will_do() -> AbstractContextManager[Any]:
    """Others hear of a miss after one reminder."""
    return patch.object(rules, "REMINDERS", 1)


@mutant
def told_also_when_called() -> AbstractContextManager[Any]:
    """A miss that calls tells those as well who were chosen for the other case."""
    right = checkin._call

    def call(schedule: Schedule, now: datetime) -> str:
        check_in_words.tell_missed(schedule, now, kinds_on())
        return right(schedule, now)

    return patch.object(checkin, "_call", call)
