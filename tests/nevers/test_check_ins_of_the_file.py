"""What a check-in never is: somebody else's wish, and a way to learn where a person is."""

import re
from datetime import timedelta

import click
import pytest
from django.apps import apps

from nightlight.cli.main import main
from nightlight.intake import checkin
from nightlight.intake.circle import import_circles
from nightlight.intake.circle_file import parse_circle_file
from nightlight.store import check_ins
from nightlight.store.models import CheckIn
from tests.factories import a_check_in
from tests.web.house import House, everything

pytestmark = [pytest.mark.django_db]

FILE = """
[[people]]
id = "ana"
name = "Ana"
time_zone = "Europe/Lisbon"

[[people]]
id = "sam"
name = "Sam"
ways = [ {channel = "smtp", to = "sam@example.org"} ]

[[circles]]
person = "ana"
members = [ {person = "sam", agreed_on = 2026-11-01} ]
ladder = [ {ask = ["sam"]} ]
check_ins = [ {id = "evening", at = "21:00", on_miss = "call"AGREED} ]
"""
WHERE = re.compile(r"latitude|longitude|location|position_of|coordinates|geo|gps|place", re.IGNORECASE)


def the_host_imports(house: House, agreed: str) -> None:
    text = FILE.replace("AGREED", f", agreed_on = {agreed}" if agreed else "")
    document = parse_circle_file(text.encode(), file="circle.toml", today=house.now.date())
    import_circles(document, now=house.now, channels_on=frozenset({"smtp"}))


def test_n14_check_ins_one_that_the_host_wrote_down_is_off_until_she_switches_it_on(house: House) -> None:
    """No check-in runs that somebody else switched on."""
    the_host_imports(house, "")
    assert not CheckIn.objects.filter(on_since__isnull=False).exists()
    checkin.switch_on(CheckIn.objects.get().pk, house.now)
    assert CheckIn.objects.get().on_since == house.now


def test_n14_check_ins_what_she_switched_off_no_word_of_the_host_switches_on(house: House) -> None:
    """No check-in comes back that the person switched off."""
    the_host_imports(house, "2026-11-01")
    checkin.switch_off(CheckIn.objects.get().pk, house.now)
    for later in ("2026-11-01", "2026-11-21", "2026-11-22"):
        the_host_imports(house, later)
        assert CheckIn.objects.get().on_since is None


def test_n14_check_ins_no_command_switches_one_on() -> None:
    """No command makes or switches on a check-in."""
    assert isinstance(main, click.Group)
    assert not [name for name in main.commands if "check" in name]


def test_n31_check_ins_no_table_of_theirs_has_room_for_a_place() -> None:
    """No check-in keeps where somebody is."""
    tables = [
        model for model in apps.get_app_config("store").get_models() if "check_in" in model._meta.db_table
    ]
    assert len(tables) >= 2
    fields = [field.name for model in tables for field in model._meta.get_fields()]
    assert [name for name in fields if WHERE.search(name)] == []


def test_n31_check_ins_a_place_that_a_machine_sends_is_kept_nowhere(house: House) -> None:
    """No check-in takes a place, although a phone may send one."""
    key = check_ins.new_machine_key(a_check_in(now=house.now).pk)
    house.now += timedelta(hours=8)
    answer = house.browser.post(
        f"/api/v1/check-ins/{key}?lat=38.7223456",
        {"latitude": 38.7223456, "longitude": -9.1393},
        content_type="application/json",
        headers={"Geolocation": "38.7223456"},
    )
    assert set(answer.json()) == {"status", "next_due"}
    assert "38.7223456" not in str(everything())
