"""Who may be asked at this instant. Used by every ask, also by the fixed road of a poisoned alert."""

from collections.abc import Iterable

from nightlight.engine.facts import Facts, Member
from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Need, is_urgent


def may_be_asked(member: Member, need: Need, *, gently: bool = False) -> bool:
    """Whether consent, hours and a way to reach *member* allow asking them; nothing overrides a no.

    *gently* keeps to hours even for those who agreed to be woken: nobody is woken because two
    people who had found each other stopped writing to us.
    """
    if member.removed or not member.consents or not member.ways:
        return False
    if member.within_hours:
        return True
    return member.wake_me and is_urgent(need) and not gently


def available_among(
    people: Iterable[PersonId], facts: Facts, need: Need, *, gently: bool = False
) -> tuple[PersonId, ...]:
    """Those of *people* who may be asked now, in the same order."""
    return tuple(p for p in people if may_be_asked(facts.member(p), need, gently=gently))
