"""What time brings to promises: they are brought to mind, asked about, and handed on when they cannot be kept.

Each look is one transaction, and looking twice changes nothing more.
"""

from datetime import datetime
from functools import partial

from django.db.models import QuerySet

from nightlight.engine.effects import Entry, News
from nightlight.engine.effects import What as Happened
from nightlight.engine.state import Answer
from nightlight.store import timeline
from nightlight.store.arranged import as_decided, changed, is_in, may_be_asked, tell_member, tell_owner
from nightlight.store.check_ins import is_quiet
from nightlight.store.effects import tell_host
from nightlight.store.models import Notice, NotificationStatus, Person, Promise
from nightlight.store.notices import NoticePurpose
from nightlight.store.promise_rows import (
    IS_LOOKING,
    LATER,
    NO_WORD_AFTER,
    OTHERS_HAVE,
    SECONDS_HAVE,
    Ended,
    Stage,
    end,
    locked,
)
from nightlight.store.races import racing


def due(now: datetime, limit: int) -> list[str]:
    """Those there is something to do about, the longest due first."""
    rows = Promise.objects.filter(looks_at__lte=now).order_by("looks_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def look(promise: str, now: datetime, channels_on: frozenset[str]) -> None:
    """Do what is to be done about *promise* by now; nothing when that is done already."""
    racing(partial(_look, promise, now, channels_on))


def _look(promise: str, now: datetime, channels_on: frozenset[str]) -> None:
    row = locked(promise)
    if row is None or row.looks_at is None or row.looks_at > now:
        return
    if is_quiet(row.circle_id) or (row.reminded in IS_LOOKING and _somebody_sleeps(row)):
        Promise.objects.filter(pk=row.pk).update(looks_at=now + LATER)
    elif row.reminded in IS_LOOKING:
        look_further(row, now, channels_on)
    elif row.reminded == Stage.ASKED or row.person_id is None or not is_in(row.circle_id, row.person_id):
        # No word, or nobody there who could give it: whom it was made to is asked, and others too.
        tell_owner(NoticePurpose.PROMISE_NEWS, row.circle_id, now, channels_on)
        look_for_another(row, now, channels_on)
    else:
        tell_member(NoticePurpose.PROMISE, row.person_id, row.circle_id, now, channels_on)
        is_time = now >= row.due
        _go_to(row, Stage.ASKED if is_time else Stage.REMINDED, now + NO_WORD_AFTER if is_time else row.due)


def _go_to(row: Promise, stage: Stage, looks_at: datetime) -> None:
    Promise.objects.filter(pk=row.pk).update(reminded=stage, looks_at=looks_at)
    changed(row.alert_id)


def _somebody_sleeps(row: Promise) -> bool:
    """Whether the question waits for the hours of somebody who was asked."""
    return _questions(row).filter(status=NotificationStatus.PLANNED, due__isnull=False).exists()


def _questions(row: Promise) -> QuerySet[Notice]:
    return Notice.objects.filter(
        purpose=NoticePurpose.PROMISE_OPEN, circle_id=row.circle_id, person__in=row.asked.all()
    )


def look_for_another(row: Promise, now: datetime, channels_on: frozenset[str]) -> None:
    """Ask those who were second, then all others; whoever says yes first has it."""
    row.reminded = Stage.WAITS
    # Who was asked the last time and did not answer may be asked once more; who said no is not.
    row.asked.clear()
    look_further(row, now, channels_on)


def look_further(row: Promise, now: datetime, channels_on: frozenset[str]) -> None:
    """Ask the next ones; when everybody was asked, nobody can do it."""
    if row.reminded not in IS_LOOKING and _ask(row, _seconds(row), now, channels_on):
        _go_to(row, Stage.LOOKING, now + SECONDS_HAVE)
    elif row.reminded != Stage.LOOKING_WIDER and _ask(row, None, now, channels_on):
        _go_to(row, Stage.LOOKING_WIDER, now + OTHERS_HAVE)
    else:
        _nobody(row, now, channels_on)


def _seconds(row: Promise) -> frozenset[str]:
    """Who said that they would be second in the call it was made in, or yes as well."""
    alert = as_decided(row.alert)
    if alert is None:
        return frozenset()
    return frozenset(alert.seconds) | {ask.person for ask in alert.asks if ask.answer is Answer.YES}


def _ask(row: Promise, among: frozenset[str] | None, now: datetime, channels_on: frozenset[str]) -> bool:
    """Ask members who were not asked yet, *among* these or all; whether anybody was asked."""
    declined, asked = (list(one.values_list("pk", flat=True)) for one in (row.declined, row.asked))
    besides = {*declined, *asked, row.person_id or ""}
    chosen = [
        each for each in may_be_asked(row.circle_id, now, besides=besides) if among is None or each in among
    ]
    row.asked.add(*Person.objects.filter(pk__in=chosen))
    for each in chosen:
        tell_member(NoticePurpose.PROMISE_OPEN, each, row.circle_id, now, channels_on)
    return bool(chosen)


def _nobody(row: Promise, now: datetime, channels_on: frozenset[str]) -> None:
    """Nobody could take it over: whom it was made to is told plainly, and so is the host."""
    end(row, Ended.NOBODY, now)
    tell_owner(NoticePurpose.PROMISE_NEWS, row.circle_id, now, channels_on)
    if row.alert_id is not None:
        tell_host(row.alert_id, News.PROMISE_OPEN, now, channels_on)
        timeline.write(row.alert_id, [Entry(what=Happened.HOST_TOLD, detail=News.PROMISE_OPEN)], now)
