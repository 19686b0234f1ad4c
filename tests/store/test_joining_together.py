"""Two presses on one link in the same instant, from two browsers."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection

from nightlight.engine.ids import PersonId
from nightlight.store.invitations import CIRCLE_MAX, Answer, invitations_of
from nightlight.store.joining import NewWay, accept, decline
from nightlight.store.models import Membership
from tests.factories import a_member
from tests.people import ANA, NOON, NUMBERS
from tests.store.invited import ON, YES, invited

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def at_once(*presses: Callable[[], bool]) -> list[bool]:
    """What came of *presses*, made in the same instant."""
    together = threading.Barrier(len(presses))
    came = []

    def make(press: Callable[[], bool]) -> None:
        try:
            together.wait(timeout=10)
            came.append(press())
        finally:
            connection.close()

    threads = [threading.Thread(target=make, args=(press,)) for press in presses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def test_two_yeses_at_once_make_one_member() -> None:
    token = invited()

    came = at_once(*[lambda: accept(token, YES, NOON, ON).is_in] * 3)

    assert sorted(came) == [False, False, True]
    assert Membership.objects.count() == 1


def test_a_yes_and_a_no_at_once_are_one_answer() -> None:
    token = invited()

    came = at_once(
        lambda: accept(token, YES, NOON, ON).is_in, lambda: decline(token, Answer.NO, "", NOON, ON)
    )

    assert sorted(came) == [False, True]
    [view] = invitations_of(ANA, NOON)
    assert (view.state == "yes") == Membership.objects.exists()


def test_the_last_place_is_taken_once() -> None:
    for number in range(CIRCLE_MAX - 2):
        a_member(PersonId(f"friend{number}"))
    tokens = [invited(), invited()]
    a_member(PersonId("one-more"))
    yeses = [
        replace(YES, ways=(NewWay(channel="sms", address=number),)) for number in list(NUMBERS.values())[:2]
    ]

    came = at_once(
        lambda: accept(tokens[0], yeses[0], NOON, ON).is_in,
        lambda: accept(tokens[1], yeses[1], NOON, ON).is_in,
    )

    assert sorted(came) == [False, True]
    assert Membership.objects.filter(ended_at=None).count() == CIRCLE_MAX
