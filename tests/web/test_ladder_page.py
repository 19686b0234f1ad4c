"""Arranging who is asked: with buttons alone, in two tabs, suggested, rehearsed."""

import re
from datetime import time, timedelta

import pytest
from django.test import Client

from nightlight.intake.readiness import GapKind, gaps, suggested_ladder
from nightlight.store.circles_read import ladder_of
from nightlight.store.models import Circle, ContactMethod, Membership, Notification
from tests.factories import a_way
from tests.people import ANA, BO, KIT, NOA, SAM
from tests.web.house import House, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

Form = dict[str, str | list[str]]
SAVED: Form = {"version": "0", "who-0": "sam", "wait-0": "5", "who-1": ["bo", "kit"], "wait-1": "5"}


@pytest.fixture
def ana(house: House) -> Client:
    return house.signs_in(ANA)


def kept() -> list[list[str]]:
    return [list(step.ask) for step in ladder_of(Circle.objects.get(pk=ANA))]


def steps_on(page: str) -> list[list[str]]:
    """Who is in each step of the form on *page*."""
    steps = page.split("data-step=")[1:]
    return [re.findall(r'name="who-\d+" value="(\w+)"', step) for step in steps]


@pytest.mark.parametrize(
    ("press", "becomes"),
    [
        ("up:1", [["bo", "kit"], ["sam"]]),
        ("down:0", [["bo", "kit"], ["sam"]]),
        ("move:1:0", [["bo", "kit"], ["sam"]]),
        ("remove:0", [["bo", "kit"]]),
        ("out:1:bo", [["sam"], ["kit"]]),
        ("carry:kit:1:0", [["sam", "kit"], ["bo"]]),
        ("add", [["sam"], ["bo", "kit"], []]),
        ("up:0", [["sam"], ["bo", "kit"]]),
        ("remove:7", [["sam"], ["bo", "kit"]]),
        ("carry:noa:1:0", [["sam"], ["bo", "kit"]]),
        ("nonsense", [["sam"], ["bo", "kit"]]),
    ],
)
def test_every_press_changes_the_form_and_keeps_nothing(
    ana: Client, press: str, becomes: list[list[str]]
) -> None:
    page = words(ana.post("/ladder", {**SAVED, "do": press}))

    assert steps_on(page) == becomes
    assert kept() == [["sam"], ["bo", "kit"]]


def test_adding_somebody_to_a_step(ana: Client) -> None:
    page = words(ana.post("/ladder", {**SAVED, "new-0": "kit", "do": "in:0"}))
    assert steps_on(page) == [["sam", "kit"], ["bo", "kit"]]


def test_saving_keeps_it_for_the_next_call(house: House, ana: Client) -> None:
    form: Form = {**SAVED, "who-0": ["kit"], "wait-0": "20", "who-1": ["sam", "bo"], "fair-1": "yes"}

    answer = ana.post("/ladder", {**form, "do": "save"})

    assert answer.headers["Location"] == "/ladder?saved"
    assert kept() == [["kit"], ["sam", "bo"]]
    first, second = ladder_of(Circle.objects.get(pk=ANA))
    assert (first.wait, second.fair) == (timedelta(minutes=20), True)
    house.ana_calls()
    assert set(Notification.objects.values_list("person_id", flat=True)) == {KIT}


def test_the_second_of_two_tabs_is_told_and_loses_nothing(ana: Client) -> None:
    ana.post("/ladder", {**SAVED, "who-0": ["kit"], "who-1": ["sam", "bo"], "do": "save"})

    page = words(ana.post("/ladder", {**SAVED, "who-0": ["bo"], "who-1": ["sam"], "do": "save"}), 409)

    assert "Another page saved a different order meanwhile." in page
    assert steps_on(page) == [["bo"], ["sam"]]
    assert "Sam and Bo" in page
    assert kept() == [["kit"], ["sam", "bo"]]
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    ana.post("/ladder", {**SAVED, "version": version[1], "who-0": ["bo"], "who-1": ["sam"], "do": "save"})
    assert kept() == [["bo"], ["sam"]]


def test_nobody_from_outside_gets_onto_a_ladder(ana: Client) -> None:
    a_way(NOA)
    ana.post("/ladder", {**SAVED, "who-0": ["sam", "noa"], "do": "save"})
    assert kept() == [["sam"], ["bo", "kit"]]


