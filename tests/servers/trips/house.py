"""A small house for one round trip: Ana calls, Sam and Bo can each be reached by the way that is tried."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.servers.nightlight import Nightlight, environment, started
from tests.servers.processes import folder

AGREED_ON = "2026-11-01"


class TripHouse(Nightlight):
    """A running service, and the call that is under way in it."""

    began = 0.0

    def call(self, need: str = "talk") -> str:
        """Ana calls; the id of her call."""
        self.began = time.monotonic()
        return self.do("call", "ana", "--need", need)

    def answered(self, alert: str, who: str, *, seconds: float = 30) -> float:
        """Wait until *who* has it; how many seconds after the call. Raises TimeoutError."""
        self.until(alert, "acknowledged", who, seconds=seconds)
        held = self.status(alert)["acknowledged_by"]
        assert held, alert
        assert held["id"] == who, held
        return time.monotonic() - self.began


def circle_file(ways: Mapping[str, list[dict[str, str]]], *, wait: str = "5m") -> str:
    """An import file in which Sam and Bo are asked at once, each by the *ways* given for them by name."""

    def table(fields: Mapping[str, str]) -> str:
        return "{" + ", ".join(f"{name} = {json.dumps(value)}" for name, value in fields.items()) + "}"

    people = []
    for who in ("ana", "sam", "bo"):
        rows = ", ".join(table(way) for way in ways.get(who, []))
        people.append(
            f'[[people]]\nid = "{who}"\nname = "{who.title()}"\ntime_zone = "Europe/Lisbon"\n'
            f'language = "en"\nways = [{rows}]\n'
        )
    members = ", ".join(
        f'{{person = "{who}", agreed_on = {AGREED_ON}, agreed_until = 2099-01-01, offers = ["talk"], wake_me = true}}'
        for who in ("sam", "bo")
    )
    return "\n".join(
        [
            '[host]\nname = "Harbour House"\ncountry = "PT"\nemergency_number = "112"\n',
            *people,
            (
                f'[[circles]]\nperson = "ana"\nreach = {{call = "+447700900456"}}\nmembers = [{members}]\n'
                f'ladder = [{{ask = ["sam", "bo"], wait = "{wait}"}}]\n'
            ),
        ]
    )


@contextmanager
def house(
    base_url: str, settings: Mapping[str, str], ways: Mapping[str, list[dict[str, str]]]
) -> Iterator[TripHouse]:
    """A real `serve` with Ana's circle imported; ended, with all it has, when the block is left.

    *base_url* is `http://127.0.0.1:PORT` of a free port: a provider that calls back must know it first.
    """
    with folder("trip-") as data:
        built = TripHouse(data, environment(data, base_url, settings))
        built.do("circle", "import", "-", given=circle_file(ways))
        with started(built):
            yield built
