"""Kit is invited by Ana: what Kit reads and presses, as pages, without any script."""

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client

from nightlight.store.invitations import INVITATION_LASTS
from nightlight.store.models import Membership, Notice
from tests.factories import a_circle, a_never_contact, a_way
from tests.people import ANA, BO, KIT, MAILS, NOA, NUMBERS, SAM
from tests.web.house import House, everything, words
from tests.web.invited import (
    YES,
    ana_of,
    field,
    form_for,
    handed_over,
    invites,
    link_on,
    newest_code,
    number_of,
)


@pytest.fixture
def ana(house: House) -> Client:
    """Ana, signed in. Kit was in her circle and left."""
    return ana_of(house)


def test_looking_changes_nothing(house: House, ana: Client) -> None:
    link = handed_over(ana)
    before = everything()

    page = house.shows(link)
    assert house.browser.head(link).status_code == 200
    assert "Ana would like you in the circle, Kit." in page
    for sentence in ("What it does not mean", "How often?", "How do I stop?", "Not now"):
        assert sentence in page
    assert 'value="talk" checked' in page
    assert 'value="come" checked' in page
    assert 'value="stay" checked' not in page
    assert "<option selected>Europe/Lisbon</option>" in page
    assert len(page.encode()) < 100_000
    assert everything() == before


def test_kit_says_yes_and_shows_that_we_reach_them(house: House, ana: Client) -> None:
    link = handed_over(ana)

    page = words(house.browser.post(link, YES | {"wake_me": "on", "word": "Gladly."}))

    assert "Now show that we reach you." in page
    member = Membership.objects.get(circle=ANA, person__name="Kit", ended_at=None)
    assert (member.hours_from, member.hours_until, member.wake_me) == (time(8), time(23), True)
    assert (member.agreed_on, member.agreed_until) == (date(2026, 11, 21), date(2027, 2, 21))
    ways = list(member.person.ways.values_list("channel", "after", "proven_at"))
    assert ways == [("sms", timedelta(0), None), ("smtp", timedelta(minutes=5), None)]

    form = form_for(page, "Text message")
    wrong = words(house.browser.post(f"{link}/ways", form | {"do": "prove", "code": "no"}), 422)
    assert "That is not the code" in wrong
    right = form | {"do": "prove", "code": f" {newest_code('sms')} "}
    assert "That one reaches you." in words(house.browser.post(f"{link}/ways", right))
    assert member.person.ways.exclude(proven_at=None).get().channel == "sms"

    done = words(house.browser.post(f"{link}/ways", {"key": form["key"], "do": "done"}))
    assert f"https://circle.example.org/s/{form['key']}" in done
    assert "We reach you. Ana now chooses when your turn comes." in done


def test_ana_is_told_of_the_yes_and_what_comes_next(house: House, ana: Client) -> None:
    address = invites(ana)
    link = link_on(words(ana.get(address)))
    a_way(ANA, "sms")

    page = words(house.browser.post(link, YES | {"word": "Gladly."}))

    assert "Kit said yes." in (seen := words(ana.get(address)))
    assert "Gladly." in seen
    assert "Until then we cannot ask." in seen
    assert 'href="/ladder"' in seen
    assert Notice.objects.get(person=ANA).purpose == "joined"
    form = form_for(page, "Email") | {"do": "prove", "code": newest_code("smtp")}
    house.browser.post(f"{link}/ways", form)
    assert "We can reach Kit." in words(ana.get(address))
    assert words(ana.post(address, {"do": "renew"}), 422)


def test_only_the_browser_that_said_yes_goes_on(house: House, ana: Client) -> None:
    """Ana knows the link too: it shows her nothing of what Kit wrote, and she can prove nothing."""
    link = handed_over(ana)
    page = words(house.browser.post(link, YES))
    form = form_for(page, "Text message")
    before = everything()

    for tried in (
        ana.get(link),
        ana.get(f"{link}/ways"),
        ana.post(link, YES | {"way-0": NUMBERS[NOA], "way-1": ""}),
        ana.post(link, {"answer": "no"}),
        ana.post(f"{link}/ways", form | {"key": "", "do": "prove", "code": newest_code("sms")}),
        ana.post(f"{link}/ways", {"key": "guessed", "do": "done"}),
    ):
        seen = words(tried)
        assert "You said yes to Ana on 21 November." in seen
        assert NUMBERS[KIT] not in seen
        assert "/s/" not in seen
    assert everything() == before


def test_a_key_of_another_invitation_opens_nothing(house: House, ana: Client) -> None:
    a_circle(NOA)
    noas = handed_over(house.signs_in(NOA))
    key = form_for(words(house.browser.post(noas, YES)), "Email")["key"]
    mine = handed_over(ana)

    assert "would like you in the circle" not in words(
        house.browser.post(f"{mine}/ways", {"key": key, "do": "done"}), 410
    )


