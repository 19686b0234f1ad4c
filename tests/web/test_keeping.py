"""Sam looks after something for Ana. What it is stands nowhere; that he does, since when, and when to look again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from nightlight.intake import quiet
from nightlight.intake.channels import kinds_on
from nightlight.store.keeping import Kept, answer_keeping, keepings_of, remind, to_look_at
from nightlight.store.models import Keeping, Membership, Notice, Person
from nightlight.store.quiet import QuietBy
from nightlight.store.supporting import new_supporter_link
from tests.factories import a_person
from tests.people import ANA, BO, NOA, SAM
from tests.web.house import House, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def ana(house: House) -> Client:
    Membership.objects.filter(person=SAM).update(offers=["talk", "keep"])
    return house.signs_in(ANA)


def page_of(person: str) -> str:
    return f"/circle/members/{Membership.objects.get(circle=ANA, person=person).pk}"


def sams(house: House) -> tuple[str, str]:
    """The address of Sam's own page, and what it calls Ana's circle."""
    number = Membership.objects.get(circle=ANA, person=SAM).pk
    return f"/s/{new_supporter_link(SAM, house.now)}", str(number)


def purposes(person: str) -> list[str]:
    return list(Notice.objects.filter(person=person).order_by("created_at").values_list("purpose", flat=True))


def test_ana_asks_sam_says_yes_and_both_see_it(house: House, ana: Client) -> None:
    assert ana.post(page_of(SAM), {"do": "keep"}).status_code == 302
    assert purposes(SAM) == ["keeping"]
    assert "Sam was asked. No answer yet." in words(ana.get(page_of(SAM)))
    own, number = sams(house)
    assert "Ana asks if you would look after something" in house.shows(own)

    words(house.browser.post(own, {"circle": number, "do": "keep_yes"}))

    assert "You look after something for Ana since 21 November 2026." in house.shows(own)
    assert "Sam looks after something for you since 21 November 2026." in words(ana.get(page_of(SAM)))
    # Ana's ways: she has none here, so only her page tells her.
    assert [each.answer for each in keepings_of(ANA)] == [Kept.YES]


def test_a_no_is_as_good_and_he_can_be_asked_again(house: House, ana: Client) -> None:
    ana.post(page_of(SAM), {"do": "keep"})
    own, number = sams(house)

    words(house.browser.post(own, {"circle": number, "do": "keep_no"}))

    assert keepings_of(ANA) == ()
    assert ana.post(page_of(SAM), {"do": "keep"}).status_code == 302


@pytest.mark.parametrize("person", [BO])
def test_only_who_offers_it_is_asked(house: House, ana: Client, person: str) -> None:
    assert "look after something" not in words(ana.get(page_of(person)))
    assert "cannot be asked for that now" in words(ana.post(page_of(person), {"do": "keep"}), 422)
    assert not Keeping.objects.exists()


def test_asking_twice_is_once(house: House, ana: Client) -> None:
    ana.post(page_of(SAM), {"do": "keep"})
    words(ana.post(page_of(SAM), {"do": "keep"}), 422)
    assert Keeping.objects.count() == 1
    assert purposes(SAM) == ["keeping"]


def test_nobody_else_answers_or_ends_it(house: House, ana: Client) -> None:
    ana.post(page_of(SAM), {"do": "keep"})
    keeping = Keeping.objects.get().pk

    assert not answer_keeping(BO, keeping, Kept.YES, house.now, kinds_on())
    a_person(NOA)
    noa = house.signs_in(NOA)
    assert noa.post(page_of(SAM), {"do": "keep_end"}).status_code == 404
    assert Keeping.objects.filter(ended_at=None, answer="").exists()


def test_an_answer_to_nothing_changes_nothing(house: House, ana: Client) -> None:
    own, number = sams(house)
    words(house.browser.post(own, {"circle": number, "do": "keep_yes"}), 422)
    assert not Keeping.objects.exists()


def test_both_are_asked_once_to_look_at_it_again(house: House, ana: Client) -> None:
    ana.post(page_of(SAM), {"do": "keep"})
    own, number = sams(house)
    words(house.browser.post(own, {"circle": number, "do": "keep_yes"}))
    later = house.now + timedelta(days=90)

    assert to_look_at(house.now) == []
    (due,) = to_look_at(later)
    assert remind(due, later, kinds_on())
    assert not remind(due, later, kinds_on())
    assert purposes(SAM) == ["keeping", "keeping"]
    assert to_look_at(later) == []

    house.now = later
    words(house.browser.post(sams(house)[0], {"circle": number, "do": "keep_on"}))
    assert len(to_look_at(later + timedelta(days=90))) == 1


@pytest.mark.parametrize(
    ("hers", "his", "first"),
    [
        ("Europe/Lisbon", "Europe/Lisbon", 34),
        ("Pacific/Kiritimati", "Europe/Lisbon", 34),
        ("America/New_York", "Europe/Lisbon", 39),
        ("Europe/Lisbon", "Pacific/Auckland", 34),
    ],
)
def test_the_day_and_the_hour_have_to_come_where_both_live(
    house: House, ana: Client, hers: str, his: str, first: int
) -> None:
    """Nobody is asked at night by a clock that is not theirs. *first*: hours after the beginning of the day before."""
    ana.post(page_of(SAM), {"do": "keep"})
    own, number = sams(house)
    words(house.browser.post(own, {"circle": number, "do": "keep_yes"}))
    Keeping.objects.update(look_on=date(2027, 2, 19))
    Person.objects.filter(pk=ANA).update(time_zone=hers)
    Person.objects.filter(pk=SAM).update(time_zone=his)
    began = datetime(2027, 2, 18, 0, tzinfo=UTC)
    hours = [each for each in range(72) if to_look_at(began + timedelta(hours=each))]

    assert hours == list(range(first, 72))


@pytest.mark.parametrize("person", [ANA, SAM])
def test_it_waits_while_everything_is_switched_off(house: House, ana: Client, person: str) -> None:
    ana.post(page_of(SAM), {"do": "keep"})
    own, number = sams(house)
    words(house.browser.post(own, {"circle": number, "do": "keep_yes"}))
    later = house.now + timedelta(days=90)

    quiet.switch_off(person, QuietBy.PERSON, house.now)
    assert to_look_at(later) == []
    quiet.take_back(person, QuietBy.PERSON, later)
    assert len(to_look_at(later)) == 1


def test_whoever_leaves_looks_after_nothing_any_more(house: House, ana: Client) -> None:
    ana.post(page_of(SAM), {"do": "keep"})
    own, number = sams(house)
    words(house.browser.post(own, {"circle": number, "do": "keep_yes"}))

    ana.post(page_of(SAM), {"do": "remove"})

    assert keepings_of(ANA) == ()
    assert not remind(Keeping.objects.get().pk, house.now + timedelta(days=90), kinds_on())


def test_either_of_them_ends_it(house: House, ana: Client) -> None:
    ana.post(page_of(SAM), {"do": "keep"})
    ana.post(page_of(SAM), {"do": "keep_end"})
    assert keepings_of(ANA) == ()
