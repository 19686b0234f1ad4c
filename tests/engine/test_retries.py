"""When a notification is tried again, and by whom (rule 2)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightlight.engine.receipts import Evidence
from nightlight.engine.retries import ARRIVALS_MAX, RING_AGAIN_AFTER, NextTry, Outcome, next_try

ACCEPTED, QUEUED, TEMPORARY, PERMANENT, UNKNOWN, MISSED = Outcome
HISTORIES = st.lists(st.sampled_from(Outcome), max_size=12)
PROVIDERS = st.integers(min_value=1, max_value=4)


def delay_after(*outcomes: Outcome, providers: int = 1) -> float | None:
    delay = next_try(outcomes, providers).delay
    return None if delay is None else delay.total_seconds()


def test_the_first_try_goes_at_once_by_the_first_provider() -> None:
    assert next_try((), 2) == NextTry(delay=timedelta(0), provider=0)


@pytest.mark.parametrize("outcome", [TEMPORARY, UNKNOWN])
def test_with_one_provider_the_pauses_are_5_15_and_60_seconds_and_then_5_minutes(outcome: Outcome) -> None:
    assert delay_after(outcome) == 5
    assert delay_after(outcome, TEMPORARY) == 15
    assert delay_after(outcome, TEMPORARY, TEMPORARY) == 60
    assert delay_after(outcome, TEMPORARY, TEMPORARY, TEMPORARY) == 300
    assert delay_after(outcome, *[TEMPORARY] * 40) == 300


@pytest.mark.parametrize("outcome", [TEMPORARY, PERMANENT])
def test_an_untried_provider_goes_at_once(outcome: Outcome) -> None:
    assert next_try((outcome,), 2) == NextTry(delay=timedelta(0), provider=1)


def test_a_phone_nobody_answered_rings_once_more_by_the_same_provider_within_three_minutes() -> None:
    assert next_try((MISSED,), 2) == NextTry(delay=timedelta(seconds=90), provider=0)
    assert next_try((PERMANENT, MISSED), 2) == NextTry(delay=timedelta(seconds=90), provider=1)


def test_after_the_second_ring_the_way_has_failed() -> None:
    assert next_try((MISSED, MISSED), 2) == NextTry(delay=None, provider=0, status=Evidence.FAILED)
    assert next_try((MISSED, TEMPORARY, MISSED), 1).status is Evidence.FAILED


def test_rings_in_vain_and_rings_of_which_nobody_knows_count_together() -> None:
    assert next_try((UNKNOWN, UNKNOWN, MISSED), 1).status is None
    assert next_try((UNKNOWN, UNKNOWN, UNKNOWN, MISSED), 1).status is Evidence.UNKNOWN
    assert next_try((MISSED, UNKNOWN, UNKNOWN, UNKNOWN), 2).status is Evidence.UNKNOWN


def test_a_call_that_was_never_put_through_is_no_ring() -> None:
    assert delay_after(MISSED, TEMPORARY) == 5
    assert delay_after(MISSED, TEMPORARY, providers=2) == 0


def test_when_every_provider_was_tried_the_first_one_follows_after_a_pause() -> None:
    assert next_try((TEMPORARY, TEMPORARY), 2) == NextTry(delay=timedelta(seconds=5), provider=0)
    assert next_try((TEMPORARY, TEMPORARY, TEMPORARY), 2) == NextTry(delay=timedelta(seconds=15), provider=1)


def test_a_provider_that_refused_for_good_is_passed_over() -> None:
    assert next_try((PERMANENT, TEMPORARY), 2) == NextTry(delay=timedelta(seconds=5), provider=1)


def test_what_may_have_gone_out_waits_and_then_goes_by_another_provider() -> None:
    assert next_try((UNKNOWN,), 2) == NextTry(delay=timedelta(seconds=5), provider=1)


def test_a_refusal_for_good_by_every_provider_is_final() -> None:
    assert next_try((PERMANENT,), 1) == NextTry(delay=None, provider=0, status=Evidence.FAILED)
    assert next_try((PERMANENT, PERMANENT), 2) == NextTry(delay=None, provider=1, status=Evidence.FAILED)
    assert next_try((PERMANENT,), 2).status is None


def test_a_refusal_heard_late_does_not_outweigh_the_ring_that_came_after_it() -> None:
    refused_late = [Outcome.PERMANENT, Outcome.PERMANENT, Outcome.MISSED]

    assert next_try(refused_late, 2) == NextTry(delay=RING_AGAIN_AFTER, provider=1)
    assert next_try(refused_late[:2], 2).status is Evidence.FAILED


def test_accepted_is_the_end_of_it() -> None:
    assert next_try((TEMPORARY, ACCEPTED), 1) == NextTry(delay=None, provider=0, status=Evidence.ACCEPTED)


def test_queued_is_never_tried_again() -> None:
    assert next_try((QUEUED,), 3) == NextTry(delay=None, provider=0, status=Evidence.QUEUED)


def test_after_four_tries_that_may_have_arrived_there_is_no_fifth() -> None:
    assert delay_after(UNKNOWN, UNKNOWN, TEMPORARY, UNKNOWN) is not None
    assert next_try((UNKNOWN,) * 4, 2).status is Evidence.UNKNOWN


@given(HISTORIES, PROVIDERS)
def test_nobody_reads_one_message_more_than_four_times(coming: list[Outcome], providers: int) -> None:
    happened: list[Outcome] = []
    for outcome in coming:
        if next_try(happened, providers).delay is None:
            break
        happened.append(outcome)

    assert sum(outcome in (ACCEPTED, QUEUED, UNKNOWN) for outcome in happened) <= ARRIVALS_MAX
    assert happened.count(ACCEPTED) + happened.count(QUEUED) <= 1


@given(HISTORIES, PROVIDERS)
def test_a_message_ends_with_a_status_or_goes_on_with_a_provider_that_did_not_refuse(
    coming: list[Outcome], providers: int
) -> None:
    refused = set()
    for count, outcome in enumerate(coming):
        following = next_try(coming[:count], providers)
        assert (following.delay is None) == (following.status is not None)
        if following.delay is None:
            return
        assert following.provider not in refused
        if outcome is PERMANENT:
            refused.add(following.provider)


@given(PROVIDERS)
def test_temporary_failures_are_tried_for_ever(providers: int) -> None:
    following = next_try((TEMPORARY,) * 200, providers)

    assert following.delay == timedelta(minutes=5)
