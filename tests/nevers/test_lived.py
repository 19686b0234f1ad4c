"""Nevers that are lived through: what people, programs and files try, and what must not come of it."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import phonenumbers
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, get_resolver
from phonenumbers import PhoneMetadata

from nightlight.channels.registry import AddressError, check_address
from nightlight.engine.needs import Need
from nightlight.engine.state import AlertStatus
from nightlight.intake.answer import Saying, say
from nightlight.intake.circle_file import parse_circle_file
from nightlight.intake.toml_table import CircleFileError
from nightlight.store.access import Scope, create_api_token, new_host_link
from nightlight.store.models import (
    Circle,
    ContactMethod,
    Host,
    LadderPlace,
    Membership,
    NeverContact,
    Notification,
    Person,
)
from nightlight.store.sealing import seal
from nightlight.web.views.caller import Doing
from tests.factories import a_ladder, a_member, a_never_contact, a_step, a_way
from tests.nevers.night import ANSWERED_AFTER_MINUTES
from tests.nevers.searching import in_texts, spoken
from tests.people import ANA, BO, KIT, MAILS, MIRA, NOA, NUMBERS, SAM
from tests.web.house import EMERGENCY, LINE, House, everything, words
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


# ------------------------------------------------------------- 14: nobody is enrolled by somebody else


def agreed() -> dict[str, object]:
    """Who is here, reached how, in whose circle, having agreed to what until when."""
    return {
        "people": set(Person.objects.values_list("pk")),
        "ways": set(ContactMethod.objects.filter(ended_at=None).values_list("person", "address_hash")),
        "circles": set(Circle.objects.values_list("pk")),
        "members": set(
            Membership.objects.values_list("circle", "person", "agreed_on", "agreed_until", "wake_me")
        ),
        "ladder": set(LadderPlace.objects.values_list("step__circle", "person")),
    }


MORE = {
    "person": NOA,
    "member": NOA,
    "name": "Noa",
    "to": NUMBERS[NOA],
    "agreed_on": "2026-11-01",
    "check_in": "21:00",
    "need": "talk",
    "ask_again": "08:00",
    "reason": "x",
}


def press_everything(house: House, sent: dict[str, str]) -> int:
    """Every button of every page, with more in the form than any page puts there; how many were pressed."""
    call, own, sams = house.ana_calls(), house.own_page(), house.own_page(SAM)
    answer = house.link(SAM)
    house.browser.post(f"/desk/{new_host_link(house.now)}")
    token = create_api_token("front desk", frozenset(Scope), house.now)
    bearer = {"Authorization": f"Bearer {token}"}
    presses: list[tuple[str, dict[str, str]]] = [
        *((own, {**sent, "do": doing}) for doing in Doing if doing is not Doing.UNDO_CIRCLE),
        *((own, {**sent, "do": "raise", "need": need}) for need in Need),
        *((answer, {**sent, "answer": saying}) for saying in Saying),
        *((sams, {**sent, "do": doing}) for doing in Doing if doing is not Doing.UNDO_CIRCLE),
        *((f"/desk/calls/{call}", {**sent, "do": doing, "answer": "yes"}) for doing in ("answer", "resolve")),
        ("/desk", {**sent, "do": "import"}),
        ("/desk/channels", {**sent, "do": "prices"}),
        ("/desk/channels", {**sent, "do": "test", "way": "sms"}),
    ]
    for address, form in presses:
        assert house.browser.post(address, form).status_code in (200, 422), (address, form)
    for body in ({"person": ANA}, {"person": NOA}, {"person": ANA, **sent}):
        house.browser.post("/api/v1/calls", body, content_type="application/json", headers=bearer)
    return len(presses)


def test_n14_enrolling_no_button_puts_anybody_into_a_circle(house: House) -> None:
    """Whatever is pressed, by whomever: nobody is added, and nobody has agreed to more than before."""
    a_way(NOA, "sms")
    before = agreed()

    assert press_everything(house, MORE) > 25
    assert agreed() == before


def test_somebody_enrolled_would_be_seen(house: House) -> None:
    before = agreed()
    a_member(NOA)
    assert agreed() != before
    before = agreed()
    Membership.objects.filter(person=SAM).update(wake_me=True)
    assert agreed() != before


def test_n14_enrolling_whose_circle_somebody_imported_sees_it_and_undoes_it_in_one_tap(house: House) -> None:
    """A host's file is the host's word that Ana wished it; hers is the last one."""
    Circle.objects.update(imported_at=house.now)
    own = house.own_page()
    page = house.browser.get(own).content.decode()
    assert 'value="undo_circle"' in page

    words(house.browser.post(own, {"do": "undo_circle"}))
    words(house.browser.post(own, {"do": "raise", "need": "talk"}))

    assert not Notification.objects.filter(purpose="ask").exists()


def test_n14_enrolling_nobody_calls_in_anothers_name(house: House) -> None:
    """Sam, asked for Ana, cannot raise or change a call of hers; nor can somebody with a page of their own."""
    house.ana_calls()
    a_way(NOA, "sms")
    link, noas, state = house.link(SAM), house.own_page(NOA), dict(house.alert.state)
    for doing in Doing:
        for address in (link, noas):
            house.browser.post(address, {"do": doing, "need": "danger", "person": ANA, "caller": ANA})

    assert house.alert.state == state
    assert house.alert.need == "talk"


# -------------------------------------------------------------- 14: nobody is found by their number


LOOKS = [NUMBERS[SAM], NUMBERS[SAM].removeprefix("+"), MAILS[SAM], "Sam"]


@pytest.mark.parametrize("known", LOOKS)
def test_n14_discovery_a_number_of_somebody_here_opens_and_tells_nothing(house: House, known: str) -> None:
    """Asking with a number that is here gives what asking with any other gives."""
    a_way(SAM, "sms")
    bearer = {"Authorization": f"Bearer {create_api_token('desk', frozenset(Scope), house.now)}"}
    unknown = house.shows("/a/" + "b" * 32, status=404)

    def called(person: str) -> tuple[int, str]:
        response = house.browser.post(
            "/api/v1/calls", {"person": person}, content_type="application/json", headers=bearer
        )
        return response.status_code, response.content.decode().replace(person, "…")

    for door in ("a", "m", "desk"):
        assert house.shows(f"/{door}/{known}", status=404) == unknown
    assert called(known) == called("nobody-at-all")
    assert called(known)[0] == 404


def test_n14_discovery_no_address_of_ours_takes_a_person() -> None:
    """What stands in an address is a secret, an id of a call, a number, or the name of a provider."""
    found = set()
    for pattern in get_resolver().url_patterns:
        assert isinstance(pattern, URLPattern)
        found.update(re.findall(r"<(?:\w+:)?(\w+)>", str(pattern.pattern)))

    assert found == {"token", "id", "number", "channel", "provider", "secret"}


def test_n14_contacts_a_file_that_is_sent_is_not_taken(house: House) -> None:
    """Somebody's address book, pressed into a form, changes nothing."""
    own = house.own_page()
    before = everything()
    book = SimpleUploadedFile("book.txt", f"Noa;{NUMBERS[NOA]}".encode())

    words(house.browser.post(own, {"do": "import", "contacts": book}), 422)

    assert everything() == before


