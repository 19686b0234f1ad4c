"""Somebody says where they are, and how they read. Stop 2 of the road: their check-ins move along."""

from datetime import datetime

from nightlight.intake.checkin import moved
from nightlight.store.races import racing
from nightlight.store.standing import time_zone_of
from nightlight.store.supporting import set_reader


def live_by(person: str, language: str, zone: str, now: datetime) -> None:
    """From now on *person* reads *language* and goes by the clock of *zone*, both of which were checked."""

    def both() -> None:
        before = time_zone_of(person)
        set_reader(person, language, zone)
        if before != time_zone_of(person):
            moved(person, now)

    racing(both)
