"""The host's rule for minors, and what of a circle it looks at. Nobody's age is kept."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from nightlight.store.entries import MinorsRule
from nightlight.store.hosts import host
from nightlight.store.models import LadderPlace, Membership, Person


@dataclass(frozen=True, kw_only=True)
class HostRule:
    """The host's rule, in the host's words where there are some."""

    adult_age: int | None
    rule: MinorsRule
    approved_by: str


@dataclass(frozen=True, kw_only=True)
class YoungCircle:
    """What the rule looks at in the circle of one person."""

    is_minor: bool
    must_be_approved: bool
    is_approved: bool
    parents: int
    """Parents among the members who are there now."""
    adults_on_ladder: int


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A minor whose circle nobody has approved yet."""

    person: str
    name: str
    began_at: datetime


def host_rule() -> HostRule:
    """What the host decided; without an age nobody is a minor here."""
    row = host()
    return HostRule(
        adult_age=row.adult_age,
        rule=MinorsRule(row.minors or MinorsRule.WELCOME),
        approved_by=row.minors_approved_by,
    )


def young_circle(person: str) -> YoungCircle:
    """What the rule looks at in the circle of *person*. Raises `Person.DoesNotExist`."""
    row = Person.objects.get(pk=person)
    members = Membership.objects.filter(circle_id=person, ended_at=None).exclude(agreed_on=None)
    placed = LadderPlace.objects.filter(step__circle_id=person).values("person_id")
    return YoungCircle(
        is_minor=row.is_minor,
        must_be_approved=host_rule().rule is MinorsRule.APPROVE,
        is_approved=row.approved_at is not None,
        parents=members.filter(is_parent=True).count(),
        adults_on_ladder=members.filter(is_adult=True, person_id__in=placed).count(),
    )


def waiting() -> tuple[Waiting, ...]:
    """Everybody who waits for the host's approval, the longest first; empty under any other rule."""
    if host_rule().rule is not MinorsRule.APPROVE:
        return ()
    return tuple(
        Waiting(person=row.pk, name=row.name, began_at=row.created_at)
        for row in _waiting().order_by("created_at", "id")
    )


def approve(person: str, now: datetime) -> bool:
    """Somebody at the desk says that the one whom the rule names agreed; False when nobody waits so."""
    return bool(_waiting().filter(pk=person).update(approved_at=now))


def _waiting() -> QuerySet[Person]:
    return Person.objects.filter(is_minor=True, approved_at=None)


def may_invite(person: str) -> bool:
    """Whether *person* may ask people into their circle yet: a minor only once it was approved, where that is the rule."""
    circle = young_circle(person)
    return not (circle.is_minor and circle.must_be_approved) or circle.is_approved
