"""What Ana shares of her plan: who may be shown it, when it opens, and that taking back is silent."""

from typing import Any

import pytest
from django.test import Client

from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.store.models import (
    Alert,
    NeverContact,
    PlanOpening,
    PlanShare,
    SupporterKey,
)
from nightlight.store.plan_files import SHARES_MAX
from nightlight.store.sealing import unseal
from tests.factories import a_person
from tests.people import ANA, BO, KIT, NOA, SAM
from tests.web.house import House, everything
from tests.web.plans import (
    CHECKS,
    KEPT,
    KEY,
    OTHER_KEY,
    begins_a_plan,
    delete,
    everything_of,
    gets_a_key,
    opens,
    own_id,
    put,
    read_by,
    sealed,
    shares,
    shares_with_sam,
    with_a_plan,
)
from tests.web.supporters import circle_page, member, page_of, press

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def ana(house: House) -> Client:
    """Ana's browser; she has a plan of three parts."""
    return with_a_plan(house)


@pytest.fixture
def sam(house: House, ana: Client) -> str:
    """The id of Sam's key: Ana shares with him how to be with her, and what she does not want."""
    return shares_with_sam(house, ana)


def test_ana_sees_whom_she_shares_with_and_sam_only_that_he_can_read_one_day(
    house: House, ana: Client, sam: str
) -> None:
    told = everything_of(ana)
    assert [(each["part"], each["key"], each["version"]) for each in told["shares"]] == [
        (own_id("how"), sam, 1),
        (own_id("not"), sam, 1),
    ]
    sams = next(each for each in told["supporters"] if each["name"] == "Sam")
    assert {each["supporter"] for each in told["shares"]} == {sams["id"]}
    assert [each["recipient"] for each in sams["keys"]] == [OTHER_KEY]

    for_sam = house.browser.get(f"{circle_page(page_of(house))}/plan/all").json()
    assert for_sam == {
        "person": {"id": ANA, "name": "Ana", "recipient": KEY, "verify_key": CHECKS},
        "me": sams["id"],
        "keys": [{"id": sam, "recipient": OTHER_KEY}],
        "may_leave": True,
    }


def test_our_half_is_kept_sealed(sam: str) -> None:
    for row in PlanShare.objects.all():
        assert KEPT not in row.kept_sealed
        assert unseal(row.kept_sealed) == KEPT


def test_whoever_took_the_call_gets_both_halves_and_whoever_was_only_asked_nothing(
    house: House, ana: Client, sam: str
) -> None:
    shares(ana, "how", gets_a_key(house, BO), "for Bo")
    house.ana_calls(Need.DANGER)  # all are asked at once
    assert (opens(house, SAM), opens(house, BO)) == (None, None)

    house.says(SAM, "yes")

    given = opens(house, SAM)
    assert given["person"] == {"id": ANA, "recipient": KEY, "verify_key": CHECKS}
    assert {each["kept"] for each in given["shares"]} == {KEPT}
    assert {each["half"] for each in given["shares"]} == {sealed("their half")}
    assert {each["body"] for each in given["shares"]} == {
        sealed("how, sealed for one"),
        sealed("not, sealed for one"),
    }
    assert {each["to"] for each in given["shares"]} == {OTHER_KEY}
    assert opens(house, BO) is None

    house.says(BO, "yes")  # he is second
    assert read_by(house, BO) == [own_id("for Bo")]
    house.says(BO, "no")
    assert opens(house, BO) is None


@pytest.mark.parametrize("answer", ["hand_on", "undo", "no"])
def test_whoever_gives_the_call_up_reads_no_more(house: House, sam: str, answer: str) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    assert len(read_by(house, SAM)) == 2

    house.says(SAM, answer)

    assert opens(house, SAM) is None


def test_whoever_goes_quiet_reads_no_more_until_they_take_it_again(house: House, sam: str) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    house.next_timer()

    assert opens(house, SAM) is None
    house.says(SAM, "yes")
    assert len(read_by(house, SAM)) == 2


