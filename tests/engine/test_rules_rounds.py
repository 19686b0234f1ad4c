"""Rules 7 and 12: nothing ends by itself, and our outage is nobody's silence."""

from datetime import timedelta

import pytest

from nightlight.engine.asking import is_resting
from nightlight.engine.effects import TimerKind
from nightlight.engine.events import ResponderAvailable
from nightlight.engine.ladder import newly_available
from nightlight.engine.needs import Need, Offer
from tests.engine.cells import between_rounds, second_round, triggered
from tests.engine.stories import (
    Story,
    asked,
    caller_news,
    host_news,
    ladder,
    minutes,
    notes,
    step,
)
from tests.people import BO, KIT, SAM

# ------------------------------------------------------------------ rule 7: nothing ends by itself


def test_7_rounds_start_later_and_later_but_never_more_than_an_hour_apart() -> None:
    story = Story(ladder(step(SAM)))
    story.calls()
    pauses = []
    for _ in range(6):
        story.timer_until(TimerKind.ROUND)
        pauses.append(story.waits()[1])
        story.timer()

    assert pauses == [10, 20, 40, 60, 60, 60]


def test_7_from_the_third_round_on_everyone_is_asked_at_once() -> None:
    story = second_round()
    story.timer_until(TimerKind.ROUND)

    assert asked(story.timer()) == [SAM, BO, KIT]


def test_7_when_everyone_was_tried_caller_and_host_hear_of_it_once() -> None:
    story = triggered()
    story.timer()
    story.timer()

    decision = story.timer()
    assert (caller_news(decision), host_news(decision)) == (["all_tried"], ["all_tried"])

    story.timer()
    story.timer()
    story.timer()
    again = story.timer()
    assert (caller_news(again), host_news(again)) == ([], [])


def test_7_whoever_declined_rests_an_hour_as_long_as_others_are_left() -> None:
    story = triggered()
    story.no(SAM)
    story.timer_until(TimerKind.ROUND)

    decision = story.timer()

    assert asked(decision) == [BO]
    assert "skipped sam rests" in notes(decision)


def test_7_whoever_declined_is_asked_when_nobody_else_is_left() -> None:
    story = Story(ladder(step(SAM)))
    story.calls()
    story.no(SAM)

    assert asked(story.timer()) == [SAM]


def test_7_whoever_declined_is_asked_when_the_need_became_more_urgent() -> None:
    story = triggered()
    story.no(SAM)
    story.later(1)

    assert asked(story.needs(Need.DANGER)) == [SAM, BO, KIT]


def test_7_somebody_who_becomes_available_between_rounds_begins_one() -> None:
    story = Story(ladder(step(SAM), step(BO)))
    story.is_now(SAM, available=False)
    story.calls()
    story.timer()
    assert newly_available(story.alert, story.facts()) == ()

    story.is_now(SAM, available=True)

    assert newly_available(story.alert, story.facts()) == (SAM,)
    assert asked(story.happens(ResponderAvailable(person=SAM))) == [SAM]


def test_7_somebody_who_became_available_within_the_round_is_not_forgotten_at_its_end() -> None:
    """Found by reading: only those still away when the ladder ran out were remembered."""
    story = Story(ladder(step(SAM), step(BO)))
    story.is_now(SAM, available=False)
    story.calls()
    story.is_now(SAM, available=True)

    story.timer()

    assert newly_available(story.alert, story.facts()) == (SAM,)


def test_7_somebody_available_who_does_not_offer_what_is_needed_begins_no_round() -> None:
    """Found by reading: everyone else would have been woken again for nothing."""
    story = Story(ladder(step(SAM), step(BO)))
    story.offers(SAM, Offer.TEXT)
    story.is_now(SAM, available=False)
    story.calls()
    story.timer()
    story.is_now(SAM, available=True)
    before = story.alert

    assert newly_available(before, story.facts()) == ()
    assert story.happens(ResponderAvailable(person=SAM)).alert == before


def test_7_a_round_now_comes_at_most_every_five_minutes_but_danger_waits_for_nothing() -> None:
    story = Story(ladder(step(SAM, wait=1)))
    story.calls()
    story.timer()
    assert asked(story.still_needed()) == [SAM]
    story.timer()

    assert asked(story.still_needed()) == []
    assert asked(story.needs(Need.DANGER)) == [SAM]


