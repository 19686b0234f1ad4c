"""The trials of `no_keys`, in the process that has the database: real rules, rows and doors, a simulated phone."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from nightlight.channels.base import Message
from nightlight.channels.registry import hook_url
from nightlight.channels.twilio_signature import FORM
from nightlight.clock import now
from nightlight.engine.events import EndedBy
from nightlight.engine.ids import PersonId
from nightlight.intake import alert as intake
from nightlight.intake.channels import channel_settings
from tests.campaigns.no_keys import BASE_URL, NUMBER, RINGS_PER_CALL
from tests.servers.simulated_twilio import SID, TOKEN, sign
from tests.worker.ringing import RingingWorld, keys_in

MACHINES = ("1", "0", "*", "#")
"""What they press: to be let through, to reach a human, to skip a greeting, to end one."""


class Trials:
    """One call after another; in each, Sam's phone rings and no human picks up, until at last one does."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.browser = Client(SERVER_NAME="127.0.0.1", SERVER_PORT="8000")
        self.hook = hook_url(channel_settings(), "voice", "twilio-1").removeprefix(BASE_URL)
        self.kinds: dict[str, Callable[[Message], None]] = {
            "a_voicemail_that_listens_to_the_end": lambda ring: self._end(ring, "completed"),
            "a_phone_that_is_not_picked_up": lambda ring: self._end(ring, "no-answer"),
            "a_machine_that_screens": self._screens,
            "a_machine_that_presses_without_end": self._presses_all_it_knows,
            "a_key_that_nobody_signed": self._forged,
            "a_key_signed_for_another_ring": self._other_ring,
            "a_key_of_a_call_that_is_over": self._over,
            "digits_that_are_no_key": self._no_key,
        }
        self.former: Message | None = None

    def a_call(self) -> tuple[RingingWorld, Message]:
        """Ana calls, and Sam's phone rings."""
        world = RingingWorld()
        world.time = now()
        world.ana_calls(person=PersonId("ana"))
        world.send_due()
        return world, next(each for each in world.phone.handed if each.to == NUMBER)

    def press(
        self, ring: Message, key: str, *, token: str = TOKEN, attempt: str = "", pressed: int = 0
    ) -> int:
        """A call to our hook, as the service makes it; the status of our answer."""
        asked = {"attempt": attempt or ring.attempt, "step": "key", "pressed": str(pressed)}
        return self._call(asked, {"Digits": key, "CallStatus": "in-progress"}, token)

    def _call(self, asked: dict[str, str], told: dict[str, str], token: str = TOKEN) -> int:
        address = f"{self.hook}?{urlencode(asked)}"
        # Each ring has an id of its own, so that no two of these calls are the same.
        fields = {"AccountSid": SID, "CallSid": f"CA{self.chance.getrandbits(128):032x}", **told}
        signed = {"X-Twilio-Signature": sign(token, BASE_URL + address, fields)}
        return self.browser.post(address, urlencode(fields), content_type=FORM, headers=signed).status_code

    def _end(self, ring: Message, state: str) -> None:
        self._call({"attempt": ring.attempt, "step": "end", "asks": "1"}, {"CallStatus": state})

    def _screens(self, ring: Message) -> None:
        self.press(ring, self.chance.choice(MACHINES))
        self._end(ring, "completed")

    def _presses_all_it_knows(self, ring: Message) -> None:
        for pressed in range(3):
            self.press(ring, self.chance.choice(MACHINES), pressed=pressed)

    def _forged(self, ring: Message) -> None:
        key = self.chance.choice(keys_in(ring))
        assert self.press(ring, key, token=f"{self.chance.getrandbits(128):032x}") == 403

    def _other_ring(self, ring: Message) -> None:
        self.press(ring, self.chance.choice(keys_in(ring)), attempt=f"{self.chance.getrandbits(128):032x}")

    def _over(self, ring: Message) -> None:
        if self.former is not None:
            self.press(self.former, self.chance.choice(keys_in(self.former)))

    def _no_key(self, ring: Message) -> None:
        key = self.chance.choice(keys_in(ring))
        self.press(ring, self.chance.choice((key * 2, f" {key}", f"{key}\n", "²", "hello", "")))


def tried(trials: int, chance: random.Random, advance: Callable[[int], None]) -> dict[str, Any]:
    """Make so many *trials*; what came of them, as `Report` wants it."""
    making = Trials(chance)
    counted: Counter[str] = Counter()
    accepted: list[str] = []
    controls = in_vain = 0
    while sum(counted.values()) < trials:
        world, ring = making.a_call()
        for _ in range(min(RINGS_PER_CALL, trials - sum(counted.values()))):
            name = chance.choice(list(making.kinds))
            making.kinds[name](ring)
            counted[name] += 1
            advance(1)
            if world.row().status != "triggered" or any(ask.answer for ask in world.alert().asks):
                accepted.append(name)
                break
        else:
            controls += 1
            making.press(ring, keys_in(ring)[0], pressed=9)
            in_vain += world.row().status != "acknowledged"
        intake.resolve(world.call_id, EndedBy.CALLER, now())
        making.former = ring
    return {
        "tried": dict(counted),
        "accepted": accepted,
        "controls": controls,
        "controls_in_vain": in_vain,
    }
