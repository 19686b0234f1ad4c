"""A ring that reminds of a check-in: one key, drawn for this ring, says that the person is all right."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from nightlight import config
from nightlight.channels.base import Message
from nightlight.channels.phone_keys import KEYS
from nightlight.engine.checkin import Came, How
from nightlight.intake import checkin
from nightlight.intake.channels import switched_on
from nightlight.intake.key import WRONG
from nightlight.store.models import Alert, CheckIn, CheckInWindow
from tests.factories import a_check_in, a_ladder, a_way
from tests.people import ANA, NUMBERS, SAM
from tests.worker.noticing import NoticeWorld
from tests.worker.ringing import RingingWorld, a_ringing_world, keys_in

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def ringing(db: Any, with_settings: Callable[..., config.Settings]) -> Iterator[RingingWorld]:
    yield a_ringing_world(with_settings)
    switched_on.cache_clear()


def reminded(ringing: RingingWorld) -> Message:
    """Ana has a phone that rings, and it is time to check in."""
    a_ladder((SAM,))
    a_way(ANA, "voice")
    each = a_check_in()
    due = CheckIn.objects.get(pk=each.pk).window_due
    assert due is not None
    ringing.time = due
    checkin.look(each.pk, due)
    NoticeWorld(ringing).send_due()
    [ring] = [message for message in ringing.phone.handed if message.to == NUMBERS[ANA]]
    return ring


def said(spoken: Any) -> str:
    return " ".join(spoken.said)


def windows() -> list[tuple[str, str, str]]:
    return list(CheckInWindow.objects.values_list("came", "how", "by"))


def test_it_says_one_key_and_nothing_of_what_it_is(ringing: RingingWorld) -> None:
    ring = reminded(ringing)
    assert ring.spoken is not None
    assert ring.spoken.waits_for_key
    assert len(keys_in(ring)) == 1
    assert "check" not in said(ring.spoken)
    assert "Ana" not in said(ring.spoken)


def test_the_key_checks_in_and_twice_is_once(ringing: RingingWorld) -> None:
    ring = reminded(ringing)
    [ok] = keys_in(ring)

    assert said(ringing.presses(ring, ok).said) == "Thank you. It has arrived."
    assert windows() == [(Came.MADE, How.OK, "phone")]
    assert ringing.presses(ring, ok).taken_for == "its_over"
    assert windows() == [(Came.MADE, How.OK, "phone")]


@pytest.mark.parametrize("key", ["1", "0", "*", "#", "", "x"])
def test_what_machines_press_is_no_sign_of_life(ringing: RingingWorld, key: str) -> None:
    ring = reminded(ringing)
    assert ringing.presses(ring, key).taken_for == WRONG
    assert windows() == []


def test_no_other_key_is_one_either(ringing: RingingWorld) -> None:
    ring = reminded(ringing)
    others = set(KEYS) - set(keys_in(ring))
    assert {ringing.presses(ring, key).taken_for for key in others} == {WRONG}
    assert windows() == []


def test_a_ring_that_nobody_pressed_a_key_in_is_no_sign_of_life(ringing: RingingWorld) -> None:
    ring = reminded(ringing)
    assert ringing.missed(ring)
    assert windows() == []


def test_pressed_after_a_miss_it_ends_what_the_miss_alone_began(ringing: RingingWorld) -> None:
    ring = reminded(ringing)
    [row] = CheckIn.objects.all()
    for _ in range(12):
        ringing.time += timedelta(minutes=30)
        checkin.look(row.pk, ringing.time)
    assert Alert.objects.get().status == "triggered"

    [ok] = keys_in(ring)
    assert ringing.presses(ring, ok).taken_for == "heard"
    assert Alert.objects.get().status == "resolved"
