"""Rules 1 to 3 and 9 to 11: who is asked, by which ways, and for what."""

from datetime import timedelta

import pytest

from nightlight.engine.effects import Notify, TimerKind
from nightlight.engine.events import RaisedBy
from nightlight.engine.needs import Need, Offer
from nightlight.engine.state import AlertStatus
from nightlight.simulator.modelled_outbox import ARRIVED, At, Row, has_planned
from tests.engine.cells import between_rounds, triggered
from tests.engine.stories import (
    Story,
    asked,
    caller_news,
    in_words,
    ladder,
    minutes,
    notes,
    step,
)
from tests.people import BO, KIT, SAM

# ------------------------------------------------------------------ rule 1: frozen, and consent not


def test_1_people_added_later_are_asked_from_the_next_round_only() -> None:
    story = Story(ladder(step(SAM)))
    story.calls()
    story.added = (KIT,)

    story.timer()
    assert story.under_way() == ()
    story.timer()
    assert story.under_way() == (SAM,)
    assert asked(story.timer()) == [KIT]


@pytest.mark.parametrize("change", [{"removed": True}, {"paused": True}, {"available": False}])
def test_1_whoever_withdrew_is_passed_over_from_that_moment(change: dict[str, bool]) -> None:
    story = triggered()
    story.is_now(BO, **change)

    assert asked(story.timer()) == [KIT]


def test_1_somebody_removed_in_the_middle_of_a_step_ends_it_when_they_were_its_last() -> None:
    story = Story(ladder(step(SAM, BO), step(KIT)))
    story.calls()

    assert asked(story.leaves(SAM)) == []
    assert asked(story.leaves(BO)) == [KIT]


def test_1_what_was_planned_for_somebody_removed_is_dropped() -> None:
    story = Story(arrives=False)
    story.calls()

    story.leaves(SAM)

    assert not has_planned(story.circle[SAM])


# ------------------------------------------------------------------ rule 2: asking a person


def test_2_ways_go_out_at_the_delays_their_owner_chose() -> None:
    story = Story(arrives=False)
    story.is_now(SAM, delays=(minutes(0), minutes(2)))

    decision = story.calls()

    notify = next(effect for effect in decision.effects if isinstance(effect, Notify))
    assert [way.due for way in notify.ways] == [story.now, story.now + minutes(2)]


@pytest.mark.parametrize("final", [True, False])
def test_2_a_first_try_that_fails_brings_the_next_way_forward_and_keeps_the_step(final: bool) -> None:
    story = Story(arrives=False)
    story.calls()

    assert in_words(story.fails(SAM, 0, final=final), story.now) == ["triggered", "next way of message 1"]
    assert story.under_way() == (SAM,)


def test_2_unknown_counts_as_open_and_failed_does_not() -> None:
    story = Story(arrives=False)
    story.calls()
    story.unknown(SAM, 0)
    assert asked(story.fails(SAM, 1)) == []

    other = Story(arrives=False)
    other.calls()
    other.fails(SAM, 0)
    assert asked(other.fails(SAM, 1)) == [BO]


def test_2_an_ask_stays_open_after_the_ladder_moved_on() -> None:
    story = triggered()
    story.timer()
    assert story.circle[SAM].rows[1].at is At.PLANNED

    story.yes(SAM)

    assert story.alert.taker == SAM


def test_2_a_way_that_failed_for_now_goes_on_after_a_hold_with_the_unused_ones() -> None:
    """Found by reading: such a way was stopped by the hold, and nothing sent it again.

    Found by a made-up night: the one it had brought forward had its whole delay again.
    """
    story = Story(arrives=False)
    story.calls()
    story.fails(SAM, 0, final=False)
    story.yes(KIT)

    decision = story.hands_on(KIT)

    assert "ask sam (on): now, now" in in_words(decision, story.now)


# ------------------------------------------------------------------ rule 3: moving on


def test_3_an_empty_step_costs_no_time_and_leaves_a_reason() -> None:
    story = Story()
    story.is_now(SAM, available=False)

    decision = story.calls()

    assert asked(decision) == [BO]
    assert notes(decision)[:2] == ["raised talk", "skipped sam not_available"]


def test_3_a_step_ends_early_only_when_its_last_person_declined() -> None:
    story = Story(ladder(step(SAM, BO), step(KIT)))
    story.calls()

    assert asked(story.no(SAM)) == []
    assert asked(story.no(BO)) == [KIT]


def test_3_a_fair_step_asks_one_after_another_the_least_lately_asked_first() -> None:
    story = Story(ladder(step(SAM, BO, fair=True), step(KIT)))
    story.is_now(SAM, message=9)

    assert asked(story.calls()) == [BO]
    assert story.waits() == ("step_timed_out", 5)
    assert asked(story.timer()) == [SAM]
    assert asked(story.timer()) == [KIT]


def test_3_a_fair_step_leaves_a_reason_for_whom_it_passes_over() -> None:
    story = Story(ladder(step(SAM, BO, fair=True), step(KIT)))
    story.is_now(BO, available=False)

    assert "skipped bo not_available" not in notes(story.calls())
    assert "skipped bo not_available" in notes(story.timer())


@pytest.mark.parametrize("kind", TimerKind)
def test_3_late_and_doubled_timers_change_nothing(kind: TimerKind) -> None:
    story = triggered()
    story.timer()
    before = story.alert

    decision = story.late(kind)

    assert (decision.alert, decision.effects, decision.entries) == (before, (), ())


