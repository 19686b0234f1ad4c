"""What is arranged around a call, pressed and looked at in the same instant from two sides."""

from contextlib import suppress
from datetime import timedelta

import pytest

from nightlight.engine.events import AlertRaised, EndedBy, RaisedBy, Resolved
from nightlight.engine.needs import Need
from nightlight.store import promises, promises_due
from nightlight.store.advance import advance, raise_alert
from nightlight.store.arranged import NotPossible
from nightlight.store.models import ListLine, Notice, Promise
from nightlight.store.night_list import write_list
from nightlight.store.policies import policy_of
from tests.factories import a_ladder, an_alert
from tests.people import ANA, BO, KIT, NOON, SAM
from tests.store.invited import ON
from tests.store.test_joining_together import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

LATER = NOON + timedelta(hours=2)


def sam_promised() -> str:
    """Sam has promised to ring in an hour."""
    a_ladder()
    due = NOON + timedelta(hours=1)
    row = Promise.objects.create(
        id="promise1",
        circle_id=ANA,
        alert=an_alert(),
        person_id=SAM,
        what="ring",
        due=due,
        made_at=NOON,
        looks_at=due - timedelta(minutes=30),
    )
    return row.pk


def test_two_who_say_yes_at_once_do_not_both_have_it() -> None:
    promise = sam_promised()
    assert promises.cannot(SAM, promise, NOON, ON)

    came = at_once(
        lambda: promises.take_over(BO, promise, LATER, NOON, ON),
        lambda: promises.take_over(KIT, promise, LATER, NOON, ON),
    )

    assert sorted(came) == [False, True]
    assert Promise.objects.get().person_id in (BO, KIT)


def test_two_workers_remind_once() -> None:
    promise = sam_promised()
    now = NOON + timedelta(minutes=31)

    def look() -> bool:
        promises_due.look(promise, now, ON)
        return True

    at_once(look, look)

    assert Notice.objects.filter(purpose="promise", person=SAM).values("created_at").distinct().count() == 1


def test_sams_word_and_the_look_that_would_hand_it_on_are_one_of_the_two() -> None:
    promise = sam_promised()
    Promise.objects.update(reminded=2, looks_at=LATER)

    def look() -> bool:
        promises_due.look(promise, LATER, ON)
        return True

    assert at_once(lambda: promises.kept(SAM, promise, LATER), look) == [True, True]

    # Said before or after: it was kept, and nobody is still asked.
    assert Promise.objects.get().ended_why == "kept"
    assert not Notice.objects.filter(purpose="promise_open", status="planned").exists()


def test_a_list_that_is_written_while_the_call_ends_is_gone_with_it() -> None:
    a_ladder()
    policy = policy_of(ANA)
    assert policy is not None
    raised = AlertRaised(person=ANA, need=Need.TALK, by=RaisedBy.CALLER, policy=policy)
    alert = raise_alert(raised, now=NOON, channels_on=ON).alert_id

    def write() -> bool:
        with suppress(NotPossible):
            write_list(ANA, alert, ["feed the cat"])
        return True

    def end() -> bool:
        advance(alert, Resolved(by=EndedBy.CALLER), now=NOON, channels_on=ON)
        return True

    at_once(write, end, write)

    assert not ListLine.objects.exists()
