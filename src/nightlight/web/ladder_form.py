"""The ladder while it is being arranged: what the form says, and what one press makes of it. Nothing is kept here.

A step is three fields, numbered from 0: `who-0` (once a person), `wait-0` in minutes, `fair-0`. So a
press on "up" needs no script, and nothing that was arranged is lost before it is saved.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.http import QueryDict

from nightlight.engine.ids import PersonId
from nightlight.engine.policy import PEOPLE_PER_STEP_MAX, STEPS_MAX, WAIT_DEFAULT, EscalationStep

WAITS = (2, 5, 10, 15, 20, 30, 60)
"""Minutes that can be chosen."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One step as it stands in the form; it may be empty for a moment."""

    people: tuple[str, ...] = ()
    minutes: int = int(WAIT_DEFAULT.total_seconds() // 60)
    fair: bool = False


def drafts_of(steps: Iterable[EscalationStep]) -> tuple[Draft, ...]:
    """The form of a ladder that is kept."""
    return tuple(
        Draft(people=tuple(step.ask), minutes=max(round(step.wait.total_seconds() / 60), 1), fair=step.fair)
        for step in steps
    )


def steps_of(drafts: Iterable[Draft]) -> tuple[EscalationStep, ...]:
    """The ladder that a form means; steps with nobody in them are left out."""
    return tuple(
        EscalationStep(
            ask=tuple(PersonId(person) for person in draft.people),
            wait=timedelta(minutes=draft.minutes),
            fair=draft.fair and len(draft.people) > 1,
        )
        for draft in drafts
        if draft.people
    )


def read(form: QueryDict, members: Mapping[str, str]) -> tuple[Draft, ...]:
    """The steps in *form*; whoever is not among *members* any more is left out, and so is nonsense."""
    drafts = []
    seen: set[tuple[int, str]] = set()
    for number in range(STEPS_MAX):
        if f"wait-{number}" not in form:
            break
        people = [who for who in form.getlist(f"who-{number}") if who in members]
        people = [who for who in people if (number, who) not in seen and not seen.add((number, who))]  # type: ignore[func-returns-value]
        drafts.append(
            Draft(
                people=tuple(people[:PEOPLE_PER_STEP_MAX]),
                minutes=_minutes(form.get(f"wait-{number}", "")),
                fair=f"fair-{number}" in form,
            )
        )
    return tuple(drafts)


def _minutes(written: str) -> int:
    if written.isascii() and written.isdecimal() and 1 <= int(written[:5]) <= 24 * 60:
        return int(written[:5])
    return Draft().minutes


def pressed(drafts: Sequence[Draft], press: str, form: QueryDict) -> tuple[Draft, ...]:
    """What one press makes of the form; one that means nothing changes nothing.

    There are `add`, `up:1`, `down:1`, `remove:1`, `in:1`, `out:1:sam`, `move:2:0` and `carry:sam:0:2`.
    """
    name, *rest = press.split(":")
    changed = list(drafts)
    numbers = [int(each) for each in rest if each.isascii() and each.isdecimal() and len(each) < 4]
    match name, numbers:
        case "add", _ if len(changed) < STEPS_MAX:
            changed.append(Draft())
        case "up", [at] if 0 < at < len(changed):
            changed[at - 1], changed[at] = changed[at], changed[at - 1]
        case "down", [at] if at < len(changed) - 1:
            changed[at + 1], changed[at] = changed[at], changed[at + 1]
        case "move", [at, to] if at < len(changed) and to < len(changed):
            changed.insert(to, changed.pop(at))
        case "remove", [at] if at < len(changed):
            del changed[at]
        case "in", [at] if at < len(changed):
            changed[at] = _with(changed[at], form.get(f"new-{at}", ""))
        case "out", [at, *_] if at < len(changed) and len(rest) == 2:
            changed[at] = _without(changed[at], rest[1])
        case "carry", [*_, at, to] if at < len(changed) and to < len(changed) and len(rest) == 3:
            if rest[0] in changed[at].people:
                changed[at] = _without(changed[at], rest[0])
                changed[to] = _with(changed[to], rest[0])
    return tuple(changed)


def _with(draft: Draft, person: str) -> Draft:
    if not person or person in draft.people or len(draft.people) >= PEOPLE_PER_STEP_MAX:
        return draft
    return replace(draft, people=(*draft.people, person))


def _without(draft: Draft, person: str) -> Draft:
    return replace(draft, people=tuple(each for each in draft.people if each != person))
