"""Circles of made-up people who stand by at every hour, as import files."""

from collections.abc import Callable, Iterator
from datetime import date

FILE_CIRCLES_MAX = 500
_AREA_CODE_FIRST = 201
_NUMBERS_PER_AREA_CODE = 100
PEOPLE_MAX = 700 * _NUMBERS_PER_AREA_CODE


def number(place: int) -> str:
    """A telephone number nobody has: 555-0100 to 555-0199 are kept free for stories in every area code."""
    area, last = divmod(place, _NUMBERS_PER_AREA_CODE)
    return f"+1{_AREA_CODE_FIRST + area}55501{last:02}"


def mail(place: int) -> str:
    """A mail address nobody has."""
    return f"sam-{place}@example.org"


def caller(place: int) -> str:
    """The id of who calls in circle number *place*."""
    return f"ana-{place}"


Ways = Callable[[int], str]
"""How the person with this `number` is reached, as a list of an import file."""


def by_text(place: int) -> str:
    """By text alone."""
    return f'{{channel = "sms", to = "{number(place)}"}}'


def by_mail(place: int) -> str:
    """By mail alone."""
    return f'{{channel = "smtp", to = "{mail(place)}"}}'


def by_text_then_mail(place: int) -> str:
    """By text, and by mail half an hour later: in a measurement only when the text fails."""
    return f'{by_text(place)}, {{channel = "smtp", to = "{mail(place)}", after = "30m"}}'


Ladder = Callable[[list[str]], str]
"""The ladder of a circle with these people, as a list of an import file."""


def all_at_once(friends: list[str]) -> str:
    """One step, on which everybody is asked."""
    asked = ", ".join(f'"{person}"' for person in friends)
    return f'{{ask = [{asked}], wait = "60m"}}'


def files(
    circles: int, people: int, today: date, ways: Ways = by_text, ladder: Ladder = all_at_once
) -> Iterator[str]:
    """Import files with *circles* circles of *people* people each, who agreed *today* and are asked by *ladder*.

    The person at place p of circle c has the `number` c * people + p, and is reached by *ways*.
    """
    for begin in range(0, circles, FILE_CIRCLES_MAX):
        places = range(begin, min(begin + FILE_CIRCLES_MAX, circles))
        yield "\n".join(_circle(place, people, today, ways, ladder) for place in places)


def _circle(place: int, people: int, today: date, ways: Ways, ladder: Ladder) -> str:
    friends = [f"sam-{place}-{friend}" for friend in range(people)]
    persons = [f'[[people]]\nid = "{caller(place)}"\nname = "Ana"\n']
    for friend, person in enumerate(friends):
        reached = ways(place * people + friend)
        persons.append(f'[[people]]\nid = "{person}"\nname = "Sam"\nways = [ {reached} ]\n')
    members = ", ".join(f'{{person = "{person}", agreed_on = {today}}}' for person in friends)
    return (
        "\n".join(persons)
        + f'\n[[circles]]\nperson = "{caller(place)}"\nmembers = [ {members} ]\n'
        + f"ladder = [ {ladder(friends)} ]\n"
    )
