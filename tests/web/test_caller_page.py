"""The caller's own page: calling, the plain truth about a call, and the caller's controls."""

import pytest

from nightlight.engine.effects import News
from nightlight.engine.events import EndedBy
from nightlight.intake import alert as intake
from nightlight.store.models import (
    Host,
    Membership,
    Notification,
    NotificationStatus,
    Person,
)
from nightlight.store.sealing import unseal
from tests.factories import a_person, a_way
from tests.people import ANA, BO, KIT, NOA, SAM
from tests.web.house import EMERGENCY, LINE, House, everything

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_two_taps_call_somebody(house: House) -> None:
    page = house.own_page()
    assert 'href="?choose"' in house.shows(page)
    choices = house.shows(page + "?choose")
    assert choices.index('value="talk"') < choices.index('value="danger"')
    assert EMERGENCY in choices

    after = house.does(page, "raise", need="talk")

    assert "<h1>Trying Sam now.</h1>" in after
    assert "If there is no answer by" in after
    assert house.alert.need == "talk"


def test_home_shows_who_would_be_asked_and_nobody_who_left(house: House) -> None:
    before = house.shows(house.own_page())
    assert before.index("Sam</li>") < before.index("Bo</li>") < before.index("Kit</li>")

    Membership.objects.filter(person=BO).update(ended_at=house.now)

    after = house.shows(house.own_page())
    assert "Sam</li>" in after
    assert "Bo</li>" not in after


def test_the_caller_sees_whether_the_host_hears_of_it(house: House) -> None:
    house.ana_calls()
    page = house.own_page()
    assert "Harbour House hears of it if nobody can." in house.shows(page)

    while house.alert.status != "exhausted":
        house.next_timer()
    assert "Harbour House was told." in house.shows(page)


def test_nothing_is_said_of_a_host_nobody_can_tell(house: House) -> None:
    Host.objects.update(ways_sealed="")
    house.ana_calls()
    shown = house.shows(house.own_page())
    assert "Trying Sam now." in shown
    assert "Harbour House hears" not in shown


def test_looking_changes_nothing_however_often(house: House) -> None:
    page = house.own_page()
    before = everything()
    for address in (page, page + "?choose", page + "?do=raise&need=talk"):
        assert house.browser.get(address).status_code == 200
        assert house.browser.head(address).status_code == 200
    assert everything() == before

    house.ana_calls()
    before = everything()
    for address in (page, page + "?choose", page + "?do=resolve"):
        assert house.browser.get(address).status_code == 200
        assert house.browser.get(address).status_code == 200
    assert everything() == before


def test_the_page_says_who_was_asked_and_what_is_known(house: House) -> None:
    a_way(SAM, "sms")
    house.ana_calls()
    mail, text = Notification.objects.filter(person=SAM).order_by("position")
    Notification.objects.filter(pk=mail.pk).update(
        status=NotificationStatus.FAILED, evidence="failed", sent_at=house.now
    )
    Notification.objects.filter(pk=text.pk).update(
        status=NotificationStatus.ACCEPTED, evidence="accepted", sent_at=house.now
    )

    page = house.shows(house.own_page())

    assert "Sam is being reached." in page
    assert "By email: it did not go through." in page
    assert "By text: sent. Not known if it arrived." in page
    assert "Bo is next." in page
    assert "Kit is next." in page


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        ("delivered", "It reached Sam. No answer yet."),
        ("failed", "We could not reach Sam."),
        ("queued", "on its way. Not known if it arrived."),
        ("unknown", "Not known if it went out."),
    ],
)
def test_what_is_known_is_said_as_it_is(house: House, evidence: str, sentence: str) -> None:
    house.ana_calls()
    Notification.objects.filter(person=SAM).update(status=evidence, evidence=evidence, sent_at=house.now)

    assert sentence in house.shows(house.own_page())


def test_a_try_that_failed_is_said_to_have_failed_while_the_next_one_waits(house: House) -> None:
    house.ana_calls()
    Notification.objects.filter(person=SAM).update(failed_before=True, due=house.now)

    page = house.shows(house.own_page())

    assert "By email: it did not go through." in page
    assert "We try once more at" in page
    assert "We could not reach Sam." not in page


def test_times_are_those_of_the_callers_clock(house: House) -> None:
    Person.objects.filter(pk=ANA).update(time_zone="Pacific/Auckland")
    house.ana_calls()

    # Noon in Lisbon is one o'clock at night there, and the wait is five minutes.
    assert ">01:05</time>" in house.shows(house.own_page())


def test_the_caller_sees_who_has_it_and_says_that_they_are_in_touch(house: House) -> None:
    page = house.own_page()
    house.ana_calls()
    house.says(SAM, "yes")
    shown = house.shows(page)
    assert "<h1>Sam has it.</h1>" in shown
    assert "Are you and Sam in touch?" in shown
    assert "If Sam goes quiet, we try someone else at" in shown

    after = house.does(page, "in_contact", person=SAM)

    assert "<h1>Sam is with you.</h1>" in after
    assert house.alert.status == "in_contact"