def test_the_call_ends_and_the_next_one_opens_nothing_until_it_is_taken(house: House, sam: str) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    old = house.link(SAM)
    house.does(house.own_page(), "resolve")
    assert house.browser.post(f"{old}/plan").status_code == 404

    house.pass_time(hours=1)
    house.ana_calls()
    assert house.link(SAM) != old
    assert opens(house, SAM) is None
    house.says(SAM, "yes")
    assert len(read_by(house, SAM)) == 2
    assert house.browser.post(f"{old}/plan").status_code == 404


def test_what_ana_takes_back_is_gone_at_once_and_sam_cannot_tell(house: House, ana: Client, sam: str) -> None:
    page = f"{circle_page(page_of(house))}/plan/all"
    before = house.browser.get(page).json()
    house.ana_calls()
    house.says(SAM, "yes")

    delete(ana, f"/plan/shares/{own_id(f'how for {sam}')}")
    assert read_by(house, SAM) == [own_id(f"not for {sam}")]
    delete(ana, f"/plan/shares/{own_id(f'how for {sam}')}", 404)

    delete(ana, f"/plan/shares?supporter={member().pk}")
    assert opens(house, SAM) == {
        "person": None,
        "shares": [],
        "card": "",
    }  # As if nothing had ever been shown.
    assert house.browser.get(page).json() == before


def test_a_part_that_is_taken_away_is_not_shown_any_more(house: House, ana: Client, sam: str) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    delete(ana, f"/plan/parts/{own_id('how')}")
    assert read_by(house, SAM) == [own_id(f"not for {sam}")]


def test_that_it_was_opened_is_kept_once_and_ana_sees_it(house: House, ana: Client, sam: str) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    assert everything_of(ana)["openings"] == []
    opened_at = house.now
    for _ in range(3):
        opens(house, SAM)
        house.pass_time(minutes=1)

    assert everything_of(ana)["openings"] == [
        {"name": "Sam", "at": opened_at.isoformat().replace("+00:00", "Z")}
    ]


def test_looking_gives_nothing_and_changes_nothing(house: House, sam: str) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    before = everything()
    for method in (house.browser.get, house.browser.head):
        assert method(f"{house.link(SAM)}/plan").status_code == 405
    assert everything() == before
    assert not PlanOpening.objects.exists()


