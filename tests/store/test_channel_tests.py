"""How often the host may send themselves a test, whoever presses and whatever the clock does."""

from datetime import timedelta

import pytest

from nightlight.store.channel_tests import AGAIN_AFTER, Trial, keep_results, latest_tests, may_test
from tests.people import NOON
from tests.store.test_joining_together import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

TAKEN = Trial(provider="smtp-1", place=1, outcome="taken")


def test_one_a_minute_for_each_kind_of_way() -> None:
    assert may_test("smtp", NOON)
    assert may_test("sms", NOON)
    assert not may_test("smtp", NOON + AGAIN_AFTER - timedelta(seconds=1))
    assert may_test("smtp", NOON + AGAIN_AFTER)


def test_two_presses_in_the_same_instant_send_one() -> None:
    assert sorted(at_once(*[lambda: may_test("smtp", NOON)] * 3)) == [False, False, True]
    later = NOON + AGAIN_AFTER
    assert sorted(at_once(*[lambda: may_test("smtp", later)] * 3)) == [False, False, True]


def test_a_clock_that_was_set_back_keeps_nobody_waiting() -> None:
    assert may_test("smtp", NOON + timedelta(days=1))

    assert may_test("smtp", NOON)


def test_what_came_of_an_older_test_does_not_stand_for_a_later_one() -> None:
    may_test("smtp", NOON)
    may_test("smtp", NOON + AGAIN_AFTER)

    keep_results("smtp", NOON, [TAKEN])
    assert latest_tests()["smtp"].results == ()

    keep_results("smtp", NOON + AGAIN_AFTER, [TAKEN])
    assert latest_tests()["smtp"].results == (TAKEN,)
