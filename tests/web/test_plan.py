"""Ana's sealed plan: begun, changed on two phones, opened in more ways than one, looked at again, erased."""

from datetime import timedelta

import pytest
from django.test import Client

from nightlight.store.models import Account, PlanPart, PlanSlot, PlanVault
from nightlight.store.plan_files import PART_BYTES_MAX, PARTS_MAX, SLOTS_MAX
from nightlight.store.plans import LOOK_AGAIN_AFTER
from nightlight.store.sealing import unseal
from nightlight.store.sessions import new_session
from nightlight.web.session import COOKIE
from nightlight.web.ways_in import FRESH
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
    put,
    put_part,
    sealed,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def ana(house: House) -> Client:
    """Ana's browser, signed in."""
    return house.signs_in(ANA)


@pytest.fixture
def noa(house: House) -> Client:
    """Noa's, signed in too."""
    a_person(NOA)
    return house.signs_in(NOA)


def test_before_the_first_page_there_is_nothing_and_no_question(ana: Client) -> None:
    told = everything_of(ana)

    assert told["person"] == ANA
    assert (told["vault"], told["look_again"], told["slots"], told["parts"]) == (None, False, [], [])
    assert [each["name"] for each in told["supporters"]] == ["Sam", "Bo", "Kit"]


def test_a_plan_is_begun_once_and_a_lost_answer_asked_for_again(ana: Client) -> None:
    begins_a_plan(ana)
    again = {"recipient": KEY, "verify_key": CHECKS, "slot": a_slot()}
    post(ana, "/plan/vault", again, 200)
    post(ana, "/plan/vault", {**again, "recipient": OTHER_KEY}, 409)

    told = everything_of(ana)

    assert told["vault"]["recipient"] == KEY
    assert told["vault"]["words_later"] == 0
    assert [(each["kind"], each["label"]) for each in told["slots"]] == [("A", "my phone")]


def test_what_comes_back_is_what_was_sealed_and_the_same_answer_is_sent_once(ana: Client) -> None:
    begins_a_plan(ana, "signs")
    first = ana.get("/plan/all")

    assert first.json()["parts"] == [
        {"id": own_id("signs"), "revision": 1, "body": sealed("words on signs")},
    ]
    again = ana.get("/plan/all", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    put_part(ana, "signs", "other words", revision=1)
    assert ana.get("/plan/all", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_two_phones_change_one_part_and_the_second_hears_of_the_first(ana: Client) -> None:
    begins_a_plan(ana, "signs")

    assert put_part(ana, "signs", "the first phone", revision=1) == {"revision": 2}
    refused = put_part(ana, "signs", "the second phone", revision=1, status=412)

    assert refused == {"revision": 2, "body": sealed("the first phone")}
    assert put_part(ana, "signs", "both", revision=2) == {"revision": 3}
    # The same once more, because its answer got lost.
    assert put_part(ana, "signs", "both", revision=2) == {"revision": 3}


def test_a_part_that_was_taken_away_meanwhile_is_not_written_over_silently(ana: Client) -> None:
    begins_a_plan(ana, "signs")
    delete(ana, f"/plan/parts/{own_id('signs')}")

    assert put_part(ana, "signs", "more", revision=1, status=412) == {"revision": 0, "body": None}
    assert put_part(ana, "signs", "more", revision=0) == {"revision": 1}
    delete(ana, f"/plan/parts/{own_id('alone')}", 404)


def test_nobody_else_finds_changes_or_takes_away_any_of_it(ana: Client, noa: Client) -> None:
    begins_a_plan(ana, "signs")
    put(ana, f"/plan/slots/{own_id('words')}", {"kind": "C", "label": "", "body": sealed("words")})
    before = everything()

    told = everything_of(noa)
    for address in (f"/plan/parts/{own_id('signs')}", f"/plan/slots/{own_id('words')}"):
        delete(noa, address, 404)
    put_part(noa, "signs", "mine", status=404)
    assert (told["vault"], told["parts"], told["slots"], told["supporters"]) == (None, [], [], [])
    assert everything() == before

    # The same ids in a plan of her own are hers, and Ana's stay as they are.
    begins_a_plan(noa, "signs")
    put_part(noa, "signs", "Noa's", revision=1)
    assert everything_of(ana)["parts"][0]["body"] == sealed("words on signs")


def test_without_a_session_scripts_hear_401_and_pages_lead_to_the_sign_in(house: House, ana: Client) -> None:
    begins_a_plan(ana, "signs")
    before, stranger = everything(), house.browser
    part, slot = f"/plan/parts/{own_id('signs')}", f"/plan/slots/{own_id('phone')}"

    for answer in (
        stranger.get("/plan/all"),
        stranger.put(part, {"body": sealed("x"), "revision": 1}, content_type="application/json"),
        stranger.delete(part),
        stranger.delete(slot),
        stranger.post("/plan/vault", {}, content_type="application/json"),
        stranger.post("/plan/later"),
        stranger.post("/plan/looked"),
        stranger.delete("/plan/shares?supporter=1"),
        stranger.post("/plan/phones"),
        stranger.post("/plan/phones/allow", {}, content_type="application/json"),
    ):
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"
    for page in ("/plan", "/plan/card", "/plan/erase"):
        assert stranger.get(page)["Location"].startswith("/sign-in?next=%2Fplan")
    assert everything() == before


def test_another_sites_page_changes_nothing(ana: Client) -> None:
    begins_a_plan(ana, "signs")
    before = everything()
    elsewhere = {"Origin": "https://evil.example"}

    for address in ("/plan/later", "/plan/looked", "/plan/erase"):
        assert ana.post(address, {"sure": "yes"}, headers=elsewhere).status_code == 403
    assert ana.delete(f"/plan/parts/{own_id('signs')}", headers=elsewhere).status_code == 403
    # A form of any page may post plain text; it is not read.
    posted = ana.post("/plan/vault", "{}", content_type="text/plain")
    assert posted.status_code == 422
    assert everything() == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"recipient": "age1short"}, "recipient"),
        ({"recipient": KEY + "q"}, "recipient"),
        ({"verify_key": "v" * 43 + "\n"}, "verify_key"),
        ({"slot": {**a_slot(), "kind": "D"}}, "kind"),
        ({"slot": {**a_slot(), "id": "phone"}}, "id"),
        ({"slot": {**a_slot(), "label": "x" * 41}}, "label"),
        ({"slot": {**a_slot(), "body": "not a file!"}}, "body"),
        ({"slot": {**a_slot(), "body": "abcde"}}, "base64url"),
        ({"slot": {**a_slot(), "body": "A" * 6000}}, "body"),
        ({"slot": {**a_slot(), "label": "\ud800"}}, "letter"),
        ({"secret": "s"}, "secret"),
    ],
)
def test_what_no_browser_of_ours_sends_is_refused_with_what_was_wrong(
    ana: Client, change: dict[str, object], said: str
) -> None:
    sent = {"recipient": KEY, "verify_key": CHECKS, "slot": a_slot(), **change}

    refused = post(ana, "/plan/vault", sent, 422)

    assert said in refused["detail"]
    assert not PlanVault.objects.exists()


