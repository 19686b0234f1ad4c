"""The write path: one commit for each event, one open call for each person, and a record that replays."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, close_old_connections, connection, connections, transaction

from nightlight.engine.effects import Purpose
from nightlight.engine.events import AlertRaised, RaisedBy
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need
from nightlight.engine.retries import Outcome
from nightlight.engine.state import AlertStatus
from nightlight.intake import alert as intake
from nightlight.intake.answer import Saying
from nightlight.intake.reply import take_text
from nightlight.store import advance as write_path
from nightlight.store import outbox
from nightlight.store.advance import NoSuchAlert, load_alert
from nightlight.store.models import Alert, ContactMethod, EventRow
from nightlight.store.races import LostRace, racing
from nightlight.store.sealing import unseal
from nightlight.store.withdrawals import STOPPED, Moment, withdraw_way
from tests.factories import a_circle, a_ladder, a_way
from tests.people import ANA, BO, KIT, NOA, NUMBERS, SAM
from tests.worker.world import World

both_databases = pytest.mark.both_databases
in_one_transaction = pytest.mark.django_db
with_commits = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """The process ended here."""


def everything() -> dict[str, list[dict[str, Any]]]:
    """All there is in the database."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in apps.get_app_config("store").get_models()
    }


def killed_at_every_statement(step: Callable[[], object]) -> int:
    """Run *step* and kill it at its first statement, its second, …; after each nothing may have changed.

    How many times it was killed before it went through.
    """
    before = everything()
    for number in range(1, 500):
        left = number

        def kill(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(kill):
                step()
        except Killed:
            assert everything() == before, f"killed at statement {number}, and something stayed"
        else:
            assert everything() != before
            return number - 1
    raise AssertionError("it never went through")


# ------------------------------------------------------------------ together or not at all


@both_databases
@with_commits
def test_a_call_is_raised_whole_or_not_at_all(world: World) -> None:
    a_ladder()

    assert killed_at_every_statement(world.ana_calls) > 10
    assert [row.purpose for row in world.rows()] == [Purpose.ASK]


@both_databases
@with_commits
def test_an_answer_and_all_that_follows_from_it_is_one_commit(world: World) -> None:
    a_ladder((SAM,), (BO, KIT))
    a_way(ANA)
    world.ana_calls()
    world.pass_time(minutes=6)

    assert killed_at_every_statement(lambda: world.says(BO, Saying.YES)) > 10
    assert world.row().status == AlertStatus.ACKNOWLEDGED
    assert world.rows(ANA, Purpose.CALLER_NEWS)
    assert world.rows(SAM, Purpose.STAND_DOWN)


@both_databases
@with_commits
def test_what_came_of_a_message_and_the_event_it_causes_is_one_commit(world: World) -> None:
    a_ladder((SAM,))
    a_way(SAM, "sms", after=timedelta(minutes=2))
    world.ana_calls()
    claimed = world.claim()[0]

    def settle() -> None:
        outbox.settle(claimed, Outcome.QUEUED, world.time, providers=1, channels_on=world.on)

    assert killed_at_every_statement(settle) > 5
    assert world.statuses(SAM) == ["queued", "planned"]
    assert world.rows(SAM)[1].due == world.time


@both_databases
@with_commits
def test_a_lapse_and_what_it_means_is_one_commit(world: World) -> None:
    a_ladder((SAM,))
    a_way(SAM, "sms", after=timedelta(minutes=2))
    world.ana_calls()
    world.claim()
    world.time += timedelta(seconds=16)

    assert killed_at_every_statement(lambda: next(world.waker.round(world.time))) > 5
    assert world.rows(SAM)[0].evidence == "unknown"
    assert world.rows(SAM)[1].due == world.time


@both_databases
@with_commits
def test_a_text_and_the_answer_it_means_is_one_commit(world: World) -> None:
    a_ladder((SAM,))
    ContactMethod.objects.filter(person_id=SAM).delete()
    a_way(SAM, "sms")
    world.ana_calls()
    world.send_due()
    code = unseal(world.rows(SAM)[0].code_sealed)

    assert killed_at_every_statement(lambda: take_text("sms", NUMBERS[SAM], code, world.time)) > 5
    assert world.row().status == AlertStatus.ACKNOWLEDGED
    assert [row.news for row in world.rows(SAM, Purpose.TEXT_BACK)] == ["thanks"]


@both_databases
@with_commits
def test_a_way_that_is_withdrawn_and_the_next_one_are_one_commit(world: World) -> None:
    a_ladder((SAM,))
    a_way(SAM, "sms", after=timedelta(minutes=2))
    world.ana_calls()
    way = ContactMethod.objects.get(person_id=SAM, channel="smtp")
    moment = Moment(now=world.time, channels_on=world.on)

    assert killed_at_every_statement(lambda: racing(lambda: withdraw_way(way, STOPPED, moment))) > 5
    assert world.statuses(SAM) == ["skipped", "planned"]
    assert world.rows(SAM)[1].due == world.time


# ------------------------------------------------------------------ who was first


@both_databases
@in_one_transaction
def test_what_was_changed_since_it_was_read_is_not_written_over(world: World) -> None:
    a_ladder()
    world.ana_calls()
    read_before = world.row()
    world.says(SAM, Saying.NO)

    with pytest.raises(LostRace):
        write_path._save(read_before, world.alert())


@both_databases
@in_one_transaction
def test_a_call_nobody_knows_is_refused(world: World) -> None:
    world.call_id = "nothing"
    with pytest.raises(NoSuchAlert):
        world.says(SAM, Saying.YES)
    with pytest.raises(NoSuchAlert):
        load_alert("nothing")


@both_databases
@with_commits
def test_many_calls_of_one_person_at_the_same_moment_are_one_call(world: World) -> None:
    a_ladder()
    together = threading.Barrier(6)
    raised: list[tuple[str, bool]] = []

    def call() -> None:
        together.wait()
        try:
            advanced = intake.call(ANA, Need.TALK, world.time)
            raised.append((advanced.alert_id, advanced.is_new))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()

    assert len(raised) == 6
    assert len({alert for alert, _ in raised}) == 1
    assert sum(is_new for _, is_new in raised) == 1
    assert Alert.objects.count() == 1
    assert EventRow.objects.count() == 6


@both_databases
@with_commits
def test_two_that_say_yes_at_the_same_moment_are_one_taker_and_one_second(world: World) -> None:
    a_ladder((SAM, BO))
    world.ana_calls()
    world.send_due()
    together = threading.Barrier(2)

    def yes(person: PersonId) -> None:
        together.wait()
        try:
            world.says(person, Saying.YES)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=yes, args=(person,)) for person in (SAM, BO)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    alert = world.alert()
    assert {alert.taker, *alert.seconds} == {SAM, BO}


