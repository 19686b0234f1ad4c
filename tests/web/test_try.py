"""The wall of sample phones: there in a sample and nowhere else, for this machine and for nobody else.

What happens on it when a worker works is told in tests/cli and in tests/browser, on real processes.
"""

import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from django.test import Client

from nightlight import clock, config
from nightlight.channels.base import Message
from nightlight.channels.sample import PhoneState
from nightlight.engine.needs import Need
from nightlight.intake import alert as calls
from nightlight.intake import sampling
from nightlight.intake.channels import SAMPLE_DIRECTORY, kinds_on, switched_on
from nightlight.intake.circle import import_circles
from nightlight.intake.circle_file import parse_circle_file
from nightlight.store.models import Alert
from tests.people import ANA, BO, NOON, SAM
from tests.web.house import words

pytestmark = pytest.mark.django_db

SAMS_TEXT = "+447700900101"
WithSettings = Callable[..., config.Settings]


@pytest.fixture
def sample(tmp_path: Path, with_settings: WithSettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A browser at a sample as `try` makes it, at noon, without a worker."""
    (tmp_path / SAMPLE_DIRECTORY).mkdir()
    clock.set_offset(tmp_path / clock.OFFSET_FILE_NAME, 0.0)
    with_settings(data=tmp_path, base_url="http://127.0.0.1:8000")
    switched_on.cache_clear()
    circle = files("nightlight.cli").joinpath("sample_circle.toml").read_bytes()
    document = parse_circle_file(circle, file="sample_circle.toml", today=NOON.date())
    import_circles(document, now=NOON, channels_on=kinds_on())
    sampling.begin(NOON)
    monkeypatch.setattr("nightlight.web.views.trying.database_now", lambda: NOON)
    monkeypatch.setattr(sampling, "settle", lambda: None)
    yield Client(headers={"host": "127.0.0.1:8000"})
    switched_on.cache_clear()


def sends(kind: str, to: str, text: str) -> None:
    message = Message(notification="n", attempt="a", to=to, subject="Ana asks if you are free", text=text)
    sampling.phones().put(kind, message, NOON)


def person(name: str) -> sampling.SamplePerson:
    return next(each for each in sampling.circle() if each.id == name)


def test_the_wall_begins_with_four_phones_and_one_thing_to_press(sample: Client) -> None:
    page = words(sample.get("/try"))

    for name in ("Ana", "Sam", "Bo", "Kit"):
        assert f"<h2>{name}</h2>" in page
    assert "4 sample phones. Nothing leaves this machine." in page
    assert "Press “I need someone” on Ana's phone. Sam's phone refuses texts tonight." in page
    assert re.search("It is <time [^>]+>12:00</time> in this sample", page)


def test_in_a_house_that_is_no_sample_there_is_no_wall(sample: Client, tmp_path: Path) -> None:
    (tmp_path / clock.OFFSET_FILE_NAME).unlink()

    for address in ("/try", "/try/now"):
        words(sample.get(address), 404)
    words(sample.post("/try", {"do": "raise", "need": "talk"}), 404)
    assert not Alert.objects.exists()

    clock.set_offset(tmp_path / clock.OFFSET_FILE_NAME, 0.0)
    (tmp_path / SAMPLE_DIRECTORY).rename(tmp_path / "elsewhere")
    words(sample.get("/try"), 404)


def test_nobody_elsewhere_sees_the_wall(sample: Client, with_settings: WithSettings, tmp_path: Path) -> None:
    with_settings(data=tmp_path, base_url="http://127.0.0.1:8000")

    for there in (Client(REMOTE_ADDR="192.0.2.7"), Client(headers={"host": "testserver"})):
        words(there.get("/try"), 404)
        words(there.post("/try", {"do": "start_over"}), 404)
    words(Client(headers={"host": "localhost:8000"}).get("/try"))
    words(Client(headers={"host": "[::1]:8000"}, REMOTE_ADDR="::1").get("/try"))


def test_the_lamp_calls_the_circle(sample: Client) -> None:
    page = words(sample.post("/try", {"do": "raise", "need": "company"}))

    assert Alert.objects.get().need == "company"
    assert "asked at" in page
    assert "I need someone" not in page


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"do": "dance"},
        {"do": "raise", "need": "everything"},
        {"do": "speed", "speed": "1000"},
        {"do": "next", "until": "soon"},
        {"do": "switch", "person": "noa", "phone": "off"},
        {"do": "switch", "person": "sam", "phone": "blue"},
        {"do": "yes", "person": "noa"},
    ],
)
def test_what_is_not_understood_changes_nothing(sample: Client, form: dict[str, str]) -> None:
    calls.call(ANA, Need.TALK, NOON)

    assert "nothing has changed" in words(sample.post("/try", form), 422)
    assert Alert.objects.get().status == "triggered"
    assert sampling.speed() == 1


def test_a_phone_shows_what_arrived_and_what_did_not(sample: Client) -> None:
    sends("sample-text", SAMS_TEXT, "never seen")
    sends("sample-mail", "sam@example.org", "Ana asks.\nhttp://127.0.0.1:8000/a/abcdefgh\n")

    page = words(sample.get("/try"))

    assert "12:00</time> · refused" in page
    assert "never seen" not in page
    assert "Ana asks if you are free" in page
    assert 'href="http://127.0.0.1:8000/a/abcdefgh" target="_blank" rel="noopener">Open /a/abcd…' in page


def test_phones_are_switched_one_by_one(sample: Client) -> None:
    words(sample.post("/try", {"do": "switch", "person": "bo", "phone": "off"}))
    assert sampling.switched(person(BO)) is sampling.Switch.OFF
    assert {sampling.phones().state(way.to) for way in person(BO).ways} == {PhoneState.OFF}
    assert sampling.switched(person(SAM)) is sampling.Switch.REFUSES_TEXTS

    words(sample.post("/try", {"do": "switch", "person": "bo", "phone": "on"}))
    assert sampling.switched(person(BO)) is sampling.Switch.ON


def test_answers_take_the_road_of_every_answer(sample: Client) -> None:
    calls.call(ANA, Need.TALK, NOON)

    assert "Sam has it." in words(sample.post("/try", {"do": "yes", "person": "sam"}))
    assert "Sam is with you." in words(sample.post("/try", {"do": "in_contact"}))
    assert "It's over now." not in words(sample.post("/try", {"do": "quiet", "person": "sam"}))
    words(sample.post("/try", {"do": "resolve"}))
    assert Alert.objects.get().status == "resolved"
    words(sample.post("/try", {"do": "yes", "person": "bo"}))
    assert Alert.objects.get().status == "resolved"


def test_starting_over_ends_the_call_and_puts_the_phones_as_they_began(sample: Client) -> None:
    calls.call(ANA, Need.TALK, NOON)
    sends("sample-mail", "sam@example.org", "Ana asks.")
    sampling.switch(person(SAM), sampling.Switch.ON)
    sampling.set_speed(60)

    page = words(sample.post("/try", {"do": "start_over"}))

    assert Alert.objects.get().status == "resolved"
    assert sampling.phones().sent() == ()
    assert sampling.speed() == 1
    assert "Press “I need someone” on Ana's phone. Sam's phone refuses texts tonight." in page


def test_the_part_that_changes_is_sent_again_only_when_it_did(sample: Client) -> None:
    first = sample.get("/try/now")
    assert b"<html" not in first.content

    tag = first.headers["ETag"]
    again = sample.get("/try/now", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")

    calls.call(ANA, Need.TALK, NOON)
    assert sample.get("/try/now", headers={"if-none-match": tag}).status_code == 200


def test_looking_changes_nothing_and_the_links_lead_to_the_real_pages(sample: Client) -> None:
    page = words(sample.get("/try?do=raise&need=talk"))
    assert not Alert.objects.exists()

    own = page.split('href="/m/')[1].split('"')[0]
    assert "Hello, Ana." in words(sample.get(f"/m/{own}"))
    assert 'action="/desk/' in words(sample.post("/try", {"do": "desk"}))