def test_somebody_who_left_is_not_saved_back(ana: Client) -> None:
    Membership.objects.filter(person=SAM).update(ended_at="2026-11-21T11:00Z")
    ana.post("/ladder", {**SAVED, "do": "save"})
    assert kept() == [["bo", "kit"]]


def test_a_suggestion_is_only_an_idea(ana: Client) -> None:
    Membership.objects.filter(person=KIT).update(wake_me=True)
    Membership.objects.filter(person__in=[SAM, BO]).update(hours_from=time(8), hours_until=time(22))

    page = words(ana.post("/ladder", {**SAVED, "do": "suggest"}))

    assert steps_on(page) == [["kit"], ["sam", "bo"]]
    assert kept() == [["sam"], ["bo", "kit"]]


def test_a_rehearsal_says_who_would_be_tried_and_sends_nothing(house: House, ana: Client) -> None:
    Membership.objects.filter(person=SAM).update(hours_from=time(8), hours_until=time(22))

    now = words(ana.post("/ladder", {**SAVED, "do": "rehearse:now", "need": "talk"}))
    night = words(ana.post("/ladder", {**SAVED, "do": "rehearse:night", "need": "talk"}))

    assert "Sam by email" in now
    assert "Sun 22 Nov, 03:00" in night
    assert "Sam is left out. It is outside their hours." in night
    assert not Notification.objects.exists()


@pytest.mark.parametrize("wrong", [{"need": "sing"}, {"need": "talk", "at": "25:00", "do": "rehearse:at"}])
def test_a_rehearsal_of_nothing_is_said(ana: Client, wrong: dict[str, str]) -> None:
    page = words(ana.post("/ladder", {**SAVED, "do": "rehearse:now", **wrong}), 422)
    assert "We did not understand that" in page


# ------------------------------------------------------------------------------ what is missing


def found(house: House) -> dict[GapKind, object]:
    return {gap.kind: gap for gap in gaps(ANA, "Europe/Lisbon", house.now)}


def test_hours_without_anybody_are_named(house: House) -> None:
    Membership.objects.update(hours_from=time(9), hours_until=time(17))
    (gap,) = [gap for gap in gaps(ANA, "Europe/Lisbon", house.now) if gap.kind is GapKind.NO_HOURS]
    assert gap.hours == ((17, 9),)

    Membership.objects.filter(person=BO).update(wake_me=True)
    assert GapKind.NO_HOURS not in found(house)


def test_one_way_for_everybody_is_said_until_there_is_another(house: House) -> None:
    assert GapKind.ONE_WAY in found(house)
    a_way(BO, "sms")
    assert GapKind.ONE_WAY not in found(house)


def test_a_way_not_proven_for_five_weeks_is_said(house: House) -> None:
    assert GapKind.NOT_PROVEN not in found(house)
    ContactMethod.objects.filter(person=SAM).update(proven_at=house.now - timedelta(days=36))
    (gap,) = [gap for gap in gaps(ANA, "Europe/Lisbon", house.now) if gap.kind is GapKind.NOT_PROVEN]
    assert gap.names == ("Sam",)


def test_nobody_at_all(house: House) -> None:
    Membership.objects.update(agreed_on=None)
    assert list(found(house)) == [GapKind.NOBODY]
    assert suggested_ladder(ANA, house.now) == ()


def test_who_said_yes_and_is_on_no_step(house: House) -> None:
    house.signs_in(ANA).post("/ladder", {**SAVED, "who-1": ["bo"], "do": "save"})
    (gap,) = [gap for gap in gaps(ANA, "Europe/Lisbon", house.now) if gap.kind is GapKind.NOT_ON_LADDER]
    assert gap.names == ("Kit",)


def test_whoever_offers_to_come_closes_that_gap(house: House) -> None:
    assert {GapKind.NOBODY_COMES, GapKind.NOWHERE_TO_STAY} <= set(found(house))
    Membership.objects.filter(person=KIT).update(offers=["come", "stay"])
    assert {GapKind.NOBODY_COMES, GapKind.NOWHERE_TO_STAY}.isdisjoint(found(house))


def test_an_agreement_that_ends_soon_is_said(house: House) -> None:
    Membership.objects.filter(person=SAM).update(agreed_until=house.now.date() + timedelta(days=5))
    assert GapKind.ENDS_SOON in found(house)
