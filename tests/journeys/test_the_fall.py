"""The fall: a text fails, the phone rings, a voicemail picks up, a mail goes out. One call, and its record is true."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from tests.journeys.circles import Folk, mail, settle_in, text, write_circle
from tests.journeys.house import House
from tests.servers.kannel import kannel
from tests.servers.nightlight import environment, hook_url, started
from tests.servers.postfix import postfix, words_of
from tests.servers.postgres import postgres
from tests.servers.processes import folder, free_port
from tests.servers.simulated_twilio_voice import simulated_twilio_voice
from tests.servers.sip import trunk

pytestmark = pytest.mark.servers

NEVER_BY_ITSELF = "6h"
"""No way of this delay goes out while this runs: only a way that failed can have brought it."""


@dataclass(frozen=True, kw_only=True)
class Fallen:
    """A house, and how Sam's voicemail takes a ring."""

    house: House
    voicemail: Callable[[str], None]
    """A ring comes to this number; returns once the voicemail has picked up, or is set to."""


@pytest.fixture(params=["sip", "twilio"])
def fallen(request: pytest.FixtureRequest) -> Iterator[Fallen]:
    """A trunk and SQLite, where all is real; or a voice service of our own and PostgreSQL."""
    with ExitStack() as stack:
        if request.param == "sip":
            line = stack.enter_context(trunk())

            def picks_up(number: str) -> None:
                line.phone(number, plays=["g711a.pcap"])

            house = stack.enter_context(_house(line.url))
            yield Fallen(house=house, voicemail=picks_up)
            return
        service = stack.enter_context(simulated_twilio_voice())

        def was_picked_up(number: str) -> None:
            [ring] = service.wait_for(number, seconds=20)
            assert "press" in " ".join(ring.heard)
            assert service.end(ring, "completed") == 200

        house = stack.enter_context(_house(service.url, database_url=stack.enter_context(postgres())))
        yield Fallen(house=house, voicemail=was_picked_up)


@contextmanager
def _house(voice_url: str, *, database_url: str = "") -> Iterator[House]:
    base_url = f"http://127.0.0.1:{free_port()}"
    hook = hook_url(base_url, "sms", "kannel-1")
    with folder("nightlight-fall-") as data, postfix() as mails, kannel(hook) as texts:
        settings = {
            "NIGHTLIGHT_SMTP_URL": mails.url,
            "NIGHTLIGHT_MAIL_FROM": "circle@example.org",
            "NIGHTLIGHT_SMS_URL": texts.url,
            "NIGHTLIGHT_VOICE_URL": voice_url,
            "NIGHTLIGHT_DATABASE_URL": database_url,
        }
        built = House(data, environment(data, base_url, settings), mails, texts)
        if database_url:
            built.do("migrate")
        with started(built, ("web", "worker") if database_url else ("serve",)):
            yield built


def test_a_text_that_fails_a_voicemail_and_then_a_mail_that_is_answered(
    fallen: Fallen, request: pytest.FixtureRequest
) -> None:
    house, folk = fallen.house, Folk("fall", 14)
    sam = folk.id("sam")
    phone = f'{{channel = "voice", to = "{folk.phone("sam")}", after = "{NEVER_BY_ITSELF}"}}'
    ways = f"{text(folk.lost_phone('sam'))}, {phone}, {mail(folk.mail('sam'), NEVER_BY_ITSELF)}"
    circle = write_circle(
        folk,
        ways={"ana": "", "sam": ways, "bo": mail(folk.mail("bo"))},
        ladder=f'[{{ask = ["{sam}"], wait = "1h"}}, {{ask = ["{folk.id("bo")}"], wait = "1h"}}]',
    )
    settle_in(house, circle)
    is_real = "sip" in request.node.name
    if is_real:
        fallen.voicemail(folk.phone("sam"))

    alert = house.do("call", folk.id("ana"))
    if not is_real:
        fallen.voicemail(folk.phone("sam"))
    link = house.link_in(words_of(house.mail.wait_for(folk.mail("sam"), seconds=60)[-1]))
    house.until(alert, "accepted", sam)

    told = [line for line in house.lines(alert) if line[0] in ("asked", "failed", "accepted", "delivered")]
    assert told == [
        ("asked", sam, None),
        ("failed", sam, "sms"),
        ("accepted", sam, "voice"),
        ("failed", sam, "voice"),
        ("accepted", sam, "smtp"),
    ]
    # A voicemail is no answer: nobody has it, and nobody else is asked before their time.
    assert house.status(alert)["status"] == "triggered"
    assert house.texts.texts(folk.lost_phone("sam")) == []
    assert house.mail.mails(folk.mail("bo")) == []

    assert house.post(link, answer="yes").status == 200
    house.until(alert, "acknowledged", sam)
    assert house.status(alert)["acknowledged_by"] == {"id": sam, "name": "Sam"}
