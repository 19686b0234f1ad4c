"""The worker itself: full rounds, two workers at once, and nothing that stops it."""

import threading
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from nightlight import config
from nightlight.channels.sample import PhoneState, SamplePhones
from nightlight.engine.needs import Need
from nightlight.intake import alert as intake
from nightlight.store import heartbeats
from nightlight.store.models import Alert, Attempt, ContactMethod
from nightlight.worker.loop import Worker
from nightlight.worker.points import Point
from nightlight.worker.wakeup import NotifyWakeup, SocketWakeup
from tests.factories import a_ladder, a_way
from tests.people import ANA, BO, NOON, NUMBERS, SAM
from tests.worker.rounds import TestClock, a_circle_with_sample_phones, a_worker, end, settled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def test_a_full_round_sends_what_is_due_and_leaves_a_sign_of_life(
    phones: SamplePhones, the_clock: TestClock
) -> None:
    a_circle_with_sample_phones(SAM)
    intake.call(ANA, Need.TALK, the_clock.time)
    worker = a_worker(the_clock)
    worker.full_round()
    settled()

    assert [message.phone for message in phones.messages()] == [NUMBERS[SAM]]
    assert heartbeats.last_beat() == the_clock.time
    end(worker)


@pytest.mark.parametrize("work", ["round", "give_everyone_time_again"])
def test_a_first_ask_does_not_wait_until_a_long_look_at_other_calls_is_over(
    phones: SamplePhones, the_clock: TestClock, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    a_circle_with_sample_phones(SAM)
    heartbeats.beat("before", 1, the_clock.time)
    the_clock.pass_time(minutes=30)
    worker = a_worker(the_clock)
    asked: list[str] = []

    def look_at_many_others(now: datetime) -> Any:
        intake.call(ANA, Need.TALK, now)
        yield Point.ADVANCED
        settled()
        asked.extend(message.phone for message in phones.messages())

    monkeypatch.setattr(worker._waker, work, look_at_many_others)
    monkeypatch.setattr("nightlight.worker.loop.SEND_EVERY_SECONDS", 0)
    worker.full_round()

    assert asked == [NUMBERS[SAM]]
    end(worker)


def test_nothing_that_breaks_stops_the_worker(
    phones: SamplePhones, the_clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = a_worker(the_clock)
    faults: list[Exception] = [ValueError("ours"), OperationalError("away"), AssertionError("ours")]

    def breaks() -> None:
        if faults:
            raise faults.pop()
        worker.stop()

    monkeypatch.setattr(worker, "full_round", breaks)
    monkeypatch.setattr("nightlight.worker.loop.connections.close_all", lambda: None)
    worker.run()

    assert faults == []


def test_it_sleeps_until_something_is_due_and_a_second_at_most(
    phones: SamplePhones, the_clock: TestClock
) -> None:
    worker = a_worker(the_clock)
    assert worker.seconds_to_sleep() == 1
    a_circle_with_sample_phones(SAM)
    intake.call(ANA, Need.TALK, the_clock.time)
    assert worker.seconds_to_sleep() < 0.1
    worker.full_round()
    settled()
    assert worker.seconds_to_sleep() == 1
    the_clock.pass_time(minutes=4, seconds=59.5)
    assert 0.4 < worker.seconds_to_sleep() < 0.6
    Alert.objects.update(poisoned_at=NOON, poison_next_at=NOON + timedelta(hours=1), timer_due=NOON)
    assert worker.seconds_to_sleep() == 1
    end(worker)


def test_a_phone_that_refuses_leads_to_the_next_person_in_the_same_breath(
    phones: SamplePhones, the_clock: TestClock
) -> None:
    a_circle_with_sample_phones(SAM)
    a_circle_with_sample_phones(BO)
    phones.set_state(NUMBERS[SAM], PhoneState.REFUSES)
    intake.call(ANA, Need.TALK, the_clock.time)
    worker = a_worker(the_clock)
    for _ in range(2):
        worker.full_round()
        settled()

    assert NUMBERS[BO] in [message.phone for message in phones.messages()]
    end(worker)


def test_two_workers_at_once_send_nothing_twice_and_do_not_block_one_another(
    phones: SamplePhones, the_clock: TestClock
) -> None:
    """On PostgreSQL. On SQLite there is one worker, and one round after another comes to the same."""
    callers = [f"caller{number}" for number in range(6)]
    for number, caller in enumerate(callers):
        friends = [f"friend{number}{letter}" for letter in "abc"]
        a_ladder(tuple(friends[:2]), (friends[2],), of=caller)  # type: ignore[arg-type, arg-type]
        ContactMethod.objects.filter(person_id__in=friends).delete()
        for place, friend in enumerate(friends):
            a_way(friend, "sample-text", f"+4477009{number}{place:04}")  # type: ignore[arg-type]
            a_way(friend, "sample-mail", f"{friend}@example.org", after=timedelta(seconds=1))  # type: ignore[arg-type]
        intake.call(caller, Need.TALK, the_clock.time)
    workers = [a_worker(the_clock) for _ in range(2 if connection.vendor == "postgresql" else 1)]
    broke: list[BaseException] = []

    def work(worker: Worker) -> None:
        try:
            for _ in range(5):
                worker.full_round()
                time.sleep(0.01)
        except BaseException as error:  # noqa: BLE001  (a thread has nobody to raise to)
            broke.append(error)
        finally:
            connections.close_all()

    for length, next_step in ((0, False), (1, False), (59, True)):
        the_clock.pass_time(seconds=length)
        if next_step:
            Alert.objects.update(timer_due=the_clock.time)
        threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
        settled()
    end(*workers)

    assert broke == []
    outcomes = list(Attempt.objects.values_list("notification_id", "outcome"))
    assert {outcome for _, outcome in outcomes} == {"accepted"}
    assert len({notification for notification, _ in outcomes}) == len(outcomes)
    assert len(outcomes) >= 6 * 4
    said = [(message.phone, message.text) for message in phones.messages()]
    assert len(set(said)) == len(said) == len(outcomes)


def test_a_worker_is_woken_by_what_was_committed(phones: SamplePhones, the_clock: TestClock) -> None:
    a_circle_with_sample_phones(SAM)
    wakeup = NotifyWakeup() if connection.vendor == "postgresql" else SocketWakeup(config.current().data)
    try:
        wakeup.wait(0.01)
        began = time.monotonic()
        intake.call(ANA, Need.TALK, the_clock.time)
        wakeup.wait(20)
        assert time.monotonic() - began < 15
        wakeup.wake()
        wakeup.wait(20)
        assert time.monotonic() - began < 15
    finally:
        wakeup.close()