# ----------------------------------------------------------------- 27: a line is never an answer


def test_n27_lines_ringing_one_leaves_the_call_as_open_as_it_was(house: House) -> None:
    """A line is a link on a page. Nothing can be pressed, said or noted that makes it the one who has it."""
    call, own = house.ana_calls(), house.own_page()
    house.browser.post(f"/desk/{new_host_link(house.now)}")
    while house.alert.status != AlertStatus.EXHAUSTED:
        house.next_timer()
    shown = house.browser.get(own).content.decode()
    dial = LINE.replace(" ", "")
    assert f'href="tel:{dial}"' in shown
    assert not [
        form for form in re.findall(r"<form.*?</form>", shown, re.DOTALL) if dial in form or LINE in form
    ]
    state = dict(house.alert.state)

    for name in ("The Evening Line", LINE, dial, EMERGENCY, "line", "0", "host"):
        noted = {"do": "answer", "person": name, "answer": "yes"}
        assert house.browser.post(f"/desk/calls/{call}", noted).status_code == 422
        words(house.browser.post(own, {"do": "in_contact", "person": name}), 422)
        assert say(call, name, Saying.YES, house.now).advanced.refused

    assert house.alert.status == AlertStatus.EXHAUSTED
    assert house.alert.state == state
    # And a person of the circle is heard in the very same way.
    house.browser.post(f"/desk/calls/{call}", {"do": "answer", "person": KIT, "answer": "yes"})
    assert house.alert.status == AlertStatus.ACKNOWLEDGED


