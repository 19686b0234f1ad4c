"""Where I am: a note for chosen people that ends by itself."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from nightlight.chance import new_id
from nightlight.store.models import HereNote, Membership
from nightlight.store.sealing import opened, seal

TEXT_MAX = 500


@dataclass(frozen=True, kw_only=True)
class HereView:
    """One note that holds."""

    id: str
    writer: str
    """The name of whoever wrote it."""
    text: str
    readers: tuple[str, ...]
    """Names; for the writer alone."""
    created_at: datetime
    expires_at: datetime


def write_here(person: str, text: str, readers: Collection[str], until: datetime, now: datetime) -> bool:
    """Leave *text* for *readers*, members of the circle of *person*; whether anybody was left to read it.

    It takes the place of the note before. Notes that ended are erased.
    """
    with transaction.atomic():
        members = Membership.objects.filter(circle_id=person, person_id__in=readers, ended_at=None)
        chosen = [member.person for member in members.select_related("person")]
        if not chosen:
            return False
        HereNote.objects.filter(circle_id=person).delete()
        HereNote.objects.filter(expires_at__lte=now).delete()
        note = HereNote.objects.create(
            id=new_id(), circle_id=person, text_sealed=seal(text), created_at=now, expires_at=until
        )
        note.readers.set(chosen)
    return True


def end_here(person: str, note: str) -> bool:
    """Take a note back; it is erased. Whether there was one."""
    return bool(HereNote.objects.filter(circle_id=person, pk=note).delete()[0])


def here_of(person: str, now: datetime) -> tuple[HereView, ...]:
    """The notes of *person* that hold."""
    return _views(HereNote.objects.filter(circle_id=person, expires_at__gt=now))


def here_for(reader: str, now: datetime, *, of: str = "") -> tuple[HereView, ...]:
    """The notes that *reader* may read: as long as they are in the circle; *of* one person alone, if given."""
    circles = Membership.objects.filter(person_id=reader, ended_at=None).values("circle")
    rows = HereNote.objects.filter(readers=reader, circle__in=circles, expires_at__gt=now)
    return _views(rows.filter(circle_id=of) if of else rows)


def _views(rows: "QuerySet[HereNote]") -> tuple[HereView, ...]:
    return tuple(
        HereView(
            id=row.pk,
            writer=row.circle.person.name,
            text=opened(row.text_sealed),
            readers=tuple(reader.name for reader in row.readers.order_by("name")),
            created_at=row.created_at,
            expires_at=row.expires_at,
        )
        for row in rows.select_related("circle__person").prefetch_related("readers")
    )
