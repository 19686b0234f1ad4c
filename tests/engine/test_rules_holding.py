"""Rules 4 to 6: a yes holds the call, and who hears of it."""

from datetime import timedelta

import pytest

from nightlight.engine.effects import Purpose, StandDown
from nightlight.engine.state import AlertStatus
from nightlight.simulator.modelled_outbox import ARRIVED
from tests.engine.cells import acknowledged, between_rounds, triggered, with_a_second
from tests.engine.stories import Story, asked, ladder, step, told
from tests.people import BO, KIT, NOA, SAM

# ------------------------------------------------------------------ rule 4: the first yes wins


def test_4_the_first_yes_wins_and_the_second_is_kept() -> None:
    story = Story(ladder(step(SAM, BO)))
    story.calls()
    story.yes(SAM)
    story.yes(BO)

    assert story.alert.taker == SAM
    assert story.alert.seconds == (BO,)


def test_4_only_those_whom_an_ask_reached_and_who_did_not_decline_are_stood_down() -> None:
    story = Story(ladder(step(SAM, BO), step(KIT)))
    story.calls()
    story.no(SAM)

    assert told(story.yes(KIT), Purpose.STAND_DOWN) == [BO]
    assert told(Story(arrives=False).calls(), Purpose.STAND_DOWN) == []


def test_4_a_person_whose_ask_never_went_out_hears_nothing_at_all() -> None:
    story = Story(ladder(step(SAM, BO)), arrives=False)
    story.calls()
    story.yes(BO)

    assert told(story.over(), Purpose.ALL_CLEAR) == [BO]


def test_4_a_stand_down_goes_by_the_way_that_got_through_and_the_others_are_held_ready() -> None:
    story = Story(ladder(step(SAM, BO)), arrives=False)
    story.calls()
    story.fails(SAM, 0)
    story.row(SAM, 1, ARRIVED)

    decision = story.yes(BO)

    ways = next(effect.ways for effect in decision.effects if isinstance(effect, StandDown))
    assert [(way.contact_method, way.due) for way in ways] == [("sam/1", story.now), ("sam/0", None)]


def test_4_one_stand_down_per_hold_and_a_new_one_in_the_next() -> None:
    story = acknowledged()
    assert told(story.yes(SAM), Purpose.STAND_DOWN) == []
    story.no(SAM)
    story.undo(SAM)
    story.hands_on(BO)

    assert told(story.yes(KIT), Purpose.STAND_DOWN) == [SAM]


def test_4_when_it_is_open_again_everyone_who_was_told_hears_so_once() -> None:
    story = acknowledged()

    assert told(story.timer(), Purpose.REOPENED) == [SAM, BO]
    assert told(story.timer(), Purpose.REOPENED) == []


def test_4_who_gives_it_up_themselves_is_not_told_what_they_just_said() -> None:
    assert told(acknowledged().hands_on(BO), Purpose.REOPENED) == [SAM]


def test_4_after_an_answer_was_taken_back_stand_downs_wait_two_minutes() -> None:
    story = Story(ladder(step(SAM, BO)))
    story.calls()
    story.yes(BO)
    story.undo(BO)

    decision = story.yes(BO)

    due = [effect.ways[0].due for effect in decision.effects if isinstance(effect, StandDown)]
    assert due == [story.now + timedelta(minutes=2)]


def test_4_a_second_who_is_still_waiting_for_the_stand_down_gets_no_second_one() -> None:
    """Found by reading: whoever said yes within those two minutes was told twice."""
    story = Story(ladder(step(SAM, BO)))
    story.calls()
    story.yes(BO)
    story.undo(BO)
    story.yes(BO)

    assert told(story.yes(SAM), Purpose.STAND_DOWN) == []


def test_4_who_was_not_told_yet_is_not_told_that_it_is_open_again() -> None:
    story = Story(ladder(step(SAM, BO)))
    story.calls()
    story.yes(BO)
    story.undo(BO)
    story.yes(BO)

    assert told(story.hands_on(BO), Purpose.REOPENED) == []


def test_4_a_stand_down_that_fails_goes_by_the_next_way_only_while_that_hold_lasts() -> None:
    story = acknowledged()
    failed = story.failure(SAM, purpose=Purpose.STAND_DOWN, message=3)
    assert len(story.happens(failed).effects) == 1

    story.hands_on(BO)

    assert story.happens(failed).effects == ()


