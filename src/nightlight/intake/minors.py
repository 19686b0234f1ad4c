"""The house rule for a minor's circle. It is about building: no call is ever refused because of it."""

from enum import StrEnum

from nightlight.store.minors import YoungCircle, young_circle

PARENTS_MAX = 1
ADULTS_MIN = 1


class NotReady(StrEnum):
    """What a minor's circle still lacks, or has too much of."""

    NOT_APPROVED = "not_approved"
    TWO_PARENTS = "two_parents"
    NO_ADULT = "no_adult"


def why_not_ready(person: str) -> frozenset[NotReady]:
    """What is missing by the rule in the circle of *person*; empty when nothing is, and for adults."""
    return reasons(young_circle(person))


def reasons(circle: YoungCircle) -> frozenset[NotReady]:
    """The rule itself: pure."""
    if not circle.is_minor:
        return frozenset()
    found = {
        NotReady.NOT_APPROVED: circle.must_be_approved and not circle.is_approved,
        NotReady.TWO_PARENTS: circle.parents > PARENTS_MAX,
        NotReady.NO_ADULT: circle.adults_on_ladder < ADULTS_MIN,
    }
    return frozenset(why for why, holds in found.items() if holds)
