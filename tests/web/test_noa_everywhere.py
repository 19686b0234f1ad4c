"""Noa has a circle of her own. Every address there is, tried by her: of Ana's circle she finds nothing.

An address that is new has to be put into one of the lists below before these tests pass.
"""

import re

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from nightlight.store.here_notes import write_here
from nightlight.store.models import Account, Invitation, Membership, Passkey
from nightlight.store.sealing import seal
from tests.factories import a_check_in, a_member, a_person
from tests.people import ANA, BO, KIT, NOA, SAM
from tests.web.house import House, everything
from tests.web.plans import begins_a_plan, delete, gets_a_key, own_id, post, sealed, shares
from tests.web.supporters import circle_page, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

WITH_A_SECRET = "token"
"""Whoever holds it may open it: nobody can guess 192 bits, and Noa does not hold one of Ana's."""
OF_ANA = re.compile(r"\b(Ana|Sam|Bo)\b")


def addresses() -> list[str]:
    """Every pattern, as it is written."""
    return [str(p.pattern) for p in get_resolver().url_patterns if isinstance(p, URLPattern)]


def names_of(pattern: str) -> set[str]:
    return set(re.findall(r"<(?:\w+:)?(\w+)>", pattern))


def filled(pattern: str, values: dict[str, str]) -> str:
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], pattern)


@pytest.fixture
def anas(house: House) -> dict[str, dict[str, str]]:
    """What Ana has, by the address it stands at."""
    alert = house.ana_calls()
    write_here(ANA, "At the library.", [SAM], house.now.replace(hour=20), house.now)
    house.signs_in(ANA)
    Passkey.objects.create(
        credential="a-key-of-anas", account=Account.objects.get(person=ANA), created_at=house.now
    )
    invitation = Invitation.objects.create(
        id="1234abcd",
        circle_id=ANA,
        token_hash="0" * 64,
        token_sealed=seal("t" * 32),
        name="Ida",
        created_at=house.now,
        expires_at=house.now.replace(year=2027),
    )
    sam = Membership.objects.get(circle=ANA, person=SAM)
    check_in = {"id": a_check_in(told=(SAM,), noted=(BO,)).pk}
    return {
        "desk/calls/<call:id>": {"id": alert},
        "api/v1/calls/<call:id>": {"id": alert},
        "check-ins/<call:id>": check_in,
        "check-ins/<call:id>/change": check_in,
        "check-ins/<call:id>/pause": check_in,
        "circle/members/<int:number>": {"number": str(sam.pk)},
        "circle/invitations/<call:id>": {"id": invitation.pk},
        "me/passkeys/<id>": {"id": "a-key-of-anas"},
        **what_she_sealed(house),
    }


def what_she_sealed(house: House) -> dict[str, dict[str, str]]:
    """A plan with a part that Sam may read and a note that he left, by the address of each."""
    ana = house.signs_in(ANA)
    begins_a_plan(ana, "signs")
    key = gets_a_key(house)
    shares(ana, "signs", key, "a share")
    note = {"id": own_id("a note"), "body": sealed("for Ana")}
    post(house.browser, f"{circle_page(page_of(house))}/plan/notes", note, 201)
    things = {"parts": "signs", "slots": "phone", "shares": "a share", "notes": "a note"}
    kept = {f"plan/{where}/<own:id>": {"id": own_id(name)} for where, name in things.items()}
    return {**kept, "plan/keys/<own:id>": {"id": key}}


@pytest.fixture
def noa(house: House) -> Client:
    """Noa's browser, signed in; Kit, whom Ana has asked too, is in her circle."""
    a_person(NOA)
    a_member(KIT, of=NOA)
    client = house.signs_in(NOA)
    begins_a_plan(client)
    delete(client, f"/plan/slots/{own_id('phone')}")
    return client


def test_every_address_of_a_thing_is_in_one_of_the_lists(anas: dict[str, dict[str, str]]) -> None:
    owned = {
        each for each in addresses() if names_of(each) - {WITH_A_SECRET, "channel", "provider", "secret"}
    }
    assert {each for each in owned if WITH_A_SECRET not in names_of(each)} == anas.keys()


def test_nothing_of_anas_is_there_for_noa(anas: dict[str, dict[str, str]], noa: Client) -> None:
    before = everything()
    for pattern, values in anas.items():
        address = filled(pattern, values)
        for answer in (
            noa.get(address),
            noa.post(address, {"do": "remove", "answer": "yes"}),
            noa.delete(address),
        ):
            # The desk and the programs' doors are shut before they look; the rest is not there.
            shut = {403} if address.startswith("/desk") else {401} if address.startswith("/api") else {404}
            shut |= {405}  # where the method alone is refused, nothing was looked for either
            assert answer.status_code in shut, address
            assert not OF_ANA.search(answer.content.decode()), address
    assert everything() == before


def test_a_made_up_secret_opens_nothing(house: House, noa: Client, anas: dict[str, dict[str, str]]) -> None:
    before = everything()
    for pattern in addresses():
        if WITH_A_SECRET in names_of(pattern):
            values = dict.fromkeys(names_of(pattern), "1") | {WITH_A_SECRET: "x" * 32}
            for answer in (noa.get(filled(pattern, values)), noa.post(filled(pattern, values), {"do": "x"})):
                assert answer.status_code in {403, 404, 405, 410}, pattern
                assert not OF_ANA.search(answer.content.decode()), pattern
    assert everything() == before


def test_every_other_page_shows_noa_only_her_own(noa: Client, anas: dict[str, dict[str, str]]) -> None:
    for pattern in addresses():
        if not names_of(pattern):
            shown = noa.get("/" + pattern).content.decode()
            assert not OF_ANA.search(shown), pattern


def test_sam_learns_nothing_of_bo(house: House, anas: dict[str, dict[str, str]]) -> None:
    for answer in ("yes", "renew", "hand_on"):
        assert not re.search(r"\b(Bo|Kit)\b", house.says(SAM, answer))
    assert BO != SAM
