"""The page that a reminder leads to: one tap says how it is, and the page says what came of it."""

import pytest
from django.test import Client

from nightlight.engine.state import AlertStatus
from nightlight.store.models import Alert, CheckIn, CheckInWindow, Membership, Notice, Quiet
from tests.factories import a_person, a_way
from tests.people import ANA, BO, KIT, NOA, SAM
from tests.web.check_ins import ana_has_ways, make, page, plain, shows, told, until
from tests.web.house import House, everything, words
from tests.web.supporters import page_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NINE = "2026-11-21T21:00:00+00:00"
QUARTER_PAST = "2026-11-21T21:15:00+00:00"
TEN = "2026-11-21T22:00:00+00:00"


@pytest.fixture
def ana(house: House) -> Client:
    """Ana's browser, signed in; she has mail and a phone."""
    ana_has_ways()
    return house.signs_in(ANA)


def says(house: House, row: CheckIn, answer: str, *, status: int = 200, **more: object) -> str:
    return plain(house.browser.post(page(row), {"answer": answer, **more}), status)


def test_looking_says_nothing_and_one_tap_says_it(house: House, ana: Client) -> None:
    row = make(ana)
    until(house, QUARTER_PAST)
    before = everything()

    shown = shows(house, page(row))
    house.browser.head(page(row))

    assert "How is it, Ana?" in shown
    assert "Nobody else hears anything." in shown
    assert everything() == before
    assert "That is noted." in says(house, row, "ok")
    assert CheckInWindow.objects.get().came == "made"
    again = shows(house, page(row))
    assert "Nothing to do now." in again
    assert "Sun 22 Nov, 21:00" in again


def test_a_second_tap_is_no_second_check_in(house: House, ana: Client) -> None:
    row = make(ana)
    until(house, NINE)
    says(house, row, "ok")

    assert "There is nothing to check in for just now." in says(house, row, "ok")
    assert CheckInWindow.objects.count() == 1


def test_in_the_afternoon_it_counts_already_and_at_noon_it_does_not(house: House, ana: Client) -> None:
    row = make(ana)
    assert "Nothing to do now." in shows(house, page(row))

    until(house, "2026-11-21T16:00:00+00:00")

    assert "How is it, Ana?" in shows(house, page(row))
    assert "That is noted." in says(house, row, "ok")
    until(house, TEN)
    assert told("check_in") == []


def test_who_shall_hear_of_it_hears_and_the_page_says_so_before(house: House, ana: Client) -> None:
    row = make(ana, noted=[BO])
    until(house, NINE)

    assert "Bo will hear that you checked in, and nothing else." in shows(house, page(row))
    says(house, row, "ok")

    assert told("checked_in") == [BO]
    assert "Ana checked in at 21:00." in shows(house, page_of(house, BO))
    assert "checked in" not in shows(house, page_of(house, SAM))


def test_not_so_good_sets_nothing_in_motion(house: House, ana: Client) -> None:
    row = make(ana, miss="call")
    until(house, QUARTER_PAST)

    after = says(house, row, "low")

    assert "Nothing was set in motion." in after
    assert "This counts as your check-in. Nobody hears of it." in after
    assert not Alert.objects.exists()
    assert not Notice.objects.exclude(person=ANA).exists()


def test_after_not_so_good_she_may_tell_somebody_or_call_or_leave_it(house: House, ana: Client) -> None:
    row = make(ana)
    until(house, NINE)
    after = says(house, row, "low")
    assert f'href="{page(row)}/call?choose"' in after
    assert "Nothing. Leave it as it is" in after

    assert "Sam will hear of it." in says(house, row, "tell", told=[SAM])

    assert told("said_not_ok") == [SAM]
    shown = shows(house, page_of(house, SAM))
    assert "Ana says that it is not so good, and wanted you to know." in shown
    assert "Ana asks you for nothing." in shown
    assert not Alert.objects.exists()
    says(house, row, "tell", told=[SAM], status=422)
    assert Notice.objects.filter(purpose="said_not_ok").count() == 1


def test_nobody_is_told_whom_she_did_not_tick_nor_who_never_agreed(house: House, ana: Client) -> None:
    row = make(ana)
    a_way(NOA)
    Membership.objects.filter(person=KIT).update(agreed_on=None)
    until(house, NINE)
    says(house, row, "tell", told=[SAM], status=422)
    says(house, row, "low")

    for wrong in ([], [NOA], [KIT], ["nobody"]):
        assert "Nobody was told." in says(house, row, "tell", told=wrong, status=422)
    assert not Notice.objects.exclude(person=ANA).exists()


