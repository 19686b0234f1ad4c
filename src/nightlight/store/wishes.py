"""When, where, and a few words: what the caller adds to an open call, if they want to."""

from dataclasses import dataclass
from enum import StrEnum

from nightlight.engine.state import AlertStatus
from nightlight.store.models import Alert, CallWish
from nightlight.store.sealing import opened, seal

TEXT_MAX = 300


class Place(StrEnum):
    """Where the caller would like to be together."""

    MINE = "mine"
    YOURS = "yours"
    OUTSIDE = "outside"


class When(StrEnum):
    """When the caller would like it."""

    NOW = "now"
    LATER = "later"
    AFTER_SCHOOL = "after_school"
    TOMORROW = "tomorrow"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What was added. Place and moment are shown to whoever is asked, the words to whoever said yes."""

    place: str = ""
    moment: str = ""
    text: str = ""


def wish_of(alert: str) -> Wish:
    """What the caller added to this call."""
    row = CallWish.objects.filter(alert_id=alert).first()
    return Wish(place=row.place, moment=row.moment, text=opened(row.text_sealed)) if row else Wish()


def add_wish(alert: str, wish: Wish) -> bool:
    """Write down what the caller wishes, in the place of what they said before; whether the call is open."""
    if not Alert.objects.filter(pk=alert).exclude(status=AlertStatus.RESOLVED).exists():
        return False
    CallWish.objects.update_or_create(
        alert_id=alert,
        defaults={
            "place": wish.place,
            "moment": wish.moment,
            "text_sealed": seal(wish.text) if wish.text else "",
        },
    )
    return True
