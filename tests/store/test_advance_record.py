"""The record of a call: it replays, names nobody, and costs few questions to the database."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from nightlight.engine.decide import run
from nightlight.engine.events import EndedBy
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need
from nightlight.engine.state import Alert as EngineAlert
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.store import timers
from nightlight.store.advance import advance
from nightlight.store.convert import event_from_json, facts_from_json
from nightlight.store.models import Alert, EventRow, Notification
from tests.factories import a_ladder, a_way
from tests.people import ANA, BO, KIT, MAILS, NOA, NUMBERS, SAM
from tests.worker.simulated_channel import QUEUED
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def a_long_story(world: World) -> None:
    """Nearly everything that can happen to a call."""
    world.ana_calls()
    world.pass_time(minutes=3)
    world.says(SAM, Saying.NO)
    world.says(SAM, Saying.UNDO)
    world.pass_time(minutes=4)
    world.text.always(NUMBERS[BO], QUEUED)
    world.says(BO, Saying.YES)
    world.says(KIT, Saying.YES)
    world.pass_time(minutes=11)
    world.says(KIT, Saying.YES)
    world.says(KIT, Saying.RENEW)
    world.says(KIT, Saying.IN_CONTACT)
    intake.in_touch(world.call_id, world.time, person=KIT)
    world.pass_time(minutes=61)
    intake.still_needed(world.call_id, world.time)
    world.says(KIT, Saying.HAND_ON)
    intake.change_need(world.call_id, Need.COME, world.time)
    world.pass_time(hours=2)
    world.ana_calls(Need.DANGER)
    world.pass_time(minutes=1)
    intake.resolve(world.call_id, EndedBy.CALLER, world.time)
    world.pass_time(minutes=1)


def test_the_record_of_events_replays_to_the_very_same_call(world: World) -> None:
    a_ladder((SAM,), (BO, KIT))
    for person in (SAM, BO, KIT):
        a_way(person, "sms", after=timedelta(minutes=1))
    a_way(ANA)
    a_long_story(world)

    replayed: EngineAlert | None = None
    rows = list(EventRow.objects.filter(alert_id=world.call_id))
    for row in rows:
        replayed = run(replayed, event_from_json(row.kind, row.body), facts_from_json(row.facts)).alert

    assert len(rows) > 20
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert replayed == world.alert()
    assert world.row().version == len(rows)


def test_the_columns_say_what_the_document_says(world: World) -> None:
    a_ladder((SAM,), (BO, KIT))
    world.ana_calls()
    for _ in range(6):
        world.pass_time(minutes=5)
        row, alert = world.row(), world.alert()
        assert alert.timer is not None
        assert (row.status, row.need, row.timer_due, row.timer_generation, row.timer_length) == (
            alert.status,
            alert.need,
            alert.timer.due,
            alert.timer.generation,
            alert.timer.length,
        )


def test_no_name_and_no_address_is_in_the_record(world: World) -> None:
    a_ladder((SAM,))
    world.ana_calls()
    world.pass_time(minutes=1)

    kept = str(list(EventRow.objects.values_list("body", "facts")))
    assert "Sam" not in kept
    assert MAILS[SAM] not in kept


def test_the_events_of_one_person_do_not_touch_the_call_of_another(world: World) -> None:
    a_ladder((SAM,))
    a_ladder((KIT,), of=NOA)
    world.ana_calls()
    before = Alert.objects.get(pk=intake.call(NOA, Need.TALK, world.time).alert_id)
    world.says(SAM, Saying.YES)

    assert Alert.objects.get(pk=before.pk).version == before.version
    assert not Notification.objects.filter(alert_id=before.pk, person_id=SAM).exists()


def test_a_tap_is_few_questions_to_the_database_however_many_are_asked(world: World) -> None:
    """Somebody waits for it: the number must not grow with the people or their ways."""
    people = [PersonId(f"friend{number}") for number in range(12)]
    a_ladder(tuple(people))
    for person in people:
        a_way(person, "sms", f"+44770090{people.index(person):04}", after=timedelta(minutes=1))
    asked = 0

    def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal asked
        asked += "SAVEPOINT" not in sql
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        world.ana_calls(Need.DANGER)

    assert len(world.rows()) == 24
    # Reading, and for each person their plan; nothing for each way.
    assert asked < 25 + 6 * len(people)


def test_a_timer_that_fires_late_or_twice_moves_nothing(world: World) -> None:
    a_ladder((SAM,), (BO,), (KIT,))
    world.ana_calls()
    world.send_due()
    world.time += timedelta(minutes=5)
    due = timers.due(world.time, 10)
    for _ in range(2):
        for alert, event in due:
            advance(alert, event, now=world.time, channels_on=world.on)

    assert {row.person_id for row in world.rows()} == {SAM, BO}
