"""The cells of the design's table as stories: where the call stands, what happens, and all that follows."""

from collections.abc import Callable
from dataclasses import dataclass

from nightlight.engine.decide import Decision
from tests.engine.stories import Story
from tests.people import BO, KIT, SAM

NOTHING = "="
"""Nothing changes at all."""

Play = Callable[[Story], Decision]


@dataclass(frozen=True)
class Cell:
    """One case of one cell: a story up to the event, the event, and everything that must follow."""

    name: str
    begin: Callable[[], Story]
    happens: Play
    follows: str
    """Lines of `stories.in_words`, joined by " | "; or NOTHING, with a refusal after it if there is one."""


def triggered() -> Story:
    """Sam was asked a minute ago."""
    story = Story()
    story.calls()
    story.later(1)
    return story


def between_rounds() -> Story:
    """Sam, Bo and Kit were asked in turn, nobody answered, and Ana knows."""
    story = triggered()
    for _ in range(3):
        story.timer()
    story.later(1)
    return story


def second_round() -> Story:
    """Nobody answered in the first round; Sam is asked again."""
    story = between_rounds()
    story.timer()
    story.later(1)
    return story


def acknowledged() -> Story:
    """Sam did not answer; Bo has it since a minute, with four of the five minutes of the step left."""
    story = triggered()
    story.timer()
    story.later(1)
    story.yes(BO)
    story.later(1)
    return story


def with_a_second() -> Story:
    """Bo has it, and Sam said yes as well."""
    story = acknowledged()
    story.yes(SAM)
    return story


def in_contact() -> Story:
    """Ana says that she is in touch with Bo."""
    story = with_a_second()
    story.in_touch()
    story.later(1)
    return story


def in_contact_with_nobody_named() -> Story:
    """Ana says that she is in touch, and not with whom; nobody had it."""
    story = triggered()
    story.in_touch()
    return story


def asked_whether_in_touch() -> Story:
    """An hour later both were asked whether they are still in touch, and neither said a word."""
    story = in_contact()
    story.timer()
    return story


def resolved() -> Story:
    """It is over."""
    story = acknowledged()
    story.over()
    story.later(1)
    return story


def used_up(begin: Callable[[], Story]) -> Story:
    """Kit held this call for a whole hour of this round, and Ana did not say a word of it."""
    story = begin()
    story.yes(KIT)
    for _ in range(2):
        story.claims(KIT)
        story.later(29)
    story.claims(KIT)
    story.timer()
    return story


def used_up_and_taken(begin: Callable[[], Story]) -> Story:
    """The same, and Bo has it now."""
    story = used_up(begin)
    story.yes(BO)
    return story
