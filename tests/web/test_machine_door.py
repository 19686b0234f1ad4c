"""A lamp of Ana's comes by the door of machines; everybody else goes on to the one behind it."""

import json
from collections.abc import Iterable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import OperationalError, connection
from psycopg.errors import StatementCompletionUnknown

from nightlight.store import check_ins
from nightlight.store.models import CheckInWindow
from nightlight.web import machine_door
from nightlight.web.machine_door import with_machine_door
from tests.factories import a_check_in
from tests.people import BO
from tests.web.house import House

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


class Behind:
    """What stands behind the door: it counts who comes."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.said: list[Any] = []

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        self.came.append(environ["PATH_INFO"])
        start_response("404 Not Found", [])
        return [b""]

    def asks(self, path: str, method: str = "POST", **more: str) -> bytes:
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": BytesIO(), **more}
        answer = with_machine_door(self)(environ, lambda status, headers: self.said.append((status, headers)))  # type: ignore[arg-type]
        return b"".join(answer)


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
def lamp(house: House, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address at which a lamp checks in; it is half an hour before nine in the evening."""
    check_in = a_check_in(now=house.now)
    house.now += timedelta(hours=8, minutes=30)
    monkeypatch.setattr(machine_door._clock, "now", lambda: house.now)
    return f"/api/v1/check-ins/{check_ins.new_machine_key(check_in.pk)}"


def test_on_postgresql_a_lamp_is_taken_in_at_the_door_and_elsewhere_behind_it(
    behind: Behind, lamp: str
) -> None:
    said = behind.asks(lamp)
    if connection.vendor == "postgresql":
        assert json.loads(said) == {"status": "ok", "next_due": "2026-11-22T21:00:00Z"}
        assert CheckInWindow.objects.get().by == "machine"
    else:
        assert (behind.came, CheckInWindow.objects.count()) == ([lamp], 0)


def test_both_doors_give_the_same_answer(house: House, behind: Behind, lamp: str) -> None:
    said, also = behind.asks(lamp), house.browser.post(lamp)
    if connection.vendor == "postgresql":
        assert json.loads(said) == also.json()
        [(status, headers)] = behind.said
        assert status.startswith("200")
        told = {name.lower(): value for name, value in headers}
        assert {name: also.headers.get(name) for name in told if name != "content-length"} == {
            name: value for name, value in told.items() if name != "content-length"
        }


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_looking_goes_on_to_the_door_behind(behind: Behind, lamp: str, method: str) -> None:
    behind.asks(lamp, method)
    assert behind.came == [lamp]
    assert not CheckInWindow.objects.exists()


def test_a_page_of_somebody_elses_a_key_nobody_has_and_other_addresses_go_on(
    behind: Behind, lamp: str
) -> None:
    unknown = f"/api/v1/check-ins/{'x' * 32}"
    behind.asks(lamp, HTTP_ORIGIN="https://elsewhere.example.org")
    for path in (unknown, "/api/v1/check-ins/short", "/api/v1/calls", f"{lamp}/more"):
        behind.asks(path)
    assert len(behind.came) == 5
    assert not CheckInWindow.objects.exists()


def test_where_somebody_is_to_hear_of_it_the_long_way_is_taken(house: House, behind: Behind) -> None:
    check_in = a_check_in(now=house.now, noted=(BO,))
    behind.asks(f"/api/v1/check-ins/{check_ins.new_machine_key(check_in.pk)}")
    assert len(behind.came) == 1


def test_a_sign_of_life_of_which_nobody_knows_whether_it_was_kept_is_not_acknowledged(
    behind: Behind, lamp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError

    def in_doubt(*_: object) -> None:
        raise OperationalError from StatementCompletionUnknown("perhaps on one server only")

    monkeypatch.setattr(machine_door, "shortly", in_doubt)
    assert behind.asks(lamp) == b""
    # Behind the door it would be found made, and said to be so.
    assert behind.came == []
    [(status, headers)] = behind.said
    assert status.startswith("503")
    assert ("Retry-After", "2") in headers

    # A database that is away is asked once more, by the other door.
    monkeypatch.setattr(machine_door, "shortly", away)
    behind.asks(lamp)
    assert behind.came == [lamp]
