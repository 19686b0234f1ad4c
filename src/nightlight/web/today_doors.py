"""On a person's first page: who thought of them, and whether everything is switched off."""

from datetime import datetime

from nightlight.store.page_queries import Reader
from nightlight.store.quiet import quiet_of
from nightlight.store.thoughts import thoughts_of


def doors_of(person: Reader, now: datetime) -> dict[str, object]:
    """For the first page of *person*, whichever way they came."""
    return {"thoughts": thoughts_of(person.id, now), "quiet": quiet_of(person.id)}
