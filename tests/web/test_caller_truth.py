"""Whatever breaks, a caller is told the truth: that it went out, or that it did not, and who answers now."""

import re

import pytest
from django.db import OperationalError

from nightlight.engine.effects import What
from nightlight.store.models import Alert, ContactMethod, LadderStep, Notification
from nightlight.store.timeline import write_delivery
from nightlight.web.views import caller
from tests.factories import a_person
from tests.people import NOA, SAM
from tests.web.house import EMERGENCY, LINE, House

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_without_a_circle_the_page_says_so_and_a_press_is_no_failure(house: House) -> None:
    a_person(NOA)
    page = house.own_page(NOA)
    assert "Harbour House can set it up with you." in house.shows(page)

    after = house.does(page, "raise", need="talk")

    assert "This did not go out: nobody is in your circle yet." in after
    assert not Alert.objects.exists()


def test_a_call_that_is_broken_says_so_and_keeps_trying(house: House) -> None:
    house.ana_calls()
    Alert.objects.update(state={"broken": True})
    page = house.own_page()

    after = house.does(page, "still_needed")

    assert "Something went wrong on our side. We keep trying." in after
    assert LINE in after


def test_who_is_asked_by_the_fixed_road_is_shown_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("nightlight.store.advance.run", broken)
    page = house.own_page()

    after = house.does(page, "raise", need="talk")

    assert "Something went wrong on our side. We keep trying." in after
    assert "Sam was asked. No answer yet." in after


def test_a_call_restored_from_a_copy_says_that_nobody_is_asked(house: House) -> None:
    house.ana_calls()
    Alert.objects.update(waits_for_host=True)

    page = house.shows(house.own_page())

    assert "nobody is being asked right now" in page
    assert "We keep trying" not in page


def test_a_caller_hears_that_it_did_not_go_out_when_the_database_is_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = house.own_page()
    house.shows(page)

    def away() -> None:
        raise OperationalError

    monkeypatch.setattr(caller, "database_now", away)
    after = house.does(page, "raise", need="come", status=503)

    assert "This did not go out." in after
    assert "Take it that nobody has been asked." in after
    assert 'value="come"' in after
    assert f"tel:{EMERGENCY}" in after
    assert "Something went wrong on our side." in house.shows(page, status=503)


def test_a_call_that_went_out_is_never_said_to_have_failed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = house.own_page()

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(caller, "caller_page", broken)
    after = house.does(page, "raise", need="talk")

    assert "We have it, and ask your circle." in after
    assert "did not go out" not in after
    assert house.alert.status == "triggered"


def test_a_circle_that_lost_its_ladder_is_no_failure(house: House) -> None:
    page = house.own_page()
    LadderStep.objects.all().delete()

    assert "nobody is in your circle yet" in house.does(page, "raise", need="talk")


def test_everyone_without_a_way_is_still_a_call(house: House) -> None:
    ContactMethod.objects.all().delete()

    page = house.does(house.own_page(), "raise", need="talk")

    assert "Nobody has answered yet. We keep trying." in page
    assert LINE in page


def test_a_text_that_never_went_out_is_said_with_its_time(house: House) -> None:
    house.ana_calls()
    house.pass_time(minutes=2)
    mail = Notification.objects.get(person=SAM)
    mail.status = mail.evidence = "failed"
    mail.save()
    write_delivery(mail, What.FAILED, house.now)

    page = house.shows(house.own_page())

    assert re.search(r">12:02</time></span> <span> By email: it did not go through\.", page)


def test_a_call_that_is_held_back_says_nothing_is_under_way_or_next(house: House) -> None:
    house.ana_calls()
    Alert.objects.update(waits_for_host=True)

    page = house.shows(house.own_page())

    assert "is being reached" not in page
    assert "is next" not in page
    assert "Sam was not asked." in page
    assert "Calling one does not stop us trying." not in page