def test_a_code_can_be_sent_again_but_not_for_ever(house: House, ana: Client) -> None:
    link = handed_over(ana)
    form = form_for(words(house.browser.post(link, YES)), "Text message")

    for _ in range(2):
        house.pass_time(seconds=30)
        again = words(house.browser.post(f"{link}/ways", form | {"do": "again"}))
        assert "A new code is on its way." in again
    assert "several codes just now" in words(house.browser.post(f"{link}/ways", form | {"do": "again"}), 422)
    for way in (form["way"], "unknown"):
        answer = house.browser.post(f"{link}/ways", form | {"do": "dance", "way": way})
        assert "nothing has changed" in words(answer, 422)


def test_five_wrong_codes_and_the_code_is_gone(house: House, ana: Client) -> None:
    link = handed_over(ana)
    form = form_for(words(house.browser.post(link, YES)), "Text message") | {"do": "prove"}
    *_, said = [words(house.browser.post(f"{link}/ways", form | {"code": "x"}), 422) for _ in range(5)]
    right = house.browser.post(f"{link}/ways", form | {"code": newest_code("sms")})

    assert "does not work any more" in said
    assert "does not work any more" in words(right, 422)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"way-0": "912 345 678"}, "Is it +351 912 345 678?"),
        ({"way-0": "020"}, "Please begin with + and the country"),
        ({"way-0": "+44 7700"}, "Please look at the digits."),
        ({"way-0": "ring me"}, "Please look at the digits."),
        ({"way-1": "kit at example"}, "It should look like kit@example.org."),
        ({"way-1": "<script>@example.org"}, "It should look like kit@example.org."),
        ({"way-3": "KIT@example.org"}, "You wrote this one already."),
        ({"way-0": "", "way-1": ""}, "We need one way to reach you."),
        ({"way-0-after": "999999"}, "We need one way to reach you."),
        ({"offers": []}, "Please tick at least one."),
        ({"hours_from": "25:00"}, "Please write a time"),
        ({"hours_until": "evening"}, "Please write a time"),
        ({"time_zone": "Moon/Far_side"}, "We do not know this clock."),
        ({"lasts": "until", "until": "tomorrow"}, "Please write a date"),
        ({"lasts": "until", "until": "2026-11-21"}, "This day is over already."),
        ({"lasts": "until", "until": "2027-11-22"}, "more than a year away"),
        ({"lasts": "99"}, "Please write a date"),
        ({"way-0": NUMBERS[ANA]}, "This is Ana's own."),
        ({"way-1": MAILS[BO]}, "This address cannot be used here."),
        ({"way-1": MAILS[SAM]}, "This address cannot be used here."),
    ],
)
def test_what_kit_cannot_have_meant_is_said_at_its_field_and_nothing_changes(
    house: House, ana: Client, wrong: dict[str, Any], says: str
) -> None:
    a_way(ANA, "sms")
    Membership.objects.filter(circle=ANA, person=SAM).update(ended_at=house.now)
    a_never_contact(MAILS[SAM])
    link = handed_over(ana)
    typed = YES | wrong

    page = words(house.browser.post(link, typed), 422)

    assert says in page
    assert not re.search(r"\bBo\b", page)
    assert "Nothing was kept or sent." in page
    [place] = re.findall(r'href="#([\w-]+-wrong)"', page)
    assert f'id="{place}"' in page
    assert field(page, "way-1") == typed["way-1"].replace("<", "&lt;").replace(">", "&gt;")
    assert not Membership.objects.filter(person__name="Kit", ended_at=None).exists()
    assert not Notice.objects.exists()
    mended = YES | {"lasts": "until", "until": "2027-11-21"}
    assert "show that we reach you" in words(house.browser.post(link, mended))


def test_hours_may_cross_midnight_and_the_same_time_twice_is_all_day(house: House, ana: Client) -> None:
    night = YES | {"hours_from": "22:00", "hours_until": "06:00", "time_zone": "America/New_York"}
    assert words(house.browser.post(handed_over(ana), night))
    member = Membership.objects.get(circle=ANA, person__name="Kit", ended_at=None)
    assert (member.hours_from, member.hours_until) == (time(22), time(6))
    assert member.person.time_zone == "America/New_York"

    Membership.objects.filter(pk=member.pk).update(ended_at=house.now)
    assert words(house.browser.post(handed_over(ana), YES | {"hours_from": "08:00", "hours_until": "08:00"}))
    member = Membership.objects.get(circle=ANA, person__name="Kit", ended_at=None)
    assert (member.hours_from, member.hours_until) == (None, None)