def test_n27_lines_no_call_knows_of_any(house: House) -> None:
    """What decides has never heard of lines: neither name nor number is in what it is told or keeps."""
    house.ana_calls(Need.DANGER)
    while house.alert.status != AlertStatus.EXHAUSTED:
        house.next_timer()
    rows = [row for table, row in everything() if table != "Host"]

    assert rows
    assert not [row for row in rows if LINE in str(row) or "Evening Line" in str(row)]
    assert [row for table, row in everything() if "Evening Line" in str(row)]


# -------------------------------------------------------------- 31: no page can ask where somebody is


def test_n31_location_every_page_forbids_the_browser_to_tell_it(house: House) -> None:
    """Even a script that got in could not ask."""
    house.ana_calls()
    for address in ("/healthz", "/nowhere", "/desk", house.own_page(), house.link(SAM), "/api/v1/calls"):
        assert "geolocation=()" in house.browser.get(address)["Permissions-Policy"]


def test_n31_location_a_call_with_one_keeps_none_of_it(house: House) -> None:
    """Sent along by some other page or program, it is not kept, and not required by any of ours."""
    own = house.own_page()
    sent = {"do": "raise", "need": "talk", "lat": "38.7071", "lng": "-9.1355", "location": "38.7071,-9.1355"}
    place = {"X-Forwarded-For": "203.0.113.9", "X-Geo": "38.7071"}
    words(house.browser.post(own, sent, headers=place))
    kept = str(everything())

    assert house.alert.status == AlertStatus.TRIGGERED
    assert "38.7071" not in kept
    assert "9.1355" not in kept
    assert "203.0.113.9" not in kept


# --------------------------------------------- §11: no police, no ambulance, and nobody who did not agree


SHORT = ("112", "911", "999", "000", "111")


def emergency_numbers() -> list[str]:
    """Each country's own, as written at home and with the country in front."""
    found = set(SHORT)
    for region in phonenumbers.SUPPORTED_REGIONS:
        short = PhoneMetadata.short_metadata_for_region(region)
        example = short.emergency.example_number if short and short.emergency else None
        own = {*SHORT[:3], example} - {None}
        found |= {f"+{phonenumbers.country_code_for_region(region)}{number}" for number in own}
    return sorted(found)


def test_d11_police_no_emergency_number_can_be_somebodys_way() -> None:
    """So no ladder can lead to one, whoever writes the file."""
    numbers = emergency_numbers()
    assert len(numbers) > 600
    taken = []
    for number in numbers:
        try:
            taken.append(check_address("sms", number))
        except AddressError:
            continue

    assert taken == []
    assert check_address("sms", NUMBERS[SAM]) == NUMBERS[SAM]


def test_d11_police_a_file_that_puts_one_on_a_ladder_is_refused() -> None:
    """With the line of the file that has to go."""
    document = '[[people]]\nid = "help"\nname = "Help"\ntime_zone = "Europe/Lisbon"\nways = [{channel = "sms", to = "+351112"}]\n'

    with pytest.raises(CircleFileError, match="too short"):
        parse_circle_file(document.encode(), file="circle.toml", today=date(2026, 11, 21))


def handed_to(world: World) -> set[str]:
    """Every address that anything was sent to."""
    return {message.to for own in world.channels.values() for one in own for message in one.handed}


def test_d11_police_the_worst_night_reaches_the_circle_and_the_host_and_nobody_else(world: World) -> None:
    """Danger, nobody answers, round after round: who is told is who agreed, and whoever runs it."""
    Host.objects.create(
        emergency_number=EMERGENCY,
        country="PT",
        ways_sealed=seal('[{"channel": "smtp", "to": "desk@example.org"}]'),
        lines=[{"name": "The Evening Line", "number": LINE, "hours": "", "checked_on": None}],
    )
    a_ladder((SAM,), (BO, KIT))
    a_way(SAM, "sms")
    a_way(ANA, "sms")
    world.ana_calls(Need.DANGER)
    world.pass_time(hours=6)

    assert world.row().status == AlertStatus.EXHAUSTED
    circle = {MAILS[SAM], NUMBERS[SAM], MAILS[BO], MAILS[KIT]}
    assert circle <= handed_to(world)
    assert handed_to(world) <= circle | {NUMBERS[ANA], "desk@example.org"}


