"""The ladder as its owner arranges it on a page. Two tabs may be open: the second is told of the first."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F

from nightlight.engine.policy import EscalationStep
from nightlight.store.circles_read import ladder_of
from nightlight.store.models import Circle, LadderPlace, LadderStep
from nightlight.store.races import racing


class LadderChanged(Exception):
    """Another page saved a ladder since this one was opened; nothing was changed."""


class NotInCircle(LookupError):
    """Somebody on the ladder is not in the circle (any more); nothing was changed."""


@dataclass(frozen=True, kw_only=True)
class Arranged:
    """A ladder as it is saved, and which saving it was."""

    steps: tuple[EscalationStep, ...]
    version: int


def arranged(person: str) -> Arranged:
    """The ladder of *person* as it stands today; one without steps when there is none.

    Steps that only ask people who left are not in it, nor are those people.
    """
    circle = Circle.objects.filter(pk=person, import_undone_at=None).first()
    if circle is None:
        return Arranged(steps=(), version=0)
    present = _present(circle)
    steps = (
        EscalationStep(ask=ask, wait=step.wait, fair=step.fair)
        for step in ladder_of(circle)
        if (ask := tuple(person for person in step.ask if person in present))
    )
    return Arranged(steps=tuple(steps), version=circle.version)


def arrange(person: str, steps: Sequence[EscalationStep], *, version: int) -> None:
    """Save the ladder of *person*, made from the one of *version*. A call that is open keeps its own.

    Raises `LadderChanged` and `NotInCircle`.
    """
    racing(lambda: _arrange(person, steps, version))


def _arrange(person: str, steps: Sequence[EscalationStep], version: int) -> None:
    circle = Circle.objects.select_for_update().get(pk=person)
    if circle.version != version:
        raise LadderChanged
    present = _present(circle)
    if any(asked not in present for step in steps for asked in step.ask):
        raise NotInCircle
    circle.ladder.all().delete()
    for position, step in enumerate(steps):
        row = LadderStep.objects.create(circle=circle, position=position, wait=step.wait, fair=step.fair)
        LadderPlace.objects.bulk_create(
            LadderPlace(step=row, person_id=asked, position=place) for place, asked in enumerate(step.ask)
        )
    Circle.objects.filter(pk=person).update(version=F("version") + 1)


def _present(circle: Circle) -> set[str]:
    return set(circle.memberships.filter(ended_at=None).values_list("person_id", flat=True))
