"""Ana travels: between any two zones, across the date line and back, with a check-in each evening."""

import random
from datetime import datetime, timedelta
from zoneinfo import available_timezones

import pytest
from django.db import transaction

from nightlight.engine.checkin import By, Came, How, OnMiss
from nightlight.intake import checkin
from nightlight.store import check_ins
from nightlight.store.models import CheckIn, CheckInWindow, Notice, NotificationStatus, Person
from tests.factories import a_check_in, a_way
from tests.people import ANA, NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("channels_on")]

FAR = ("Pacific/Kiritimati", "Pacific/Niue", "Pacific/Auckland", "Pacific/Honolulu", "Asia/Kathmandu", "UTC")
"""Fourteen hours ahead of UTC, eleven behind, and what lies between."""
ANYWHERE = sorted(available_timezones())
GRACE = timedelta(minutes=45)
DAYS = 12
SEEDS = range(10)


class Journey:
    """Twelve days of somebody who moves every few hours or days, and checks in on some evenings."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311  (a plan, not a secret)
        self.now = NOON + timedelta(minutes=self.chance.randrange(1440))
        self.began: dict[datetime, datetime] = {}
        a_way(ANA)
        self.check_in = a_check_in(on_miss=OnMiss.REMIND, now=self.now).pk
        self.moves_at = self.taps_at = self.now

    def live(self) -> None:
        until = self.now + timedelta(days=DAYS)
        while self.now < until:
            looks_at = check_ins.first_due()
            assert looks_at is not None
            self.now = max(self.now, min(looks_at, self.moves_at, self.taps_at))
            if self.now >= self.moves_at:
                self.move()
            if self.now >= self.taps_at:
                self.tap()
            for each in check_ins.due(self.now, 10):
                checkin.look(each, self.now)
            # Every reminder gets through at once.
            Notice.objects.filter(status=NotificationStatus.PLANNED).update(
                status=NotificationStatus.ACCEPTED
            )
            row = CheckIn.objects.get()
            if row.window_due is not None and row.window_began is not None:
                self.began.setdefault(row.window_due, self.now)

    def move(self) -> None:
        zone = self.chance.choice((*FAR, self.chance.choice(ANYWHERE)))
        with transaction.atomic():
            Person.objects.filter(pk=ANA).update(time_zone=zone)
            checkin.moved(ANA, self.now)
        self.moves_at = self.now + timedelta(minutes=self.chance.randrange(30, 3 * 1440))

    def tap(self) -> None:
        checkin.take(self.check_in, How.OK, By.PAGE, self.now)
        self.taps_at = self.now + timedelta(minutes=self.chance.randrange(60, 2 * 1440))


@pytest.mark.parametrize("seed", SEEDS)
def test_each_local_date_has_one_window_and_none_is_missed_without_its_time(seed: int) -> None:
    journey = Journey(seed)
    journey.live()
    windows = list(CheckInWindow.objects.order_by("on"))
    assert len(windows) >= DAYS - 3
    dates = [window.on for window in windows]
    assert dates == [dates[0] + timedelta(days=each) for each in range(len(dates))]
    assert [window.ended_at for window in windows] == sorted(window.ended_at for window in windows)
    for window in windows:
        if window.came == Came.MISSED:
            assert window.ended_at - journey.began[window.due] >= GRACE
            assert Notice.objects.filter(created_at__gte=journey.began[window.due]).exists()


def test_some_journeys_have_every_kind_of_evening() -> None:
    """Or the test above would say little."""
    seen: set[str] = set()
    for seed in SEEDS[:4]:
        with transaction.atomic():
            Journey(seed).live()
            seen |= set(CheckInWindow.objects.values_list("came", flat=True))
            transaction.set_rollback(True)
    assert seen == {Came.MADE, Came.MISSED, Came.EXCUSED}
