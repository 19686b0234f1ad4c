"""The worker itself: full rounds, outages, clocks, two workers at once, and nothing that stops it."""

import gc
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from nightlight import clock, config
from nightlight.channels.sample import PhoneState, SamplePhones
from nightlight.engine.needs import Need
from nightlight.intake import alert as intake
from nightlight.intake.channels import SAMPLE_DIRECTORY, switched_on
from nightlight.store import heartbeats
from nightlight.store.models import Alert, Attempt, ContactMethod, EventRow, Notification
from nightlight.worker.liveness import ClockWatch
from nightlight.worker.loop import Worker
from nightlight.worker.points import Point
from nightlight.worker.wakeup import NotifyWakeup, SocketWakeup
from tests.factories import a_ladder, a_way
from tests.people import ANA, BO, NOA, NOON, NUMBERS, SAM

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


class TestClock:
    """A clock that a test moves; the clock nobody can set moves along, unless the test steps this one."""

    __test__ = False

    def __init__(self) -> None:
        self.time = NOON
        self.booted = 1000.0

    def now(self) -> datetime:
        return self.time

    def pass_time(self, **length: float) -> None:
        passed = timedelta(**length)
        self.time += passed
        self.booted += passed.total_seconds()

    def step(self, **length: float) -> None:
        """Somebody sets the clock."""
        self.time += timedelta(**length)


class QuietWakeup:
    """Wakes nobody: these tests call each round themselves."""

    def wait(self, seconds: float) -> None: ...

    def wake(self) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def the_clock(monkeypatch: pytest.MonkeyPatch) -> TestClock:
    made = TestClock()
    monkeypatch.setattr(clock, "boottime", lambda: made.booted)
    return made


@pytest.fixture
def phones(with_settings: Callable[..., config.Settings], tmp_path: Path) -> Iterator[SamplePhones]:
    """The channels of `try`: the whole way of a message but for leaving the machine."""
    (tmp_path / SAMPLE_DIRECTORY).mkdir()
    with_settings(data=tmp_path)
    switched_on.cache_clear()
    yield SamplePhones(tmp_path / SAMPLE_DIRECTORY)
    switched_on.cache_clear()


def a_worker(the_clock: TestClock) -> Worker:
    return Worker(the_clock, QuietWakeup())


def a_circle_with_sample_phones(*people: str, of: str = ANA) -> None:
    a_ladder(tuple(people), of=of)  # type: ignore[arg-type]
    ContactMethod.objects.filter(person_id__in=people, channel="smtp").delete()
    for person in people:
        a_way(person, "sample-text", NUMBERS.get(person, f"+44770090{abs(hash(person)) % 10000:04}"))  # type: ignore[arg-type, call-overload]


def end(*workers: Worker) -> None:
    """Stop them, and let go of the connections their threads had."""
    for worker in workers:
        worker.sender.stop()
    gc.collect()


def settled() -> None:
    """Until nothing is in a sender's hands."""
    for _ in range(500):
        if not Notification.objects.filter(status="leased").exists():
            return
        time.sleep(0.01)
    raise AssertionError("a message stays in a sender's hands")


