"""A house with a circle, a clock that a test moves, and browsers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.test import Client

from nightlight.engine.needs import Need
from nightlight.intake import alert as intake
from nightlight.intake.channels import kinds_on
from nightlight.store import timers
from nightlight.store.access import new_person_link
from nightlight.store.advance import advance
from nightlight.store.models import Account, Alert, Host, Notification
from nightlight.store.sealing import seal, unseal
from nightlight.store.sessions import new_session
from nightlight.web.session import COOKIE
from tests.factories import a_ladder
from tests.people import ANA, BO, KIT, NOON, SAM

EMERGENCY = "112"
LINE = "+44 7700 900999"


@dataclass
class House:
    """Ana's circle: Sam is asked first, then Bo and Kit. The pages' clock says what `now` says."""

    now: datetime = NOON
    browser: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        Host.objects.create(
            name="Harbour House",
            country="PT",
            emergency_number=EMERGENCY,
            ways_sealed=seal('[{"channel": "smtp", "to": "desk@example.org"}]'),
            lines=[
                {"name": "The Evening Line", "number": LINE, "hours": "18:00 to 02:00", "checked_on": None}
            ],
        )
        a_ladder((SAM,), (BO, KIT))

    def pass_time(self, **length: float) -> None:
        """Let time pass: `pass_time(minutes=5)`."""
        self.now += timedelta(**length)

    def ana_calls(self, need: Need = Need.TALK) -> str:
        """Ana calls; the id of the call."""
        return intake.call(ANA, need, self.now).alert_id

    def next_timer(self) -> None:
        """Let time pass until the call moves by itself."""
        due = timers.first_due()
        assert due is not None
        self.now = max(self.now, due)
        for alert, event in timers.due(self.now, 10):
            advance(alert, event, now=self.now, channels_on=kinds_on())

    def link(self, person: str) -> str:
        """The address in the newest message to *person*."""
        row = (
            Notification.objects.filter(person=person).exclude(token_sealed="").order_by("created_at").last()
        )
        assert row is not None
        return f"/a/{unseal(row.token_sealed)}"

    def own_page(self, person: str = ANA) -> str:
        """A fresh link to *person*'s own page."""
        return f"/m/{new_person_link(person, self.now)}"

    def signs_in(self, person: str = ANA) -> Client:
        """A browser in which *person* is signed in, beside `browser`."""
        account, _ = Account.objects.get_or_create(
            person_id=person, defaults={"id": f"account-{person}", "created_at": self.now}
        )
        client = Client()
        client.cookies[COOKIE] = new_session(account.pk, self.now)
        return client

    def shows(self, address: str, *, status: int = 200) -> str:
        """What a look at *address* shows."""
        return words(self.browser.get(address), status)

    def says(self, person: str, answer: str, *, status: int = 200) -> str:
        """*person* presses a button behind the newest link they have; what they see then."""
        return words(self.browser.post(self.link(person), {"answer": answer}), status)

    def does(self, address: str, do: str, *, status: int = 200, **more: str) -> str:
        """The caller presses a button; what they see then."""
        return words(self.browser.post(address, {"do": do, **more}), status)

    @property
    def alert(self) -> Alert:
        """The one call there is."""
        return Alert.objects.get()


def words(response: Any, status: int = 200) -> str:
    """The page as a reader meets it: white space is one space, an apostrophe is what keyboards have, and
    a word in bold is a word.
    """
    page = response.content.decode()
    assert response.status_code == status, page
    return " ".join(re.sub("</?b>", "", page.replace("\u2019", "'")).split())


def everything() -> list[tuple[str, dict[str, object]]]:
    """Every row of every table, to be compared with itself later."""
    return list(_rows())


def _rows() -> Iterator[tuple[str, dict[str, object]]]:
    for model in apps.get_app_config("store").get_models():
        for row in model._default_manager.order_by("pk").values():
            yield model.__name__, row
