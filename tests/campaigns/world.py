"""The made-up people of the campaigns: circles by number, a phone for everybody, and minds made up beforehand."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

# Ranges kept free for made-up people, each of a thousand numbers.
_PREFIXES = (
    *(f"+44{area}4960" for area in (113, 114, 115, 116, 117, 118, 121, 131, 141, 151, 161)),
    "+442079460",
    "+441914980",
    "+442920180",
    "+441632960",
    "+447700900",
)
PHONES = ("sam", "bo", "kit")
CIRCLES_MAX = len(_PREFIXES) * 1000 // len(PHONES)


class Mind(StrEnum):
    """What somebody does when a text asks them."""

    YES = "yes"
    NO = "no"
    SILENT = "silent"


@dataclass(frozen=True, kw_only=True)
class Circle:
    """One caller. Sam is asked first, then Bo; Kit stands beside Sam on the ladder, and never agreed."""

    number: int
    minds: dict[str, Mind]
    """Of Sam and of Bo."""

    def id(self, who: str) -> str:
        """Their key in the file."""
        return f"{who}-{self.number:05}"

    def phone(self, who: str) -> str:
        """Their number."""
        thousand, rest = divmod(self.number * len(PHONES) + PHONES.index(who), 1000)
        return f"{_PREFIXES[thousand]}{rest:03}"

    @property
    def caller(self) -> str:
        """The name by which texts speak of the caller."""
        return f"Ana {self.number:05}"


def circles(count: int, chance: random.Random) -> list[Circle]:
    """That many circles. Raises ValueError when there are not so many made-up telephone numbers."""
    if not 1 <= count <= CIRCLES_MAX:
        raise ValueError(f"{count} calls: one run can raise 1 to {CIRCLES_MAX}; run again with another seed")
    return [
        Circle(
            number=number,
            minds={
                "sam": chance.choices([*Mind], weights=[50, 25, 25])[0],
                "bo": chance.choices([*Mind], weights=[60, 20, 20])[0],
            },
        )
        for number in range(count)
    ]


def circle_file(of: Sequence[Circle], *, wait_seconds: int) -> str:
    """The import file for these circles; each step waits so long, and a further round comes after an hour."""
    return "\n".join(_lines(of, wait_seconds))


def _lines(of: Iterable[Circle], wait_seconds: int) -> Iterator[str]:
    agreed = "agreed_on = 2026-01-01, agreed_until = 2126-01-01, wake_me = true"
    yield '[host]\nname = "Harbour House"\ncountry = "PT"\nemergency_number = "112"'
    for circle in of:
        yield f'[[people]]\nid = "{circle.id("ana")}"\nname = "{circle.caller}"'
        for who in PHONES:
            ways = f'ways = [{{channel = "sms", to = "{circle.phone(who)}"}}]'
            yield f'[[people]]\nid = "{circle.id(who)}"\nname = "{who.title()}"\n{ways}'
    for circle in of:
        sam, bo, kit = (circle.id(who) for who in ("sam", "bo", "kit"))
        yield f'[[circles]]\nperson = "{circle.id("ana")}"\nrepeat_after = "60m"'
        yield f'members = [{{person = "{sam}", {agreed}}}, {{person = "{bo}", {agreed}}}, {{person = "{kit}"}}]'
        yield f'ladder = [{{ask = ["{sam}", "{kit}"], wait = "{wait_seconds}s"}}, '
        yield f'{{ask = ["{bo}"], wait = "{wait_seconds}s"}}]'