def test_4_nobody_is_a_second_of_themselves() -> None:
    """Found by reading: Ana may name a second as the one she is in touch with."""
    story = with_a_second()
    story.in_touch(SAM)

    assert story.alert.taker == SAM
    assert story.alert.seconds == (BO,)


def test_4_whom_ana_named_without_a_yes_of_theirs_is_nobodys_second() -> None:
    """Found by the model, in three moves."""
    story = triggered()
    story.in_touch(SAM)
    story.still_needed()

    assert story.alert.seconds == ()


# ------------------------------------------------------------------ rule 5: only a yes is an answer


def test_5_a_yes_counts_from_any_round_and_whatever_became_of_the_message() -> None:
    story = Story(ladder(step(SAM), step(BO)), arrives=False)
    story.calls()
    story.fails(SAM, 0)
    story.fails(SAM, 1)
    story.timer()

    story.yes(SAM)

    assert story.alert.taker == SAM


def test_5_a_yes_of_somebody_who_paused_counts_and_of_somebody_removed_does_not() -> None:
    story = triggered()
    story.is_now(SAM, paused=True)
    story.yes(SAM)
    assert story.status() is AlertStatus.ACKNOWLEDGED

    other = triggered()
    other.is_now(SAM, removed=True)
    assert other.yes(SAM).refused == "removed"
    assert other.yes(NOA).refused == "removed"
    assert other.status() is AlertStatus.TRIGGERED


def test_5_the_last_of_two_contradicting_answers_counts() -> None:
    story = Story(ladder(step(SAM, BO)))
    story.calls()
    story.no(SAM)
    story.yes(SAM)
    assert story.alert.taker == SAM

    story.no(SAM)
    assert story.alert.taker is None


def test_5_an_answer_can_be_taken_back_for_two_minutes_and_no_longer() -> None:
    story = Story(ladder(step(SAM, BO)))
    story.calls()
    story.no(SAM)
    story.later(2)
    assert story.undo(SAM).refused == ""
    story.no(SAM)
    story.later(2.1)

    assert story.undo(SAM).refused == "too_late_to_undo"


def test_5_a_no_of_somebody_never_asked_can_be_taken_back_and_asks_nobody() -> None:
    """Found by reading: they would have been asked out of turn, by a message that never was."""
    story = triggered()
    story.no(KIT)

    decision = story.undo(KIT)

    assert asked(decision) == []
    assert story.alert.ask_of(KIT) is None


# ------------------------------------------------------------------ rule 6: a yes holds


def test_6_a_yes_holds_ten_minutes_and_three_times_more() -> None:
    story = triggered()
    story.yes(SAM)
    for _ in range(3):
        story.later(9)
        story.renews(SAM)
        assert story.waits() == ("acknowledgement_expired", 10)

    assert story.renews(SAM).refused == "renewed_three_times"


def test_6_more_time_is_never_less_time() -> None:
    story = triggered()
    story.yes(SAM)
    story.claims(SAM)
    assert story.waits()[1] == 30

    story.renews(SAM)

    assert story.waits()[1] == 30


def test_6_without_anas_word_nobody_holds_longer_than_an_hour_in_a_round() -> None:
    story = triggered()
    story.yes(SAM)
    held = 0.0
    while story.status() is AlertStatus.ACKNOWLEDGED:
        story.claims(SAM)
        held += story.waits()[1]
        story.timer() if story.waits()[1] < 30 or held >= 60 else story.later(story.waits()[1])

    assert held == 60
    assert story.yes(SAM).refused == "time_used_up"
    assert story.status() is AlertStatus.TRIGGERED


def test_6_the_hour_counts_over_several_holds_and_begins_anew_in_the_next_round() -> None:
    story = Story(ladder(step(SAM)))
    story.calls()
    for _ in range(6):
        story.yes(SAM)
        story.timer()
    assert story.yes(SAM).refused == "time_used_up"

    while story.alert.round == 1:
        story.timer()
    story.yes(SAM)

    assert story.alert.taker == SAM


def test_6_a_yes_whose_time_is_used_up_is_noted_while_another_has_it() -> None:
    """Found by reading: their old ask would have gone on after they had said yes."""
    story = Story(ladder(step(SAM), step(BO)))
    story.calls()
    for _ in range(6):
        story.yes(SAM)
        story.timer()
    story.no(SAM)
    story.yes(BO)

    decision = story.yes(SAM)

    assert decision.refused == "time_used_up"
    assert [entry.detail for entry in decision.entries] == ["time_used_up"]
    assert story.alert.seconds == ()