def test_another_sites_page_gets_nothing_and_a_stranger_neither(house: House, sam: str) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    foreign = house.browser.post(f"{house.link(SAM)}/plan", headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert house.browser.post(f"/a/{'x' * 32}/plan").status_code == 404
    assert not PlanOpening.objects.exists()


def leaves(house: House, ana: Client) -> None:
    press(house, page_of(house), "leave")


def is_removed(house: House, ana: Client) -> None:
    ana.post(f"/circle/members/{member().pk}", {"do": "remove"})


def is_kept_away(house: House, ana: Client) -> None:
    ana.post(f"/circle/members/{member().pk}", {"do": "keep_away"})


@pytest.mark.parametrize("goes", [leaves, is_removed, is_kept_away])
def test_whoever_is_out_of_the_circle_has_no_key_any_more_and_nothing_opens(
    house: House, ana: Client, sam: str, goes: Any
) -> None:
    bos = gets_a_key(house, BO)
    shares(ana, "how", bos, "for Bo")
    house.ana_calls()
    house.says(SAM, "yes")
    link = house.link(SAM)

    goes(house, ana)

    assert house.browser.post(f"{link}/plan").status_code == 404
    assert list(SupporterKey.objects.values_list("pk", flat=True)) == [bos]
    assert [row.own_id for row in PlanShare.objects.all()] == [own_id("for Bo")]
    assert "Sam" not in [each["name"] for each in everything_of(ana)["supporters"]]


def test_somebody_on_the_list_reads_nothing_even_while_a_key_is_there(house: House, sam: str) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    NeverContact.objects.create(circle_id=ANA, person_id=SAM, added_at=house.now)
    assert SupporterKey.objects.filter(pk=sam).exists()
    assert opens(house, SAM) is None


def test_a_broken_call_opens_nothing_for_whoever_said_no_since(house: House, sam: str) -> None:
    call = house.ana_calls()
    house.says(SAM, "yes")
    Alert.objects.filter(pk=call).update(poisoned_at=house.now)
    assert len(read_by(house, SAM)) == 2
    house.says(SAM, "no")
    assert opens(house, SAM) is None
    Alert.objects.filter(pk=call).update(state={})
    assert opens(house, SAM) is None


def test_the_call_card_is_for_whoever_takes_it_with_or_without_a_key(house: House, ana: Client) -> None:
    ana.post("/plan/card", {"text": "Ring first, then come."})
    house.ana_calls(Need.DANGER)
    assert opens(house, BO) is None

    house.says(BO, "yes")

    assert opens(house, BO)["card"] == "Ring first, then come."
    assert opens(house, BO)["shares"] == []
    # It is no part of the plan: nothing was opened.
    assert everything_of(ana)["openings"] == []
    assert opens(house, SAM) is None


def test_only_what_is_anas_can_be_shared_and_only_with_her_circle(
    house: House, ana: Client, sam: str
) -> None:
    a_person(NOA)
    noa = house.signs_in(NOA)
    begins_a_plan(noa, "how")
    before = everything()

    shares(noa, "how", sam, status=404)
    shares(ana, "how", "no-such-key", status=404)
    shares(ana, "list", sam, status=404)
    delete(noa, f"/plan/shares/{own_id(f'how for {sam}')}", 404)
    delete(noa, f"/plan/shares?supporter={member().pk}")
    delete(ana, "/plan/shares?supporter=sam", 422)
    delete(ana, "/plan/shares", 422)
    delete(ana, f"/plan/shares?supporter={'9' * 40}", 422)
    assert everything() == before


def test_a_part_sealed_anew_takes_the_place_of_what_was_there(house: House, ana: Client, sam: str) -> None:
    drawn = shares(ana, "how", sam, "another id")
    house.ana_calls()
    house.says(SAM, "yes")
    assert sorted([drawn, own_id(f"not for {sam}")]) == read_by(house, SAM)


def test_shares_do_not_grow_beyond_measure(house: House, ana: Client, sam: str) -> None:
    row = PlanShare.objects.all()[0]
    keys = SupporterKey.objects.bulk_create(
        SupporterKey(
            id=f"key{number}", circle_id=ANA, person_id=KIT, recipient=f"age1{number}", made_at=house.now
        )
        for number in range(SHARES_MAX)
    )
    PlanShare.objects.bulk_create(
        PlanShare(
            vault=row.vault,
            own_id=own_id(key.pk),
            part=row.part,
            key=key,
            version=1,
            body=b"x",
            half=b"x",
            kept_sealed="",
            made_at=house.now,
        )
        for key in keys[: SHARES_MAX - 2]
    )
    shares(ana, "signs", sam, status=422)
    shares(ana, "how", sam)  # one in the place of another


@pytest.mark.parametrize(
    "change", [{"kept": "short"}, {"version": 0}, {"version": "1"}, {"half": ""}, {"body": "%"}, {"key": 7}]
)
def test_half_a_share_is_none(ana: Client, sam: str, change: dict[str, object]) -> None:
    whole = {
        "part": own_id("signs"),
        "key": sam,
        "version": 1,
        "body": sealed("x"),
        "half": sealed("x"),
        "kept": KEPT,
    }
    put(ana, f"/plan/shares/{own_id('new')}", {**whole, **change}, 422)
    put(ana, f"/plan/shares/{own_id('new')}", whole)


def test_whoever_has_the_page_open_sees_the_card_change(house: House, ana: Client) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    page = f"{house.link(SAM)}/now"
    known = {"If-None-Match": house.browser.get(page)["ETag"]}
    assert house.browser.get(page, headers=known).status_code == 304

    ana.post("/plan/card", {"text": "Ring first, then come."})

    assert house.browser.get(page, headers=known).status_code == 200


def test_whom_ana_names_as_being_with_her_has_the_call_and_reads(house: House, ana: Client, sam: str) -> None:
    house.ana_calls()
    house.does(house.own_page(), "in_contact", person=SAM)
    assert house.alert.status == AlertStatus.IN_CONTACT
    assert len(read_by(house, SAM)) == 2
