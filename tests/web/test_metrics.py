"""The numbers for whoever watches the machines: who may see them, what they say, and that they name nobody."""

import re
from collections.abc import Iterable
from datetime import timedelta
from math import inf
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from nightlight.channels.registry import KINDS
from nightlight.engine.state import AlertStatus
from nightlight.store import access, listener_places
from nightlight.store.access import Scope, create_api_token, revoke_api_token
from nightlight.store.health import durability_faults
from nightlight.store.heartbeats import beat
from nightlight.store.metrics import measure
from nightlight.store.models import Alert, Attempt, EventRow, Notification, NotificationStatus
from nightlight.web.views import metrics as view
from tests.docs.project import ROOT
from tests.factories import a_notification, a_person, a_way, an_alert
from tests.people import ANA, BO, KIT, MAILS, NAMES, NOA, NUMBERS, SAM
from tests.web.house import LINE, House, everything, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

HERE: dict[str, Any] = {"REMOTE_ADDR": "127.0.0.1", "SERVER_NAME": "127.0.0.1"}
ELSEWHERE: dict[str, Any] = {"REMOTE_ADDR": "203.0.113.9", "SERVER_NAME": "127.0.0.1"}

Samples = dict[tuple[str, ...], float]


def families(house: House) -> list[Metric]:
    """What a reader of metrics on this machine makes of them."""
    response = Client(**HERE).get("/metrics")
    assert response.status_code == 200, response.content
    return list(text_string_to_metric_families(response.content.decode()))


def numbers(house: House) -> Samples:
    """Every value: its name without `nightlight_`, then the values of its labels."""
    return {
        (sample.name.removeprefix("nightlight_"), *sample.labels.values()): sample.value
        for family in families(house)
        for sample in family.samples
    }


def bearer(house: House, *scopes: Scope, name: str = "prometheus") -> dict[str, str]:
    return {"Authorization": f"Bearer {create_api_token(name, frozenset(scopes), house.now)}"}


# ---------------------------------------------------------------------------------- who may look


def test_this_machine_needs_no_token(house: House) -> None:
    response = Client(**HERE).get("/metrics")

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    assert response["Cache-Control"] == "no-store"
    assert Client(**HERE).head("/metrics").status_code == 200
    assert Client(**HERE).post("/metrics").status_code == 405


def test_elsewhere_there_is_nothing_at_this_address(house: House) -> None:
    unknown = house.shows("/nowhere", status=404)

    assert words(Client(**ELSEWHERE).get("/metrics"), 404) == unknown


