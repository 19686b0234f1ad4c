"""Several at once: two workers and one message, two presses and one drill, many guesses at one code."""

import threading
from collections.abc import Callable
from typing import TypeVar

import pytest
from django.db import connections

from nightlight.store.models import ContactMethod, Drill, Notice
from nightlight.store.notices import NoticePurpose, tell_way
from nightlight.store.notices_send import claim
from nightlight.store.practice import begin_drill
from nightlight.store.sealing import unseal
from nightlight.store.ways import Proof, add_way, prove
from tests.factories import a_ladder, a_person
from tests.people import ANA, NOON, NUMBERS, SAM

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

AT_ONCE = 4

_Result = TypeVar("_Result")


def together(does: Callable[[], _Result]) -> list[_Result]:
    """What *does* gives to each of several who do it at the same moment."""
    ready, came = threading.Barrier(AT_ONCE), []

    def run() -> None:
        try:
            ready.wait()
            came.append(does())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(came) == AT_ONCE
    return came


def test_each_message_is_claimed_by_one_worker_only() -> None:
    a_ladder((SAM,))
    way = ContactMethod.objects.get(person=SAM)
    sent = {tell_way(NoticePurpose.PRACTICE, way, NOON, circle=ANA).pk for _ in range(8)}

    claimed = together(lambda: claim(NOON, {"smtp": 8}, {"smtp": 1}))
    ids = [each.notice for own in claimed for each in own]
    left = set(Notice.objects.filter(status="planned").values_list("pk", flat=True))
    assert len(ids) == len(set(ids))
    # What one worker was looking at, another leaves for its next look.
    assert set(ids) | left == sent


def test_two_presses_at_once_begin_one_drill() -> None:
    a_ladder((SAM,))

    begun = together(lambda: begin_drill(ANA, SAM, NOON, frozenset({"smtp"})))
    assert sum(drill is not None for drill in begun) == 1
    assert Drill.objects.count() == Notice.objects.count() == 1


def test_guesses_made_at_once_are_each_counted() -> None:
    a_person(SAM)
    way = add_way(SAM, "sms", NUMBERS[SAM], NOON).pk
    code = unseal(Notice.objects.get().code_sealed)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"

    assert together(lambda: prove(way, wrong, NOON)) == [Proof.WRONG] * AT_ONCE
    assert Notice.objects.get().wrong_codes == AT_ONCE
    assert prove(way, wrong, NOON) is Proof.TOO_MANY
    assert prove(way, code, NOON) is Proof.TOO_MANY
