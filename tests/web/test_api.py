"""Calls for programs: what is promised, and what each mistake is answered with."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from nightlight.store.access import Scope, create_api_token, revoke_api_token
from nightlight.store.models import Alert, ApiToken, IdempotencyKey, Notification
from nightlight.web.views import api
from tests.factories import a_person
from tests.people import ANA, BO, NOA, SAM
from tests.web.house import House, everything

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

CALLS = "/api/v1/calls"
BOTH = frozenset(Scope)
Post = Callable[..., Any]


@pytest.fixture
def token(house: House) -> str:
    """A token that may do both."""
    return create_api_token("alarm button", BOTH, house.now)


@pytest.fixture
def post(house: House, token: str) -> Post:
    """Post a body to the list of calls."""

    def send(body: object, *, bearer: str = token, **headers: str) -> Any:
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        return house.browser.post(
            CALLS, data, content_type="application/json",
            headers={"Authorization": f"Bearer {bearer}", **headers},
        )  # fmt: skip

    return send


def get(house: House, token: str, address: str) -> Any:
    return house.browser.get(address, headers={"Authorization": f"Bearer {token}"})


def problem(response: Any, status: int) -> str:
    """What was wrong and what would be right."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"type", "title", "status", "detail"}
    assert body["status"] == status
    detail: str = body["detail"]
    return detail


def test_a_program_raises_a_call(house: House, post: Post) -> None:
    response = post({"person": ANA, "need": "come"})

    assert response.status_code == 201
    assert response.json() == {
        "id": house.alert.pk,
        "url": f"https://circle.example.org/desk/calls/{house.alert.pk}",
    }
    assert house.alert.need == "come"


def test_talk_is_asked_for_when_no_need_is_given(house: House, post: Post) -> None:
    assert post({"person": ANA}).status_code == 201
    assert house.alert.need == "talk"


def test_a_second_call_joins_the_one_that_is_open(house: House, post: Post) -> None:
    first = post({"person": ANA, "need": "talk"}).json()

    response = post({"person": ANA, "need": "talk"})

    assert response.status_code == 200
    assert response.json() == first


def test_the_same_key_gives_the_same_answer_and_calls_once(house: House, post: Post) -> None:
    wanted = {"person": ANA, "need": "talk"}
    first = post(wanted, **{"Idempotency-Key": "k1"})
    before = everything()

    again = post(wanted, **{"Idempotency-Key": "k1"})

    assert (again.status_code, again.json()) == (201, first.json())
    assert everything() == before


def test_a_key_that_joined_gives_that_answer_again(house: House, post: Post) -> None:
    house.ana_calls()
    house.pass_time(minutes=1)
    wanted = {"person": ANA, "need": "talk"}
    assert post(wanted, **{"Idempotency-Key": "k1"}).status_code == 200
    before = everything()

    assert post(wanted, **{"Idempotency-Key": "k1"}).status_code == 200
    assert everything() == before


def test_a_key_is_forgotten_after_a_day(house: House, post: Post) -> None:
    wanted = {"person": ANA, "need": "talk"}
    first = post(wanted, **{"Idempotency-Key": "k1"}).json()["id"]
    house.does(house.own_page(), "resolve")
    house.pass_time(hours=25)

    again = post(wanted, **{"Idempotency-Key": "k1"})

    assert again.status_code == 201
    assert again.json()["id"] != first
    assert IdempotencyKey.objects.count() == 1


def test_a_key_of_another_program_is_another_key(house: House, post: Post) -> None:
    other = create_api_token("another", BOTH, house.now)
    post({"person": ANA}, **{"Idempotency-Key": "k1"})

    assert post({"person": ANA}, bearer=other, **{"Idempotency-Key": "k1"}).status_code == 200


def test_a_key_used_for_somebody_else_is_refused(house: House, post: Post) -> None:
    a_person(NOA)
    post({"person": ANA}, **{"Idempotency-Key": "k1"})

    assert "fresh one" in problem(post({"person": NOA}, **{"Idempotency-Key": "k1"}), 422)


def test_a_call_that_cannot_be_keeps_no_key(house: House, post: Post) -> None:
    a_person(NOA)

    detail = problem(post({"person": NOA}, **{"Idempotency-Key": "k1"}), 422)

    assert "no circle" in detail
    assert not IdempotencyKey.objects.exists()
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "what"),
    [
        ("null", 422, "null"),
        ("{", 422, "not JSON"),
        ("[" * 30_000, 422, "not JSON"),
        (b"\xff\xfe", 422, "not JSON"),
        ("[]", 422, "array"),
        ("{}", 422, "person"),
        ({"person": 7}, 422, "$.person"),
        ({"person": ANA, "need": "fun"}, 422, "it can be talk, text"),
        ({"person": ANA, "need": None}, 422, "$.need"),
        ({"person": ANA, "ned": "talk"}, 422, "`ned`"),
        ({"person": "nobody"}, 404, "'nobody'"),
        ({"person": ""}, 404, "nobody with the id"),
        ({"person": "a\0b"}, 404, "nobody with the id"),
        ({"person": "a" * 500}, 404, "nobody with the id"),
    ],
)
def test_a_wrong_body_is_said_to_be_wrong_and_changes_nothing(
    house: House, post: Post, body: object, status: int, what: str
) -> None:
    before = everything()

    assert what in problem(post(body), status)
    assert everything() == before