def test_a_plan_does_not_grow_beyond_measure(ana: Client) -> None:
    begins_a_plan(ana, *(f"part {number}" for number in range(PARTS_MAX)))
    put_part(ana, "one more", status=422)
    put_part(ana, "part 0", "x" * (PART_BYTES_MAX + 1), revision=1, status=422)
    put_part(ana, "part 0", "x" * PART_BYTES_MAX, revision=1)
    for number in range(1, SLOTS_MAX):
        put(ana, f"/plan/slots/{own_id(f'slot {number}')}", {"kind": "A", "label": "", "body": sealed("s")})
    assert (PlanPart.objects.count(), PlanSlot.objects.count()) == (PARTS_MAX, SLOTS_MAX)


def test_the_oldest_phone_makes_room_for_a_new_one_and_words_never_do(ana: Client) -> None:
    begins_a_plan(ana)
    put(ana, f"/plan/slots/{own_id('words')}", {"kind": "C", "label": "", "body": sealed("words")})
    for number in range(2, SLOTS_MAX):
        put(ana, f"/plan/slots/{own_id(f'slot {number}')}", {"kind": "A", "label": "", "body": sealed("s")})
    put(ana, f"/plan/slots/{own_id('new')}", {"kind": "A", "label": "", "body": sealed("new")})
    there = {each["id"] for each in everything_of(ana)["slots"]}
    assert len(there) == SLOTS_MAX
    assert own_id("phone") not in there
    assert {own_id("words"), own_id("slot 2"), own_id("new")} <= there

    PlanSlot.objects.update(kind="C")
    refused = put(ana, f"/plan/slots/{own_id('last')}", {"kind": "A", "label": "", "body": sealed("s")}, 422)
    assert str(SLOTS_MAX) in refused["detail"]
    assert {each["id"] for each in everything_of(ana)["slots"]} == there


def test_the_last_words_are_not_taken_away_by_mistake(ana: Client) -> None:
    begins_a_plan(ana)
    delete(ana, f"/plan/slots/{own_id('phone')}")  # a phone's own may go: there were no words to lose
    for kind in ("C", "E"):
        put(ana, f"/plan/slots/{own_id(kind)}", {"kind": kind, "label": kind, "body": sealed(kind)})

    delete(ana, f"/plan/slots/{own_id('E')}")
    delete(ana, f"/plan/slots/{own_id('C')}", 409)
    delete(ana, f"/plan/slots/{own_id('C')}?last=no", 409)
    assert [each["kind"] for each in everything_of(ana)["slots"]] == ["C"]
    delete(ana, f"/plan/slots/{own_id('C')}?last=yes")
    delete(ana, f"/plan/slots/{own_id('C')}", 404)