# ------------------------------------------------------------------ rule 9: needs and offers


def test_9_steps_are_filtered_by_what_is_offered() -> None:
    story = Story()
    story.offers(BO, Offer.COME)

    decision = story.calls(Need.COME)

    assert asked(decision) == [BO]
    assert "skipped sam not_offered" in notes(decision)


def test_9_when_nobody_offers_it_everyone_is_asked_and_told_what_was_wished() -> None:
    story = Story()

    decision = story.calls(Need.COMPANY)

    assert "ask sam (first, wished): now, in 1m" in in_words(decision, story.now)


def test_9_from_the_second_round_on_those_who_offered_less_are_asked_too() -> None:
    """The one person who could come may sleep through every round."""
    story = Story(ladder(step(SAM), step(BO)))
    story.offers(SAM, Offer.COME)
    assert asked(story.calls(Need.COME)) == [SAM]
    story.timer()

    decision = story.timer()
    assert asked(decision) == [SAM]
    decision = story.timer()

    assert asked(decision) == [BO]
    assert [ask.wished for ask in story.alert.asks] == [False, True]


def test_9_somewhere_to_sleep_is_never_asked_of_people_who_did_not_offer_it() -> None:
    story = Story()

    decision = story.calls(Need.STAY)

    assert asked(decision) == []
    assert decision.alert.status is AlertStatus.EXHAUSTED
    assert caller_news(decision) == ["all_tried"]


def test_9_danger_asks_everyone_at_once_and_wakes_only_those_who_agreed_to_it() -> None:
    story = Story()
    story.offers(SAM)
    story.is_now(BO, available=False, wake_me=True)
    story.is_now(KIT, available=False)

    assert asked(story.calls(Need.DANGER)) == [SAM, BO]


def test_9_a_need_that_can_wait_wakes_nobody() -> None:
    story = Story()
    story.is_now(SAM, available=False, wake_me=True)

    assert asked(story.calls(Need.TALK)) == [BO]


def test_9_a_missed_check_in_in_danger_is_not_lost_while_someone_has_it() -> None:
    """Found by reading: a more urgent need that did not come from Ana herself was forgotten."""
    story = triggered()
    story.yes(SAM)

    decision = story.calls(Need.DANGER, by=RaisedBy.MACHINE)

    assert story.alert.need is Need.DANGER
    assert asked(decision) == [SAM, BO, KIT]


# ------------------------------------------------------------------ rule 10: an open call of their own


def test_10_somebody_with_an_open_call_of_their_own_is_skipped_unless_nobody_else_is_left() -> None:
    story = Story(ladder(step(SAM), step(BO)))
    story.is_now(SAM, has_open_alert=True)
    assert asked(story.calls()) == [BO]

    alone = Story(ladder(step(SAM)))
    alone.is_now(SAM, has_open_alert=True)
    assert asked(alone.calls()) == [SAM]


def test_10_in_danger_they_are_asked_as_well() -> None:
    story = Story(ladder(step(SAM), step(BO)))
    story.is_now(SAM, has_open_alert=True)

    assert asked(story.calls(Need.DANGER)) == [SAM, BO]


# ------------------------------------------------------------------ rule 11: first asks


def test_11_a_first_ask_is_marked_and_a_repeat_is_marked_as_one() -> None:
    story = between_rounds()
    first = Story().calls()
    repeat = story.timer()

    marks = [
        (effect.first, effect.again)
        for decision in (first, repeat)
        for effect in decision.effects
        if isinstance(effect, Notify)
    ]
    assert marks == [(True, False), (False, True)]


def test_11_an_answer_before_the_first_ask_does_not_make_it_a_repeat() -> None:
    """Found by reading: the words would have said that somebody was asked before."""
    story = Story(ladder(step(SAM)))
    story.added = (KIT,)
    story.calls()
    story.no(KIT)
    story.now += timedelta(hours=2)
    story.timer_until(TimerKind.ROUND)
    story.timer()

    decision = story.timer()

    assert [(e.first, e.again) for e in decision.effects if isinstance(e, Notify)] == [(True, False)]


def test_2_after_a_hold_unused_ways_go_at_once_where_none_is_live() -> None:
    story = Story(arrives=False)
    story.is_now(SAM, delays=(minutes(2), minutes(5)))
    story.calls()
    story.yes(KIT)

    decision = story.hands_on(KIT)

    assert "ask sam (on): now, in 3m" in in_words(decision, story.now)


def test_2_a_way_that_failed_during_a_hold_is_not_waited_for_again() -> None:
    """It is tried again, and the next one goes with it; where another way is live, delays stand."""
    story = Story(ladder(step(SAM, BO)), ways=3)
    story.calls()
    story.row(SAM, 0, Row(at=At.LEASED))
    story.yes(BO)
    story.row(SAM, 0, Row(at=At.CANCELLED, troubled=True))
    story.arrives = False

    decision = story.hands_on(BO)
    assert "ask sam (on): now, now, in 1m" in in_words(decision, story.now)

    story.row(SAM, 1, ARRIVED)
    story.yes(BO)
    decision = story.hands_on(BO)
    assert "ask sam (on): now, in 2m" in in_words(decision, story.now)


def test_2_what_becomes_of_an_ask_that_was_answered_moves_nothing() -> None:
    story = triggered()
    story.no(SAM)
    before = story.alert

    assert story.fails(SAM, 1).effects == ()
    assert story.stops(SAM, 1).effects == ()
    assert story.alert == before
