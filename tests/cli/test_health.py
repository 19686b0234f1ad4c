"""What doctor finds in the database: each fault beside the same thing in good order."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from nightlight.channels.registry import KINDS
from nightlight.intake import channels, doctor
from nightlight.intake.doctor import SAMPLE_KINDS, Grade
from nightlight.store import health
from nightlight.store.models import Alert, ContactMethod, Membership, Notification, NotificationStatus
from nightlight.store.notices import NoticePurpose, tell_way
from nightlight.store.sealing import seal
from nightlight.store.standing import ways_to_test
from tests.factories import (
    a_circle,
    a_ladder,
    a_member,
    a_never_contact,
    a_notification,
    a_person,
    a_way,
    an_alert,
)
from tests.people import ANA, BO, KIT, MAILS, NOA, NOON, SAM

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MAIL = frozenset({"smtp"})
LATE = NOON + timedelta(minutes=5, seconds=6)
"""Six seconds after the timer of a call that was raised at noon."""


def test_an_open_call_whose_timer_will_go_off_is_in_order() -> None:
    an_alert(ANA)

    assert health.broken_calls(NOON, worker_lives=True) == []
    assert health.open_calls() == 1


def test_a_timer_that_is_overdue_is_a_fault_only_while_a_worker_lives() -> None:
    alert = an_alert(ANA)

    assert health.broken_calls(LATE, worker_lives=True) == [(alert.pk, "timer_overdue")]
    assert health.broken_calls(LATE, worker_lives=False) == []
    assert health.broken_calls(LATE - timedelta(seconds=2), worker_lives=True) == []


def test_a_timer_further_ahead_than_its_wait_and_an_hour_is_a_fault() -> None:
    alert = an_alert(ANA, timer_due=NOON + timedelta(hours=9))
    Alert.objects.update(timer_length=timedelta(hours=9))
    assert health.broken_calls(NOON, worker_lives=True) == []

    Alert.objects.update(timer_length=timedelta(minutes=5))
    assert health.broken_calls(NOON, worker_lives=True) == [(alert.pk, "timer_too_far_ahead")]


def test_a_timer_of_an_unknown_kind_is_none() -> None:
    alert = an_alert(ANA)
    Alert.objects.update(timer_kind="egg")

    assert health.broken_calls(NOON, worker_lives=True) == [(alert.pk, "no_timer")]


@pytest.mark.parametrize("apart", [{"waits_for_host": True}, {"poisoned_at": NOON}, {"status": "resolved"}])
def test_calls_that_are_held_set_aside_or_over_need_no_timer(apart: dict[str, Any]) -> None:
    alert = an_alert(ANA)
    Alert.objects.update(timer_kind=None, timer_due=None, **apart)

    assert health.broken_calls(LATE, worker_lives=True) == []
    assert health.held() == ([alert.pk] if "waits_for_host" in apart else [])
    assert bool(health.set_aside()) == ("poisoned_at" in apart)


def test_the_first_invariant_is_one_query(django_assert_num_queries: Callable[[int], Any]) -> None:
    an_alert(ANA)

    with django_assert_num_queries(1):
        health.broken_calls(LATE, worker_lives=True)


def test_messages_that_should_have_gone_out_are_found() -> None:
    alert = an_alert(ANA)
    row = a_notification(a_way(SAM), alert=alert)
    later = NOON + timedelta(minutes=1)

    assert health.overdue_messages(NOON, MAIL) == []
    assert health.overdue_messages(later, MAIL) == [row.pk]
    assert health.messages_for_channels_off(later, MAIL) == {}
    assert health.messages_for_channels_off(later, frozenset({"sms"})) == {"smtp": 1}
    Notification.objects.update(due=None)
    assert health.overdue_messages(later, MAIL) == []


def test_a_lease_nobody_settled_is_found() -> None:
    row = a_notification(status=NotificationStatus.PLANNED)
    Notification.objects.update(status=NotificationStatus.LEASED, lease_token="x", lease_until=NOON)

    assert health.lapsed_leases(NOON + timedelta(seconds=5)) == []
    assert health.lapsed_leases(NOON + timedelta(seconds=11)) == [row.pk]


def test_every_encrypted_row_is_held_against_the_keys(with_settings: Callable[..., Any]) -> None:
    old, new = "o" * 32, "n" * 32
    with_settings(keys=(old,))
    a_way(SAM)
    assert health.key_use().older == 0
    with_settings(keys=(new, old))
    use = health.key_use()
    assert (use.newest, use.older > 0, use.unknown) == (0, True, ())

    with_settings(keys=(new,))
    assert health.key_use().unknown == (("contact_method.address_sealed", "1"),)


def test_an_address_that_is_damaged_is_found() -> None:
    way = a_way(SAM)
    assert health.unreadable_addresses() == []

    ContactMethod.objects.update(address_sealed=seal("x")[:-8])

    assert health.unreadable_addresses() == [f"contact_method {way.pk}"]


def test_whether_commits_last_is_what_the_database_says() -> None:
    assert [fault for fault in health.durability_faults() if "fsync" not in fault] in (
        [],
        ["full_page_writes is off"],
    )


def test_a_clock_that_was_set_back_is_seen_in_what_was_recorded() -> None:
    assert health.latest_record() is None
    found = doctor._database_clock(NOON)
    assert all(each.grade is not Grade.WRONG for each in found)


def test_a_test_goes_to_those_who_agreed_and_to_callers_and_to_nobody_else() -> None:
    a_ladder((SAM,))
    a_way(ANA)
    a_member(BO, agreed_on=None)
    a_member(KIT)
    a_never_contact(MAILS[KIT])
    a_person(NOA)

    def to(person: str) -> list[str]:
        return [way.to for way in ways_to_test(person, NOON, MAIL) or []]

    assert to(SAM) == [MAILS[SAM]]
    assert to(ANA) == [MAILS[ANA]]
    assert to(BO) == to(KIT) == to(NOA) == []
    assert ways_to_test("zed", NOON, MAIL) is None
    assert ways_to_test(SAM, NOON, frozenset()) == []
    Membership.objects.filter(person=SAM).update(ended_at=NOON)
    assert to(SAM) == []


def test_sample_channels_are_known_as_such() -> None:
    assert {"smtp", "sms"} & SAMPLE_KINDS == set()
    assert set(KINDS) > SAMPLE_KINDS


def test_a_fault_of_the_settings_is_one_finding(with_settings: Callable[..., Any]) -> None:
    settings = with_settings(smtp_urls=("http://127.0.0.1:25",), mail_from="circle@example.org")
    channels.switched_on.cache_clear()
    a_circle(ANA)
    try:
        wrong = [each.says for each in doctor.look_at_machine(settings) if each.grade is Grade.WRONG]
    finally:
        channels.switched_on.cache_clear()

    assert any("NIGHTLIGHT_SMTP_URL" in says for says in wrong)


def test_a_message_outside_calls_that_is_stuck_is_named_and_one_that_waits_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = tell_way(NoticePurpose.PROOF, a_way(SAM), NOON)
    monkeypatch.setattr(doctor, "_lives", lambda _now: True)
    assert list(doctor._messages(NOON + timedelta(minutes=9), MAIL)) == []

    [found] = doctor._messages(NOON + timedelta(minutes=11), MAIL)
    assert found.grade is Grade.WRONG
    assert row.pk in found.says
