"""What the desk says besides the calls: what waits, what to mend, and how the channels fare."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from nightlight import config
from nightlight.intake.channels import switched_on
from nightlight.store import heartbeats
from nightlight.store.access import new_host_link
from nightlight.store.models import Alert, ContactMethod, Host, Membership, Notification, NotificationStatus
from tests.factories import a_never_contact, a_notification, a_way
from tests.people import ANA, BO, MAILS, NUMBERS, SAM
from tests.web.house import House, everything, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

WithSettings = Callable[..., config.Settings]


@pytest.fixture
def desk(house: House) -> House:
    """The house, its worker at work, with the desk open in Mira's browser."""
    open_desk(house)
    heartbeats.beat("test", 5, house.now)
    return house


def open_desk(house: House) -> None:
    words(house.browser.post(f"/desk/{new_host_link(house.now)}"))


def test_a_quiet_house_has_nothing_to_mend(desk: House) -> None:
    page = desk.shows("/desk")

    assert "Nothing that we know of." in page
    assert "The service is running. It last went round at" in page
    assert "Times here are those of Europe/Lisbon." in page


def test_a_worker_that_stands_still_is_the_first_thing_said(desk: House) -> None:
    desk.pass_time(seconds=61)

    page = desk.shows("/desk")

    assert "Nothing is being sent." in page
    assert "The service is running." not in page


def test_what_is_held_set_aside_or_overdue_is_counted(desk: House) -> None:
    a_notification(due=desk.now - timedelta(minutes=5))
    assert "One message should have gone out by now." in desk.shows("/desk")

    Alert.objects.update(waits_for_host=True)
    page = desk.shows("/desk")
    assert "One call is held since a copy was put back." in page
    assert "nightlight restore --continue" in page
    assert "should have gone out" not in page

    Alert.objects.update(waits_for_host=False, poisoned_at=desk.now, poison_why="ValueError")
    assert "One call broke on our side." in desk.shows("/desk")


def test_a_channel_says_what_went_out_and_what_switches_it_on(
    desk: House, with_settings: WithSettings
) -> None:
    desk.ana_calls()
    way = a_way(SAM, "sms")
    for message, status in enumerate([NotificationStatus.ACCEPTED] * 4 + [NotificationStatus.FAILED] * 2):
        row = a_notification(way, alert=Alert.objects.first(), message=message + 9, status=status)
        Notification.objects.filter(pk=row.pk).update(sent_at=desk.now, settled_at=desk.now)

    page = desk.shows("/desk")
    assert "On. 4 of 6 went out in the last day." in page
    assert "Of the last day's 6 messages by text, 2 did not go through, or nobody knows." in page
    assert "On. Nothing to send in the last day." in page
    assert "sample" not in page

    desk.pass_time(hours=25)
    open_desk(desk)
    assert "4 of 6" not in desk.shows("/desk")

    with_settings(sms_urls=())
    switched_on.cache_clear()
    page = desk.shows("/desk")
    assert "Off. What switches it on: <code>NIGHTLIGHT_SMS_URL</code>" in page


def test_links_that_open_on_this_machine_only_are_told_of(desk: House, with_settings: WithSettings) -> None:
    assert "NIGHTLIGHT_BASE_URL" not in desk.shows("/desk")

    with_settings(base_url="http://127.0.0.1:8000")

    assert "open on this machine only" in desk.shows("/desk")


def test_a_setting_that_is_wrong_is_named_and_the_desk_still_opens(
    desk: House, with_settings: WithSettings
) -> None:
    with_settings(smtp_urls=("smtp://127.0.0.1:2525",), mail_from="")
    switched_on.cache_clear()

    page = desk.shows("/desk")

    assert "A setting is wrong, so every way out is off." in page
    assert "NIGHTLIGHT_MAIL_FROM" in page


def test_a_circle_in_which_nobody_could_be_asked_is_named(desk: House) -> None:
    said = "Nobody could be asked for Ana at this hour."
    assert said not in desk.shows("/desk")

    Membership.objects.exclude(person_id=BO).update(paused_until=desk.now + timedelta(days=1))
    assert said not in desk.shows("/desk")
    a_never_contact(MAILS[BO])
    assert said in desk.shows("/desk")


def test_a_way_somebody_took_out_is_told_of_for_a_week(desk: House) -> None:
    a_way(SAM, "sms", NUMBERS[SAM], ended_at=desk.now)
    ContactMethod.objects.filter(ended_at=desk.now).update(ended_why="stop")

    assert "Sam took text out at" in desk.shows("/desk")
    desk.pass_time(days=8)
    open_desk(desk)
    assert "Sam took text out" not in desk.shows("/desk")


def test_a_host_nobody_can_tell_is_told_here(desk: House) -> None:
    Host.objects.update(ways_sealed="")

    assert "Nobody is told when a call needs you." in desk.shows("/desk")


def test_looking_opens_and_changes_nothing(desk: House) -> None:
    desk.ana_calls()
    before = everything()

    page = desk.shows("/desk")

    assert everything() == before
    assert not [address for address in (*MAILS.values(), *NUMBERS.values()) if address in page]
    assert ANA in page
