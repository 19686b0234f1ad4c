"""Many taken up in one commit: nobody in it loses the protection they have alone."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nightlight.engine.effects import Purpose
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.store import claims, lapses
from nightlight.store.letters import letter_for, letters_for
from nightlight.store.models import Attempt, ContactMethod, Membership, Notification, Person
from nightlight.store.outbox import Claim
from tests.factories import a_ladder, a_never_contact, a_way
from tests.people import ANA, BO, KIT, MAILS, NOA, NUMBERS, SAM
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def batches(world: World) -> list[list[str]]:
    """Who is asked, commit by commit."""
    found = claims.claim_batches(world.time, {"smtp": 8}, world.providers)
    return [[person_of(claimed) for claimed in together] for together in found]


def person_of(claimed: Claim) -> str:
    row = Notification.objects.get(pk=claimed.notification)
    assert row.person_id is not None
    return row.person_id


def two_calls(world: World) -> None:
    """Sam and Bo are asked for Ana, Kit for Noa."""
    a_ladder((SAM, BO))
    a_ladder((KIT,), of=NOA)
    world.ana_calls()
    intake.call(NOA, Need.TALK, world.time)


def test_asks_of_several_calls_are_taken_up_in_one_commit_each_with_a_lease_of_its_own(world: World) -> None:
    two_calls(world)

    [together] = claims.claim_batches(world.time, {"smtp": 8}, world.providers)
    assert {person_of(claimed) for claimed in together} == {SAM, BO, KIT}
    for claimed in together:
        row = Notification.objects.get(pk=claimed.notification)
        attempt = Attempt.objects.get(pk=claimed.attempt)
        assert row.status == "leased"
        assert row.lease_token == attempt.lease_token == claimed.lease_token
        assert (attempt.notification_id, attempt.number) == (row.pk, 1)
    assert len({claimed.lease_token for claimed in together}) == 3


def test_ten_take_no_more_questions_to_the_database_than_two(world: World) -> None:
    def questions(people: int) -> int:
        Notification.objects.all().delete()
        a_ladder(
            tuple(PersonId(f"friend{people}-{number}") for number in range(people)), of=PersonId(f"c{people}")
        )
        intake.call(PersonId(f"c{people}"), Need.TALK, world.time)
        with CaptureQueriesContext(connection) as asked:
            [together] = claims.claim_batches(world.time, {"smtp": 16}, world.providers)
        assert len(together) == people
        return len(asked)

    assert questions(10) == questions(2)


@pytest.mark.parametrize("withdraws", ["pauses", "is on the list", "ends the way", "answered no"])
def test_who_withdrew_is_not_sent_to_and_the_others_in_the_batch_are(world: World, withdraws: str) -> None:
    two_calls(world)
    if withdraws == "pauses":
        Membership.objects.filter(person_id=SAM).update(paused_until=world.time + timedelta(days=1))
    elif withdraws == "is on the list":
        a_never_contact(MAILS[SAM])
    elif withdraws == "ends the way":
        ContactMethod.objects.filter(person_id=SAM).update(ended_at=world.time)
    else:
        world.says(SAM, Saying.NO)
        Notification.objects.filter(person_id=SAM).update(status="planned")

    assert sorted(person for together in batches(world) for person in together) == [BO, KIT]
    assert Notification.objects.get(person_id=SAM).status in ("skipped", "cancelled")
    assert not Attempt.objects.filter(notification__person_id=SAM).exists()


def test_a_never_contact_list_of_one_circle_says_nothing_about_another(world: World) -> None:
    a_ladder((KIT,))
    a_ladder((KIT, BO), of=NOA)
    a_never_contact(MAILS[KIT])
    intake.call(NOA, Need.TALK, world.time)

    assert sorted(batches(world)[0]) == [BO, KIT]


def test_what_breaks_on_one_leaves_the_others_to_be_taken_one_by_one(world: World) -> None:
    two_calls(world)
    Membership.objects.filter(person_id=SAM).update(hours_from="08:00", hours_until="20:00")
    Person.objects.filter(pk=SAM).update(time_zone="Nowhere/Never")

    assert sorted(batches(world)) == [[BO], [KIT]]
    assert Notification.objects.get(person_id=SAM).why == "broken"


def test_two_at_one_address_still_get_one_message_beside_a_batch(world: World) -> None:
    a_ladder((SAM, BO, KIT))
    for person in (SAM, BO, KIT):
        ContactMethod.objects.filter(person_id=person).delete()
        a_way(person, "sms", NUMBERS[KIT if person == KIT else SAM])
    world.ana_calls()

    found = list(claims.claim_batches(world.time, {"sms": 8}, world.providers))
    assert [len(together) for together in found] == [1, 1]
    shared = next(each for [each] in found if each.merged)
    assert {person_of(shared)} | {Notification.objects.get(pk=pk).person_id for pk in shared.merged} == {
        SAM,
        BO,
    }


def test_a_second_try_counts_on_from_the_first_in_a_batch_too(world: World) -> None:
    two_calls(world)
    first = world.claim()
    world.time += timedelta(seconds=16)
    for claimed in lapses.lapsed(world.time):
        world.waker._settle_lapsed(claimed, world.time)
    world.time += timedelta(seconds=5)

    [again] = claims.claim_batches(world.time, {"smtp": 8}, world.providers)
    assert len(again) == len(first)
    assert {Attempt.objects.get(pk=claimed.attempt).number for claimed in again} == {2}


def test_letters_read_at_once_say_what_each_says_alone(world: World) -> None:
    two_calls(world)
    together = world.claim()
    world.time += timedelta(seconds=61)

    letters = letters_for(together, world.time)
    assert letters == {each.notification: letter_for(each, world.time) for each in together}
    assert len(letters) == 3


def test_a_letter_that_no_key_opens_keeps_no_other_from_being_read(world: World) -> None:
    two_calls(world)
    together = world.claim()
    ContactMethod.objects.filter(person_id=SAM).update(address_sealed="00000000nothing")

    assert sorted(
        person_of(each) for each in together if each.notification in letters_for(together, world.time)
    ) == [
        BO,
        KIT,
    ]


def test_news_is_taken_up_together_too_once_no_ask_is_in_flight(world: World) -> None:
    a_ladder((SAM, BO, KIT))
    world.ana_calls()
    world.send_due()
    world.says(BO, Saying.YES)

    [together] = claims.claim_batches(world.time, {"smtp": 8}, world.providers)
    assert {Notification.objects.get(pk=each.notification).purpose for each in together} == {
        Purpose.STAND_DOWN
    }
    assert world.call_id == together[0].alert
    assert ANA not in {person_of(each) for each in together}