def test_only_json_is_read(house: House, token: str) -> None:
    response = house.browser.post(CALLS, {"person": ANA}, headers={"Authorization": f"Bearer {token}"})

    assert "application/json" in problem(response, 415)


def test_a_huge_body_and_a_huge_key_are_refused(house: House, post: Post) -> None:
    assert "64 KiB" in problem(post("x" * 70_000), 413)
    assert "255" in problem(post({"person": ANA}, **{"Idempotency-Key": "k" * 256}), 422)


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic eDp4", "Bearer " + "a" * 5000])
def test_without_a_good_token_nothing_is_said(house: House, authorization: str) -> None:
    alert = house.ana_calls()
    headers = {"Authorization": authorization} if authorization else {}

    for address in (CALLS, f"{CALLS}/{alert}", f"{CALLS}/unknown"):
        response = house.browser.get(address, headers=headers)
        assert "Authorization: Bearer" in problem(response, 401)
        assert response["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_opens_nothing(house: House, token: str) -> None:
    revoke_api_token("alarm button", house.now)

    problem(get(house, token, CALLS), 401)


@pytest.mark.parametrize(("scope", "may_call", "may_read"), [("call", 201, 403), ("read", 403, 200)])
def test_a_token_does_what_its_scope_says_and_no_more(
    house: House, post: Post, scope: str, may_call: int, may_read: int
) -> None:
    narrow = create_api_token("narrow", frozenset({Scope(scope)}), house.now)

    assert post({"person": ANA}, bearer=narrow).status_code == may_call
    assert get(house, narrow, CALLS).status_code == may_read


def test_a_call_is_read_as_promised(house: House, token: str) -> None:
    alert = house.ana_calls()
    house.says(SAM, "yes")

    body = get(house, token, f"{CALLS}/{alert}").json()

    assert list(body) == [
        "id", "person", "status", "need", "raised_at", "acknowledged_by", "next", "timeline",
    ]  # fmt: skip
    assert body["person"] == ANA
    assert body["status"] == "acknowledged"
    assert body["raised_at"] == "2026-11-21T12:00:00.000Z"
    assert body["acknowledged_by"] == {"id": SAM, "name": "Sam"}
    assert body["next"] == {"at": "2026-11-21T12:10:00.000Z", "what": "expired", "who": SAM}
    assert body["timeline"][0] == {
        "at": "2026-11-21T12:00:00.000Z", "what": "raised", "who": ANA, "channel": None,
    }  # fmt: skip
    assert all(set(line) == {"at", "what", "who", "channel"} for line in body["timeline"])


def test_open_calls_are_listed_and_closed_ones_on_demand(house: House, token: str) -> None:
    house.ana_calls()
    house.does(house.own_page(), "resolve")
    house.pass_time(minutes=1)
    alert = house.ana_calls()

    assert [call["id"] for call in get(house, token, f"{CALLS}?status=open").json()["calls"]] == [alert]
    assert len(get(house, token, CALLS).json()["calls"]) == 2
    assert "only be open" in problem(get(house, token, f"{CALLS}?status=closed"), 422)


def test_a_call_nobody_knows_is_not_found(house: House, token: str) -> None:
    problem(get(house, token, f"{CALLS}/unknown"), 404)
    problem(get(house, token, f"{CALLS}/x%00y"), 404)
    problem(get(house, token, "/api/v2/calls"), 404)


def test_reading_changes_nothing(house: House, token: str) -> None:
    alert = house.ana_calls()
    before = everything()

    for address in (CALLS, f"{CALLS}/{alert}", f"{CALLS}?status=open"):
        get(house, token, address)
        house.browser.head(address, headers={"Authorization": f"Bearer {token}"})
    problem(house.browser.delete(f"{CALLS}/{alert}", headers={"Authorization": f"Bearer {token}"}), 405)

    assert everything() == before


def test_a_program_is_not_held_to_the_rules_for_browsers(house: House, post: Post) -> None:
    assert post({"person": ANA}, Origin="https://elsewhere.example.com").status_code == 201


def test_what_a_program_sees_is_about_calls_and_nothing_else(house: House, token: str) -> None:
    alert = house.ana_calls()

    text = get(house, token, f"{CALLS}/{alert}").content.decode()

    for row in Notification.objects.exclude(contact_method=None):
        assert row.token_sealed not in text
    assert "example.org" not in text
    assert BO not in [line["who"] for line in json.loads(text)["timeline"]]


def test_without_a_database_a_program_hears_so(
    house: House, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: str) -> None:
        raise OperationalError

    monkeypatch.setattr(api, "api_caller", away)

    answer = post({"person": ANA})

    assert "try again" in problem(answer, 503)
    assert answer["Retry-After"] == "2"


def test_a_token_says_when_it_last_called(house: House, post: Post) -> None:
    house.now += timedelta(minutes=3)
    post({"person": ANA})

    assert ApiToken.objects.get().last_used_at == house.now
