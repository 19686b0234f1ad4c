"""Ana invites Sam, and Sam's yes with its limits."""

from datetime import date, time, timedelta

from nightlight.engine.ids import PersonId
from nightlight.engine.needs import Offer
from nightlight.store.invitations import Asked, invite
from nightlight.store.joining import Joined, NewWay, Yes, accept
from nightlight.store.models import Notice
from nightlight.store.sealing import unseal
from tests.factories import a_circle
from tests.people import ANA, MAILS, NOON, NUMBERS, SAM

ON = frozenset({"sms", "smtp"})
ASKED = Asked(name="Sam", offers=(Offer.TALK, Offer.TEXT), words="You make me laugh.", language="en")
YES = Yes(
    offers=(Offer.TALK,),
    ways=(
        NewWay(channel="sms", address=NUMBERS[SAM]),
        NewWay(channel="smtp", address=MAILS[SAM], after=timedelta(minutes=5)),
    ),
    time_zone="Europe/Lisbon",
    agreed_until=date(2027, 2, 21),
    hours=(time(22), time(6)),
    wake_me=True,
)


def invited(asked: Asked = ASKED, *, by: PersonId = ANA) -> str:
    """The token of a fresh invitation."""
    a_circle(by)
    return invite(by, asked, NOON)[1]


def purposes(person: str = ANA) -> list[str]:
    return list(Notice.objects.filter(person=person).values_list("purpose", flat=True))


def code_for(way: str) -> str:
    notice = Notice.objects.filter(contact_method=way, purpose="proof").order_by("created_at").last()
    assert notice is not None
    return unseal(notice.code_sealed)


def joined(token: str, yes: Yes = YES) -> Joined:
    return accept(token, yes, NOON, ON)
