"""The inner half of the campaign of forgeries: every door by which a token or a signature comes in, asked directly.

Run by `tests.campaigns.forged` in a process of its own, with the settings of a service in its
environment. `real` makes one real token for each door and prints them; `try COUNT SEED` reads them and
tries that many forgeries, printing how far it is, and at last what was accepted.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast
from urllib.parse import urlencode

from nightlight.channels.base import CallbackChannel, CallbackRequest, ForgedCallback
from nightlight.cli.django_setup import prepare
from tests.campaigns.forgeries import forged
from tests.servers.simulated_twilio import SID, TOKEN, sign

SAY_EVERY = 2000
HOOK = "https://circle.example.org/hooks/sms/twilio-1/secret"
REPORT = {"AccountSid": SID, "MessageSid": f"SM{1:032x}", "MessageStatus": "delivered", "To": "+447700900102"}
REPLY = {"AccountSid": SID, "MessageSid": f"SM{2:032x}", "From": "+447700900102", "Body": "518204"}


@dataclass(frozen=True, kw_only=True)
class Door:
    """Where one kind of token comes in."""

    name: str
    opens: Callable[[str], bool]
    """Whether a token opens it."""
    real: str


def real_tokens() -> dict[str, str]:
    """One real token for each door but that of an answer, whose token goes out in a message; and a path."""
    from nightlight.channels.registry import hook_secret, hook_url
    from nightlight.intake import channels
    from nightlight.store import access, sessions, starting, supporting
    from nightlight.store.access import Scope
    from nightlight.store.dbclock import database_now
    from nightlight.store.models import Account

    now, told = database_now(), channels.channel_settings()
    Account.objects.create(id="account-ana", person_id="ana-00000", created_at=now)
    return {
        "session": sessions.new_session("account-ana", now),
        "own page": access.new_person_link("ana-00000", now),
        "supporter page": supporting.new_supporter_link("sam-00000", now),
        "start": starting.new_start_link(now),
        "desk link": access.new_host_link(now),
        "desk session": access.new_host_session(now),
        "program token": access.create_api_token("campaign", frozenset({Scope.CALL, Scope.READ}), now),
        "hook": hook_secret(told.callback_secret, "sms", "kannel-1"),
        "hook of the gateway": hook_url(told, "sms", "twilio-1").removeprefix(told.base_url),
    }


def doors(real: Mapping[str, str]) -> list[Door]:
    """Every door whose real token is in *real*, and the two for signatures."""
    from nightlight.intake import channels
    from nightlight.store import access, invitations, sessions, starting, supporting, ways
    from nightlight.store.dbclock import database_now

    now = database_now()
    opens: dict[str, Callable[[str], bool]] = {
        "answer": lambda token: access.find_notification(token, now) is not None,
        "session": lambda token: sessions.session_of(token, now) is not None,
        "own page": lambda token: access.person_of_link(token, now) is not None,
        "supporter page": lambda token: supporting.supporter_of_link(token, now) is not None,
        "start": lambda token: starting.start_of(token, now) is not None,
        "desk link": lambda token: access.is_host_link(token, now),
        "desk session": lambda token: access.is_host_session(token, now),
        "program token": lambda token: access.api_caller(token) is not None,
        "hook": lambda token: channels.find_provider("sms", "kannel-1", token) is not None,
    }
    # For these two there is no real one: nobody has been invited, and nothing is to be proven.
    strangers: dict[str, Callable[[str], bool]] = {
        "invitation": lambda token: invitations.find(token, now) is not None,
        "proof": lambda token: ways.look_at_tap(token, now) is not None,
    }
    made = [Door(name=name, opens=opens[name], real=token) for name, token in real.items()]
    made += [Door(name=name, opens=each, real=real["answer"]) for name, each in strangers.items()]
    return [*made, *_signed(now)]


def _signed(_: datetime) -> list[Door]:
    from nightlight.intake.channels import switched_on

    found = next(each for each in switched_on()["sms"] if each.provider == "twilio-1")
    channel = cast("CallbackChannel", found)
    address = f"{HOOK}?attempt=a1b2c3"
    return [
        Door(
            name="signed report",
            opens=partial(_is_believed, channel, address, REPORT),
            real=sign(TOKEN, address, REPORT),
        ),
        Door(
            name="signed reply",
            opens=partial(_is_believed, channel, HOOK, REPLY),
            real=sign(TOKEN, HOOK, REPLY),
        ),
    ]


def _is_believed(channel: CallbackChannel, url: str, fields: dict[str, str], signature: str) -> bool:
    request = CallbackRequest(
        method="POST",
        url=url,
        headers={"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature},
        query={},
        body=urlencode(fields).encode(),
    )
    try:
        return channel.read_receipt(request) is not None or channel.read_reply(request) is not None
    except ForgedCallback:
        return False


def try_all(count: int, seed: int, real: Mapping[str, str], say: Callable[[int], None]) -> dict[str, object]:
    """Try *count* forgeries, door after door in turn; *say* hears how many were tried."""
    built = doors(real)
    chance = random.Random(f"{seed} inside")  # noqa: S311  (a plan, not a secret)
    everything = [door.real for door in built]
    strangers = {"invitation", "proof"}
    closed = [door.name for door in built if door.name not in strangers and not door.opens(door.real)]
    tried: Counter[str] = Counter()
    accepted: list[str] = []
    for number in range(1, count + 1):
        door = built[number % len(built)]
        others = [token for token in everything if token != door.real]
        made = forged(door.real, others, chance)
        tried[door.name] += 1
        if _opens(door, made):
            accepted.append(f"{door.name}: {made!r}")
        if number % SAY_EVERY == 0 or number == count:
            say(number)
    return {"tried": tried, "accepted": accepted, "closed_to_the_real_one": closed}


def _opens(door: Door, made: str) -> bool:
    try:
        return door.opens(made)
    # A door that breaks lets nobody in; over HTTP it would be seen as a 500.
    except ValueError:
        return False


def main(words: list[str]) -> None:
    """`real`, or `try COUNT SEED` with the real tokens on standard input."""
    prepare(None)
    if words[0] == "real":
        json.dump(real_tokens(), sys.stdout)
        return

    def say(number: int) -> None:
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()

    json.dump(try_all(int(words[1]), int(words[2]), json.load(sys.stdin), say), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
