"""The desk with two providers of texts and one of mail, none of which is real, and a record of what they did."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from nightlight.engine.state import AlertStatus
from nightlight.intake.channels import use
from nightlight.store.access import new_host_link
from nightlight.store.models import Attempt, Notification
from tests.factories import a_notification, a_way, an_alert
from tests.people import BO, SAM
from tests.web.house import House, words
from tests.worker.simulated_channel import SimulatedChannel

Texts = tuple[SimulatedChannel, SimulatedChannel]

MIRAS_MAIL = "desk@example.org"
MIRAS_NUMBER = "+447700900199"
PAGE = "/desk/channels"


@pytest.fixture
def mail() -> SimulatedChannel:
    """The one provider of mail."""
    return SimulatedChannel("smtp", "smtp-1")


@pytest.fixture
def texts() -> Texts:
    """Both providers of texts."""
    return SimulatedChannel("sms", "kannel-1"), SimulatedChannel("sms", "twilio-1")


@pytest.fixture
def desk_of_ways(house: House, mail: SimulatedChannel, texts: Texts) -> Iterator[House]:
    """The house, with the desk open in Mira's browser, mail by one provider and texts by two."""
    use({"sms": texts, "smtp": (mail,)})
    words(house.browser.post(f"/desk/{new_host_link(house.now)}"))
    yield house
    use(None)


def card(house: House, kind: str, page: str = "") -> str:
    """What the page says of one kind of way."""
    shown = page or house.shows(PAGE)
    return shown.split(f'id="way-{kind}"')[1].split("</section>")[0]


def sent(channel: str, status: str, at: datetime) -> Notification:
    """A message of an old call that ended so."""
    row = a_notification(
        a_way(SAM, channel, f"+4477009{Notification.objects.count():05}"),
        alert=an_alert(BO, status=AlertStatus.RESOLVED, timer_due=None),
    )
    Notification.objects.filter(pk=row.pk).update(status=status, sent_at=at, settled_at=at)
    return row


def tried(
    row: Notification, provider: str, outcome: str, at: datetime, *, reason: str = "", units: int = 0
) -> None:
    """One try of it."""
    Attempt.objects.create(
        id=f"attempt{Attempt.objects.count()}",
        notification=row,
        number=row.attempts.count() + 1,
        lease_token=f"lease{Attempt.objects.count()}",
        provider=provider,
        began_at=at,
        ended_at=at,
        outcome=outcome,
        reason=reason,
        units=units,
    )
