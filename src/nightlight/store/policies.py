"""The ladder as it stands today, as the engine builds it."""

from nightlight.engine.ids import PersonId
from nightlight.engine.policy import EndPolicy, EscalationPolicy, EscalationStep
from nightlight.store.models import Circle


def policy_of(person: str) -> EscalationPolicy | None:
    """The ladder of *person*'s circle, or None when there is no circle (any more) or no step in it.

    Raises `PolicyError` when the rows hold a ladder that cannot be climbed.
    """
    circle = Circle.objects.filter(person_id=person).first()
    if circle is None or circle.import_undone_at is not None:
        return None
    steps = tuple(
        EscalationStep(
            ask=tuple(PersonId(place.person_id) for place in step.places.all()),
            wait=step.wait,
            fair=step.fair,
        )
        for step in circle.ladder.prefetch_related("places")
    )
    if not steps:
        return None
    return EscalationPolicy(
        steps=steps,
        repeat_after=circle.repeat_after,
        acknowledgement_expires=circle.acknowledgement_expires,
        end=EndPolicy(circle.end),
    )
