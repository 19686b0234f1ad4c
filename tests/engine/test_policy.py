"""A ladder that cannot be climbed cannot be built."""

from datetime import timedelta

import pytest

from nightlight.engine.ids import PersonId
from nightlight.engine.policy import (
    HOLD_MAX,
    PEOPLE_PER_STEP_MAX,
    STEPS_MAX,
    EscalationPolicy,
    EscalationStep,
    PolicyError,
)
from tests.engine.stories import ladder, step
from tests.people import BO, KIT, SAM

NO_TIME = timedelta(0)
TOO_MANY = [PersonId(f"person-{number}") for number in range(PEOPLE_PER_STEP_MAX + 1)]


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: EscalationStep(ask=()), "name at least one person"),
        (lambda: EscalationStep(ask=(SAM, SAM)), "the same person twice"),
        (lambda: step(*TOO_MANY), "at most 20"),
        (lambda: EscalationStep(ask=(SAM,), wait=NO_TIME), "between 1 second and 1440 minutes"),
        (lambda: EscalationStep(ask=(SAM,), wait=timedelta(hours=25)), "it must lie between"),
        (lambda: EscalationStep(ask=(SAM,), wait=-timedelta(minutes=1)), "is -60 seconds"),
        (ladder, "the ladder has no step"),
        (lambda: ladder(*[step(SAM)] * (STEPS_MAX + 1)), "at most 20 fit"),
        (lambda: ladder(step(SAM), repeat_after=NO_TIME), "repeat_after is 0 seconds"),
        (lambda: ladder(step(SAM), acknowledgement_expires=NO_TIME), "acknowledgement_expires is 0 seconds"),
        (
            lambda: ladder(step(SAM), acknowledgement_expires=HOLD_MAX + timedelta(seconds=1)),
            "between 1 second and 15 minutes",
        ),
    ],
)
def test_what_nobody_could_climb_is_refused_and_the_words_say_what_would_be_right(
    build: object, words: str
) -> None:
    with pytest.raises(PolicyError, match=words):
        build()  # type: ignore[operator]


def test_the_smallest_and_the_largest_ladder_can_be_built() -> None:
    assert ladder(EscalationStep(ask=(SAM,), wait=timedelta(seconds=1))).people == (SAM,)
    assert len(ladder(*[step(SAM)] * STEPS_MAX).steps) == STEPS_MAX


def test_the_defaults_are_the_ones_the_import_file_promises() -> None:
    policy = EscalationPolicy(steps=(EscalationStep(ask=(SAM,)),))

    assert policy.steps[0].wait == timedelta(minutes=5)
    assert policy.repeat_after == timedelta(minutes=10)
    assert policy.acknowledgement_expires == timedelta(minutes=10)
    assert policy.end.value == "caller"
    assert not policy.steps[0].fair


def test_everyone_is_named_once_in_the_order_they_are_first_asked() -> None:
    assert ladder(step(BO), step(SAM, BO), step(KIT)).people == (BO, SAM, KIT)


@pytest.mark.parametrize(
    ("round_number", "minutes"), [(2, 10), (3, 20), (4, 40), (5, 60), (6, 60), (10_000, 60)]
)
def test_the_pause_before_a_round_doubles_up_to_an_hour(round_number: int, minutes: int) -> None:
    assert ladder(step(SAM)).gap_before(round_number) == timedelta(minutes=minutes)
