"""Words beside the plan: letters and notes that members sealed for the person, and the call card, which is open."""

from datetime import datetime
from functools import partial

from nightlight.store.arranged import is_in
from nightlight.store.models import CallCard, Circle, Membership, PlanVault, SealedNote
from nightlight.store.plan_files import NOTES_MAX
from nightlight.store.plans import InTheWay, NoPlan, NotThere, Refused
from nightlight.store.races import racing
from nightlight.store.sealing import opened, seal


def leave_note(circle: str, member: str, note: str, body: bytes, now: datetime) -> None:
    """*member* leaves a sealed note for whose *circle* it is. The same note once more changes nothing.

    Raises `NoPlan` when there is nothing to seal it to, `NotThere` for no member, `Refused` when they
    left as many as are kept, and `InTheWay` for an id that is not free.
    """
    racing(partial(_leave_note, circle, member, note, body, now))


def _leave_note(circle: str, member: str, own_id: str, body: bytes, now: datetime) -> None:
    Membership.objects.select_for_update().filter(circle_id=circle, person_id=member).first()
    if not is_in(circle, member):
        raise NotThere(member)
    if not PlanVault.objects.filter(pk=circle).exists():
        raise NoPlan(circle)
    there = SealedNote.objects.filter(circle_id=circle, own_id=own_id).first()
    if there is not None:
        if there.writer_id == member and bytes(there.body) == body:
            return
        raise InTheWay("draw another id")
    if not may_leave_note(circle, member):
        raise Refused(f"there are {NOTES_MAX} notes already, which is as many as are kept")
    SealedNote.objects.create(circle_id=circle, writer_id=member, own_id=own_id, body=body, made_at=now)


def may_leave_note(circle: str, member: str) -> bool:
    """Whether *member* may leave one more."""
    return SealedNote.objects.filter(circle_id=circle, writer_id=member).count() < NOTES_MAX


def remove_note(person: str, note: str) -> None:
    """The person took a note away; whoever wrote it is not told. Raises `NotThere`."""
    if not racing(lambda: SealedNote.objects.filter(circle_id=person, own_id=note).delete()[0]):
        raise NotThere(note)


def card_of(person: str) -> str:
    """The call card of *person*; empty when there is none, or no key opens it."""
    sealed = CallCard.objects.filter(pk=person).values_list("text_sealed", flat=True).first()
    return opened(sealed or "")


def save_card(person: str, text: str, now: datetime) -> bool:
    """Keep *text* as the call card, an empty one as none; False when *person* has no circle to read it."""

    def once() -> bool:
        if not Circle.objects.filter(pk=person).exists():
            return False
        if text:
            values = {"text_sealed": seal(text), "changed_at": now}
            CallCard.objects.update_or_create(circle_id=person, defaults=values)
        else:
            CallCard.objects.filter(pk=person).delete()
        return True

    return racing(once)
