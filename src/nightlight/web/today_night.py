"""What was arranged and is still to come, on the first page of either side."""

from datetime import datetime

from nightlight.store.page_queries import Reader
from nightlight.store.promise_rows import asked_of, promises_by, promises_of
from nightlight.store.stays import stays_of, stays_with
from nightlight.store.talks import talks_of, talks_with
from nightlight.web.around_call import rooms_at


def for_person(person: Reader, now: datetime, base: str) -> dict[str, object]:
    """For the home of *person*, which is at *base*."""
    return {
        "base": rooms_at(base),
        "promises": promises_of(person.id, now),
        "stays": stays_of(person.id),
        "talks": talks_of(person.id, now),
    }


def for_supporter(person: Reader, now: datetime) -> dict[str, object]:
    """For the own page of *person* as a supporter."""
    return {
        "promises": promises_by(person.id),
        "asked": asked_of(person.id),
        "stays": stays_with(person.id),
        "talks": talks_with(person.id, now),
    }
