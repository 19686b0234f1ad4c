"""Keys of members for what Ana may show them one day, and the notes they leave her."""

import pytest
from django.test import Client

from nightlight.store.models import (
    Membership,
    PlanOpening,
    PlanShare,
    SealedNote,
    SupporterKey,
)
from nightlight.store.plan_files import NOTE_BYTES_MAX, NOTES_MAX
from nightlight.store.plan_shares import KEYS_MAX
from tests.factories import a_person
from tests.people import ANA, BO, NOA, SAM
from tests.web.house import House
from tests.web.plans import (
    OTHER_KEY,
    delete,
    everything_of,
    gets_a_key,
    opens,
    own_id,
    post,
    sealed,
    shares_with_sam,
    with_a_plan,
)
from tests.web.supporters import circle_page, member, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def ana(house: House) -> Client:
    """Ana's browser; she has a plan of three parts."""
    return with_a_plan(house)


@pytest.fixture
def sam(house: House, ana: Client) -> str:
    """The id of Sam's key, for which Ana sealed two parts."""
    return shares_with_sam(house, ana)


def test_a_fourth_browser_pushes_none_out_and_ana_takes_one_away(house: House, ana: Client, sam: str) -> None:
    assert gets_a_key(house) == sam  # the same browser once more
    shared = everything_of(ana)["shares"]
    more = ["age1" + letter * 58 for letter in "prtw"]
    found = []
    for recipient in more[: KEYS_MAX - 1]:
        house.pass_time(minutes=1)
        found.append(gets_a_key(house, recipient=recipient))
    address = f"{circle_page(page_of(house))}/plan/key"
    for recipient in more[KEYS_MAX - 1 :]:
        answer = post(house.browser, address, {"recipient": recipient}, 409)
        assert "the person whose plan it is takes one away first" in str(answer)

    assert SupporterKey.objects.count() == KEYS_MAX
    assert everything_of(ana)["shares"] == shared != []

    a_person(NOA)
    delete(house.signs_in(NOA), f"/plan/keys/{found[0]}", 404)
    delete(ana, f"/plan/keys/{found[0]}")
    delete(ana, f"/plan/keys/{found[0]}", 404)
    gets_a_key(house, recipient=more[-1])
    assert everything_of(ana)["shares"] == shared
    delete(ana, f"/plan/keys/{sam}")
    assert everything_of(ana)["shares"] == []


def test_a_key_needs_a_member_with_a_good_link(house: House, ana: Client) -> None:
    page, sams = page_of(house), member().pk
    bos = Membership.objects.get(circle=ANA, person=BO).pk
    for address in (f"{page}/circles/{bos}", f"/s/{'x' * 32}/circles/{sams}"):
        for what in ("/plan", "/plan/all"):
            assert house.browser.get(address + what).status_code == 404
        sent = house.browser.post(
            f"{address}/plan/key", {"recipient": OTHER_KEY}, content_type="application/json"
        )
        assert sent.status_code == 404
    post(house.browser, f"{page}/circles/{sams}/plan/key", {"recipient": "age1"}, 422)
    assert not SupporterKey.objects.exists()


def note_of(house: House, words: str, status: int = 201, person: str = SAM) -> str:
    page = circle_page(page_of(house, person), person)
    post(house.browser, f"{page}/plan/notes", {"id": own_id(words), "body": sealed(words)}, status)
    return own_id(words)


def test_sam_leaves_a_note_that_ana_can_take_away_without_a_word(house: House, ana: Client) -> None:
    note = note_of(house, "for a bad night")
    note_of(house, "for a bad night")  # the same once more, because its answer got lost

    (shown,) = everything_of(ana)["notes"]
    assert (shown["id"], shown["body"]) == (note, sealed("for a bad night"))
    assert shown["writer"] == {"id": str(member().pk), "name": "Sam"}

    page = f"{circle_page(page_of(house))}/plan/all"
    before = house.browser.get(page).json()
    a_person(NOA)
    delete(house.signs_in(NOA), f"/plan/notes/{note}", 404)
    delete(ana, f"/plan/notes/{note}")
    assert everything_of(ana)["notes"] == []
    assert house.browser.get(page).json() == before


def test_notes_are_few_short_and_each_has_an_id_of_its_own(house: House, ana: Client) -> None:
    note = note_of(house, "mine")
    page = circle_page(page_of(house, BO), BO)
    post(house.browser, f"{page}/plan/notes", {"id": note, "body": sealed("other words")}, 409)
    note_of(house, "x" * (NOTE_BYTES_MAX + 1), 422)
    for number in range(NOTES_MAX - 1):
        note_of(house, f"note {number}")
    note_of(house, "one more", 422)
    note_of(house, "Bo's", person=BO)
    assert SealedNote.objects.count() == NOTES_MAX + 1


def test_without_a_plan_there_is_nothing_to_seal_a_note_to(house: House) -> None:
    note_of(house, "hello", 404)
    page = f"{circle_page(page_of(house))}/plan/all"
    assert house.browser.get(page).json()["person"] is None


def test_erasing_the_plan_takes_what_others_sealed_for_it(house: House, ana: Client, sam: str) -> None:
    note_of(house, "for a bad night")
    ana.post("/plan/card", {"text": "Ring first."})
    house.ana_calls()
    house.says(SAM, "yes")
    opens(house, SAM)

    ana.post("/plan/erase", {"sure": "yes"})

    assert opens(house, SAM) == {"person": None, "shares": [], "card": ""}
    for model in (PlanShare, SupporterKey, SealedNote, PlanOpening):
        assert not model._default_manager.exists()
    assert everything_of(ana)["card"] == ""