def test_6_only_anas_word_makes_contact() -> None:
    story = triggered()
    story.yes(SAM)
    story.claims(SAM)
    assert story.status() is AlertStatus.ACKNOWLEDGED

    story.in_touch()

    assert story.status() is AlertStatus.IN_CONTACT


def test_6_after_a_hold_the_ladder_goes_on_with_what_was_left_of_the_wait() -> None:
    story = triggered()
    story.yes(KIT)
    story.timer()

    assert story.under_way() == (SAM,)
    assert story.waits() == ("step_timed_out", 4)


def test_6_after_a_hold_between_two_rounds_the_pause_goes_on_with_what_was_left_of_it() -> None:
    """Found by reading: the pause began again in full, as the status had changed before it was kept."""
    story = between_rounds()
    assert story.waits() == ("round_due", 9)
    story.yes(KIT)

    story.hands_on(KIT)

    assert story.waits() == ("round_due", 9)


def test_6_seconds_are_asked_before_the_ladder_goes_on() -> None:
    story = with_a_second()

    assert asked(story.timer()) == [SAM]
    assert asked(story.timer()) == [KIT]


def test_6_who_is_asked_anew_is_no_second_any_more() -> None:
    """Found by reading: a second who was asked in a later round stayed one without an answer."""
    story = Story(ladder(step(SAM)))
    story.calls()
    story.yes(SAM)
    story.still_needed()
    before = story.alert.seconds

    story.timer()

    assert (before, story.alert.seconds) == ((SAM,), ())
    assert story.under_way() == (SAM,)


def test_6_many_short_holds_leave_no_trail_of_steps() -> None:
    """Found by reading: every hold that ended left one more interrupted step to come."""
    story = Story(ladder(step(SAM), step(BO)))
    story.calls()
    for _ in range(10):
        story.yes(BO)
        story.yes(SAM)
        story.hands_on(BO)

    assert len(story.alert.ahead) <= 3


def test_6_the_hour_counts_no_time_in_which_ana_said_they_were_in_touch() -> None:
    story = triggered()
    story.yes(SAM)
    story.in_touch()
    for _ in range(3):
        story.timer()
        story.in_touch()
    story.hands_on(SAM)

    story.yes(SAM)

    assert story.alert.taker == SAM


def test_6_a_claim_of_contact_is_kept_for_anas_page_to_ask() -> None:
    story = triggered()
    story.yes(SAM)
    story.claims(SAM)

    assert story.alert.hold is not None
    assert story.alert.hold.claimed


def test_4_what_was_taken_back_counts_for_one_round_only() -> None:
    story = Story(ladder(step(SAM, BO)))
    story.calls()
    story.yes(BO)
    story.undo(BO)
    while story.alert.round == 1:
        story.timer()

    decision = story.yes(BO)

    due = [effect.ways[0].due for effect in decision.effects if isinstance(effect, StandDown)]
    assert due == [story.now]


@pytest.mark.parametrize("purpose", [Purpose.STAND_DOWN, Purpose.REOPENED, Purpose.ALL_CLEAR])
def test_4_news_that_fails_is_brought_forward_only_while_it_is_news(purpose: Purpose) -> None:
    held, working, over = acknowledged(), acknowledged(), acknowledged()
    working.hands_on(BO)
    over.over()

    brought = {
        story.status().value: len(story.happens(story.failure(SAM, purpose=purpose)).effects)
        for story in (held, working, over)
    }

    assert brought == {
        "acknowledged": int(purpose is Purpose.STAND_DOWN),
        "triggered": int(purpose is Purpose.REOPENED),
        "resolved": int(purpose is Purpose.ALL_CLEAR),
    }


def test_4_news_to_somebody_removed_or_to_a_former_taker_is_not_brought_forward() -> None:
    story = acknowledged()
    story.is_now(SAM, removed=True)
    assert story.happens(story.failure(SAM, purpose=Purpose.STAND_DOWN)).effects == ()

    to_bo = story.failure(BO, purpose=Purpose.TAKER_NEWS)
    assert len(story.happens(to_bo).effects) == 1
    story.in_touch(KIT)
    assert story.happens(to_bo).effects == ()