def test_a_wait_that_began_while_others_were_sent_is_not_begun_anew(
    phones: SamplePhones, the_clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_circle_with_sample_phones(SAM)
    worker = a_worker(the_clock)
    claiming, calls = worker.sender.claiming, [Need.TALK]

    def slow(now: datetime) -> Any:
        the_clock.pass_time(seconds=10)
        if calls:
            intake.call(ANA, calls.pop(), the_clock.time)
        return (yield from claiming(now))

    monkeypatch.setattr(worker.sender, "claiming", slow)
    worker.full_round()
    settled()

    assert "WaitInterrupted" not in set(EventRow.objects.values_list("kind", flat=True))
    end(worker)


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


def test_a_wait_that_fell_into_an_outage_gets_its_full_time_again(
    phones: SamplePhones, the_clock: TestClock
) -> None:
    a_circle_with_sample_phones(SAM)
    worker = a_worker(the_clock)
    worker.full_round()
    alert = intake.call(ANA, Need.TALK, the_clock.time).alert_id
    the_clock.pass_time(minutes=6)
    worker.full_round()
    settled()

    assert Alert.objects.get(pk=alert).timer_due == the_clock.time + timedelta(minutes=5)
    assert Alert.objects.get(pk=alert).status == "triggered"
    assert len(phones.messages()) == 1
    end(worker)


def test_a_worker_held_up_while_it_claims_was_away_as_well(
    phones: SamplePhones, the_clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_circle_with_sample_phones(SAM)
    worker = a_worker(the_clock)
    alert = intake.call(ANA, Need.TALK, the_clock.time).alert_id
    worker.full_round()
    claiming, naps = worker.sender.claiming, [6]

    def held_up(now: datetime) -> Any:
        if naps:
            the_clock.pass_time(minutes=naps.pop())
        return (yield from claiming(now))

    monkeypatch.setattr(worker.sender, "claiming", held_up)
    worker.full_round()
    settled()

    assert Alert.objects.get(pk=alert).timer_due == the_clock.time + timedelta(minutes=5)
    assert Alert.objects.get(pk=alert).status == "triggered"
    end(worker)


def test_a_pause_of_less_than_a_minute_is_no_outage(phones: SamplePhones, the_clock: TestClock) -> None:
    a_circle_with_sample_phones(SAM)
    worker = a_worker(the_clock)
    worker.full_round()
    alert = intake.call(ANA, Need.TALK, the_clock.time).alert_id
    due = Alert.objects.get(pk=alert).timer_due
    for _ in range(4):
        the_clock.pass_time(seconds=59)
        worker.full_round()
    settled()

    assert Alert.objects.get(pk=alert).timer_due == due
    end(worker)


def test_a_worker_that_starts_after_an_outage_gives_time_again_and_another_that_joins_does_not(
    phones: SamplePhones, the_clock: TestClock
) -> None:
    a_circle_with_sample_phones(SAM)
    alert = intake.call(ANA, Need.TALK, the_clock.time).alert_id
    heartbeats.beat("before", 1, the_clock.time)
    the_clock.pass_time(minutes=30)
    worker = a_worker(the_clock)
    worker.full_round()
    due = Alert.objects.get(pk=alert).timer_due
    assert due == the_clock.time + timedelta(minutes=5)

    the_clock.pass_time(seconds=30)
    another = a_worker(the_clock)
    another.full_round()
    assert Alert.objects.get(pk=alert).timer_due == due
    settled()
    end(worker, another)


def test_whoever_is_killed_while_giving_time_again_begins_once_more(
    phones: SamplePhones, the_clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_circle_with_sample_phones(SAM)
    a_circle_with_sample_phones(BO, of=NOA)
    alerts = [intake.call(person, Need.TALK, the_clock.time).alert_id for person in (ANA, NOA)]
    heartbeats.beat("before", 1, the_clock.time)
    the_clock.pass_time(minutes=30)

    class Killed(BaseException):
        pass

    killed = a_worker(the_clock)
    steps = killed._waker.give_everyone_time_again

    def killed_after_one(now: datetime) -> Any:
        yield next(steps(now))
        raise Killed

    monkeypatch.setattr(killed._waker, "give_everyone_time_again", killed_after_one)
    with pytest.raises(Killed):
        killed.full_round()
    the_clock.pass_time(seconds=1)
    worker = a_worker(the_clock)
    worker.full_round()

    for alert in alerts:
        assert Alert.objects.get(pk=alert).timer_due == the_clock.time + timedelta(minutes=5)
    settled()
    end(killed, worker)


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_clock_that_somebody_set_takes_no_time_from_anybody(
    phones: SamplePhones, the_clock: TestClock, hours: int
) -> None:
    a_circle_with_sample_phones(SAM)
    worker = a_worker(the_clock)
    worker.full_round()
    alert = intake.call(ANA, Need.TALK, the_clock.time).alert_id
    worker.full_round()
    the_clock.pass_time(seconds=10)
    the_clock.step(hours=hours)
    worker.full_round()
    settled()

    assert Alert.objects.get(pk=alert).timer_due == the_clock.time + timedelta(minutes=5)
    assert Alert.objects.get(pk=alert).status == "triggered"
    # And the ladder is worked as ever from there on.
    the_clock.pass_time(seconds=59)
    worker.full_round()
    assert heartbeats.last_beat() == the_clock.time
    end(worker)


def test_a_slow_round_is_not_taken_for_a_clock_that_was_set(the_clock: TestClock) -> None:
    watch = ClockWatch()
    assert not watch.was_set(the_clock.now())
    the_clock.pass_time(hours=1)
    assert not watch.was_set(the_clock.now())
    the_clock.step(seconds=6)
    assert watch.was_set(the_clock.now())
    assert not watch.was_set(the_clock.now())


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
