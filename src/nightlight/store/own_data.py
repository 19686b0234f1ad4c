"""What is kept about a supporter, as far as it is theirs; and their way to have it erased."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from nightlight.store.erasure import erase, everything_about
from nightlight.store.models import Membership, Person
from nightlight.store.stepping_back import Mine, leave
from nightlight.store.supporting import agreements, has_pages_of_their_own
from nightlight.store.withdrawals import Moment

OF_DAYS = (
    "notes_written",
    "notes_sent",
    "promises_made",
    "doors_opened",
    "talks",
    "asked_afterwards",
    "wrote_back",
)
OF_PLANS = ("sealed_notes", "reading_keys", "plans_opened")
THEIRS = (
    "person",
    "ways",
    "member_of",
    "invited_by",
    "practised",
    "thought_of",
    "messages_outside_calls",
    "thoughts_sent",
    "quiet",
    *OF_DAYS,
    *OF_PLANS,
    "in_calls_of_others",
)
"""Of `everything_about`. What they keep as somebody who calls opens to a sign-in, not to a link that went by text."""
OF_OTHERS = frozenset(
    {"about", "position", "ended_why", "merged_into", "circle_version", "owner", "taken_by"}
)
"""Columns that speak of somebody else, or of how somebody else arranged things."""


class HasOwnPages(Exception):
    """They are more than a supporter, so their link erases nothing."""


@dataclass(frozen=True, kw_only=True)
class KeptMembership:
    """What is kept of one circle somebody is in."""

    name: str
    agreed_on: date | None
    last_asked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is kept about a supporter, for a page in plain words."""

    name: str
    time_zone: str
    language: str
    since: datetime
    circles: tuple[KeptMembership, ...]
    was_in_others: bool
    """There are circles that they are not in any more."""
    has_messages: bool
    """Of messages to them, in calls of others and outside, it is kept when they went and what became of them."""
    has_words: bool
    """There are texts of theirs that were no answer."""
    has_practised: bool
    has_thought: bool
    has_days: bool
    """There is something of the days around calls of others: notes, promises, a door opened, a talk put off."""
    has_plans: bool
    """A browser of theirs has a key for what somebody shows in a call, they read some of it, or left sealed notes."""


def kept_about(person: str, now: datetime) -> Kept:
    """What is kept about *person* as a supporter. Raises `NoSuchPerson`."""
    all_of_it = everything_about(person)
    row = Person.objects.get(pk=person)
    here = {each.id: each for each in agreements(person, now)}
    known = {each.pk: each for each in Membership.objects.filter(pk__in=here)}
    others = all_of_it["in_calls_of_others"]
    return Kept(
        name=row.name,
        time_zone=row.time_zone,
        language=row.language,
        since=row.created_at,
        circles=tuple(
            KeptMembership(
                name=each.name,
                agreed_on=known[number].agreed_on,
                last_asked_at=known[number].last_asked_at,
            )
            for number, each in here.items()
        ),
        was_in_others=Membership.objects.filter(person_id=person).count() > len(here),
        has_messages=bool(others["messages"] or all_of_it["messages_outside_calls"]),
        has_words=bool(others["words"]),
        has_practised=bool(all_of_it["practised"]),
        has_thought=bool(all_of_it["thought_of"] or all_of_it["thoughts_sent"]),
        has_days=any(all_of_it[name] for name in OF_DAYS),
        has_plans=any(all_of_it[name] for name in OF_PLANS),
    )


def own_data(person: str) -> dict[str, Any]:
    """All of it that is theirs, as JSON values. Raises `NoSuchPerson`."""
    all_of_it = everything_about(person)
    return {name: _without_others(all_of_it[name]) for name in THEIRS}


def _without_others(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_others(each) for name, each in value.items() if name not in OF_OTHERS}
    if isinstance(value, list):
        return [_without_others(each) for each in value]
    return value


def erase_supporter(person: str, moment: Moment) -> None:
    """Out of every circle, and forgotten; those whose circles they were in are told kindly, without a name.

    Raises `NoSuchPerson`, and `HasOwnPages` for somebody who calls or can sign in.
    """
    if has_pages_of_their_own(person):
        raise HasOwnPages
    # First, and by itself: whoever is told of it is told even if what comes then must be tried again.
    for each in agreements(person, moment.now):
        leave(Mine(person=person, membership=each.id), moment, named=False)
    erase(person, moment)
