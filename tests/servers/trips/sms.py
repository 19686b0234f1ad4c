"""A text there and back: by a real Kannel with phones behind it, and when that is gone, by a made-up Twilio."""

from collections.abc import Callable
from contextlib import ExitStack

from tests.servers.kannel import Gateway, kannel
from tests.servers.nightlight import hook_url
from tests.servers.processes import free_port
from tests.servers.simulated_twilio import SimulatedTwilio, simulated_twilio
from tests.servers.trips.house import TripHouse, house

STAND_DOWN = "You can rest."
SAM, BO = "+447700900102", "+447700900103"


def trip(say: Callable[[str], None]) -> None:
    """Out, the report, the answer, the stand-down; twice, by one provider each. Raises when one is missing."""
    base_url = f"http://127.0.0.1:{free_port()}"
    with ExitStack() as gateways, simulated_twilio(hook_url(base_url, "sms", "twilio-1")) as twilio:
        gateway = gateways.enter_context(kannel(hook_url(base_url, "sms", "kannel-1")))
        settings = {"NIGHTLIGHT_SMS_URL": f"{gateway.url} {twilio.url}"}
        ways = {name: [{"channel": "sms", "to": number}] for name, number in (("sam", SAM), ("bo", BO))}
        with house(base_url, settings, ways) as built:
            _by_kannel(built, gateway, say)
            gateways.close()
            _by_twilio(built, twilio, say)


def _by_kannel(built: TripHouse, gateway: Gateway, say: Callable[[str], None]) -> None:
    call = built.call()
    [text] = gateway.wait_for(SAM, seconds=30)
    gateway.wait_for(BO, seconds=30)
    built.until(call, "delivered", "sam", seconds=30)
    gateway.reply(SAM, _digits(text.text))
    seconds = built.answered(call, "sam")
    assert STAND_DOWN in gateway.wait_for(BO, 2, seconds=30)[1].text
    say(f"sms: on the phone through Kannel, reported, answered in {seconds:.1f} s, stood down")
    built.do("resolve", call, "--reason", "the next one goes another way")


def _by_twilio(built: TripHouse, twilio: SimulatedTwilio, say: Callable[[str], None]) -> None:
    call = built.call()
    [text] = twilio.wait_for(SAM, seconds=30)
    twilio.wait_for(BO, seconds=30)
    assert twilio.report(text, "delivered") == 200
    built.until(call, "delivered", "sam", seconds=30)
    assert twilio.reply(SAM, _digits(text.text)) == 200
    seconds = built.answered(call, "sam")
    assert STAND_DOWN in twilio.wait_for(BO, 2, seconds=30)[1].text
    say(f"sms: Kannel gone, handed to a made-up Twilio, reported, answered in {seconds:.1f} s, stood down")


def _digits(text: str) -> str:
    """The six digits that answer *text*."""
    return next(word for word in text.split() if word.isdigit() and len(word) == 6)