def test_d11_agreed_nobody_is_contacted_who_did_not_agree(world: World) -> None:
    """Not asked yet, agreed until yesterday, left, of another circle, never to be contacted: none hears a word."""
    left, late, unasked, never = "leo", "lia", "uma", "ned"
    a_member(SAM)
    a_member(left, ended_at=world.time)  # type: ignore[arg-type]
    a_member(late, agreed_until=date(2026, 11, 20))  # type: ignore[arg-type]
    a_member(unasked, agreed_on=None, agreed_until=None)  # type: ignore[arg-type]
    a_member(never)  # type: ignore[arg-type]
    a_never_contact(f"{never}@example.org")
    a_way(MIRA)
    a_ladder((NOA,), of=BO)
    a_step(SAM, left, late, unasked, never, MIRA)  # type: ignore[arg-type]
    world.ana_calls(Need.DANGER)
    world.pass_time(hours=3)

    assert handed_to(world) == {MAILS[SAM]}
    # The one who agreed was asked, and so would the others have been.
    Membership.objects.update(agreed_on=date(2026, 11, 1), agreed_until=date(2027, 2, 1), ended_at=None)
    NeverContact.objects.all().delete()
    world.pass_time(hours=3)
    assert {f"{each}@example.org" for each in (left, late, unasked, never)} <= handed_to(world)
    assert not {MAILS[NOA], MAILS[MIRA], MAILS[BO]} & handed_to(world)


def test_d11_agreed_a_ladder_on_which_nobody_agreed_is_no_call(house: House) -> None:
    """She hears that there is nobody to ask; nobody is tried in case."""
    Membership.objects.update(agreed_on=None, agreed_until=None)
    own = house.own_page()
    words(house.browser.post(own, {"do": "raise", "need": "danger"}))

    assert not Notification.objects.filter(person__in=[SAM, BO, KIT]).exists()


# --------------------------------------------------- §11: nobody's speed is shown to anybody


SPEED = re.compile(
    r"\b(took|within|after|needed)( \w+)? \d+ ?(s|sec|seconds?|min|minutes?|hours?)\b|\b\d+ (seconds?|minutes?) later"
    r"|\bon average\b|\busually (answers?|replies)\b|\b(fast|slow|quick)est\b|\bresponse time|\banswers? (fast|slow|quick)"
    r"|\banswered \d+|\b\d+ (times|of \d+ calls)\b|\bmissed \d+",
    re.IGNORECASE,
)


def test_d11_response_times_no_page_says_how_long_anybody_took(pages: Mapping[str, str]) -> None:
    """When something happened is the record; how long somebody needed is nobody's business."""
    minutes = ANSWERED_AFTER_MINUTES
    took = re.compile(rf"\b({minutes}|{minutes + 5}) ?min|\b({minutes * 60}|{(minutes + 5) * 60}) ?s\b")

    assert in_texts(SPEED, spoken(pages)) == []
    assert in_texts(took, pages) == []
    assert in_texts(took, {"page": f"<p>Kit answered in {minutes} minutes.</p>"})


@pytest.mark.parametrize(
    "planted",
    ["Kit took 17 minutes.", "Sam usually answers.", "Answered 3 of 5 calls.", "Bo is the quickest."],
)
def test_a_speed_would_be_found(planted: str) -> None:
    assert in_texts(SPEED, {"page": planted})


def test_d11_response_times_programs_are_not_told_either(house: House) -> None:
    """The interface gives moments, the same as the page, and no sums of them."""
    house.ana_calls()
    house.pass_time(minutes=3)
    house.says(SAM, "yes")
    token = create_api_token("desk", frozenset({Scope.READ}), house.now)
    response: Any = house.browser.get(
        f"/api/v1/calls/{house.alert.pk}", headers={"Authorization": f"Bearer {token}"}
    )

    assert set(response.json()) == {
        *("id", "person", "status", "need", "raised_at", "acknowledged_by", "next", "timeline"),
    }
    assert {key for line in response.json()["timeline"] for key in line} == {"at", "what", "who", "channel"}