def test_7_a_clock_set_back_neither_forbids_a_round_now_nor_prolongs_a_rest() -> None:
    """Found by reading: both would have lasted until the clock had caught up."""
    story = Story(ladder(step(SAM, wait=1), step(BO, wait=1)))
    story.calls()
    story.timer()
    story.timer()
    story.still_needed()
    story.no(SAM)
    story.timer()
    story.now -= timedelta(hours=24)
    story.interrupted()

    assert asked(story.still_needed()) == [SAM, BO]


# ------------------------------------------------------------------ rule 12: our outage is nobody's silence


def test_12_a_wait_that_fell_into_an_outage_is_given_again_in_full() -> None:
    story = triggered()
    story.now += minutes(90)

    story.interrupted()

    assert story.waits() == ("step_timed_out", 5)


def test_12_a_pause_is_nobodys_time_and_is_not_given_again() -> None:
    """Found by reading: each outage would have put off the next round by a whole pause."""
    story = between_rounds()
    story.later(5)

    story.interrupted()

    assert story.waits() == ("round_due", 4)


def test_12_the_morning_hour_that_ana_chose_stays_that_hour() -> None:
    """Found by reading: nine hours would have begun again."""
    story = triggered()
    story.in_touch(SAM, until=story.now + timedelta(hours=9))
    story.later(60)

    story.interrupted()

    assert story.waits() == ("contact_due", 8 * 60)


def test_12_a_clock_set_back_costs_at_most_one_wait() -> None:
    story = triggered()
    story.yes(SAM)
    story.now -= timedelta(hours=24)

    story.interrupted()

    assert story.waits() == ("acknowledgement_expired", 10)
    assert story.alert.hold is not None
    assert story.alert.hold.limit_at - story.now <= timedelta(minutes=60)


@pytest.mark.parametrize("hours", [1, 24])
def test_12_more_time_asked_for_before_the_clock_was_seen_to_be_set_back_is_no_more_than_usual(
    hours: int,
) -> None:
    """Found by the model check: it held the call for as long as the clock was set back."""
    story = triggered()
    story.yes(SAM)
    story.now -= timedelta(hours=hours)

    story.renews(SAM)

    assert story.waits() == ("acknowledgement_expired", 10)
    assert story.alert.hold is not None
    assert story.alert.hold.limit_at - story.now == timedelta(minutes=60)


@pytest.mark.parametrize("hours", [1, 24])
def test_12_a_yes_before_the_clock_was_seen_to_be_set_back_keeps_no_more_than_the_wait(hours: int) -> None:
    """Found by the model check: the step under way would have gone on with hours of waiting."""
    story = Story(ladder(step(SAM), step(BO)))
    story.calls()
    story.now -= timedelta(hours=hours)

    story.yes(BO)
    story.no(BO)

    assert story.under_way() == (SAM,)
    assert story.waits() == ("step_timed_out", 5)


def test_12_more_time_asked_for_in_an_outage_keeps_the_wait_that_is_to_be_given_again() -> None:
    """Found by the model check: it set the wait to nothing, and nothing was given again."""
    story = triggered()
    story.yes(SAM)
    story.now += timedelta(hours=2)

    story.renews(SAM)
    story.interrupted()

    assert story.waits() == ("acknowledgement_expired", 10)


def test_7_whoever_declined_rests_sixty_minutes_and_no_longer() -> None:
    story = Story(ladder(step(SAM, BO)))
    story.calls()
    story.no(SAM)

    story.now += minutes(59)
    assert is_resting(story.alert, SAM, story.now)
    story.now += minutes(1)
    assert not is_resting(story.alert, SAM, story.now)


def test_7_five_minutes_after_a_round_now_the_next_one_may_begin() -> None:
    story = between_rounds()
    story.still_needed()
    story.no(SAM)
    story.no(BO)
    story.no(KIT)

    story.now += minutes(4.9)
    assert story.still_needed().effects == ()
    story.now += minutes(0.1)
    assert asked(story.still_needed()) == [SAM, BO, KIT]


def test_12_an_acknowledgement_that_fell_into_an_outage_may_run_past_its_hour() -> None:
    story = triggered()
    story.yes(SAM)
    story.claims(SAM)
    story.now += minutes(55)

    story.interrupted()

    assert story.waits() == ("acknowledgement_expired", 30)


def test_every_wait_that_is_set_bears_a_number_of_its_own() -> None:
    story = triggered()
    numbers = []
    for _ in range(6):
        assert story.alert.timer is not None
        numbers.append(story.alert.timer.generation)
        story.timer()

    assert numbers == sorted(set(numbers))
