"""A supporter rests, keeps hours, and says what they offer; a call that is open goes on without them."""

from datetime import UTC, datetime, time

import pytest

from nightlight.store.models import (
    Alert,
    Membership,
    Person,
)
from tests.factories import a_member, a_way
from tests.people import ANA, BO, KIT, NOA, SAM
from tests.web.house import House, words
from tests.web.supporters import circle_page, member, page_of, press, told

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


# ---------------------------------------------------------------------------------- rest and pauses


def test_not_tonight_rests_until_eight_and_ana_is_not_told(house: House) -> None:
    page = page_of(house)
    house.now = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)

    shown = press(house, page, "not_tonight")

    assert "Sun 22 Nov, 08:00" in shown
    assert "I am back" in shown
    assert member().paused_until == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert told("paused") == []


def test_not_tonight_after_midnight_ends_the_same_morning_by_their_own_clock(house: House) -> None:
    Person.objects.filter(pk=SAM).update(time_zone="Asia/Tokyo")
    page = page_of(house)
    house.now = datetime(2026, 11, 21, 18, tzinfo=UTC)  # three at night in Tokyo

    press(house, page, "not_tonight")

    assert member().paused_until == datetime(2026, 11, 21, 23, tzinfo=UTC)


def test_not_tonight_in_the_night_the_clocks_change(house: House) -> None:
    page = page_of(house)
    house.now = datetime(2026, 10, 24, 22, tzinfo=UTC)  # 23:00 in Lisbon, an hour longer than other nights

    press(house, page, "not_tonight")

    assert member().paused_until == datetime(2026, 10, 25, 8, tzinfo=UTC)


def test_pausing_while_asked_sends_the_call_on_at_once(house: House) -> None:
    house.ana_calls()
    page = page_of(house)

    press(house, page, "not_tonight")

    asked = {ask["person"]: ask.get("answer") for ask in house.alert.state["asks"]}
    assert asked[SAM] == "no"
    assert {BO, KIT} <= set(asked)


def test_pausing_before_being_asked_leaves_the_call_alone_and_it_passes_them_over(house: House) -> None:
    house.ana_calls()
    page = page_of(house, BO)
    before = house.alert.state

    words(house.browser.post(page, {"do": "not_tonight", "circle": member(BO).pk}))
    assert house.alert.state == before
    house.next_timer()

    asked = {ask["person"] for ask in house.alert.state["asks"]}
    assert asked == {SAM, KIT}


