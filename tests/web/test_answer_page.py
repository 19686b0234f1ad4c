"""The page behind an answer link, in every state; and that only a press on a button changes anything."""

import json
import re
from datetime import timedelta

import pytest

from nightlight.engine.needs import Need
from nightlight.intake import alert as intake
from nightlight.store.inbound import LINKS_LAST
from nightlight.store.models import Alert, Circle, KeptReply, Membership
from nightlight.store.sealing import seal
from tests.factories import a_never_contact
from tests.people import ANA, BO, KIT, MAILS, SAM
from tests.web.house import EMERGENCY, LINE, House, everything, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

REACH = "+447700900456"


def ana_can_be_reached() -> None:
    reach = {"call": REACH, "note": "third floor, ring twice"}
    Circle.objects.filter(person=ANA).update(reach_sealed=seal(json.dumps(reach)))


def bo_is_asked_too(house: House) -> None:
    house.ana_calls()
    house.next_timer()


def test_who_is_asked_sees_the_name_the_wish_and_two_answers(house: House) -> None:
    ana_can_be_reached()
    house.ana_calls()

    page = house.shows(house.link(SAM))

    assert "Ana would like someone to talk to." in page
    assert "I've got this" in page
    assert "That is a full answer. We ask the next person at once." in page
    assert REACH not in page
    assert "Bo" not in page


def test_every_page_ends_with_the_numbers(house: House) -> None:
    house.ana_calls()

    page = house.shows(house.link(SAM))

    assert f'<a href="tel:{EMERGENCY}">' in page
    assert '<a href="tel:+447700900999">' in page
    assert LINE in page


@pytest.mark.parametrize("need", list(Need))
def test_every_need_has_its_own_question(house: House, need: Need) -> None:
    Membership.objects.update(offers=["talk", "text", "come", "company", "stay"])
    house.ana_calls(need)

    page = house.shows(house.link(SAM))

    assert "<h1>Ana" in page
    assert "asks if you are free" not in page


def test_a_wish_that_nobody_offered_asks_for_less(house: House) -> None:
    house.ana_calls(Need.COMPANY)

    page = house.shows(house.link(SAM))

    assert "Ana would like company." in page
    assert "Could you at least talk?" in page


def test_looking_changes_nothing_however_often(house: House) -> None:
    house.ana_calls()
    link = house.link(SAM)
    before = everything()

    for method in ("GET", "HEAD", "GET"):
        assert house.browser.generic(method, link).status_code == 200
        assert house.browser.generic(method, link + "?answer=yes", "answer=yes").status_code == 200
    for method in ("PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"):
        assert house.browser.generic(method, link, "answer=yes").status_code == 405

    assert everything() == before


def test_a_yes_takes_it_and_shows_how_to_reach_the_caller(house: House) -> None:
    ana_can_be_reached()
    house.ana_calls()

    page = house.says(SAM, "yes")

    assert "You have it. Ana can see that." in page
    assert f'href="tel:{REACH}"' in page
    assert "third floor, ring twice" in page
    assert "With no word from you by" in page
    assert house.alert.status == "acknowledged"


