"""What is arranged around a call in stories: a house in which time passes, and the worker's looks at what comes due."""

from datetime import datetime, timedelta

from nightlight.intake.channels import kinds_on
from nightlight.store.models import Membership, Notice
from nightlight.worker import caring
from tests.people import ANA, SAM
from tests.web.house import House, words
from tests.web.supporters import page_of


def worker_looks(house: House) -> None:
    """Everything that has come due is done, whatever it brings in turn."""
    for care in caring.CARES:
        for _ in range(10):
            due = list(care.due(house.now, caring.DUE_MAX))
            for one in due:
                care.do(one, house.now, kinds_on())
            if not due:
                break


def pass_until(house: House, moment: datetime) -> None:
    """Time passes until *moment*, with a worker that looks every ten minutes."""
    while house.now < moment:
        house.now = min(house.now + timedelta(minutes=10), moment)
        worker_looks(house)


def letters(person: str, purpose: str) -> int:
    """How many messages for *purpose* were written down for *person*, each once whatever ways it has."""
    rows = Notice.objects.filter(person=person, purpose=purpose)
    return rows.values("created_at").distinct().count()


def taken_by_sam(house: House) -> str:
    """Ana calls and Sam has it; the address of his page."""
    house.ana_calls()
    house.says(SAM, "yes")
    return house.link(SAM)


def promise(house: House, link: str, *, status: int = 200, **form: str) -> str:
    """Somebody says what they will do; tomorrow at nine in Lisbon, unless they say otherwise."""
    said = {"do": "promise", "what": "morning", "day": "2026-11-22", "hour": "09:00", **form}
    return words(house.browser.post(f"{link}/promise", said), status)


def promises_page(house: House, person: str, **form: str) -> str:
    """The page of what they promised, on a fresh link; after pressing what *form* says, if it says anything."""
    address = f"{page_of(house, person)}/promises"
    return words(house.browser.post(address, form)) if form else house.shows(address)


def number_of(person: str) -> int:
    """Of their membership in Ana's circle."""
    return Membership.objects.get(circle=ANA, person=person).pk