def test_a_label_is_kept_sealed(ana: Client) -> None:
    begins_a_plan(ana)
    kept = PlanSlot.objects.get().label_sealed
    assert "phone" not in kept
    assert unseal(kept) == "my phone"


def test_the_words_can_be_put_off_three_times(ana: Client) -> None:
    post(ana, "/plan/later", status=404)
    begins_a_plan(ana)

    assert [post(ana, "/plan/later")["words_later"] for _ in range(3)] == [1, 2, 3]
    post(ana, "/plan/later", status=409)
    assert everything_of(ana)["vault"]["words_later"] == 3


def looks_again(ana: Client) -> bool:
    return bool(everything_of(ana)["look_again"])


def test_it_is_looked_at_again_after_a_call_it_was_there_for_and_every_three_months(
    house: House, ana: Client
) -> None:
    house.ana_calls()
    house.pass_time(minutes=1)
    begins_a_plan(ana)
    house.pass_time(minutes=1)
    house.does(house.own_page(), "resolve")
    assert not looks_again(ana)  # it was not there yet

    house.ana_calls()
    assert not looks_again(ana)
    house.pass_time(minutes=5)
    house.does(house.own_page(), "resolve")
    assert looks_again(ana)
    house.pass_time(minutes=1)
    post(ana, "/plan/looked")
    assert not looks_again(ana)

    house.now += LOOK_AGAIN_AFTER - timedelta(days=40)
    assert not looks_again(house.signs_in(ANA))
    house.now += timedelta(days=40)
    assert looks_again(house.signs_in(ANA))


def test_the_page_is_the_same_for_everybody(house: House, ana: Client, noa: Client) -> None:
    begins_a_plan(ana)
    page = ana.get("/plan").content
    assert page == noa.get("/plan").content
    assert b"Ana" not in page


def test_the_card_is_written_on_a_plain_page(house: House, ana: Client) -> None:
    assert "not sealed" in words(ana.get("/plan/card"))
    assert ana.post("/plan/card", {"text": "Ring first, then come."}).status_code == 303
    assert "Ring first, then come." in words(ana.get("/plan/card?kept"))
    assert everything_of(ana)["card"] == "Ring first, then come."

    assert "at most 1000" in words(ana.post("/plan/card", {"text": "x" * 1001}), 422)
    assert everything_of(ana)["card"] == "Ring first, then come."
    ana.post("/plan/card", {"text": " "})
    assert everything_of(ana)["card"] == ""


def test_somebody_without_a_circle_is_told_that_nobody_could_read_a_card(noa: Client) -> None:
    assert "Nobody is in your circle yet" in words(noa.post("/plan/card", {"text": "Hello"}), 422)


def test_erasing_needs_one_tick_and_leaves_calls_alone(house: House, ana: Client, noa: Client) -> None:
    begins_a_plan(ana, "signs")
    begins_a_plan(noa, "signs")
    house.ana_calls()
    assert "tick the box" in words(ana.post("/plan/erase"), 422)
    assert PlanVault.objects.filter(person=ANA).exists()

    assert "Your plan is erased." in words(ana.post("/plan/erase", {"sure": "yes"}))

    assert everything_of(ana)["vault"] is None
    assert not PlanPart.objects.filter(vault=ANA).exists()
    assert everything_of(noa)["parts"] != []
    assert house.alert.resolved_at is None
    assert "no plan to erase" in words(ana.get("/plan/erase"))


def test_whoever_found_the_phone_open_erases_nothing(house: House, ana: Client) -> None:
    """What lies at the server is all that is left when a phone is lost, so one tick there must not be enough."""
    begins_a_plan(ana, "signs")
    house.now += FRESH
    assert "Sign in once more." in words(ana.get("/plan/erase"))
    before = everything()
    page = words(ana.post("/plan/erase", {"sure": "yes"}), 403)
    assert "You are about to erase your plan." in page
    assert "/sign-in?next=/plan/erase" in page
    assert everything() == before


def test_a_phone_that_another_one_let_in_erases_nothing(house: House, ana: Client) -> None:
    begins_a_plan(ana, "signs")
    lent = Client()
    lent.cookies[COOKIE] = new_session(Account.objects.get(person=ANA).pk, house.now, is_lent=True)
    assert everything_of(lent)["person"] == ANA
    before = everything()
    assert "Sign in once more." in words(lent.post("/plan/erase", {"sure": "yes"}), 403)
    assert everything() == before
