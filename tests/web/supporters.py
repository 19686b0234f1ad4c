"""What a supporter does on their own page, in few words."""

from nightlight.store.models import Membership, Notice
from nightlight.store.supporting import new_supporter_link
from tests.people import ANA, SAM
from tests.web.house import House, words


def page_of(house: House, person: str = SAM) -> str:
    """A fresh link to the own page of *person*."""
    return f"/s/{new_supporter_link(person, house.now)}"


def member(person: str = SAM) -> Membership:
    """What they agreed to for Ana."""
    return Membership.objects.get(circle=ANA, person=person)


def circle_page(page: str, person: str = SAM) -> str:
    """The page of their circle with Ana."""
    return f"{page}/circles/{member(person).pk}"


def press(house: House, page: str, do: str, *, status: int = 200, **more: object) -> str:
    """Sam presses a button about Ana's circle; what they see then."""
    return words(house.browser.post(page, {"do": do, "circle": member().pk, **more}), status)


def told(purpose: str) -> list[str]:
    """Who is sent a message for *purpose*, each once."""
    return sorted(set(Notice.objects.filter(purpose=purpose).values_list("person_id", flat=True)))
