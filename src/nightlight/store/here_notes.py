"""Where I am: a note for chosen people that ends by itself."""

from dataclasses import dataclass
from datetime import datetime

from nightlight.store.models import HereNote, Membership
from nightlight.store.sealing import UnreadableError, unseal


@dataclass(frozen=True, kw_only=True)
class HereView:
    """One note that holds."""

    id: str
    writer: str
    text: str
    readers: tuple[str, ...]
    created_at: datetime
    expires_at: datetime


def here_for(reader: str, now: datetime, *, of: str = "") -> tuple[HereView, ...]:
    """The notes that *reader* may read: as long as they are in the circle."""
    circles = Membership.objects.filter(person_id=reader, ended_at=None).values("circle")
    rows = HereNote.objects.filter(readers=reader, circle__in=circles, expires_at__gt=now)
    rows = rows.filter(circle_id=of) if of else rows
    return tuple(
        HereView(
            id=row.pk,
            writer=row.circle.person.name,
            text=_opened(row.text_sealed),
            readers=tuple(row.readers.order_by("name").values_list("name", flat=True)),
            created_at=row.created_at,
            expires_at=row.expires_at,
        )
        for row in rows.select_related("circle__person")
    )


def _opened(sealed: str) -> str:
    try:
        return unseal(sealed)
    except UnreadableError:
        return ""
