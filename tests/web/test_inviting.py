"""Ana invites Kit: her side, as pages, without any script."""

import re
from urllib.parse import quote

import pytest
from django.test import Client

from nightlight.store.invitations import CIRCLE_MAX, INVITATION_LASTS
from nightlight.store.models import Host, Invitation, Membership, Notice, Person
from tests.factories import a_circle, a_member
from tests.people import ANA, BO, NOA
from tests.web.house import House, everything, words
from tests.web.invited import ASKED, ana_of, field, invites, link_on, number_of


@pytest.fixture
def ana(house: House) -> Client:
    """Ana, signed in. Kit was in her circle and left."""
    return ana_of(house)


def test_ana_gets_a_link_which_she_hands_over_herself(house: House, ana: Client) -> None:
    page = words(ana.get("/circle/invite"))
    assert "Whom would you like to ask?" in page
    assert "It is fine to say no." in page

    shown = words(ana.get(invites(ana)))

    link = f"https://circle.example.org{link_on(shown)}"
    said = quote(f"You make me laugh.\n\n{link}", safe="")
    assert f'href="sms:?&amp;body={said}"' in shown
    assert f"&amp;body={said}" in shown.split("mailto:?subject=")[1]
    assert "Hand this link to Kit." in shown
    assert "No answer yet." in shown
    assert not Notice.objects.exists()


def test_she_sees_beforehand_what_they_will_see_and_cannot_answer_for_them(house: House, ana: Client) -> None:
    address = invites(ana)
    before = everything()

    page = words(ana.get(f"{address}?look"))

    assert "Ana would like you in the circle, Kit." in page
    assert "You make me laugh." in page
    assert "<fieldset disabled>" in page
    assert everything() == before


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": " "}, "Please write a name"),
        ({"name": "K" * 101}, "Please make it shorter."),
        ({"offers": []}, "Please tick at least one."),
        ({"offers": ["fly"]}, "Please tick at least one."),
        ({"words": "long" * 300}, "Please make it shorter."),
    ],
)
def test_what_is_not_right_is_said_at_its_field_and_what_was_typed_stays(
    house: House, ana: Client, wrong: dict[str, object], says: str
) -> None:
    typed = ASKED | wrong

    page = words(ana.post("/circle/invite", typed), 422)

    assert says in page
    [place] = re.findall(r'href="#([\w-]+-wrong)"', page)
    assert f'id="{place}"' in page
    assert str(typed["words"]) in page
    assert field(page, "name") == str(typed["name"]).strip()
    assert not Invitation.objects.exists()


def test_a_full_circle_takes_nobody_in(house: House, ana: Client) -> None:
    for number in range(CIRCLE_MAX - Membership.objects.filter(circle=ANA, ended_at=None).count()):
        a_member(type(ANA)(f"friend{number}"))

    assert 'name="offers"' not in words(ana.get("/circle/invite"))
    assert 'name="offers"' in words(ana.get(f"/circle/invite?member={number_of(BO)}"))
    page = words(ana.post("/circle/invite", ASKED), 422)

    assert "Your circle is full" in page
    assert field(page, "name") == "Kit"
    assert not Invitation.objects.exists()


def test_what_was_taken_back_cannot_be_handed_over(house: House, ana: Client) -> None:
    address = invites(ana)
    link = link_on(words(ana.get(address)))

    assert "You took it back." in words(ana.post(address, {"do": "withdraw"}))
    assert "cannot be handed over" in words(ana.get(address))
    assert "/i/" not in words(ana.get(address))
    assert "Nothing was changed." in words(ana.post(address, {"do": "renew"}), 422)
    assert "Nothing was changed." in words(ana.post(address, {"do": "withdraw"}), 422)
    assert "This link has run out." in house.shows(link, status=410)


def test_a_new_link_ends_the_one_before(house: House, ana: Client) -> None:
    address = invites(ana)
    before = link_on(words(ana.get(address)))
    house.pass_time(days=INVITATION_LASTS.days)
    ana = house.signs_in(ANA)
    assert "The link for Kit ran out." in words(ana.get(address))

    after = link_on(words(ana.post(address, {"do": "renew"})))

    assert house.shows(before, status=404)
    assert "Ana would like you in the circle, Kit." in house.shows(after)


def test_a_button_nobody_knows_changes_nothing(house: House, ana: Client) -> None:
    address = invites(ana)
    before = everything()

    assert "nothing has changed" in words(ana.post(address, {"do": "dance"}), 422)
    assert everything() == before


def test_noa_finds_nothing_here_and_strangers_sign_in_first(house: House, ana: Client) -> None:
    a_circle(NOA)
    address = invites(ana)
    noa = house.signs_in(NOA)
    before = everything()

    for answer in (
        noa.get(address),
        noa.get(f"{address}?look"),
        noa.post(address, {"do": "withdraw"}),
        noa.post(address, {"do": "renew"}),
        noa.get(f"/circle/invite?member={number_of(BO)}"),
        noa.post("/circle/invite", ASKED | {"member": number_of(BO)}),
        ana.get("/circle/invitations/0000"),
        ana.get(f"/circle/invite?member={BO}"),
        ana.get("/circle/invite?member=99999"),
    ):
        assert answer.status_code == 404
    for path in (address, "/circle/invite"):
        answer = house.browser.get(path)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/sign-in")
    assert everything() == before


def test_a_minor_reads_the_rule_before_she_writes_anything(house: House, ana: Client) -> None:
    assert "grown up" not in words(ana.get("/circle/invite"))
    Person.objects.filter(pk=ANA).update(is_minor=True)
    Host.objects.update(adult_age=18, minors="approve", minors_approved_by="Mira at Harbour House")

    page = words(ana.get("/circle/invite"))
    assert "Mira at Harbour House says yes to your circle first." in page
    assert "<textarea" not in page
    assert words(ana.post("/circle/invite", ASKED), 422)
    assert not Invitation.objects.exists()

    Person.objects.filter(pk=ANA).update(approved_at=house.now)
    Membership.objects.update(is_adult=False)
    assert "Your circle needs one grown-up at least." in words(ana.get("/circle/invite"))
    invites(ana, is_parent="on")
    assert "needs one grown-up" not in words(ana.get("/circle/invite"))
    refused = words(ana.post("/circle/invite", ASKED | {"is_parent": "on"}), 422)
    assert "one parent at most" in refused
    assert Invitation.objects.count() == 1