@pytest.mark.parametrize(
    "passed_on",
    [
        {"X-Forwarded-For": "203.0.113.9"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Proto": "https"},
        {"X-Real-IP": "203.0.113.9"},
        {"Forwarded": "for=203.0.113.9"},
        {"Via": "1.1 proxy"},
    ],
)
def test_what_a_proxy_on_this_machine_passes_on_is_from_elsewhere(
    house: House, passed_on: dict[str, str]
) -> None:
    words(Client(**HERE).get("/metrics", headers=passed_on), 404)


def test_the_sites_own_name_is_not_this_machine(house: House) -> None:
    words(Client(REMOTE_ADDR="127.0.0.1").get("/metrics"), 404)


@pytest.mark.parametrize("scope", [Scope.METRICS, Scope.READ])
def test_a_token_that_may_see_them_opens_them_from_anywhere(house: House, scope: Scope) -> None:
    assert Client(**ELSEWHERE).get("/metrics", headers=bearer(house, scope)).status_code == 200


def test_a_token_for_other_things_does_not(house: House) -> None:
    response = Client(**ELSEWHERE).get("/metrics", headers=bearer(house, Scope.CALL))

    assert response.status_code == 403
    assert "--scope metrics" in response.json()["detail"]


def test_a_token_that_is_wrong_or_revoked_opens_nothing_here_either(house: House) -> None:
    revoked = bearer(house, Scope.METRICS)
    revoke_api_token("prometheus", house.now)

    for headers in (revoked, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp4"}):
        for place in (HERE, ELSEWHERE):
            response = Client(**place).get("/metrics", headers=headers)
            assert response.status_code == 401
            assert response["WWW-Authenticate"] == "Bearer"


def test_a_token_for_metrics_sees_no_call_and_raises_none(house: House) -> None:
    headers = bearer(house, Scope.METRICS)

    assert house.browser.get("/api/v1/calls", headers=headers).status_code == 403
    refused = house.browser.post(
        "/api/v1/calls", {"person": ANA}, content_type="application/json", headers=headers
    )
    assert refused.status_code == 403
    assert not Alert.objects.exists()


def test_looking_changes_nothing(house: House) -> None:
    house.ana_calls()
    headers = bearer(house, Scope.METRICS)
    before = everything()

    Client(**HERE).get("/metrics")
    Client(**ELSEWHERE).get("/metrics", headers=headers)

    assert everything() == before


@pytest.mark.parametrize("away", ["database_now", "measure", "program_behind"])
def test_without_a_database_it_says_so_to_programs(
    house: House, monkeypatch: pytest.MonkeyPatch, away: str
) -> None:
    def gone(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(view, away, gone)
    headers = {"Authorization": "Bearer x"} if away == "program_behind" else {}
    response = Client(**HERE).get("/metrics", headers=headers)

    assert response.status_code == 503
    assert response["Content-Type"].startswith("text/plain")


# ------------------------------------------------------------------------------ what they say


def test_a_quiet_house_shows_zeros_so_that_a_first_failure_is_a_rise(house: House) -> None:
    found = numbers(house)

    assert found["calls_open", "triggered"] == 0
    assert found["messages_waiting", "sms", "ask"] == 0
    assert found["messages_last_hour", "smtp", "failed"] == 0
    assert found["attempts_last_hour", "smtp", "temporary"] == 0
    assert found["oldest_due_seconds", "ask"] == 0
    assert found["clock_ahead_seconds",] == 0
    # A throw-away PostgreSQL may well keep nothing over a power cut; then it says so.
    assert found["durability_faults",] == len(durability_faults())
    assert found["heartbeat_age_seconds", "worker"] == inf
    assert not [name for name, *_ in found if name.startswith("sample")]


def test_open_calls_are_counted_by_status_and_those_that_are_over_are_not(house: House) -> None:
    an_alert(ANA)
    an_alert(BO, status=AlertStatus.ACKNOWLEDGED)
    an_alert(KIT, status=AlertStatus.EXHAUSTED)
    an_alert(NOA, status=AlertStatus.RESOLVED, timer_due=None)
    an_alert(SAM)
    Alert.objects.filter(person=BO).update(poisoned_at=house.now, poison_next_at=house.now)
    Alert.objects.filter(person=KIT).update(waits_for_host=True)
    found = numbers(house)

    statuses = {"triggered": 2, "exhausted": 1, "acknowledged": 1, "in_contact": 0}
    assert {status: found["calls_open", status] for status in statuses} == statuses
    assert ("calls_open", "resolved") not in found
    assert found["calls_set_aside",] == 1
    assert found["calls_held",] == 1
    assert found["calls_stuck",] == 0
    Alert.objects.filter(person=ANA).update(timer_kind="nonsense")
    assert numbers(house)["calls_stuck",] == 1


def test_what_is_due_and_not_sent_is_counted_by_channel_and_the_oldest_says_how_late_we_are(
    house: House,
) -> None:
    house.ana_calls()
    a_notification(a_way(SAM, "sms"), alert=house.alert, message=8, due=house.now - timedelta(seconds=40))
    a_notification(a_way(BO, "sms"), alert=house.alert, message=9, due=house.now + timedelta(seconds=40))
    found = numbers(house)

    assert found["messages_waiting", "smtp", "ask"] == 1
    assert found["messages_waiting", "sms", "ask"] == 1
    assert found["oldest_due_seconds", "ask"] == 40
    assert found["oldest_due_seconds", "timer"] == 0
    house.pass_time(minutes=6)
    found = numbers(house)
    assert found["oldest_due_seconds", "ask"] == 400
    assert found["oldest_due_seconds", "timer"] == 60
    # What waits for the host is not late: it was told to wait.
    Alert.objects.update(waits_for_host=True)
    assert numbers(house)["oldest_due_seconds", "ask"] == 0
    assert numbers(house)["oldest_due_seconds", "timer"] == 0


def test_a_call_that_is_set_aside_is_late_when_its_next_try_is(house: House) -> None:
    house.ana_calls()
    Notification.objects.update(due=None)
    Alert.objects.update(
        poisoned_at=house.now, poison_next_at=house.now + timedelta(minutes=1), timer_due=house.now
    )
    house.pass_time(seconds=90)

    assert numbers(house)["oldest_due_seconds", "timer"] == 30


def test_outcomes_are_counted_for_an_hour(house: House) -> None:
    sms = a_notification(a_way(SAM, "sms"), status=NotificationStatus.FAILED)
    Notification.objects.update(settled_at=house.now - timedelta(minutes=30))
    for number, outcome in enumerate(("temporary", "temporary", "permanent", ""), start=1):
        Attempt.objects.create(
            id=f"try{number}",
            notification=sms,
            number=number,
            lease_token=f"lease{number}",
            provider="kannel-1",
            began_at=house.now,
            ended_at=house.now - timedelta(minutes=30) if outcome else None,
            outcome=outcome,
        )
    found = numbers(house)
    assert found["messages_last_hour", "sms", "failed"] == 1
    assert found["attempts_last_hour", "sms", "temporary"] == 2
    assert found["attempts_last_hour", "sms", "permanent"] == 1

    house.pass_time(minutes=31)
    found = numbers(house)
    assert found["messages_last_hour", "sms", "failed"] == 0
    assert found["attempts_last_hour", "sms", "temporary"] == 0


def test_a_message_nobody_settled_is_counted(house: House) -> None:
    a_notification(a_way(SAM), status=NotificationStatus.PLANNED)
    Notification.objects.update(
        status=NotificationStatus.LEASED, lease_token="x", lease_until=house.now - timedelta(seconds=11)
    )

    assert numbers(house)["messages_unsettled",] == 1


def test_the_worker_says_when_it_last_went_round_and_how_long_that_took(house: House) -> None:
    beat("worker-1:7", 1250, house.now - timedelta(seconds=61))
    found = numbers(house)

    assert found["heartbeat_age_seconds", "worker"] == 61
    assert found["last_round_seconds", "worker"] == 1.25


def test_each_line_says_when_it_last_worked(house: House) -> None:
    listener_places.take("imap-1", "worker-1:7", house.now)
    listener_places.take("matrix-1", "worker-1:7", house.now)
    listener_places.keep("matrix-1", "worker-1:7", "s72", house.now - timedelta(seconds=90))
    found = numbers(house)

    assert found["listening_age_seconds", "imap-1"] == inf
    assert found["listening_age_seconds", "matrix-1"] == 90


def test_a_clock_that_was_set_back_shows_in_what_was_recorded(house: House) -> None:
    house.ana_calls()
    EventRow.objects.update(at=house.now + timedelta(hours=2))

    assert numbers(house)["clock_ahead_seconds",] == 7200


def test_a_commit_that_might_not_last_is_counted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightlight.store.health.durability_faults", lambda: ["fsync is off"])

    assert numbers(house)["durability_faults",] == 1


def test_the_price_of_a_look_does_not_grow_with_the_house(
    house: House, django_assert_max_num_queries: object
) -> None:
    for person in (ANA, BO, KIT, NOA):
        an_alert(person)
        a_notification(a_way(person, "sms"), alert=Alert.objects.get(person=person))

    with django_assert_max_num_queries(14):  # type: ignore[operator]
        measure(house.now)


# ------------------------------------------------------------------------------ nobody is named


ALLOWED = {
    "version": None,
    "status": {status.value for status in AlertStatus},
    "channel": {*KINDS, "other"},
    "provider": {"kannel-1", "smtp-1", "other"},
    "what": {"ask", "news", "timer"},
    "outcome": {
        *{
            "accepted",
            "delivered",
            "queued",
            "failed",
            "unknown",
            "skipped",
            "temporary",
            "permanent",
            "missed",
        },
    },
    "part": {"worker"},
    "line": {"imap-1"},
}


def strange_labels(found: Iterable[Metric]) -> list[tuple[str, str]]:
    """Labels, and values of labels, that are not words of ours."""
    return [
        (name, value)
        for family in found
        for sample in family.samples
        for name, value in sample.labels.items()
        if name not in ALLOWED or not (ALLOWED[name] is None or value in (ALLOWED[name] or ()))
    ]


def test_no_number_names_a_person_a_call_or_an_address(house: House) -> None:
    alert = house.ana_calls()
    stranger = a_way(NOA, "sms")
    a_notification(stranger, message=7, alert=Alert.objects.get(pk=alert))
    # A file of another version may have brought a channel whose name says where somebody lives.
    Notification.objects.filter(person=NOA).update(channel="third-floor")
    a_person(KIT)
    beat("mira-laptop:4711", 12, house.now)
    listener_places.take("imap-1", "mira-laptop:4711", house.now)
    found = families(house)
    text = Client(**HERE).get("/metrics").content.decode().lower()

    assert strange_labels(found) == []
    told = [*NAMES.values(), *MAILS.values(), *NUMBERS.values(), alert, LINE, "Harbour", "laptop", "third"]
    assert [each for each in told if re.search(rf"\b{re.escape(each.lower())}\b", text)] == []
    assert numbers(house)["messages_waiting", "other", "ask"] == 1


def test_a_label_with_a_person_in_it_would_be_found() -> None:
    planted = 'nightlight_asks{who="sam"} 1\nnightlight_asks{channel="+447700900101"} 1\n'

    assert strange_labels(text_string_to_metric_families(planted)) == [
        ("who", "sam"),
        ("channel", "+447700900101"),
    ]


def test_every_number_begins_with_our_name_and_says_what_it_means(house: House) -> None:
    for family in families(house):
        assert family.name.startswith("nightlight_")
        assert family.documentation.endswith(".")
        assert family.type == "gauge"


def test_the_page_for_hosts_explains_every_number_and_no_other(house: House) -> None:
    page = (ROOT / "docs" / "operating" / "monitoring.md").read_text()
    named = {family.name.removeprefix("nightlight_") for family in families(house)}
    explained = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    labels = dict(re.findall(r"^\| `(\w+)` \| ([^|]*?) ?\|", page, re.MULTILINE))

    assert explained == named
    assert set(re.findall(r"\bnightlight_(\w+)", page)) - {""} <= named
    beat("worker-1:7", 5, house.now)
    listener_places.take("imap-1", "worker-1:7", house.now)
    for family in families(house):
        shown = {label for sample in family.samples for label in sample.labels}
        assert set(re.findall(r"`(\w+)`", labels[family.name.removeprefix("nightlight_")])) == shown


def test_a_programs_token_may_have_this_scope_alone(house: House) -> None:
    bearer(house, Scope.METRICS)

    assert [view.scopes for view in access.api_tokens()] == [(Scope.METRICS,)]
