"""Where a rule turns: the last character, the fullest step, the same instant, nobody left ahead."""

from dataclasses import replace
from datetime import timedelta

import pytest

from nightlight.engine.checkin import Do, Excuse
from nightlight.engine.effects import BringForward, Purpose, TimerKind
from nightlight.engine.events import AcknowledgementRenewed
from nightlight.engine.holding import UNDO_WITHIN
from nightlight.engine.ids import PersonId
from nightlight.engine.invariants import broken
from nightlight.engine.ladder import ROUND_NOW_GAP, may_round_now, newly_available
from nightlight.engine.own_words import WORD_CHARACTERS_MAX, Unfit, why_unfit
from nightlight.engine.policy import PEOPLE_PER_STEP_MAX, EscalationStep
from nightlight.engine.replies import Meaning, read_reply
from nightlight.engine.retries import Outcome, next_try
from tests.engine.cells import acknowledged, between_rounds, triggered, with_a_second
from tests.engine.stories import Story, ladder, minutes, notes, step, told
from tests.engine.test_checkin import AHEAD, look
from tests.people import BO, KIT, SAM


def test_a_word_may_be_forty_characters_long_and_not_one_more() -> None:
    assert why_unfit("a" * WORD_CHARACTERS_MAX) is None
    assert why_unfit("a" * (WORD_CHARACTERS_MAX + 1)) is Unfit.TOO_LONG


def test_a_step_may_ask_twenty_people() -> None:
    everyone = tuple(PersonId(f"person-{number}") for number in range(PEOPLE_PER_STEP_MAX))
    assert EscalationStep(ask=everyone).ask == everyone


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("123", Meaning.OTHER),
        ("1234", Meaning.PLAIN_YES),
        ("12345678", Meaning.PLAIN_YES),
        ("123456789", Meaning.OTHER),
    ],
)
def test_a_number_of_nearly_the_right_length_is_asked_for_again(text: str, meaning: Meaning) -> None:
    assert read_reply(text).meaning is meaning


def test_a_window_whose_next_one_begins_at_this_very_instant_gives_way_to_it() -> None:
    begun = look(replace(AHEAD, next_due=AHEAD.due + timedelta(hours=1)), timedelta(hours=1))
    assert (begun.do, begun.excuse) == (Do.EXCUSE, Excuse.OUTAGE)

    begun = look(replace(AHEAD, next_due=AHEAD.due + timedelta(hours=1)), timedelta(minutes=59))
    assert begun.do is not Do.EXCUSE


def test_a_round_out_of_turn_is_not_followed_by_another_at_the_same_instant() -> None:
    story = between_rounds()
    now = story.now
    alert = replace(story.alert, round_now_at=now)

    assert not may_round_now(alert, now)
    assert not may_round_now(alert, now + ROUND_NOW_GAP - timedelta(seconds=1))
    assert may_round_now(alert, now + ROUND_NOW_GAP)
    # The clock was set back: nobody waits until it has caught up.
    assert may_round_now(alert, now - timedelta(seconds=1))


def test_while_a_step_is_under_way_nobody_is_newly_available() -> None:
    story = triggered()
    assert newly_available(story.alert, story.facts()) == ()


def test_who_has_a_call_of_their_own_when_everyone_was_tried_is_looked_for_again() -> None:
    story = Story(ladder(step(SAM)))
    story.calls()
    story.is_now(BO, has_open_alert=True)
    story.is_now(SAM, has_open_alert=True)
    story.timer()

    assert story.alert.unavailable == {SAM}


def test_who_was_removed_is_passed_over_without_a_word_about_them() -> None:
    story = triggered()
    story.is_now(BO, removed=True)
    story.is_now(KIT, available=False)
    decision = story.timer()

    assert not any("bo" in note for note in notes(decision) if note.startswith("skipped"))
    assert any("kit" in note for note in notes(decision) if note.startswith("skipped"))


def test_a_second_who_takes_the_yes_back_has_said_nothing() -> None:
    story = with_a_second()
    (second,) = story.alert.seconds
    story.undo(second)

    ask = story.alert.ask_of(second)
    assert ask is not None
    assert (ask.answer, story.alert.seconds) == (None, ())


def test_a_no_that_is_taken_back_too_late_changes_nothing_while_someone_has_it() -> None:
    story = Story(ladder(step(SAM, BO)))
    story.calls()
    story.no(BO)
    story.yes(SAM)
    story.later((UNDO_WITHIN + timedelta(seconds=1)) / minutes(1))
    decision = story.undo(BO)

    assert decision.refused
    assert told(decision, Purpose.STAND_DOWN) == []


def test_whoever_said_yes_as_well_is_waited_for_as_long_as_the_next_step_would_be() -> None:
    story = Story(ladder(step(SAM, KIT, wait=5), step(BO, wait=7)))
    story.calls()
    story.timer()
    story.yes(SAM)
    story.yes(KIT)
    story.hands_on(SAM)

    # The step that was under way is gone on with next, and it is the last one.
    assert story.under_way() == (KIT,)
    assert story.waits() == ("step_timed_out", 7)


def test_with_nothing_left_ahead_they_are_waited_for_as_long_as_in_the_last_step() -> None:
    story = Story(ladder(step(SAM, KIT, wait=5), step(BO, wait=7)))
    story.calls()
    story.timer_until(TimerKind.ROUND)
    story.yes(SAM)
    story.yes(KIT)
    story.hands_on(SAM)

    assert story.under_way() == (KIT,)
    assert story.waits() == ("step_timed_out", 7)


def test_news_to_the_host_that_fails_goes_by_their_next_way() -> None:
    story = between_rounds()
    decision = story.happens(story.failure(SAM, purpose=Purpose.HOST_NEWS, message=3))

    assert [effect.message for effect in decision.effects if isinstance(effect, BringForward)] == [3]


def test_a_paused_person_leaves_nobody_to_wait_for() -> None:
    story = Story(ladder(step(SAM), step(BO)))
    story.calls()
    story.is_now(SAM, paused=True)
    story.fails(SAM, final=False)

    assert story.under_way() == (BO,)


def test_more_time_is_given_once_for_each_button_that_offers_it() -> None:
    story = acknowledged()
    taker = story.alert.taker
    assert taker is not None
    assert not story.happens(AcknowledgementRenewed(person=taker, used=0)).refused
    # The same page, pressed a second time.
    assert story.happens(AcknowledgementRenewed(person=taker, used=0)).refused == "already"
    assert not story.happens(AcknowledgementRenewed(person=taker, used=1)).refused


def test_whoever_is_removed_is_nobodys_second_any_more() -> None:
    story = with_a_second()
    (second,) = story.alert.seconds
    story.still_needed()
    story.timer_until(TimerKind.STEP)
    former = story.alert.seconds
    for person in (*former, second):
        story.leaves(person)

    assert story.alert.seconds == ()


def test_sorry_beside_the_digits_is_a_yes_only_with_a_yes() -> None:
    assert read_reply("sorry 518204").meaning is Meaning.OTHER
    assert read_reply("sorry yes 518204").meaning is Meaning.YES_WITH_CODE


def test_an_ask_without_a_message_and_without_an_answer_is_found_to_be_broken() -> None:
    story = triggered()
    (ask, *_) = story.alert.asks
    nobody_asked = replace(story.alert, asks=(replace(ask, message=0), *story.alert.asks[1:]), current=None)

    assert any("was neither asked nor answered" in found for found in broken(nobody_asked))


def test_the_next_provider_is_the_one_after_the_last() -> None:
    assert next_try((Outcome.TEMPORARY,), 3).provider == 1
