"""Rules 6, 8 and 14: Ana's word, what ends a call, and what she is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from nightlight.engine.effects import News, Purpose
from nightlight.engine.events import EndedBy, RaisedBy
from nightlight.engine.needs import Need, Offer
from nightlight.engine.policy import EndPolicy
from nightlight.engine.state import AlertStatus
from tests.engine.cells import acknowledged, asked_whether_in_touch, triggered
from tests.engine.stories import Story, asked, caller_news, host_news, ladder, step, told
from tests.people import BO, KIT, SAM

# ------------------------------------------------------------------ contact


def test_6_silence_from_both_goes_on_gently_and_wakes_nobody() -> None:
    story = asked_whether_in_touch()
    for person in (SAM, BO, KIT):
        story.is_now(person, available=False, wake_me=True)

    decision = story.timer()

    assert host_news(decision) == ["contact_lost", "all_tried"]
    assert asked(decision) == []
    assert told(decision, Purpose.REOPENED) == []


def test_6_the_takers_word_alone_keeps_contact_for_twelve_hours_at_most() -> None:
    story = asked_whether_in_touch()
    for _ in range(11):
        assert story.claims(BO).refused == ""
        story.timer()

    story.now += timedelta(minutes=1)
    assert story.claims(BO).refused == "the_caller_must_say"


# ------------------------------------------------------------------ rule 8: the caller rules


def test_8_calling_again_while_someone_has_it_opens_the_ladder_again() -> None:
    story = acknowledged()

    decision = story.calls()

    assert asked(decision) == [KIT, SAM]
    assert story.alert.seconds == (BO,)


def test_8_a_need_the_taker_did_not_offer_opens_the_ladder_and_one_they_did_is_told() -> None:
    story = acknowledged()
    story.offers(BO, Offer.TALK, Offer.TEXT)
    assert told(story.needs(Need.TEXT), Purpose.TAKER_NEWS) == [BO]
    assert story.status() is AlertStatus.ACKNOWLEDGED

    story.needs(Need.COME)

    assert story.status() is AlertStatus.TRIGGERED


@pytest.mark.parametrize("end", EndPolicy)
def test_8_the_taker_ends_it_only_after_anas_word_and_where_that_is_allowed(end: EndPolicy) -> None:
    story = Story(ladder(step(SAM), end=end))
    story.calls()
    story.yes(SAM)
    assert story.ends(EndedBy.TAKER, SAM).refused == "only_the_caller_ends_it"

    story.in_touch()
    story.ends(EndedBy.TAKER, SAM)

    assert (story.status() is AlertStatus.RESOLVED) == (end is EndPolicy.CALLER_OR_TAKER)


def test_8_a_late_check_in_ends_only_what_its_miss_alone_began() -> None:
    story = Story()
    story.calls(by=RaisedBy.CHECK_IN)
    story.ends(EndedBy.LATE_CHECK_IN)
    assert story.status() is AlertStatus.RESOLVED

    other = Story()
    other.calls(by=RaisedBy.CHECK_IN)
    other.calls()
    assert other.ends(EndedBy.LATE_CHECK_IN).refused == "raised_for_another_reason_too"


def test_8_whoever_ana_named_hears_that_it_is_over() -> None:
    """Found by reading: who was never asked and has it was left without the all-clear."""
    story = triggered()
    story.in_touch(KIT)

    assert told(story.over(), Purpose.ALL_CLEAR) == [SAM, KIT]


# ------------------------------------------------------------------ rule 14: what the caller is told


def test_14_ana_is_told_by_her_own_ways_that_someone_has_it_and_that_they_went_quiet() -> None:
    story = triggered()

    assert caller_news(story.yes(SAM)) == ["someone_has_it"]
    assert caller_news(story.timer()) == ["went_quiet"]


def test_14_when_ana_ends_it_herself_she_is_not_told_and_when_the_host_does_she_is() -> None:
    assert caller_news(triggered().over()) == []
    assert caller_news(triggered().ends(EndedBy.HOST, reason="Ana rang us")) == ["over"]


def test_14_news_that_is_no_longer_true_is_dropped_and_never_brought_forward() -> None:
    """Found by reading: "someone has it" could reach Ana by her second way after "has gone quiet"."""
    story = triggered()
    story.yes(SAM)
    someone_has_it = story.failure(SAM, purpose=Purpose.CALLER_NEWS, message=story.alert.caller_message)
    assert len(story.happens(someone_has_it).effects) == 1

    decision = story.timer()

    assert any(Purpose.CALLER_NEWS in getattr(effect, "purposes", ()) for effect in decision.effects)
    assert story.happens(someone_has_it).effects == ()
    assert News.WENT_QUIET.value in caller_news(decision)


def test_8_nobody_but_the_taker_ends_it_for_the_taker() -> None:
    story = Story(ladder(step(SAM, BO), end=EndPolicy.CALLER_OR_TAKER))
    story.calls()
    story.yes(SAM)
    story.in_touch()

    assert story.ends(EndedBy.TAKER, BO).refused == "only_the_caller_ends_it"


@pytest.mark.parametrize(("hours", "waits"), [(-1, 60), (0.5, 60), (9, 9 * 60), (40, 16 * 60)])
def test_6_the_morning_that_ana_chooses_is_within_an_hour_and_sixteen(hours: float, waits: float) -> None:
    story = triggered()
    story.in_touch(SAM, until=story.now + timedelta(hours=hours))

    assert story.waits() == ("contact_due", waits)


def test_6_the_takers_word_does_not_bring_the_morning_nearer() -> None:
    story = triggered()
    story.yes(SAM)
    story.in_touch(until=story.now + timedelta(hours=9))

    story.claims(SAM)

    assert story.waits() == ("contact_due", 9 * 60)


@pytest.mark.parametrize(
    "ana",
    [
        lambda story: story.still_needed(),
        lambda story: story.needs(Need.TEXT),
        lambda story: story.calls(),
        lambda story: story.yes(KIT),
    ],
)
def test_6_any_word_of_ana_and_any_yes_ends_the_gentle_way(ana: Callable[[Story], object]) -> None:
    story = asked_whether_in_touch()
    story.timer()
    assert story.alert.gently

    ana(story)

    assert not story.alert.gently
