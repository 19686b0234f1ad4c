"""Whether it is alive, and whether calls are being worked."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from nightlight.store.heartbeats import beat
from nightlight.web.views import health
from tests.web.house import House, everything

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_all_is_well_when_the_worker_just_finished_a_round(house: House) -> None:
    beat("worker-1", 12, house.now - timedelta(seconds=2))

    for address in ("/healthz", "/readyz"):
        response = house.browser.get(address)
        assert response.status_code == 200
        assert response.json() == {"status": "ok", "worker_lag_seconds": 2.0}


def test_a_worker_that_is_late_is_said_to_be_late(house: House) -> None:
    beat("worker-1", 12, house.now - timedelta(seconds=61))

    response = house.browser.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"status": "worker late", "worker_lag_seconds": 61.0}
    assert house.browser.get("/healthz").status_code == 200


def test_a_worker_that_never_ran_is_late(house: House) -> None:
    response = house.browser.get("/readyz")

    assert response.status_code == 503
    assert response.json()["worker_lag_seconds"] is None


def test_without_a_database_it_lives_and_is_not_ready(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError

    monkeypatch.setattr(health, "last_beat", away)

    assert house.browser.get("/healthz").json() == {"status": "ok", "worker_lag_seconds": None}
    assert house.browser.get("/readyz").status_code == 503


def test_a_worker_whose_clock_is_ahead_is_not_early(house: House) -> None:
    beat("worker-1", 12, house.now + timedelta(seconds=1))

    assert house.browser.get("/readyz").json()["worker_lag_seconds"] == 0.0


def test_asking_changes_nothing(house: House) -> None:
    before = everything()

    house.browser.get("/healthz")
    house.browser.head("/readyz")

    assert everything() == before