@both_databases
@in_one_transaction
def test_a_call_that_slipped_in_unseen_is_joined(world: World) -> None:
    """The index has the last word: whoever meets it looks again, and joins."""
    a_ladder()
    world.ana_calls()
    event = AlertRaised(person=ANA, need=Need.TALK, by=RaisedBy.CALLER, policy=world.alert().policy)

    with pytest.raises(LostRace), transaction.atomic():
        write_path._new_row(event, world.time)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.create(
            id="second",
            person_id=ANA,
            status="triggered",
            need="talk",
            raised_at=world.time,
            poisoned_at=world.time,
        )

    assert not world.ana_calls().is_new


@both_databases
@in_one_transaction
def test_calling_again_joins_and_the_more_urgent_need_counts(world: World) -> None:
    a_ladder((SAM,), (BO,))
    first = world.ana_calls()
    again = world.ana_calls(Need.DANGER)

    assert (again.alert_id, again.is_new) == (first.alert_id, False)
    assert world.row().need == Need.DANGER
    assert {row.person_id for row in world.rows()} == {SAM, BO}


@both_databases
@in_one_transaction
def test_who_has_no_ladder_is_told_so_and_nothing_is_kept(world: World) -> None:
    a_circle(NOA)

    for person in (NOA, PersonId("nobody")):
        with pytest.raises(intake.NotPossible, match="circle"):
            intake.call(person, Need.TALK, world.time)
    assert not Alert.objects.exists()


@both_databases
@in_one_transaction
def test_a_ladder_that_cannot_be_climbed_is_said_to_be_so(world: World) -> None:
    a_ladder((SAM,)).ladder.all()[0].places.all().delete()

    with pytest.raises(intake.NotPossible, match="cannot be climbed"):
        world.ana_calls()
