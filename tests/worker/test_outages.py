"""What a wait is worth when nobody of us was there, or a clock was set."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from nightlight.channels.sample import SamplePhones
from nightlight.engine.needs import Need
from nightlight.intake import alert as intake
from nightlight.store import heartbeats
from nightlight.store.models import Alert, EventRow
from nightlight.worker.liveness import ClockWatch
from tests.people import ANA, BO, NOA, SAM
from tests.worker.rounds import TestClock, a_circle_with_sample_phones, a_worker, end, settled

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


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
