"""Ana opens her plan on another phone: a ticket, four words that both show, her yes, and once what it opens."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from nightlight.store.models import AccountSession, PlanPairing, PlanSlot, SignIn
from nightlight.store.plan_pairing import TICKETS_LAST
from tests.factories import a_person
from tests.people import ANA, NOA
from tests.web.house import House, everything, words
from tests.web.plans import (
    CHECKS,
    KEY,
    OTHER_KEY,
    a_slot,
    begins_a_plan,
    delete,
    everything_of,
    own_id,
    post,
    sealed,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ASKING = {"recipient": OTHER_KEY, "proof": "p" * 43, "label": "the new one"}
ALLOWING = {"slot": a_slot(name="the new one")}


@pytest.fixture
def ana(house: House) -> Client:
    """The phone on which Ana has her plan."""
    client = house.signs_in(ANA)
    begins_a_plan(client)
    return client


@pytest.fixture
def other() -> Client:
    """Her other phone, on which nobody is signed in."""
    return Client()


def ticket_of(ana: Client) -> str:
    return f"/t/{post(ana, '/plan/phones', status=201)['ticket']}"


def state_of(ana: Client) -> Any:
    return ana.get("/plan/phones").json()


def test_another_phone_opens_the_plan_after_a_yes_and_is_signed_in(ana: Client, other: Client) -> None:
    assert state_of(ana) == {"state": "none", "recipient": "", "proof": "", "label": ""}
    ticket = ticket_of(ana)
    assert state_of(ana)["state"] == "waiting"
    assert "this phone" in words(other.get(ticket))

    post(other, ticket, ASKING)
    assert state_of(ana) == {"state": "asked", **ASKING}
    assert post(other, f"{ticket}/now") == {"state": "waiting"}
    assert other.get("/plan/all").status_code == 401

    post(ana, "/plan/phones/allow", ALLOWING)
    post(ana, "/plan/phones/allow", ALLOWING)  # once more, because its answer got lost
    got = post(other, f"{ticket}/now")

    assert (got["state"], got["person"]) == ("done", ANA)
    assert (got["vault"]["recipient"], got["vault"]["verify_key"]) == (KEY, CHECKS)
    assert got["slot"]["body"] == sealed("the secret, for the new one")
    assert state_of(ana)["state"] == "done"
    assert [each["label"] for each in everything_of(other)["slots"]] == ["my phone", "my the new one"]
    assert "Your other phone" in words(ana.get("/me/sessions"))


def test_a_link_of_noas_leads_nobody_else_into_her_account(house: House, ana: Client, other: Client) -> None:
    """Else Noa sends Ana a link, and from then on Ana writes into a plan that Noa reads."""
    a_person(NOA)
    noa = house.signs_in(NOA)
    begins_a_plan(noa)
    ticket = ticket_of(noa)
    before, session = everything(), ana.cookies["session"].value

    page = words(ana.get(ticket))
    assert "It is the plan of Noa." in page
    assert "Here Ana is signed in." in page
    assert "Yes, open it here" not in page
    post(ana, ticket, ASKING, 409)
    post(ana, f"{ticket}/now", status=409)
    assert everything() == before

    post(other, ticket, ASKING)
    post(noa, "/plan/phones/allow", ALLOWING)
    other.cookies["session"] = session  # Ana signed in there meanwhile
    post(other, f"{ticket}/now", status=409)
    assert other.cookies["session"].value == session
    assert AccountSession.objects.filter(is_lent=True).count() == 0


def test_whose_plan_it_is_stands_on_the_page(house: House, ana: Client, other: Client) -> None:
    ticket = ticket_of(ana)
    for phone in (other, house.signs_in(ANA)):
        page = words(phone.get(ticket))
        assert "It is the plan of Ana." in page
        assert "Yes, open it here" in page


def test_what_was_allowed_is_given_once_and_only_to_the_phone_that_asked(
    house: House, ana: Client, other: Client
) -> None:
    """Whoever photographed the ticket gets neither the slot nor a session, however quick they are."""
    thief, ticket = Client(), ticket_of(ana)
    post(other, ticket, ASKING)
    post(thief, ticket, {**ASKING, "recipient": KEY}, 409)
    assert state_of(ana)["recipient"] == OTHER_KEY
    post(ana, "/plan/phones/allow", ALLOWING)
    before = everything()

    post(thief, f"{ticket}/now", status=404)
    thief.cookies["phone"] = "x" * 32
    post(thief, f"{ticket}/now", status=404)
    assert everything() == before

    asker = other.cookies["phone"].value
    assert "slot" in post(other, f"{ticket}/now")
    other.cookies["phone"] = asker
    assert post(other, f"{ticket}/now") == {"state": "done"}
    assert AccountSession.objects.filter(is_lent=True).count() == 1
    assert SignIn.objects.filter(how="phone", accepted=True).count() == 1


def test_a_phone_that_was_let_in_cannot_change_how_the_account_opens(ana: Client, other: Client) -> None:
    """Else a phone left open for a minute would be enough to shut Ana out."""
    ticket = ticket_of(ana)
    post(other, ticket, ASKING)
    post(ana, "/plan/phones/allow", ALLOWING)
    post(other, f"{ticket}/now")

    chosen = {"do": "set", "sign_in_name": "ana-b", "passphrase": "kettle anchor violet tram"}
    before = everything()
    refused = other.post("/me/passphrase", chosen)

    assert refused.status_code == 403
    assert everything() == before
    assert ana.post("/me/passphrase", chosen).status_code == 200  # she signed in there herself, just now


def test_a_no_ends_it(ana: Client, other: Client) -> None:
    ticket = ticket_of(ana)
    post(other, ticket, ASKING)

    post(ana, "/plan/phones/refuse")

    assert state_of(ana)["state"] == "none"
    post(other, f"{ticket}/now", status=404)
    assert other.get(ticket).status_code == 404
    post(ana, "/plan/phones/allow", ALLOWING, 404)
    assert PlanSlot.objects.count() == 1


def test_a_yes_before_any_phone_asked_is_a_yes_to_nobody(ana: Client) -> None:
    post(ana, "/plan/phones/allow", ALLOWING, 404)
    ticket_of(ana)
    post(ana, "/plan/phones/allow", ALLOWING, 404)
    post(ana, "/plan/phones/allow", {"slot": {**a_slot(), "kind": "C"}}, 422)
    assert PlanSlot.objects.count() == 1


def test_after_ten_minutes_it_is_over_and_the_next_one_clears_it_away(
    house: House, ana: Client, other: Client
) -> None:
    ticket = ticket_of(ana)
    post(other, ticket, ASKING)
    house.now += TICKETS_LAST

    assert state_of(ana)["state"] == "none"
    post(ana, "/plan/phones/allow", ALLOWING, 404)
    post(other, f"{ticket}/now", status=404)
    assert other.get(ticket).status_code == 404
    a_person(NOA)
    noa = house.signs_in(NOA)
    begins_a_plan(noa)
    ticket_of(noa)
    assert [row.vault_id for row in PlanPairing.objects.all()] == [NOA]


def test_a_new_ticket_ends_the_one_before(house: House, ana: Client, other: Client) -> None:
    first, second = ticket_of(ana), ticket_of(ana)
    assert other.get(first).status_code == 404
    post(other, first, ASKING, 404)
    house.now += TICKETS_LAST - timedelta(seconds=1)
    post(other, second, ASKING)


def test_without_a_plan_there_is_no_ticket_and_nobody_else_sees_anas(house: House, ana: Client) -> None:
    ticket_of(ana)
    a_person(NOA)
    noa = house.signs_in(NOA)
    assert state_of(noa)["state"] == "none"
    post(noa, "/plan/phones", status=404)
    post(noa, "/plan/phones/allow", ALLOWING, 404)
    post(noa, "/plan/phones/refuse")
    assert state_of(ana)["state"] == "waiting"


def test_looking_asks_nothing_and_what_is_sent_is_read_carefully(ana: Client, other: Client) -> None:
    ticket = ticket_of(ana)
    before = everything()
    for method in (other.get, other.head):
        assert method(ticket).status_code == 200
        assert method(f"{ticket}/now").status_code == 405
    for change in ({"recipient": "age1"}, {"proof": ""}, {"label": "x" * 41}, {"more": "x"}):
        post(other, ticket, {**ASKING, **change}, 422)
    assert everything() == before


def test_a_slot_that_is_taken_away_before_it_was_fetched_gives_nothing(ana: Client, other: Client) -> None:
    ticket = ticket_of(ana)
    post(other, ticket, ASKING)
    post(ana, "/plan/phones/allow", ALLOWING)
    delete(ana, f"/plan/slots/{own_id('the new one')}")

    assert post(other, f"{ticket}/now") == {"state": "done"}
    assert other.get("/plan/all").status_code == 401


def test_a_phone_that_is_taken_off_the_plan_is_signed_out_as_well(
    house: House, ana: Client, other: Client
) -> None:
    """Its own session alone: not the one of the phone that takes it off, nor any that Ana opened by a secret."""
    third = house.signs_in(ANA)
    ticket = ticket_of(ana)
    post(other, ticket, ASKING)
    post(ana, "/plan/phones/allow", ALLOWING)
    post(other, f"{ticket}/now")
    assert everything_of(other)["person"] == ANA

    delete(ana, f"/plan/slots/{own_id('the new one')}")

    assert other.get("/plan/all").status_code == 401
    for phone in (ana, third):
        assert everything_of(phone)["person"] == ANA
