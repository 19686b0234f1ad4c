"""What is kept of the days before and after calls about one person: shown, and left when they are erased."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from nightlight.store.models import (
    AfterHelping,
    Afterwards,
    CallCard,
    Circle,
    FollowUp,
    MemberNote,
    PlanOpening,
    Promise,
    Quiet,
    SealedNote,
    Stay,
    SupporterKey,
    Talk,
    Thought,
    WordBack,
)

GONE = "erased"
"""Why a note ended whose author was erased before it went out."""


def days_of(person: str) -> Mapping[str, "QuerySet[Any]"]:
    """What *person* wrote, promised and did for others, or had done for themself, by its name in an export."""
    return {
        "notes_written": MemberNote.objects.filter(person_id=person),
        "notes_sent": FollowUp.objects.filter(author_id=person),
        "promises_made": Promise.objects.filter(person_id=person),
        "doors_opened": Stay.objects.filter(person_id=person),
        "talks": Talk.objects.filter(person_id=person),
        "thoughts_sent": Thought.objects.filter(person_id=person),
        "asked_afterwards": AfterHelping.objects.filter(person_id=person),
        "wrote_back": WordBack.objects.filter(writer_id=person),
        "quiet": Quiet.objects.filter(person_id=person),
        "sealed_notes": SealedNote.objects.filter(writer_id=person),
        "reading_keys": SupporterKey.objects.filter(person_id=person),
        "plans_opened": PlanOpening.objects.filter(supporter_id=person),
    }


def days_around(circle: Circle) -> Mapping[str, "QuerySet[Any]"]:
    """What is kept of the days around the calls of whose *circle* it is; not what others wrote in advance."""
    return {
        "afterwards": Afterwards.objects.filter(circle=circle),
        "follow_ups": circle.follow_ups.exclude(sent_at=None),
        "promises": circle.promises.all(),
        "stays": circle.stays.all(),
        "talks_put_off": circle.talks.all(),
        "thoughts": circle.thoughts.all(),
        "call_card": CallCard.objects.filter(circle=circle),
        "sealed_notes": circle.sealed_notes.all(),
        "reading_keys": circle.reading_keys.all(),
    }


def leave_days_of_others(person: str, now: datetime) -> None:
    """*person* is about to be erased: in the days of others nothing speaks of them, and nothing waits for them.

    What they promised is looked at now, to be handed on; a note in their name that did not go out yet does not.
    What a check-in, a stay or a talk held of them goes with their row.
    """
    theirs = FollowUp.objects.filter(author_id=person)
    theirs.filter(ended_at=None).update(ended_at=now, ended_why=GONE)
    theirs.update(words_sealed="")
    promised = Promise.objects.filter(person_id=person)
    promised.filter(ended_at=None).update(looks_at=now)
    promised.update(words_sealed="", person=None)
