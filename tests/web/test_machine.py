"""A lamp in the hall checks in for Ana."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nightlight.intake import checkin
from nightlight.store import check_ins, machine_road
from nightlight.store.models import CheckIn, CheckInWindow, Person
from nightlight.store.sealing import token_hash
from tests.factories import a_check_in
from tests.people import ANA, BO
from tests.web.house import House, everything

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ROAD_QUERIES_MAX = 12
"""What one check-in by a machine asks of the database, its clock and its savepoints included."""


@pytest.fixture
def lamp(house: House) -> str:
    """The address at which a lamp checks in; it is half an hour before nine in the evening."""
    check_in = a_check_in(now=house.now)
    house.now += timedelta(hours=8, minutes=30)
    return f"/api/v1/check-ins/{check_ins.new_machine_key(check_in.pk)}"


def test_a_machine_checks_in(house: House, lamp: str) -> None:
    answer = house.browser.post(lamp)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "next_due": "2026-11-22T21:00:00Z"}
    [window] = CheckInWindow.objects.all()
    assert (window.came, window.how, window.by) == ("made", "ok", "machine")


def test_once_more_changes_nothing_and_is_answered_the_same(house: House, lamp: str) -> None:
    first = house.browser.post(lamp).json()
    before = everything()
    assert house.browser.post(lamp).json() == first
    assert everything() == before


def test_what_is_sent_with_it_is_not_read(house: House, lamp: str) -> None:
    answer = house.browser.post(lamp, "{not json", content_type="application/json")
    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_looking_is_no_sign_of_life(house: House, lamp: str, method: str) -> None:
    before = everything()
    answer = getattr(house.browser, method)(lamp)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert everything() == before


def test_a_key_that_was_replaced_or_never_was_is_unknown(house: House, lamp: str) -> None:
    check_ins.new_machine_key(CheckIn.objects.get().pk)
    for address in (lamp, "/api/v1/check-ins/no-key-of-anybody"):
        answer = house.browser.post(address)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert not CheckInWindow.objects.exists()


def test_a_check_in_that_is_off_says_so_and_stays_off(house: House, lamp: str) -> None:
    checkin.switch_off(CheckIn.objects.get().pk, house.now)
    assert house.browser.post(lamp).json() == {"status": "ok", "next_due": None}
    assert not CheckInWindow.objects.exists()


def test_it_is_a_short_road(house: House, lamp: str) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert house.browser.post(lamp).status_code == 200
    assert len(asked) <= ROAD_QUERIES_MAX, [query["sql"] for query in asked]


def test_what_changed_between_reading_and_writing_is_not_written_over(
    house: House, lamp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the short road nothing is locked, so what was read may be old when it is written."""
    read = machine_road.idle_of

    def and_then_she_moves(key: str, now: datetime) -> machine_road.Idle | None:
        idle = read(key, now) if machine_road.is_there() else None
        Person.objects.filter(pk=ANA).update(time_zone="Asia/Tokyo")
        checkin.moved(ANA, now)
        return idle

    monkeypatch.setattr(machine_road, "idle_of", and_then_she_moves)
    if not machine_road.is_there():
        and_then_she_moves("", house.now)
    # It is past five in the morning of the 22nd there, and the next is at nine in the evening.
    answer = house.browser.post(lamp).json()
    assert answer["next_due"] == "2026-11-22T12:00:00Z"


def test_the_short_road_and_the_long_one_end_alike(house: House, lamp: str) -> None:
    """Two check-ins that differ in nothing, one by each road; on SQLite both take the long one."""
    first, second = CheckIn.objects.get(), a_check_in()
    CheckIn.objects.filter(pk=second.pk).update(machine_hash=token_hash("the long road"))
    house.browser.post(lamp)
    checkin.take_from_machine("the long road", house.now)
    own = {"id", "key", "token_hash", "token_sealed", "machine_hash", "check_in_id"}
    for rows in (CheckIn.objects, CheckInWindow.objects):
        one, other = (
            {name: value for name, value in row.items() if name not in own} for row in rows.values()
        )
        assert one == other
    assert first.pk != second.pk


def test_a_lamp_after_a_miss_takes_the_long_road(house: House, lamp: str) -> None:
    check_in = CheckIn.objects.get()
    CheckInWindow.objects.create(
        check_in=check_in, on=house.now.date() - timedelta(days=1), due=house.now, ended_at=house.now,
        came="missed",
    )  # fmt: skip
    house.browser.post(lamp)
    assert CheckInWindow.objects.get(came="missed").late_at == house.now


def test_whoever_is_to_hear_of_it_hears_of_this_too(house: House) -> None:
    check_in = a_check_in(now=house.now, noted=(BO,))
    key = check_ins.new_machine_key(check_in.pk)
    house.now += timedelta(hours=8)
    house.browser.post(f"/api/v1/check-ins/{key}")
    assert [row.person_id for row in check_in.notices.all()] == [BO]