def test_the_reminder_leads_to_two_taps_that_call_somebody(house: House, ana: Client) -> None:
    row = make(ana)
    own = page(row) + "/call"
    assert 'value="talk"' in shows(house, own + "?choose")
    assert not Alert.objects.exists()

    assert "Trying Sam now." in words(house.browser.post(own, {"do": "raise", "need": "talk"}))

    assert house.browser.get(own + "/now").status_code == 200
    assert "Trying Sam now." in shows(house, own)


def test_who_was_told_of_her_silence_hears_that_she_came(house: House, ana: Client) -> None:
    row = make(ana, miss="tell", told=[SAM])
    until(house, TEN)

    late = shows(house, page(row))
    assert "No word came by 21:45." in late
    assert "So we told Sam, as you set it. Nobody else." in late
    sams = shows(house, page_of(house, SAM))
    assert "Ana had not checked in by 21:45." in sams
    assert "Bo" not in sams

    after = says(house, row, "ok")

    assert "Sam will hear that you are here." in after
    assert told("check_in_came") == [SAM]
    assert "Ana has checked in now, at 22:00." in shows(house, page_of(house, SAM))


def test_a_word_that_has_not_gone_out_yet_is_not_said_to_have(house: House, ana: Client) -> None:
    row = make(ana, miss="tell", told=[SAM])
    until(house, "2026-11-21T21:44:00+00:00")
    until(house, TEN, sending=False)

    assert "Our message to Sam has not gone out yet." in shows(house, page(row))
    assert "So we told Sam" not in shows(house, page(row))

    after = says(house, row, "ok")

    assert "Our message to Sam had not gone out. Now it never does." in after
    assert "will hear that you are here" not in after
    assert told("check_in_came") == []


def test_not_so_good_after_a_silence_ends_nothing_and_says_so(house: House, ana: Client) -> None:
    row = make(ana, miss="tell", told=[SAM])
    until(house, TEN)

    after = says(house, row, "low")

    assert "Nothing was set in motion." in after
    assert "Let Sam know that I am here" in after
    assert told("check_in_came") == []


def test_a_silence_from_which_nothing_followed_is_spoken_of_for_a_while_only(
    house: House, ana: Client
) -> None:
    row = make(ana)
    until(house, TEN)
    assert "Nobody else was told." in shows(house, page(row))
    assert told("check_in_missed") == []

    until(house, "2026-11-22T12:00:00+00:00")

    assert "Nothing to do now." in shows(house, page(row))
    assert "No word came" not in plain(ana.get("/home"))


def test_while_everything_is_switched_off_the_page_promises_no_question(house: House, ana: Client) -> None:
    row = make(ana)
    Quiet.objects.create(person_id=ANA, by="person", since=house.now)

    assert "Everything is switched off." in shows(house, page(row))
    assert "Next:" not in plain(ana.get("/check-ins"))


def test_late_ends_the_call_it_alone_began(house: House, ana: Client) -> None:
    row = make(ana, miss="call")
    until(house, TEN)
    for address in (page(row), house.own_page()):
        late = shows(house, address)
        assert "So your circle is being asked now, as you set it." in late
        assert f'action="{page(row)}"' in late or "Late is fine." in late

    assert "The call is over. Everyone we told hears that." in says(house, row, "ok")
    assert Alert.objects.get().status == AlertStatus.RESOLVED


def test_late_does_not_end_a_call_that_she_made_herself_as_well(house: House, ana: Client) -> None:
    row = make(ana, miss="call")
    until(house, TEN)
    ana.post("/home", {"do": "raise", "need": "talk"})

    after = says(house, row, "ok")

    assert "Your call goes on" in after
    assert f'href="{page(row)}/call"' in after
    assert Alert.objects.get().status != AlertStatus.RESOLVED


