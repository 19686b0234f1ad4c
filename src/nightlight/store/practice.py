"""Practice: somebody is asked to tap, by every way of theirs."""

from datetime import datetime

from nightlight import chance
from nightlight.store.models import ContactMethod, Drill
from nightlight.store.notices import NoticePurpose, tell_way


def begin_drill(circle: str, person: str, now: datetime, channels_on: frozenset[str]) -> str | None:
    """Ask *person* to tap; id of the drill, or None when no way of theirs can be used."""
    ways = ContactMethod.objects.filter(person_id=person, ended_at=None, channel__in=channels_on)
    proven = list(ways.filter(proven_at__isnull=False))
    if not proven:
        return None
    drill = Drill.objects.create(id=chance.new_id(), circle_id=circle, person_id=person, began_at=now)
    for way in proven:
        tell_way(
            NoticePurpose.PRACTICE,
            way,
            now,
            circle=circle,
            drill=drill.pk,
            token=chance.new_token(24),
        )
    return drill.pk
