"""How somebody is reached: added, proven, put in order and taken away by their owner alone."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from nightlight.intake.channels import switched_on
from nightlight.store.models import ContactMethod, Notice
from nightlight.store.sealing import unseal
from nightlight.store.supporting import new_supporter_link
from tests.factories import a_way
from tests.people import ANA, BO, KIT, MAILS, NUMBERS, SAM
from tests.web.house import House, words

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NUMBER = NUMBERS[SAM]


def page_of(house: House, person: str = SAM) -> str:
    """The ways of *person*, by their own link."""
    return f"/s/{new_supporter_link(person, house.now)}/ways"


def press(house: House, page: str, do: str, *, status: int = 200, **more: str) -> str:
    """Press a button; what is seen then."""
    return words(house.browser.post(page, {"do": do, **more}), status)


def the_way(channel: str = "sms") -> ContactMethod:
    """The way of Sam's by *channel*."""
    return ContactMethod.objects.get(person=SAM, channel=channel)


def code_of(way: ContactMethod) -> str:
    """The code that was sent last."""
    notice = Notice.objects.filter(contact_method=way, purpose="proof").order_by("created_at").last()
    assert notice is not None
    return unseal(notice.code_sealed)


def other(code: str) -> str:
    """A code that is wrong."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_a_way_counts_when_its_code_was_typed(house: House) -> None:
    page = page_of(house)
    assert "A code is on its way there." in press(house, page, "add", to=NUMBER)
    way = the_way()
    assert "Not proven yet" in house.shows(page)
    assert NUMBER not in house.shows(page)

    press(house, page, "prove", way=way.pk, code=other(code_of(way)), status=422)
    assert the_way().proven_at is None
    assert "This way is proven." in press(house, page, "prove", way=way.pk, code=code_of(way))

    assert the_way().proven_at == house.now


def test_a_code_is_guessed_five_times_at_most(house: House) -> None:
    page = page_of(house)
    press(house, page, "add", to=NUMBER)
    way, code = the_way(), code_of(the_way())
    for _ in range(5):
        press(house, page, "prove", way=way.pk, code=other(code), status=422)

    assert "wrong five times" in press(house, page, "prove", way=way.pk, code=code, status=422)
    house.pass_time(minutes=1)
    press(house, page, "send_again", way=way.pk)
    press(house, page, "prove", way=way.pk, code=code_of(way))

    assert the_way().proven_at == house.now


def test_a_code_runs_out(house: House) -> None:
    page = page_of(house)
    press(house, page, "add", to=NUMBER)
    way = the_way()
    house.pass_time(days=2)

    assert "has run out" in press(house, page, "prove", way=way.pk, code=code_of(way), status=422)
    assert the_way().proven_at is None


def test_three_codes_an_hour(house: House) -> None:
    page = page_of(house)
    press(house, page, "add", to=NUMBER)
    way = the_way().pk
    press(house, page, "send_again", way=way)
    press(house, page, "send_again", way=way)

    assert "We sent three" in press(house, page, "send_again", way=way, status=422)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("07700 900123", "Write a number with its country"),
        ("", "Write a number with its country"),
        ("sam at home", "Write a number with its country"),
        (MAILS[SAM].upper(), "You have that one already."),
    ],
)
def test_what_cannot_be_added_is_said_and_stays_typed(house: House, typed: str, says: str) -> None:
    if "@" in typed:
        typed = MAILS[SAM]
    shown = press(house, page_of(house), "add", to=typed, status=422)

    assert says in shown
    assert f'value="{typed}"' in shown
    assert ContactMethod.objects.filter(person=SAM).count() == 1


def test_six_ways_are_the_most(house: House) -> None:
    page = page_of(house)
    for place in range(5):
        press(house, page, "add", to=f"sam{place}@example.org")

    assert "as many as we can keep" in press(house, page, "add", to=NUMBER, status=422)


def test_order_and_delay(house: House) -> None:
    a_way(SAM, "sms")
    page = page_of(house)

    press(house, page, "delay", way=the_way().pk, minutes="5")
    press(house, page, "up", way=the_way().pk)

    assert the_way().after == timedelta(minutes=5)
    order = ContactMethod.objects.filter(person=SAM).order_by("position").values_list("channel", flat=True)
    assert list(order) == ["sms", "smtp"]
    for wrong in ("", "3", "-5", "999999999999999999"):
        press(house, page, "delay", way=the_way().pk, minutes=wrong, status=422)
    assert the_way().after == timedelta(minutes=5)


def test_the_last_proven_way_may_go_and_what_follows_is_said_before(house: House) -> None:
    page = page_of(house)
    assert "After that nobody can ask you" in house.shows(page)

    shown = press(house, page, "take_away", way=the_way("smtp").pk)

    assert "There is none, so nobody can ask you." in shown
    assert the_way("smtp").ended_at == house.now


def test_taking_the_only_way_away_in_the_middle_of_a_call_sends_it_on_at_once(house: House) -> None:
    house.ana_calls()

    press(house, page_of(house), "take_away", way=the_way("smtp").pk)

    assert {BO, KIT} <= {ask["person"] for ask in house.alert.state["asks"]}


def test_a_way_whose_channel_is_off_is_said_to_be_unused(house: House) -> None:
    a_way(SAM, "sample-text", NUMBER)

    assert "this service has switched it off" in house.shows(page_of(house))


def test_the_same_page_for_somebody_signed_in_shows_their_own_ways(house: House) -> None:
    a_way(ANA)
    browser = house.signs_in(ANA)

    shown = words(browser.get("/me/ways"))
    assert "a•••@example.org" in shown
    assert "s•••@example.org" not in shown
    words(browser.post("/me/ways", {"do": "take_away", "way": the_way("smtp").pk}), 404)
    assert the_way("smtp").ended_at is None
    words(browser.post("/me/ways", {"do": "add", "to": NUMBERS[ANA]}))
    assert ContactMethod.objects.filter(person=ANA).count() == 2


def test_whoever_is_not_signed_in_signs_in_first(house: House) -> None:
    response = house.browser.get("/me/ways")

    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in")


def test_a_link_does_not_change_the_ways_of_somebody_who_can_sign_in(house: House) -> None:
    browser = house.signs_in(SAM)
    page = page_of(house)

    for response in (house.browser.get(page), house.browser.post(page, {"do": "add", "to": NUMBER})):
        assert response.status_code == 303
        assert response["Location"] == "/me/ways"
    assert ContactMethod.objects.filter(person=SAM).count() == 1
    assert "s•••@example.org" in words(browser.get("/me/ways"))


def test_a_number_can_ring_where_phones_are_on_and_only_there(
    house: House, with_settings: Callable[..., object]
) -> None:
    page = page_of(house)
    assert "Ring me there" not in house.shows(page)
    press(house, page, "add_phone", to=NUMBER, status=422)
    assert not ContactMethod.objects.filter(person=SAM, channel="voice").exists()

    voice = "twilio://AC1:secret@api.twilio.com/+447700900888"
    with_settings(sms_urls=("kannel://user:secret@127.0.0.1:13013",), voice_urls=(voice,))
    switched_on.cache_clear()
    assert "Ring me there" in house.shows(page)
    assert "We are ringing there to tell you a code." in press(house, page, "add_phone", to=NUMBER)
    press(house, page, "add", to=NUMBER)
    assert {way.channel for way in ContactMethod.objects.filter(person=SAM)} == {"smtp", "sms", "voice"}
    press(house, page, "prove", way=the_way("voice").pk, code=code_of(the_way("voice")))
    assert the_way("voice").proven_at == house.now
    switched_on.cache_clear()


def test_a_number_of_another_country_is_refused_and_the_page_says_which_there_are(
    house: House, with_settings: Callable[..., object]
) -> None:
    with_settings(
        base_url="https://circle.example.org",
        sms_urls=("kannel://user:secret@127.0.0.1:13013?from=12345",),
        countries=frozenset({"PT", "ES"}),
    )
    switched_on.cache_clear()
    page = page_of(house)

    said = press(house, page, "add", status=422, to="+44 7700 900123")
    assert "Write one that begins with +34 (ES), +351 (PT)." in said
    assert not ContactMethod.objects.filter(person=SAM, channel="sms", proven_at=None).exists()
    assert "A code is on its way there." in press(house, page, "add", to="+351 912 345 678")