def test_pausing_with_a_call_in_hand_hands_it_over(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    assert house.alert.status == "acknowledged"

    press(house, page_of(house), "not_tonight")

    assert house.alert.status == "triggered"


def test_two_who_are_in_touch_are_not_parted_by_a_pause(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    house.does(house.own_page(), "in_contact", who=SAM)
    assert house.alert.status == "in_contact"

    press(house, page_of(house), "not_tonight")

    assert house.alert.status == "in_contact"


def test_a_pause_is_kept_even_while_the_call_is_broken(house: House) -> None:
    house.ana_calls()
    Alert.objects.update(state={"broken": True})
    page = page_of(house)

    press(house, page, "not_tonight")
    press(house, page, "back")

    assert member().paused_until is None


def test_a_pause_pressed_by_mistake_is_taken_back_within_two_minutes(house: House) -> None:
    house.ana_calls()
    page = page_of(house)
    press(house, page, "not_tonight")
    house.pass_time(minutes=1)

    shown = press(house, page, "back")

    assert "Ana can ask you at any hour." in shown
    asked = {ask["person"]: ask.get("answer") for ask in house.alert.state["asks"]}
    assert asked[SAM] is None


def test_coming_back_later_leaves_the_answer_as_it_was(house: House) -> None:
    house.ana_calls()
    page = page_of(house)
    press(house, page, "not_tonight")
    house.pass_time(minutes=3)

    press(house, page, "back")

    asked = {ask["person"]: ask.get("answer") for ask in house.alert.state["asks"]}
    assert asked[SAM] == "no"
    assert member().paused_until is None


def test_a_long_pause_tells_ana_and_nobody_else(house: House) -> None:
    a_way(ANA)
    page = page_of(house)

    shown = words(
        house.browser.post(circle_page(page), {"do": "pause", "day": "2026-12-01", "hour": "09:30"})
    )

    assert "Tue 1 Dec, 09:30" in shown
    assert member().paused_until == datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
    assert told("paused") == [ANA]


@pytest.mark.parametrize(
    ("day", "hour", "says"),
    [
        ("", "08:00", "We need a day"),
        ("2026-02-30", "08:00", "We need a day"),
        ("2026-12-01", "25:00", "We need a day"),
        ("tomorrow", "", "We need a day"),
        ("2026-11-21", "11:00", "That is over already"),
        ("2029-01-01", "", "A pause can last a year"),
        ("9999-12-31", "23:59", "A pause can last a year"),
        ("0001-01-01", "00:00", ""),
    ],
)
def test_a_pause_that_cannot_be_meant_changes_nothing(house: House, day: str, hour: str, says: str) -> None:
    page = page_of(house)

    shown = words(house.browser.post(circle_page(page), {"do": "pause", "day": day, "hour": hour}), 422)

    assert says in shown
    assert f'value="{day}"' in shown
    assert member().paused_until is None


# ----------------------------------------------------------------------------------- hours and offers


def test_hours_may_go_over_midnight(house: House) -> None:
    page = page_of(house)
    hours = {"do": "hours", "from": "20:00", "until": "02:00", "wake_me": "yes"}

    shown = words(house.browser.post(circle_page(page), hours))

    assert "Ana can ask you between 20:00 and 02:00." in shown
    assert "you may be woken" in shown
    row = member()
    assert (row.hours_from, row.hours_until, row.wake_me) == (time(20), time(2), True)


@pytest.mark.parametrize("same", [{"from": "07:00", "until": "07:00", "do": "hours"}, {"do": "any_hour"}])
def test_the_same_hour_twice_is_any_hour(house: House, same: dict[str, str]) -> None:
    Membership.objects.update(hours_from=time(8), hours_until=time(9), wake_me=True)

    shown = words(house.browser.post(circle_page(page_of(house)), same))

    assert "Ana can ask you at any hour." in shown
    assert (member().hours_from, member().wake_me) == (None, False)


@pytest.mark.parametrize(
    ("start", "end"), [("08:00", ""), ("", "9"), ("24:00", "08:00"), ("8", "9"), ("x", "y")]
)
def test_hours_that_are_none_change_nothing_and_stay_typed(house: House, start: str, end: str) -> None:
    page = circle_page(page_of(house))

    shown = words(house.browser.post(page, {"do": "hours", "from": start, "until": end}), 422)

    assert "We need both hours" in shown
    assert f'name="from" value="{start}"' in shown
    assert member().hours_from is None


def test_hours_hold_in_their_own_zone_in_both_hours_of_the_night_the_clocks_change(house: House) -> None:
    a_member(NOA, of=BO)  # somebody whose circle must not be touched by it
    words(house.browser.post(circle_page(page_of(house)), {"do": "hours", "from": "01:00", "until": "02:00"}))
    # 01:30 in Lisbon comes twice on 25 October 2026.
    for moment, asked in (
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 2, 30, tzinfo=UTC), False),
    ):
        house.now = moment
        Alert.objects.all().delete()
        house.ana_calls()
        assert (SAM in {ask["person"] for ask in house.alert.state["asks"]}) is asked


def test_offers_are_theirs_to_widen_and_to_narrow(house: House) -> None:
    page = circle_page(page_of(house))

    words(house.browser.post(page, {"do": "offers", "offer": ["stay", "drive"]}))
    assert member().offers == ["stay", "drive"]

    for wrong in ({}, {"offer": "money"}):
        assert "Nothing has changed." in words(house.browser.post(page, {"do": "offers", **wrong}), 422)
    assert member().offers == ["stay", "drive"]
