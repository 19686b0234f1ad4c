"""Many settled in one commit: the same rows come of it as one by one, and what is not plain is left alone."""

from datetime import timedelta
from typing import Any

import pytest

from nightlight.engine.effects import Purpose
from nightlight.engine.needs import Need
from nightlight.engine.retries import Outcome
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.store import claims
from nightlight.store.acceptances import Taken, settle_accepted
from nightlight.store.models import Alert, Attempt, ContactMethod, Notification, TimelineEntry
from nightlight.store.outbox import Claim
from nightlight.worker.points import drive
from tests.factories import a_ladder, a_way
from tests.people import BO, KIT, NOA, NUMBERS, SAM
from tests.store.stories import row_of, settle
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def three_asked(world: World) -> dict[str, Claim]:
    """Sam and Bo are being asked for Ana, Kit for Noa."""
    a_ladder((SAM, BO))
    a_ladder((KIT,), of=NOA)
    world.ana_calls()
    intake.call(NOA, Need.TALK, world.time)
    return {row_of(claimed).person_id or "": claimed for claimed in world.claim()}


def seen(claimed: Claim) -> tuple[Any, ...]:
    """Everything that settling writes, but for the ids."""
    row = Notification.objects.values_list(
        "status", "evidence", "lease_token", "lease_until", "merged_into", "settled_at", "sent_at", "due",
        "failed_before", "priority", "why",
    ).get(pk=claimed.notification)  # fmt: skip
    attempt = Attempt.objects.values_list("ended_at", "outcome", "reason", "provider_reference").get(
        pk=claimed.attempt
    )
    person = row_of(claimed).person_id or ""
    lines = TimelineEntry.objects.filter(alert_id=claimed.alert, who=person, what="accepted")
    return row, attempt, list(lines.values_list("at", "channel", "detail"))


def test_together_comes_to_the_same_rows_as_one_by_one(world: World) -> None:
    asked = three_asked(world)
    settle(world, asked[SAM], Outcome.ACCEPTED)
    together = {asked[BO]: Taken(), asked[KIT]: Taken()}

    assert settle_accepted(together, world.time) == set(together)
    assert seen(asked[BO]) == seen(asked[KIT]) == seen(asked[SAM])
    assert seen(asked[BO])[0][0] == "accepted"


def test_each_keeps_what_its_own_provider_calls_it(world: World) -> None:
    asked = three_asked(world)
    taken = {
        asked[SAM]: Taken(reference="first\0" + "x" * 300),
        asked[BO]: Taken(),
        asked[KIT]: Taken(reference="third"),
    }
    settle_accepted(taken, world.time)

    references = [Attempt.objects.get(pk=asked[each].attempt).provider_reference for each in (SAM, BO, KIT)]
    assert references == ["first" + "x" * 195, "", "third"]


def test_each_keeps_what_is_charged_for_it(world: World) -> None:
    asked = three_asked(world)
    settle_accepted({asked[SAM]: Taken(units=2), asked[BO]: Taken(), asked[KIT]: Taken(units=3)}, world.time)

    assert [Attempt.objects.get(pk=asked[each].attempt).units for each in (SAM, BO, KIT)] == [2, 0, 3]


def test_no_alert_changes(world: World) -> None:
    asked = three_asked(world)
    before = list(Alert.objects.order_by("pk").values())
    settle_accepted(dict.fromkeys(asked.values(), Taken()), world.time)

    assert list(Alert.objects.order_by("pk").values()) == before


def test_what_was_taken_up_again_since_is_left_alone(world: World) -> None:
    asked = three_asked(world)
    world.time += timedelta(seconds=16)
    drive(world.waker.round(world.time))
    world.time += timedelta(seconds=5)
    again = world.claim()

    assert settle_accepted(dict.fromkeys(asked.values(), Taken()), world.time) == frozenset()
    assert {row_of(claimed).status for claimed in again} == {"leased"}
    assert {Attempt.objects.get(pk=claimed.attempt).outcome for claimed in asked.values()} == {"unknown"}


def test_what_a_report_told_already_is_left_to_those_who_know_how(world: World) -> None:
    asked = three_asked(world)
    Notification.objects.filter(pk=asked[SAM].notification).update(evidence="delivered")

    assert settle_accepted(dict.fromkeys(asked.values(), Taken()), world.time) == {asked[BO], asked[KIT]}
    assert row_of(asked[SAM]).status == "leased"


def test_news_is_left_to_those_who_cancel_its_other_ways(world: World) -> None:
    a_ladder((SAM, BO))
    world.ana_calls()
    world.send_due()
    world.says(BO, Saying.YES)
    [stand_down] = world.claim()

    assert row_of(stand_down).purpose == Purpose.STAND_DOWN
    assert settle_accepted({stand_down: Taken()}, world.time) == frozenset()


def test_a_message_to_two_people_is_left_to_those_who_settle_each(world: World) -> None:
    a_ladder((SAM, BO))
    ContactMethod.objects.all().delete()
    for person in (SAM, BO):
        a_way(person, "sms", NUMBERS[SAM])
    world.ana_calls()
    [shared] = claims.claim(world.time, {"sms": 8}, world.providers)

    assert shared.merged
    assert settle_accepted({shared: Taken()}, world.time) == frozenset()
