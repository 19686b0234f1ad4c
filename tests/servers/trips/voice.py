"""The phone, there and back: a real service, a real baresip, a real Kamailio as the trunk, and real phones by SIPp.

Which key to press is understood by ear, from the sound that the phone was sent.
"""

from collections.abc import Callable

from nightlight.channels.base import Spoken
from nightlight.channels.speech import RATE
from nightlight.channels.wording_voice import AfterKey, Reached, say_after
from tests.channels.hearing import (
    after_rest,
    difference,
    first_sound,
    lasts,
    practise,
    samples,
    understand_keys,
)
from tests.servers.processes import free_port, wait_until
from tests.servers.sip import Ear, trunk
from tests.servers.trips.house import house

SAM, BO = "+447700900101", "+447700900102"
ASKED = ("This is Harbour, for Sam.", "Ana asks if you can talk.")
STOOD_DOWN = Spoken(
    said=(
        "This is Harbour, for Bo.",
        "Someone else has it now. You can rest.",
        "This is about what Ana asked.",
        "There is nothing to press. Goodbye.",
    )
)
SAME_MAX = 0.3
"""So far sound may be from what was to be said, and still be the same words; others are at 1 and more."""


def trip(say: Callable[[str], None]) -> None:
    """Make it, and say what was seen. Raises when anything did not happen."""
    with trunk() as line:
        sams, bos = line.phone(SAM), line.phone(BO)
        ways = {"sam": [_phone(SAM)], "bo": [_phone(BO)]}
        base_url = f"http://127.0.0.1:{free_port()}"
        with house(base_url, {"NIGHTLIGHT_VOICE_URL": line.url}, ways) as built:
            practise(ASKED)
            alert = built.call()
            keys = understand_keys(sams.wait_for(lasts(ASKED)), ASKED)
            sams.forget()
            sams.press(keys.yes)
            seconds = built.answered(alert, "sam")
            reached = Reached(caller_name="Ana", number="+447700900456")
            _hears(sams, say_after(AfterKey.THANKS, "en", keys=keys, reached=reached))
            wait_until(lambda: bos.rings == 2, "a second ring at Bo's")
            _hears(bos, STOOD_DOWN, is_new=True)
            assert ("accepted", "sam", "voice") in built.lines(alert)
            built.until(alert, "delivered", "sam")
            wait_until(lambda: ("delivered", "bo", "voice") in built.lines(alert), "Bo's end")
    say(
        f"voice: rang at two phones through baresip and kamailio, {keys.yes} heard and pressed,"
        f" answered in {seconds:.1f} s, told how Ana is reached, the other stood down"
    )


def _phone(number: str) -> dict[str, str]:
    return {"channel": "voice", "to": number}


def _hears(ear: Ear, words: Spoken, *, is_new: bool = False) -> None:
    """Raises AssertionError when other words are heard, and TimeoutError when none are."""
    heard = ear.wait_for(len(samples(words)) / RATE + (0 if is_new else 1))
    skip = 0 if is_new else first_sound(words)
    found = difference(heard if is_new else after_rest(heard), words, skip=skip)
    assert found < SAME_MAX, f"{found:.2f} from {words.said}"
