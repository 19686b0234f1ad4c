"""The worker itself sends messages outside calls: behind those of calls, by its own threads, onto real sample phones."""

import gc
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections

from nightlight.channels.sample import PhoneState, SamplePhones
from nightlight.store import notices_send
from nightlight.store.models import Circle, Membership, Notice
from nightlight.store.notices import NoticePurpose, tell_way
from nightlight.store.sealing import unseal
from nightlight.store.ways import add_way, tap
from nightlight.worker.loop import POLL_SECONDS, SLEEP_MIN_SECONDS, Worker
from tests.factories import a_person
from tests.people import NOON, NUMBERS, SAM
from tests.worker.rounds import QuietWakeup, TestClock, a_circle_with_sample_phones

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.fixture
def worker(phones: SamplePhones, the_clock: TestClock) -> Iterator[Worker]:
    made = Worker(the_clock, QuietWakeup())
    yield made
    made.stop_sending()
    connections.close_all()
    gc.collect()


def rounds(worker: Worker) -> None:
    """Full rounds, until nothing outside calls is due or in anybody's hands."""
    for _ in range(500):
        worker.full_round()
        now = worker.noticer._clock.now() if worker.noticer else NOON
        waiting = Notice.objects.filter(status="leased") | Notice.objects.filter(
            status="planned", due__lte=now
        )
        if not waiting.exists():
            return
        time.sleep(0.01)
    raise AssertionError("a message stays in a sender's hands")


def test_a_code_reaches_its_phone_and_the_link_on_it_proves_the_way(
    worker: Worker, phones: SamplePhones
) -> None:
    a_person(SAM)
    way = add_way(SAM, "sample-text", NUMBERS[SAM], NOON)
    rounds(worker)

    [message] = phones.messages(NUMBERS[SAM])
    said, url = message.text.splitlines()
    assert unseal(Notice.objects.get().code_sealed) in said
    assert Notice.objects.get().status == "accepted"
    tap(url.rpartition("/")[2], NOON)
    way.refresh_from_db()
    assert way.proven_at == NOON


def test_a_phone_that_is_away_gets_its_message_later_and_the_worker_sleeps_until_then(
    worker: Worker, phones: SamplePhones, the_clock: TestClock
) -> None:
    a_person(SAM)
    phones.set_state(NUMBERS[SAM], PhoneState.REFUSES)
    add_way(SAM, "sample-text", NUMBERS[SAM], NOON)
    rounds(worker)

    assert phones.messages(NUMBERS[SAM]) == ()
    assert Notice.objects.get().status == "failed"
    Notice.objects.update(status="planned", due=NOON + timedelta(milliseconds=300), outcomes=["temporary"])
    assert SLEEP_MIN_SECONDS < worker.seconds_to_sleep() < POLL_SECONDS
    phones.set_state(NUMBERS[SAM], PhoneState.ON)
    the_clock.pass_time(seconds=1)
    rounds(worker)
    assert len(phones.messages(NUMBERS[SAM])) == 1


def test_what_is_due_and_waits_for_a_hand_keeps_nobody_awake(worker: Worker) -> None:
    a_circle_with_sample_phones(SAM)
    way = a_person(SAM).ways.get()
    for _ in range(5):
        tell_way(NoticePurpose.PRACTICE, way, NOON)

    assert worker.seconds_to_sleep() == POLL_SECONDS


def test_monthly_practice_and_renewals_go_out_by_themselves(
    worker: Worker, phones: SamplePhones, the_clock: TestClock
) -> None:
    a_circle_with_sample_phones(SAM)
    Circle.objects.update(practise_monthly=True, practised_at=NOON - timedelta(days=30))
    Membership.objects.update(agreed_until=NOON.date() + timedelta(days=5))
    rounds(worker)
    rounds(worker)

    said = sorted(message.text.splitlines()[0] for message in phones.messages(NUMBERS[SAM]))
    assert said == [
        "Ana: a short question for you.",
        "Practice. Please tap to show that this still reaches you:",
    ]
    the_clock.pass_time(hours=1)
    rounds(worker)
    assert len(phones.messages(NUMBERS[SAM])) == 2


def test_a_fault_in_here_keeps_no_worker_from_its_sign_of_life(
    worker: Worker, the_clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> list[object]:
        raise LookupError("a fault of ours")

    monkeypatch.setattr(notices_send, "lapsed", broken)
    assert worker.full_round() is False
    assert worker._beaten_at == NOON


def test_one_message_that_breaks_holds_up_no_other(
    worker: Worker, phones: SamplePhones, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_circle_with_sample_phones(SAM)
    way = a_person(SAM).ways.get()
    bad, good = (tell_way(NoticePurpose.PRACTICE, way, NOON, circle="ana") for _ in range(2))
    Notice.objects.filter(pk=bad.pk).update(token_sealed="nothing opens this")
    rounds(worker)

    assert len(phones.messages(NUMBERS[SAM])) == 1
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, bad.reason, good.status) == ("planned", "UnreadableError", "accepted")