def test_the_takers_word_is_put_to_the_caller(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    house.says(SAM, "in_contact")

    assert "Sam says you are in touch. Is that right?" in house.shows(house.own_page())


def test_in_touch_with_somebody_unnamed(house: House) -> None:
    page = house.own_page()
    house.ana_calls()
    assert "Is someone with you already?" in house.shows(page)

    assert "Someone is with you." in house.does(page, "in_contact", person="")


def test_the_caller_chooses_when_to_be_asked_again(house: House) -> None:
    page = house.own_page()
    house.ana_calls()
    house.says(SAM, "yes")
    house.does(page, "in_contact", person=SAM)
    house.now = house.now.replace(hour=23)

    house.does(page, "in_contact", person=SAM, ask_again="08:30")

    # Lisbon is at UTC in November.
    assert house.alert.timer_due is not None
    assert f"{house.alert.timer_due:%d %H:%M}" == "22 08:30"


@pytest.mark.parametrize("wish", ["25:00", "8", "morning", "08:00\n09:00"])
def test_a_time_that_is_none_changes_nothing(house: House, wish: str) -> None:
    page = house.own_page()
    house.ana_calls()
    before = everything()

    assert "We did not understand that" in house.does(page, "in_contact", ask_again=wish, status=422)
    assert everything() == before


def test_a_taker_who_went_quiet_is_said_to_be_quiet(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "yes")
    house.next_timer()

    page = house.shows(house.own_page())

    assert "Sam has gone quiet. Trying Bo and Kit." in page
    assert "You did nothing wrong." in page
    assert "No word since." in page


def test_a_no_shows_as_one_and_the_next_are_tried(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "no")

    page = house.shows(house.own_page())

    assert "Sam can't right now." in page
    assert "Trying Bo and Kit now." in page


def test_when_all_were_tried_the_lines_come_first(house: House) -> None:
    house.ana_calls()
    house.next_timer()
    house.next_timer()

    page = house.shows(house.own_page())

    assert "Nobody has answered yet. We keep trying." in page
    assert page.index(LINE) < page.index("Who was asked")
    assert "we ask them again." in page


def test_nobody_has_answered_is_not_said_when_somebody_has(house: House) -> None:
    house.ana_calls()
    house.says(SAM, "no")
    house.says(BO, "no")
    house.says(KIT, "no")

    page = house.shows(house.own_page())

    assert "Nobody has it yet. We keep trying." in page
    assert "Nobody has answered yet" not in page


def test_still_needed_opens_the_ladder_again(house: House) -> None:
    page = house.own_page()
    house.ana_calls()
    house.says(SAM, "yes")

    after = house.does(page, "still_needed")

    assert "Trying Bo and Kit now." in after
    assert "Sam said yes at" in after
    assert "gone quiet" not in after


def test_the_need_is_changed_and_danger_puts_the_emergency_number_first(house: House) -> None:
    page = house.own_page()
    house.ana_calls()
    assert 'value="need"' in house.shows(page + "?choose")

    after = house.does(page, "need", need="danger")

    assert after.index(f"tel:{EMERGENCY}") < after.index("<h1>")
    assert house.alert.need == "danger"


def test_it_is_over_when_the_caller_says_so(house: House) -> None:
    page = house.own_page()
    house.ana_calls()

    after = house.does(page, "resolve")

    assert "It's over. Everyone we told hears that." in after
    assert "I need someone" in after
    assert "There is no open call" in house.does(page, "resolve")


def test_calling_while_someone_has_it_opens_the_ladder_again(house: House) -> None:
    page = house.own_page()
    house.ana_calls()
    house.says(SAM, "yes")

    house.does(page, "raise", need="talk")

    assert house.alert.status == "triggered"


def test_an_end_by_the_host_is_shown_with_its_reason(house: House) -> None:
    alert = house.ana_calls()
    intake.resolve(alert, EndedBy.HOST, house.now, reason="Ana rang the desk herself")

    page = house.shows(house.own_page())
    assert "Harbour House ended it at" in page
    assert "Ana rang the desk herself" in page
    house.pass_time(days=8)
    assert "Ana rang the desk herself" not in house.shows(house.own_page())


@pytest.mark.parametrize(
    ("do", "need"), [("dance", ""), ("", ""), ("raise", ""), ("raise", "fun"), ("need", "fun")]
)
def test_a_wrong_press_is_said_to_be_wrong_and_changes_nothing(house: House, do: str, need: str) -> None:
    page = house.own_page()
    if do == "need":
        house.ana_calls()
    before = everything()

    assert "We did not understand that" in house.does(page, do, need=need, status=422)
    assert everything() == before


def test_a_person_who_is_not_in_the_circle_cannot_be_named(house: House) -> None:
    a_person(NOA)
    page = house.own_page()
    house.ana_calls()

    house.does(page, "in_contact", person=NOA, status=422)
    assert house.alert.status == "triggered"


def test_a_new_link_ends_the_one_before(house: House) -> None:
    first = house.own_page()
    second = house.own_page()

    assert "This link has run out." in house.shows(first, status=404)
    house.shows(second)


def test_a_message_about_the_call_opens_the_page_too(house: House) -> None:
    a_way(ANA)
    house.ana_calls()
    house.says(SAM, "yes")
    told = Notification.objects.get(person=ANA, news=News.SOMEONE_HAS_IT)

    assert "Sam has it." in house.shows(f"/m/{unseal(told.token_sealed)}")
    house.shows(f"/a/{unseal(told.token_sealed)}", status=404)


def test_nobodys_link_opens_somebody_elses_page(house: House) -> None:
    a_person(NOA)
    house.ana_calls()
    of_sam, of_noa = house.link(SAM), house.own_page(NOA)

    house.shows(of_sam.replace("/a/", "/m/"), status=404)
    house.shows(of_noa.replace("/m/", "/a/"), status=404)
    page = house.shows(of_noa)
    for name in ("Ana", "Sam", "Bo", "Kit"):
        assert name not in page


def test_the_noted_reasons_for_passing_somebody_over_are_not_shown(house: House) -> None:
    Membership.objects.filter(person=KIT).update(agreed_on=None)
    house.ana_calls()
    house.says(SAM, "no")

    page = house.shows(house.own_page())

    assert "Kit is not available right now." in page
    assert "agreed" not in page
