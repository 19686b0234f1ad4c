"""Beginnings that several tests of the store share, and what a test does by hand."""

from datetime import timedelta

from nightlight.channels.base import (
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    ReceiptStatus,
    TemporaryFailure,
)
from nightlight.engine.retries import Outcome
from nightlight.store import outbox
from nightlight.store.models import Attempt, Host, Notification
from nightlight.store.outbox import Claim
from nightlight.store.sealing import seal
from tests.factories import a_ladder, a_way
from tests.people import ANA, BO, KIT, MAILS, MIRA, SAM
from tests.worker.world import World

LATER = timedelta(minutes=2)
PERMANENT = PermanentFailure("refused")
TEMPORARY = TemporaryFailure("busy")
UNKNOWN = OutcomeUnknown("timeout")


def sam_has_mail_and_text(world: World) -> None:
    """Sam is asked first: by mail at once, by text two minutes later; then Bo."""
    a_ladder((SAM,), (BO,))
    a_way(SAM, "sms", after=LATER)
    world.ana_calls()


def a_call_in_good_order(world: World) -> None:
    """Sam was asked, then come Bo and Kit; Ana and Mira have a way to be told. What breaks it comes later."""
    Host.objects.create(ways_sealed=seal(f'[{{"channel": "smtp", "to": "{MAILS[MIRA]}"}}]'))
    a_ladder((SAM,), (BO,), (KIT,))
    a_way(ANA)
    world.ana_calls()
    world.send_due()


def row_of(claimed: Claim) -> Notification:
    """The row that was claimed."""
    return Notification.objects.get(pk=claimed.notification)


def settle(world: World, claimed: Claim, outcome: Outcome) -> None:
    """What came of it, as a sender would say."""
    outbox.settle(claimed, outcome, world.time, providers=1, channels_on=world.on)


def report(status: ReceiptStatus, person: str = SAM, *, reason: str = "") -> Receipt:
    """What a provider says of the last message to *person*."""
    attempts = Attempt.objects.filter(notification__person_id=person)
    attempt = attempts.order_by("began_at", "number").last()
    assert attempt is not None
    return Receipt(status=status, attempt=attempt.pk, reason=reason)
