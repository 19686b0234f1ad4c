"""A phone from the first code to the answer, over a running service and a voice service of our own."""

import re
from collections.abc import Iterator

import pytest

from tests.journeys.circles import Folk, write_circle
from tests.servers.nightlight import Nightlight, environment, hook_url, started
from tests.servers.processes import folder, free_port, wait_until
from tests.servers.simulated_twilio_voice import SimulatedTwilioVoice, simulated_twilio_voice

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def service() -> Iterator[SimulatedTwilioVoice]:
    with simulated_twilio_voice() as made:
        yield made


@pytest.fixture(scope="module")
def house(service: SimulatedTwilioVoice) -> Iterator[Nightlight]:
    with folder("nightlight-phone-") as data:
        base_url = f"http://127.0.0.1:{free_port()}"
        settings = {"NIGHTLIGHT_VOICE_URL": service.url, "NIGHTLIGHT_SMTP_URL": "", "NIGHTLIGHT_SMS_URL": ""}
        built = Nightlight(data, environment(data, base_url, settings))
        with started(built):
            yield built


def a_circle(house: Nightlight, folk: Folk) -> None:
    """Sam and Bo have a phone each, and are asked one after the other."""
    ways = {who: f'{{channel = "voice", to = "{folk.phone(who)}"}}' for who in ("sam", "bo")}
    ladder = f'[{{ask = ["{folk.id("sam")}"], wait = "1h"}}, {{ask = ["{folk.id("bo")}"], wait = "1h"}}]'
    file = write_circle(
        folk, ways={"ana": "", **ways}, ladder=ladder, extra='reach = {call = "+447700900456"}'
    )
    house.do("circle", "import", "-", given=file)


def keys(said: list[str]) -> list[str]:
    """The keys that were announced last: yes, and no."""
    return re.findall(r"press (\d)", " ".join(said))[-2:]


def test_a_ring_is_answered_taken_back_and_taken_by_another(
    house: Nightlight, service: SimulatedTwilioVoice
) -> None:
    folk = Folk("ring", 15)
    a_circle(house, folk)
    alert = house.do("call", folk.id("ana"))
    [ring] = service.wait_for(folk.phone("sam"), seconds=20)
    yes, no = keys(ring.heard)

    # A machine that screens presses 1, and is told the keys again.
    service.press(ring, "1")
    assert "That key means nothing here." in ring.heard
    assert house.status(alert)["status"] == "triggered"
    service.press(ring, yes)
    assert "Thank you, you have it now." in ring.heard
    assert "4 4 7, 7 0 0, 9 0 0, 4 5 6" in " ".join(ring.heard)
    house.until(alert, "acknowledged", folk.id("sam"))
    service.press(ring, no)
    service.end(ring)

    [bos] = service.wait_for(folk.phone("bo"), seconds=20)
    service.press(bos, keys(bos.heard)[0])
    house.until(alert, "acknowledged", folk.id("bo"))
    assert house.status(alert)["acknowledged_by"]["id"] == folk.id("bo")
    assert [line for line in house.lines(alert) if line[0] == "failed"] == []
    assert ("delivered", folk.id("sam"), "voice") in house.lines(alert)


def test_a_busy_phone_was_missed_and_nobody_has_it(house: Nightlight, service: SimulatedTwilioVoice) -> None:
    folk = Folk("busy", 16)
    a_circle(house, folk)
    alert = house.do("call", folk.id("ana"))
    [ring] = service.wait_for(folk.phone("sam"), seconds=20)
    assert service.end(ring, "busy") == 200

    house.until(alert, "failed", folk.id("sam"))
    assert house.status(alert)["status"] == "triggered"
    # The phone was there; it rings once more before anybody else is asked.
    assert service.rings(folk.phone("bo")) == []


def test_a_report_or_a_key_that_nobody_signed_changes_nothing(
    house: Nightlight, service: SimulatedTwilioVoice
) -> None:
    folk = Folk("forged", 17)
    a_circle(house, folk)
    alert = house.do("call", folk.id("ana"))
    [ring] = service.wait_for(folk.phone("sam"), seconds=20)
    before = house.status(alert)
    hook = hook_url(house.base_url, "voice", "twilio-1")
    yes = keys(ring.heard)[0]

    for told in ({"CallStatus": "completed"}, {"Digits": yes, "CallStatus": "in-progress"}):
        step = "key" if "Digits" in told else "end"
        attempt = re.search(r"attempt=(\w+)", ring.status_callback)
        assert attempt
        assert house.post(f"{hook}?attempt={attempt[1]}&step={step}&pressed=0", **told).status == 403
    assert house.status(alert) == before
    wait_until(lambda: service.press(ring, yes).status == 200, "the real key")
