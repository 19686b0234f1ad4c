"""The ladder as it stands today, as the engine builds it."""

from nightlight.engine.ids import PersonId
from nightlight.engine.policy import PEOPLE_PER_STEP_MAX, EndPolicy, EscalationPolicy, EscalationStep
from nightlight.store.models import Circle, Membership


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


def without_ladder(person: str) -> EscalationPolicy:
    """What stands in for a ladder that is not there when a call must be raised all the same.

    Everyone who agreed is asked at once. Where nobody did, the step names the person alone, who is no member
    of their own circle: it ends at once, as one in which all were tried, and caller and host are told.
    """
    agreed = Membership.objects.filter(circle_id=person, ended_at=None, agreed_on__isnull=False)
    people = list(agreed.order_by("position", "pk").values_list("person_id", flat=True))
    ask = tuple(map(PersonId, people[:PEOPLE_PER_STEP_MAX])) or (PersonId(person),)
    return EscalationPolicy(steps=(EscalationStep(ask=ask),))
