"""Messages outside a call: one purpose, one way of one person."""

from datetime import datetime, timedelta
from enum import StrEnum

from nightlight import chance
from nightlight.store.models import ContactMethod, Notice
from nightlight.store.sealing import seal, token_hash
from nightlight.store.wake import wake_worker

LASTS = timedelta(hours=24)


class NoticePurpose(StrEnum):
    """What a message outside a call is for."""

    PROOF = "proof"
    LINK = "link"
    PRACTICE = "practice"
    RENEWAL = "renewal"
    JOINED = "joined"
    DECLINED = "declined"
    LEFT = "left"
    PAUSED = "paused"
    CONCERN = "concern"
    CONCERN_ANSWER = "concern_answer"
    REMOVED = "removed"
    START = "start"


def tell_way(
    purpose: NoticePurpose,
    way: ContactMethod,
    now: datetime,
    *,
    circle: str = "",
    about: str = "",
    drill: str = "",
    token: str = "",
) -> Notice:
    """One message to one way."""
    notice = Notice.objects.create(
        id=chance.new_id(),
        purpose=purpose,
        person_id=way.person_id,
        contact_method=way,
        circle_id=circle or None,
        about_id=about or None,
        drill_id=drill or None,
        token_hash=token_hash(token) if token else None,
        token_sealed=seal(token) if token else "",
        code_sealed=seal(chance.digits(6)) if purpose is NoticePurpose.PROOF else "",
        status="planned",
        due=now,
        created_at=now,
        expires_at=now + LASTS,
    )
    wake_worker()
    return notice


def tell_person(
    purpose: NoticePurpose,
    person: str,
    now: datetime,
    channels_on: frozenset[str],
    *,
    circle: str = "",
    about: str = "",
) -> bool:
    """The same by the proven ways of *person*; False when there is none."""
    ways = ContactMethod.objects.filter(person_id=person, ended_at=None, proven_at__isnull=False)
    way = ways.filter(channel__in=channels_on).order_by("position").first()
    if way is not None:
        tell_way(purpose, way, now, circle=circle, about=about)
    return way is not None