def test_away_or_a_dead_phone_is_said_in_one_form(house: House, ana: Client) -> None:
    row = make(ana, miss="call")
    until(house, QUARTER_PAST)

    paused = says(house, row, "pause", why="phone", day="2026-11-22", hour="09:00")

    assert "It is paused." in paused
    assert "Sun 22 Nov, 21:00." in shows(house, page(row))
    until(house, TEN)
    assert not Alert.objects.exists()
    assert CheckInWindow.objects.get().why == "phone"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"why": "away", "day": "", "hour": "09:00"}, "We need a day for that."),
        ({"why": "away", "day": "2026-11-20", "hour": "09:00"}, "That is over already."),
        ({"why": "away", "day": "2028-11-20", "hour": "09:00"}, "A pause can last a year."),
        ({"why": "away", "day": "2026-11-22", "hour": "25:00"}, "We need a day for that."),
        ({"why": "sulking", "day": "2026-11-22", "hour": "09:00"}, "We did not understand that"),
    ],
)
def test_a_pause_that_cannot_be_meant_changes_nothing(
    house: House, ana: Client, form: dict[str, str], said: str
) -> None:
    row = make(ana)
    before = everything()

    assert said in says(house, row, "pause", status=422, **form)
    assert everything() == before


def test_back_from_a_journey_she_is_asked_again(house: House, ana: Client) -> None:
    row = make(ana)
    says(house, row, "pause", why="away", day="2026-11-29", hour="09:00")
    assert "Paused until Sun 29 Nov, 09:00." in shows(house, page(row))

    assert "Good to have you back." in says(house, row, "back")

    until(house, NINE)
    assert "How is it, Ana?" in shows(house, page(row))


def test_what_is_no_answer_changes_nothing(house: House, ana: Client) -> None:
    row = make(ana)
    until(house, NINE)
    before = everything()

    says(house, row, "", status=422)
    says(house, row, "resolve", status=422)

    assert everything() == before


def test_after_quick_exit_the_page_says_nothing_until_somebody_goes_on(house: House, ana: Client) -> None:
    row = make(ana)
    until(house, NINE)
    house.browser.post("/exit")

    closed = shows(house, page(row))
    assert "Ana" not in closed
    assert "This page is closed." in closed
    assert "How is it, Ana?" in words(house.browser.post(page(row), {"do": "go_on"}))


def test_a_link_that_was_replaced_opens_nothing(house: House, ana: Client) -> None:
    row = make(ana)
    old = page(row)
    words(ana.post(f"/check-ins/{row.pk}", {"do": "link"}), 303)

    house.shows(old, status=404)
    assert house.browser.post(old, {"answer": "ok"}).status_code == 404
    shows(house, page(row))


def test_noa_with_a_link_of_her_own_sees_nothing_of_ana(house: House, ana: Client) -> None:
    make(ana)
    a_person(NOA)
    a_way(NOA)
    noas = make(house.signs_in(NOA))

    assert "Ana" not in shows(house, page(noas))
    assert "Sam" not in shows(house, page(noas))


def test_a_late_word_is_one_tap_on_her_home_too(house: House, ana: Client) -> None:
    row = make(ana, miss="tell", told=[SAM])
    for home in (plain(ana.get("/home")), shows(house, house.own_page())):
        assert "Next: 21:00." in home
    until(house, QUARTER_PAST)
    for home in (plain(ana.get("/home")), shows(house, house.own_page())):
        assert f'action="{page(row)}"' in home
    until(house, TEN)
    assert "No word came by" in words(ana.get("/home"))


def test_who_hears_what_stands_on_the_page_of_who_sees_what(house: House, ana: Client) -> None:
    row = make(ana, miss="tell", told=[SAM], noted=[BO])

    seen = plain(ana.get("/seen"))
    assert "Sam will hear when no word comes for your check-in, and when you come after all." in seen
    assert "Bo will hear each time that you checked in, and not what you said." in seen

    ana.post(f"/check-ins/{row.pk}", {"do": "off"})
    assert "will hear" not in plain(ana.get("/seen"))


def test_from_the_reminder_she_switches_everything_off_without_signing_in(house: House, ana: Client) -> None:
    own = page(make(ana)) + "/call"
    made_up = "/c/" + "x" * 32 + "/call/quiet"

    assert f'href="{own}/quiet"' in house.browser.get(own).content.decode()
    before = everything()
    assert house.browser.get(f"{own}/quiet").status_code == 200
    assert house.browser.post(made_up, {"do": "stop"}).status_code == 404
    assert everything() == before
    plain(house.browser.post(f"{own}/quiet", {"do": "stop"}))
    assert [row.person_id for row in Quiet.objects.filter(ended_at=None)] == [ANA]
    plain(house.browser.post(f"{own}/quiet", {"do": "go_on"}))
    assert not Quiet.objects.filter(ended_at=None).exists()
