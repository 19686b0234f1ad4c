"""Ana arranges a check-in, as her pages ask her; and what she then does with it."""

import re
from datetime import datetime
from typing import Any

from django.test import Client

from nightlight.intake import checkin
from nightlight.store.models import CheckIn, Notice
from nightlight.store.sealing import unseal
from tests.factories import a_way
from tests.people import ANA
from tests.web.house import House, words

ANSWERS: dict[str, object] = {
    "days": "daily",
    "at": "21:00",
    "minutes": "45",
    "first": "sms",
    "second": "smtp",
    "miss": "remind",
}
"""What the forms carry when all is said."""


def ana_has_ways() -> None:
    a_way(ANA)
    a_way(ANA, "sms")


def make(ana: Client, **more: object) -> CheckIn:
    """Ana makes one with the last button of the last page."""
    answer = ana.post("/check-ins/new", {**ANSWERS, "step": "make", **more})
    assert answer.status_code == 303, answer.content.decode()
    return CheckIn.objects.get(pk=answer["Location"].removeprefix("/check-ins/").removesuffix("?made"))


def page(row: CheckIn) -> str:
    """The address that reminders lead to."""
    row.refresh_from_db()
    return f"/c/{unseal(row.token_sealed)}"


def until(house: House, moment: str, *, sending: bool = True) -> None:
    """Let time pass until then, as a worker would that looks whenever something is due, and sends."""
    end = datetime.fromisoformat(moment)
    while (row := CheckIn.objects.filter(looks_at__lte=end).order_by("looks_at").first()) is not None:
        assert row.looks_at is not None
        house.now = max(house.now, row.looks_at)
        checkin.look(row.pk, house.now)
        if sending:
            sent = Notice.objects.filter(status="planned", due__isnull=False)
            sent.update(status="accepted", outcomes=["accepted"])
    house.now = end


def told(purpose: str) -> list[str]:
    """Who is sent a message for *purpose*, each once."""
    return sorted(set(Notice.objects.filter(purpose=purpose).values_list("person_id", flat=True)))


def plain(answer: Any, status: int = 200) -> str:
    """The page as a reader meets it, with times as they read."""
    return re.sub(r"</?time[^>]*>", "", words(answer, status))


def shows(house: House, address: str) -> str:
    """What a look at *address* shows, with times as they read."""
    return plain(house.browser.get(address))
