"""What the tables themselves refuse."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from nightlight.engine.effects import Purpose
from nightlight.engine.state import AlertStatus
from nightlight.store.dbclock import database_now
from nightlight.store.models import Alert, Host, Membership, Notification, NotificationStatus
from tests.factories import a_member, a_notification, a_person, a_way, an_alert
from tests.people import ANA, NOA, NOON

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_the_migrations_and_the_models_agree() -> None:
    call_command("makemigrations", "store", check=True, dry_run=True, verbosity=0)


def test_a_check_in_has_no_index_but_those_that_are_looked_up() -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "check_in").values()
    kept = [
        tuple(each["columns"]) for each in found if each["primary_key"] or each["unique"] or each["index"]
    ]

    assert sorted(kept) == [
        ("circle_id", "key"),
        ("id",),
        ("looks_at",),
        ("machine_hash",),
        ("token_hash",),
        ("window_deadline",),
    ]


def test_a_person_has_one_open_call_at_most() -> None:
    an_alert(ANA)

    with pytest.raises(IntegrityError), transaction.atomic():
        an_alert(ANA)


def test_a_person_may_call_again_when_it_is_over_and_others_may_call_at_any_time() -> None:
    an_alert(ANA, status=AlertStatus.RESOLVED, timer_due=None)
    an_alert(ANA)
    an_alert(NOA)

    assert Alert.objects.count() == 3


def test_an_open_call_without_a_timer_cannot_be_kept() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        an_alert(timer_due=None)


@pytest.mark.parametrize("held", [{"poisoned_at": NOON}, {"waits_for_host": True}])
def test_a_poisoned_or_restored_call_may_be_kept_without_a_timer(held: dict[str, object]) -> None:
    alert = an_alert()
    Alert.objects.filter(id=alert.id).update(timer_kind=None, timer_due=None, **held)

    alert.refresh_from_db()
    assert alert.timer_due is None


def test_one_message_is_planned_once_for_a_way() -> None:
    way, alert = a_way(), an_alert()
    a_notification(way, alert=alert, message=1)

    with pytest.raises(IntegrityError), transaction.atomic():
        a_notification(way, alert=alert, message=1)


def test_another_message_another_purpose_and_another_way_may_be_planned() -> None:
    way, alert = a_way(), an_alert()
    a_notification(way, alert=alert, message=1)
    a_notification(way, alert=alert, message=2)
    a_notification(way, alert=alert, message=1, purpose=Purpose.STAND_DOWN)
    a_notification(a_way(channel="sms"), alert=alert, message=1)

    assert Notification.objects.count() == 4


def test_the_host_is_told_once_by_each_of_their_ways() -> None:
    alert = an_alert()

    def to_the_host(number: int, host_way: int) -> None:
        Notification.objects.create(
            id=f"host{number}", alert=alert, host_way=host_way, channel="smtp",
            purpose=Purpose.HOST_NEWS, message=1, created_at=NOON,
        )  # fmt: skip

    to_the_host(1, host_way=0)
    to_the_host(2, host_way=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        to_the_host(3, host_way=0)


def test_a_message_to_nobody_cannot_be_kept() -> None:
    notification = a_notification()

    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.filter(id=notification.id).update(contact_method=None)


def test_a_leased_message_has_a_lease() -> None:
    notification = Notification.objects.filter(id=a_notification().id)

    with pytest.raises(IntegrityError), transaction.atomic():
        notification.update(status=NotificationStatus.LEASED)
    assert notification.update(
        status=NotificationStatus.LEASED, lease_token="lease", lease_until=NOON + timedelta(seconds=15)
    )


def test_many_messages_without_a_link_may_be_kept() -> None:
    a_notification(message=1, alert=(alert := an_alert()))
    a_notification(message=2, alert=alert)

    assert Notification.objects.filter(token_hash=None).count() == 2


def test_somebody_is_in_a_circle_once() -> None:
    a_member()

    with pytest.raises(IntegrityError), transaction.atomic():
        a_member()
    assert Membership.objects.count() == 1


def test_there_is_one_host() -> None:
    Host.objects.create(name="Harbour House")

    with pytest.raises(IntegrityError), transaction.atomic():
        Host.objects.create(id=2, name="Another House")


def test_a_person_with_a_call_cannot_be_deleted_by_the_way() -> None:
    alert = an_alert()

    with pytest.raises(Exception, match="protected"):
        a_person(ANA).delete()
    assert Alert.objects.filter(id=alert.id).exists()


def test_the_database_is_as_durable_as_promised() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone()[0] != "off"
            return
        found = {}
        for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
            cursor.execute(f"PRAGMA {pragma}")
            found[pragma] = cursor.fetchone()[0]
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_the_databases_clock_is_aware_and_does_not_run_backwards() -> None:
    first, second = database_now(), database_now()

    assert first.utcoffset() == timedelta(0)
    assert first <= second
