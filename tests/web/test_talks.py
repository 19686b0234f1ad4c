"""Ana and Sam need to talk: it has a day, comes back to both, and ends when they did or let it go."""

from datetime import date, timedelta

import pytest

from nightlight.store import talks
from nightlight.store.models import Afterwards, Membership, Person, Quiet, Talk
from tests.factories import a_person, a_way
from tests.people import ANA, BO, NOA, SAM
from tests.web.house import House, everything, words
from tests.web.nights import letters, number_of, pass_until
from tests.web.supporters import circle_page, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DAY = "2026-11-25"


def planned(house: House) -> Talk:
    """Ana wants to talk with Sam on Wednesday."""
    a_way(ANA)
    ana = house.signs_in()
    words(ana.post("/talks", {"do": "plan", "member": number_of(SAM), "day": DAY}))
    return Talk.objects.get()


def sams(house: House) -> str:
    return f"{circle_page(page_of(house))}/talk"


def test_ana_gives_it_a_day_and_sam_sees_it(house: House) -> None:
    planned(house)
    assert "You and Ana want to talk" in house.shows(sams(house))
    assert "25 November 2026" in house.shows(page_of(house))
    assert "You and Sam want to talk, on 25 November 2026." in words(house.signs_in().get("/home"))


def test_sam_can_be_the_one_who_asks(house: House) -> None:
    words(house.browser.post(sams(house), {"do": "plan", "day": DAY}))
    assert "25 November 2026" in words(house.signs_in().get("/talks"))
    assert Talk.objects.get().by_member


@pytest.mark.parametrize("day", ["", "soon", "2026-11-01", "2029-01-01"])
def test_a_day_that_cannot_be_is_not_kept(house: House, day: str) -> None:
    words(house.browser.post(sams(house), {"do": "plan", "day": day}), 422)
    assert not Talk.objects.exists()


def test_looking_changes_nothing(house: House) -> None:
    planned(house)
    ana, own = house.signs_in(), sams(house)
    before = everything()
    ana.get("/talks")
    house.shows(own)
    assert everything() == before


def test_on_the_day_each_is_told_at_their_own_hour(house: House) -> None:
    Person.objects.filter(pk=SAM).update(time_zone="Atlantic/Azores")  # An hour behind Ana.
    planned(house)
    Afterwards.objects.create(circle_id=ANA, wakes_at="08:00")
    house.now = house.now.replace(day=24, hour=20)
    Talk.objects.update(looks_at=house.now)
    pass_until(house, house.now.replace(day=25, hour=7, minute=50))
    assert letters(ANA, "talk") == letters(SAM, "talk") == 0
    pass_until(house, house.now.replace(hour=8, minute=0))
    assert (letters(ANA, "talk"), letters(SAM, "talk")) == (1, 0)
    pass_until(house, house.now.replace(hour=10, minute=50))
    assert letters(SAM, "talk") == 0
    pass_until(house, house.now.replace(hour=11, minute=0))
    assert (letters(ANA, "talk"), letters(SAM, "talk")) == (1, 1)


def test_it_comes_back_every_three_days_until_they_talked(house: House) -> None:
    row = planned(house)
    pass_until(house, house.now.replace(day=28, hour=9, minute=0))
    assert letters(ANA, "talk") == 2
    words(house.browser.post(sams(house), {"do": "talked", "talk": row.pk}))
    pass_until(house, house.now + timedelta(days=7))
    assert letters(ANA, "talk") == 2
    assert "want to talk" not in words(house.signs_in().get("/home"))


def test_another_day_begins_anew_and_letting_go_ends_it(house: House) -> None:
    row = planned(house)
    pass_until(house, house.now.replace(day=25, hour=11))
    ana = house.signs_in()
    words(ana.post("/talks", {"do": "another_day", "talk": row.pk, "day": "2026-12-05"}))
    pass_until(house, house.now.replace(month=12, day=4))
    assert letters(ANA, "talk") == 1
    pass_until(house, house.now.replace(month=12, day=5, hour=11))
    assert letters(ANA, "talk") == letters(SAM, "talk") == 2
    assert "Let go." in words(ana.post("/talks", {"do": "let_go", "talk": row.pk}))
    row.refresh_from_db()
    assert (row.ended_why, row.looks_at) == ("let_go", None)


def test_there_is_one_at_a_time(house: House) -> None:
    planned(house)
    words(house.browser.post(sams(house), {"do": "plan", "day": "2026-11-30"}))
    assert Talk.objects.get().on == date(2026, 11, 30)


def test_nobody_else_is_told_of_it_or_ends_it(house: House) -> None:
    row = planned(house)
    a_person(NOA)
    noa = house.signs_in(NOA)
    words(noa.post("/talks", {"do": "talked", "talk": row.pk}))
    assert noa.post("/talks", {"do": "plan", "member": number_of(SAM), "day": DAY}).status_code == 404
    assert "Sam" not in words(noa.get("/talks"))
    assert not talks.let_go(BO, row.pk, house.now)
    assert "want to talk" not in house.shows(page_of(house, BO))
    row.refresh_from_db()
    assert row.ended_at is None


def test_who_left_and_while_all_is_off_nobody_is_told(house: House) -> None:
    planned(house)
    Quiet.objects.create(person_id=ANA, since=house.now, by="host")
    pass_until(house, house.now.replace(day=26))
    assert letters(ANA, "talk") == 0
    Quiet.objects.update(ended_at=house.now)
    Membership.objects.filter(person=SAM).update(ended_at=house.now)
    pass_until(house, house.now + timedelta(hours=2))
    assert letters(ANA, "talk") == 0
    assert Talk.objects.get().ended_at is not None
