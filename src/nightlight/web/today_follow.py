"""What the days after a call bring to a page: for the person's home, for a supporter's, for the host's desk."""

from datetime import datetime

from nightlight.store.after_helping import carries_much, question_for
from nightlight.store.follow_ups import notes_ahead
from nightlight.store.follow_ups_due import notes_that_came
from nightlight.store.words_back import words_for, words_of


def after_for(person: str, now: datetime, home: str) -> dict[str, object]:
    """For the home of *person*, at *home*: what came, what comes next, and who has what they wrote back."""
    return {
        "notes_came": notes_that_came(person, now),
        **note_next_for(person),
        "words_sent": words_of(person, now),
        "after": after_at(home),
    }


def note_next_for(person: str) -> dict[str, object]:
    """For a page that says that a call is over: who writes to *person* next, and when."""
    return {"note_next": next(iter(notes_ahead(person)), None)}


def after_at(home: str) -> str:
    """The address of the page about the days after a call, of somebody whose first page is at *home*."""
    return "/after" if home == "/home" else f"{home}/after"


def helping_for(person: str, now: datetime) -> dict[str, object]:
    """For a supporter's own page: what waits for them, and how they are."""
    return {
        "words": words_for(person),
        "question": question_for(person, now),
        "carries_much": carries_much(person, now),
    }
