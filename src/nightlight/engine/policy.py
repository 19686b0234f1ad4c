"""The ladder: who is asked, in which order, and how long each step is given.

A ladder that cannot be climbed cannot be built: every constructor here raises `PolicyError` with a
message that says what was wrong and what would be right.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from nightlight.engine.ids import PersonId

STEPS_MAX = 20
PEOPLE_PER_STEP_MAX = 20
WAIT_MIN = timedelta(seconds=1)
WAIT_MAX = timedelta(hours=24)
ROUND_GAP_MAX = timedelta(minutes=60)
"""No pause between two rounds is longer (design, rule 7)."""
HOLD_DEFAULT = timedelta(minutes=10)
HOLD_MAX = timedelta(minutes=15)
"""A yes that nobody confirms holds a call no longer than this before it must be renewed."""
WAIT_DEFAULT = timedelta(minutes=5)
REPEAT_DEFAULT = timedelta(minutes=10)


class PolicyError(ValueError):
    """A ladder that nobody could climb; the message says what was wrong and what would be right."""


class EndPolicy(StrEnum):
    """Who may end a call besides the caller."""

    CALLER = "caller"
    CALLER_OR_TAKER = "caller_or_taker"


def _check_length(name: str, value: timedelta, longest: timedelta) -> None:
    if not WAIT_MIN <= value <= longest:
        raise PolicyError(
            f"{name} is {value.total_seconds():g} seconds;"
            f" it must lie between 1 second and {longest.total_seconds() / 60:g} minutes"
        )


@dataclass(frozen=True, kw_only=True)
class EscalationStep:
    """One step: people asked together, or one after another when `fair`, and how long they are given."""

    ask: tuple[PersonId, ...]
    wait: timedelta = WAIT_DEFAULT
    fair: bool = False

    def __post_init__(self) -> None:
        if not self.ask:
            raise PolicyError("a step asks nobody; name at least one person in ask = [...]")
        if len(self.ask) > PEOPLE_PER_STEP_MAX:
            raise PolicyError(
                f"a step asks {len(self.ask)} people; at most {PEOPLE_PER_STEP_MAX} fit in one step"
            )
        if len(set(self.ask)) != len(self.ask):
            raise PolicyError("a step names the same person twice; name each person once")
        _check_length("the wait of a step", self.wait, WAIT_MAX)


@dataclass(frozen=True, kw_only=True)
class EscalationPolicy:
    """A whole ladder, as it is frozen into an alert when the alert is raised."""

    steps: tuple[EscalationStep, ...]
    repeat_after: timedelta = REPEAT_DEFAULT
    acknowledgement_expires: timedelta = HOLD_DEFAULT
    end: EndPolicy = EndPolicy.CALLER

    def __post_init__(self) -> None:
        if not self.steps:
            raise PolicyError('the ladder has no step; add at least one, like {ask = ["sam"]}')
        if len(self.steps) > STEPS_MAX:
            raise PolicyError(f"the ladder has {len(self.steps)} steps; at most {STEPS_MAX} fit")
        _check_length("repeat_after", self.repeat_after, WAIT_MAX)
        _check_length("acknowledgement_expires", self.acknowledgement_expires, HOLD_MAX)

    @property
    def people(self) -> tuple[PersonId, ...]:
        """Everyone on the ladder, each once, in the order they are first asked."""
        return tuple(dict.fromkeys(person for step in self.steps for person in step.ask))

    def gap_before(self, round_number: int) -> timedelta:
        """How long after the end of the round before it round *round_number* (2 or more) begins."""
        assert round_number >= 2
        # Doubling is capped before it is computed: a call may stay open for weeks.
        doublings = min(round_number - 2, 16)
        return min(self.repeat_after * (1 << doublings), ROUND_GAP_MAX)