def test_a_no_is_as_easy_and_ana_is_told_kindly(house: House, ana: Client) -> None:
    a_way(ANA, "sms")
    address = invites(ana)
    link = link_on(words(ana.get(address)))

    page = words(house.browser.post(link, {"answer": "no", "word": "Tea on Sunday?"}))

    assert "That is a full answer. Thank you." in page
    assert "You said no on 21 November." in house.shows(link)
    assert Notice.objects.get().purpose == "declined"
    told = words(ana.get(address))
    assert "Kit can't, for now." in told
    assert "Tea on Sunday?" in told
    assert "Ask someone else" in told
    assert not Membership.objects.filter(person__name="Kit", ended_at=None).exists()


def test_a_link_that_reached_somebody_else_ends_there(house: House, ana: Client) -> None:
    address = invites(ana)
    link = link_on(words(ana.get(address)))

    assert "Thank you for telling us." in words(house.browser.post(link, {"answer": "not_me"}))
    assert "It reached somebody else." in words(ana.get(address))
    assert "Thank you for telling us." in words(house.browser.post(link, YES))


def test_a_press_nobody_knows_keeps_what_was_typed(house: House, ana: Client) -> None:
    link = handed_over(ana)

    page = words(house.browser.post(link, YES | {"answer": "perhaps"}), 422)

    assert "nothing has changed" in page
    assert field(page, "way-1") == "kit@example.org"


def test_after_it_ran_out_the_page_names_nobody(house: House, ana: Client) -> None:
    link = handed_over(ana)
    unknown = house.shows("/i/no-such-token", status=404)
    answered = handed_over(ana)
    assert words(house.browser.post(answered, {"answer": "no"}))
    house.pass_time(days=INVITATION_LASTS.days)

    for each in (link, answered):
        page = house.shows(each, status=410)
        assert "Nothing is wrong with you or your phone." in page
        assert "Ana" not in page
        assert "Kit" not in page
    assert "This link has run out." in unknown
    assert words(house.browser.post(link, YES), 410)
    assert words(house.browser.post(f"{link}/ways", {"do": "done"}), 410)
    assert house.browser.post("/i/no-such-token/ways", {"do": "done"}).status_code == 404


def test_too_many_wrong_addresses_close_the_link(house: House, ana: Client) -> None:
    link = handed_over(ana)
    for _ in range(4):
        assert words(house.browser.post(link, YES | {"way-1": MAILS[BO]}), 422)

    assert "This link has run out." in words(house.browser.post(link, YES | {"way-1": MAILS[BO]}), 410)


# ------------------------------------------------------------------------------- asked for more


def test_bo_is_asked_for_more_and_adds_to_what_he_offers(house: House, ana: Client) -> None:
    page = words(ana.get(f"/circle/invite?member={number_of(BO)}"))
    assert "What more do you want to ask Bo for?" in page
    assert 'value="talk"' not in page

    link = handed_over(ana, member=number_of(BO), offers=["stay"])
    shown = house.shows(link)
    assert "Ana would like to ask you for a little more, Bo." in shown
    assert 'name="way-0"' not in shown
    assert "Please tick at least one." in words(house.browser.post(link, {"answer": "yes"}), 422)
    before = Membership.objects.filter(circle=ANA, person=BO).values().get()

    assert "You said yes to Ana" in words(house.browser.post(link, {"answer": "yes", "offers": "stay"}))

    after = Membership.objects.filter(circle=ANA, person=BO).values().get()
    assert after == before | {"offers": ["talk", "stay"]}


def test_bo_who_left_meanwhile_is_asked_for_nothing(house: House, ana: Client) -> None:
    link = handed_over(ana, member=number_of(BO), offers=["stay"])
    Membership.objects.filter(circle=ANA, person=BO).update(ended_at=house.now)

    assert "This link has run out." in house.shows(link, status=410)
    assert words(house.browser.post(link, {"answer": "yes", "offers": "stay"}), 410)


def test_kit_learns_which_countries_are_reached_when_theirs_is_not(
    house: House, ana: Client, with_settings: Callable[..., object]
) -> None:
    with_settings(
        base_url="https://circle.example.org",
        smtp_urls=("smtp://127.0.0.1:2525",),
        mail_from="circle@example.org",
        sms_urls=("kannel://user:secret@127.0.0.1:13013?from=12345",),
        countries=frozenset({"PT"}),
    )
    link = handed_over(ana)

    page = words(house.browser.post(link, YES | {"way-0": "+44 7700 900104"}), 422)
    assert "Write one that begins with +351 (PT)." in page
    assert not Membership.objects.filter(person__name="Kit", ended_at=None).exists()
    mended = YES | {"way-0": "+351 912 345 678"}
    assert "show that we reach you" in words(house.browser.post(link, mended))
