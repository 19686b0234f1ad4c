"""Nevers of check-ins: nobody switches one on for somebody else, and none wants to know where anybody is."""

import re

import pytest
from django.test import Client

from nightlight.engine.checkin import OnMiss
from nightlight.intake import checkin
from nightlight.store.access import Scope, create_api_token, new_host_link
from nightlight.store.models import CheckIn, Membership
from nightlight.store.sealing import unseal
from nightlight.store.supporting import new_supporter_link
from tests.factories import a_check_in, a_person, a_way
from tests.people import ANA, NOA, SAM
from tests.web.house import House, everything, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def check_ins_on() -> list[str]:
    """Which check-ins are on, of anybody."""
    return sorted(CheckIn.objects.exclude(on_since=None).values_list("circle_id", flat=True))


def press_for_somebody_else(house: House, row: CheckIn) -> int:
    """Every door that is not Ana's, with all that switches one on; how many presses there were."""
    a_person(NOA)
    noa, host = house.signs_in(NOA), Client()
    host.post(f"/desk/{new_host_link(house.now)}")
    sams = f"/s/{new_supporter_link(SAM, house.now)}"
    own = Membership.objects.get(person=SAM).pk
    bearer = {"Authorization": f"Bearer {create_api_token('desk', frozenset(Scope), house.now)}"}
    form = {**ON, "person": ANA, "check_in": row.pk, "circle": str(own), "id": row.pk}
    addresses = [f"/check-ins/{row.pk}", f"/check-ins/{row.pk}/change", f"/check-ins/{row.pk}/pause"]
    addresses += [
        sams,
        f"{sams}/circles/{own}",
        "/desk",
        "/desk/people",
        "/api/v1/calls",
        house.own_page(SAM),
    ]
    for do in ("on", "back", "make", "check_in"):
        for address in addresses:
            for client in (house.browser, noa, host):
                client.post(address, {**form, "do": do, "step": do, "answer": do})
            house.browser.post(address, {**form, "do": do}, content_type="application/json", headers=bearer)
    return 4 * len(addresses)


ON = {"days": "daily", "at": "21:00", "minutes": "45", "miss": "call", "need": "talk"}


def test_n14_check_ins_nobody_switches_one_on_for_somebody_else(house: House) -> None:
    """Not a supporter, not the host, not a program, not somebody with pages of their own; Ana herself does."""
    a_way(ANA)
    row = a_check_in()
    checkin.switch_off(row.pk, house.now)
    before = CheckIn.objects.count()

    assert press_for_somebody_else(house, row) > 30
    assert (check_ins_on(), CheckIn.objects.count()) == ([], before)

    house.signs_in(ANA).post(f"/check-ins/{row.pk}", {"do": "on"})
    assert check_ins_on() == [ANA]


def test_n31_check_ins_where_she_was_when_she_checked_in_is_not_kept(house: House) -> None:
    """Sent along by some program, it is dropped; a time zone is what she chose herself, and no more is asked."""
    a_way(ANA)
    row = a_check_in(on_miss=OnMiss.TELL, told=(SAM,))
    row.refresh_from_db()
    house.now = house.now.replace(hour=20)
    address = f"/c/{unseal(row.token_sealed)}"
    sent = {"answer": "ok", "lat": "38.7071", "lng": "-9.1355", "location": "38.7071,-9.1355"}

    words(house.browser.post(address, sent, headers={"X-Geo": "38.7071", "X-Forwarded-For": "203.0.113.9"}))

    kept = str(everything())
    assert "'came': 'made'" in kept
    assert not [trace for trace in ("38.7071", "9.1355", "203.0.113.9") if trace in kept]
    shown = house.browser.get(address)
    assert "geolocation=()" in shown["Permissions-Policy"]
    assert not re.search(r"geolocation|latitude|name=.(lat|lng|location)", shown.content.decode())