def test_a_yes_pressed_twice_is_one_yes(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    before = house.alert.state

    page = house.says(SAM, "yes")

    assert "You have it." in page
    assert house.alert.state == before


def test_a_second_yes_hears_that_someone_has_it(house: House) -> None:
    bo_is_asked_too(house)
    house.says(SAM, "yes")

    page = house.says(BO, "yes")

    assert "Someone has it." in page
    assert "You are second" in page
    assert "Sam" not in page


def test_names_are_shown_where_the_circle_knows_each_other(house: House) -> None:
    Circle.objects.update(know_each_other=True)
    bo_is_asked_too(house)
    house.says(SAM, "yes")

    assert "Sam has it." in house.says(BO, "yes")


def test_who_opens_it_later_sees_that_someone_has_it_and_learns_no_more(house: House) -> None:
    ana_can_be_reached()
    bo_is_asked_too(house)
    house.says(SAM, "yes")

    page = house.shows(house.link(BO))

    assert "Someone has it." in page
    assert "Sam" not in page
    assert REACH not in page


def test_a_no_is_a_full_answer_and_asks_the_next_at_once(house: House) -> None:
    house.ana_calls()

    page = house.says(SAM, "no")

    assert "That is a full answer. Thank you." in page
    assert "Works for two minutes" in page
    assert house.alert.state["current"]["people"] == [BO, KIT]


def test_a_no_can_be_undone_for_two_minutes(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "no")
    house.pass_time(minutes=1)

    assert "I've got this" in house.says(SAM, "undo")


def test_after_two_minutes_a_no_is_not_undone_but_a_yes_is_still_welcome(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "no")
    house.pass_time(minutes=3)

    page = house.says(SAM, "undo")

    assert "more than two minutes ago" in page
    assert "Works for two minutes" not in page
    assert "You have it." in house.says(SAM, "yes")


def test_more_time_is_given_three_times_and_then_said_to_be_used_up(house: House) -> None:
    house.ana_calls()
    assert "You can ask for this 3 more times." in house.says(SAM, "yes")
    house.says(SAM, "renew")
    house.says(SAM, "renew")

    page = house.says(SAM, "renew")
    assert "I need ten more minutes" not in page

    assert "You had more time three times already." in house.says(SAM, "renew")


def test_being_in_touch_is_the_takers_word_until_the_caller_says_so(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "yes")

    page = house.says(SAM, "in_contact")

    assert "You said that you are in touch. Ana is asked too." in page
    assert house.alert.status == "acknowledged"


def test_handing_over_asks_others_and_a_mistaken_yes_is_undone(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    assert "That is a full answer." in house.says(SAM, "hand_on")
    house.pass_time(minutes=5)
    house.says(SAM, "yes")

    assert "That is a full answer." in house.says(SAM, "undo")
    assert house.alert.status == "triggered"


def test_who_went_quiet_is_asked_again_by_the_same_link(house: House) -> None:
    house.ana_calls()
    link = house.link(SAM)
    house.says(SAM, "yes")
    house.next_timer()

    page = house.shows(link)

    assert "It is open again" in page
    assert "I've got this" in page


def test_the_taker_may_end_it_only_when_the_circle_says_so_and_the_caller_is_in_touch(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    intake.in_touch(house.alert.pk, house.now)

    assert "Only Ana can say that it is over." in house.says(SAM, "resolve")
    assert house.alert.status == "in_contact"


def test_the_taker_ends_it_where_caller_and_taker_may(house: House) -> None:
    Circle.objects.update(end="caller_or_taker")
    house.ana_calls()
    house.says(SAM, "yes")
    intake.in_touch(house.alert.pk, house.now)
    assert "It's over" in house.shows(house.link(SAM))

    assert "It's over now." in house.says(SAM, "resolve")


def test_when_it_is_over_nobody_learns_anything_and_a_yes_changes_nothing(house: House) -> None:
    ana_can_be_reached()
    bo_is_asked_too(house)
    house.says(SAM, "yes")
    house.does(house.own_page(), "resolve")
    before = house.alert.state

    page = house.says(BO, "yes")

    assert "It's over now." in page
    assert REACH not in page
    assert house.alert.state == before


def test_a_link_runs_out_seven_days_after_the_end(house: House) -> None:
    house.ana_calls()
    link = house.link(SAM)
    house.does(house.own_page(), "resolve")
    house.now += LINKS_LAST - timedelta(seconds=1)
    house.shows(link)
    house.pass_time(seconds=2)

    page = house.shows(link, status=404)

    assert "This link has run out." in page
    assert "Ana" not in page


def test_words_of_others_reach_whoever_has_it_and_nobody_else(house: House) -> None:
    bo_is_asked_too(house)
    KeptReply.objects.create(
        alert=house.alert, person_id=KIT, text_sealed=seal("in the <b>train</b> until nine"), at=house.now
    )

    assert "train" not in house.shows(house.link(SAM))
    taken = house.says(SAM, "yes")
    assert "in the &lt;b&gt;train&lt;/b&gt; until nine" in taken
    assert "Kit" not in taken
    assert "train" not in house.shows(house.link(BO))


def test_who_was_removed_learns_nothing_and_cannot_answer(house: House) -> None:
    ana_can_be_reached()
    house.ana_calls()
    Membership.objects.filter(person=SAM).update(ended_at=house.now)

    for page in (house.shows(house.link(SAM)), house.says(SAM, "yes")):
        assert "You are not asked any more." in page
        assert "Ana" not in page
        assert REACH not in page
    assert house.alert.status == "triggered"


def test_who_must_never_be_contacted_learns_nothing(house: House) -> None:
    house.ana_calls()
    a_never_contact(MAILS[SAM])

    assert "Ana" not in house.shows(house.link(SAM))


@pytest.mark.parametrize("answer", ["", "maybe", "YES", "yes\0no"])
def test_a_wrong_answer_is_said_to_be_wrong_and_changes_nothing(house: House, answer: str) -> None:
    house.ana_calls()
    before = everything()

    page = house.says(SAM, answer, status=422)

    assert "We did not understand that" in page
    assert "I've got this" in page
    assert everything() == before


def test_only_the_taker_has_time_to_renew(house: House) -> None:
    bo_is_asked_too(house)
    house.says(SAM, "yes")

    assert "Right now that is not you." in house.says(BO, "renew")


def test_an_answer_to_a_broken_call_is_kept_and_shown_as_kept(house: House) -> None:
    ana_can_be_reached()
    house.ana_calls()
    Alert.objects.update(state={"broken": True})

    page = house.says(SAM, "yes")

    assert "We have your yes." in page
    assert "Something went wrong on our side. We keep trying." in page
    assert REACH in page
    assert "We have your answer." in house.says(SAM, "no")


def test_the_answer_page_needs_no_cookie_and_its_scripts_are_ours(house: House) -> None:
    house.ana_calls()

    response = house.browser.get(house.link(SAM))

    scripts = re.findall(r'<script src="([^"]*)"[^>]*></script>', words(response))
    assert {"/static/live.js", "/static/sealed/reading.js"} <= set(scripts)
    assert all(each.startswith("/static/") for each in scripts)
    assert words(response).count("<script") == len(scripts)
    assert not response.cookies
