"""A person is somewhere else now: their clock is another one, and what is agreed by it goes along."""

from datetime import datetime

from nightlight.intake import checkin
from nightlight.store import check_in_edits
from nightlight.store.races import racing


def move(person: str, zone: str, now: datetime) -> None:
    """*person* is in *zone* now, a time zone there is; their check-ins go by its clock."""

    def both() -> None:
        check_in_edits.set_zone(person, zone)
        checkin.moved(person, now)

    racing(both)
