"""What a person's home says beside calling: what is set, what is missing, and where else to go."""

from datetime import datetime

from nightlight.intake.readiness import gaps
from nightlight.store.here_notes import here_of
from nightlight.store.members import members_of
from nightlight.store.page_queries import Reader

GAPS_ON_HOME = 2
"""The heaviest ones; the page of the circle has all."""


def rooms_of(person: Reader, now: datetime) -> dict[str, object]:
    """For the home of *person*, who is signed in."""
    missing = gaps(person.id, person.time_zone, now)
    return {
        "gaps": missing[:GAPS_ON_HOME],
        "more_gaps": len(missing) > GAPS_ON_HOME,
        "circle_size": len(members_of(person.id)),
        "here": here_of(person.id, now),
    }
