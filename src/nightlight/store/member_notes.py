"""Words that a member wrote or chose in advance, to be sent in their name in the days after a call.

Whoever has such words for somebody lends their name to notes; without them none goes out in it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from nightlight.store.models import AfterHelping, FollowUp, MemberNote, Membership
from nightlight.store.races import racing
from nightlight.store.sealing import opened, seal

TEXT_MAX = 300
NOTES_MAX = 30
"""For one person, by one member."""


class TooMany(ValueError):
    """They wrote as many as are kept."""


@dataclass(frozen=True, kw_only=True)
class OwnNote:
    """One of them, as its writer sees it."""

    id: int
    text: str
    is_used: bool
    """It went out already."""


def notes_of(circle: str, member: str) -> tuple[OwnNote, ...]:
    """What *member* has for the one whose circle it is, in the order in which it goes out."""
    rows = MemberNote.objects.filter(circle_id=circle, person_id=member).order_by("at", "pk")
    return tuple(
        OwnNote(id=row.pk, text=opened(row.text_sealed), is_used=row.used_at is not None) for row in rows
    )


def add_notes(circle: str, member: str, texts: Iterable[str], now: datetime, *, alert: str = "") -> int:
    """Keep *texts*; how many were new. Notes that are planned without a name bear theirs from now on.

    With *alert* those after that call do too, unless they bear the name of another who had it. Raises `TooMany`.
    """
    return racing(partial(_add, circle, member, list(texts), now, alert))


def _add(circle: str, member: str, texts: list[str], now: datetime, alert: str) -> int:
    row = Membership.objects.select_for_update().filter(
        circle_id=circle, person_id=member, ended_at=None, agreed_on__isnull=False
    )
    if not row.first():
        return 0
    known = {note.text for note in notes_of(circle, member)}
    fresh = [text for text in dict.fromkeys(texts) if text and text not in known]
    if len(known) + len(fresh) > NOTES_MAX:
        raise TooMany(member)
    MemberNote.objects.bulk_create(
        [MemberNote(circle_id=circle, person_id=member, text_sealed=seal(text), at=now) for text in fresh]
    )
    if known or fresh:
        _sign(circle, member, alert)
    return len(fresh)


def _sign(circle: str, member: str, alert: str) -> None:
    ahead = FollowUp.objects.filter(circle_id=circle, ended_at=None)
    ahead.filter(author=None).update(author=member)
    if alert:
        helped = AfterHelping.objects.filter(alert_id=alert).values_list("person_id", flat=True)
        ahead.filter(alert_id=alert, words_sealed="").exclude(author__in=set(helped)).update(author=member)


def remove_note(circle: str, member: str, note: int) -> bool:
    """It will not go out in their name; whether there was one. Without any left no note bears their name."""

    def both() -> bool:
        rows = MemberNote.objects.filter(circle_id=circle, person_id=member)
        removed, _ = rows.filter(pk=note).delete()
        if not rows.exists():
            FollowUp.objects.filter(circle_id=circle, author=member, ended_at=None).update(author=None)
        return bool(removed)

    return racing(both)


def may_be_asked(alert: str, member: str) -> bool:
    """Whether *member* had this call, was not asked yet whether notes may bear their name, and has none."""
    helped = AfterHelping.objects.filter(alert_id=alert, person_id=member, notes_answered_at=None)
    row = helped.first()
    return row is not None and not MemberNote.objects.filter(circle=row.circle_id, person=member).exists()


def answered(alert: str, member: str, now: datetime) -> None:
    """They said yes or no to it; they are not asked again about this call."""
    AfterHelping.objects.filter(alert_id=alert, person_id=member).update(notes_answered_at=now)
