"""What must be true of every alert, and that each broken promise is seen."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nightlight.engine.effects import TimerKind
from nightlight.engine.invariants import broken
from nightlight.engine.state import Alert, AlertStatus, Contact, PlannedStep
from tests.engine.cells import acknowledged, between_rounds, in_contact, resolved, second_round, triggered
from tests.engine.stories import Story
from tests.people import BO, KIT, NOON, SAM

STORIES = (triggered, between_rounds, second_round, acknowledged, in_contact, resolved)


def timer(alert: Alert, **changes: Any) -> Alert:
    assert alert.timer is not None
    return replace(alert, timer=replace(alert.timer, **changes))


def hold(alert: Alert, **changes: Any) -> Alert:
    assert alert.hold is not None
    return replace(alert, hold=replace(alert.hold, **changes))


@pytest.mark.parametrize("story", STORIES)
def test_every_status_keeps_every_promise(story: Any) -> None:
    told: Story = story()

    assert broken(told.alert, told.now) == ()


@pytest.mark.parametrize(
    ("alert", "words"),
    [
        (replace(triggered().alert, timer=None), "it is open and has no timer"),
        (timer(triggered().alert, kind=TimerKind.ROUND), "its timer is round_due"),
        (timer(triggered().alert, length=timedelta(hours=2)), "longer than any may be"),
        (timer(triggered().alert, length=-timedelta(seconds=1)), "set into the past"),
        (replace(triggered().alert, current=None), "no step under way"),
        (replace(triggered().alert, ran_out=True), "whether everyone was tried"),
        (
            replace(triggered().alert, current=PlannedStep(people=(KIT,), wait=timedelta(1))),
            "kit is in the step",
        ),
        (
            replace(triggered().alert, current=PlannedStep(people=(), wait=timedelta(1))),
            "has nobody in it",
        ),
        (replace(triggered().alert, asks=triggered().alert.asks * 2), "two last asks"),
        (replace(triggered().alert, message=0), "newer than the call"),
        (replace(triggered().alert, caller_message=99), "the news to the caller"),
        (replace(triggered().alert, pause_left=timedelta(1)), "a pause between rounds"),
        (replace(triggered().alert, hold=acknowledged().alert.hold), "a hold and its status disagree"),
        (replace(triggered().alert, end=resolved().alert.end), "is open and has an end"),
        (replace(between_rounds().alert, status=AlertStatus.TRIGGERED), "it is at work and has no step"),
        (replace(acknowledged().alert, hold=None), "a hold and its status disagree"),
        (replace(acknowledged().alert, seconds=(BO,)), "bo has it and is a second"),
        (replace(acknowledged().alert, seconds=(SAM,)), "did not say yes"),
        (replace(acknowledged().alert, seconds=(SAM, SAM)), "a second twice"),
        (replace(acknowledged().alert, gently=True), "gently"),
        (replace(acknowledged().alert, contact=Contact(caller_word_at=NOON)), "the caller's word"),
        (hold(acknowledged().alert, taker=SAM), "whoever has it did not say yes"),
        (hold(acknowledged().alert, renewals=4), "renewed too often"),
        (hold(acknowledged().alert, limit_at=NOON), "past its limit"),
        (hold(acknowledged().alert, number=7), "the last number"),
        (replace(in_contact().alert, contact=None), "the caller's word"),
        (replace(resolved().alert, timer=triggered().alert.timer), "still has a timer"),
        (replace(resolved().alert, end=None), "nobody knows who ended it"),
    ],
)
def test_a_broken_promise_is_named(alert: Alert, words: str) -> None:
    assert any(words in wrong for wrong in broken(alert))


def test_a_timer_too_far_ahead_is_seen_once_the_time_is_known() -> None:
    alert = triggered().alert

    assert broken(alert, NOON - timedelta(hours=24)) == ("its timer lies further ahead than its own length",)
    assert broken(alert, NOON) == ()
