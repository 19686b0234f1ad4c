"""The host is told when a day became dear, once; and a first ask goes out all the same."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from nightlight.channels.base import Receipt, ReceiptStatus, TemporaryFailure
from nightlight.store import spending
from nightlight.store.models import Host, Notice
from nightlight.store.notices import NoticePurpose, tell_person
from nightlight.store.sealing import seal
from nightlight.worker.spending import look_at_spending
from tests.factories import a_ladder, a_way
from tests.people import BO, KIT, NOA, NOON, NUMBERS, SAM
from tests.worker.noticing import NoticeWorld
from tests.worker.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DESK_MAIL, DESK_PHONE = "desk@example.org", "+447700900700"


@pytest.fixture
def dear(world: World) -> World:
    """A text costs one a segment, and the host wants to hear above 2.50. Sam and Bo are asked by text as well."""
    Host.objects.create(
        prices={"sms": "1.00"},
        currency="EUR",
        spending_alarm="2.50",
        ways_sealed=seal(
            json.dumps([{"channel": "smtp", "to": DESK_MAIL}, {"channel": "sms", "to": DESK_PHONE}])
        ),
    )
    a_ladder((SAM,), (BO,))
    for person in (SAM, BO):
        a_way(person, "sms")
        world.text.always(NUMBERS[person], Receipt(status=ReceiptStatus.ACCEPTED, units=2))
    return world


def look(world: World) -> bool:
    return look_at_spending(
        world.channels, world, base_url="https://circle.example.org", service_name="Harbour House"
    )


def heard(world: World) -> list[str]:
    """What reached the desk, by mail and then by text."""
    return [
        message.text
        for channel in (world.mail, world.text)
        for message in channel.handed
        if message.to in (DESK_MAIL, DESK_PHONE)
    ]


def spend(world: World) -> None:
    """Ana calls, and two texts of two segments go out."""
    world.ana_calls()
    world.pass_time(minutes=6)


def test_above_the_amount_the_host_is_told_by_all_their_ways(dear: World) -> None:
    spend(dear)

    assert look(dear)
    said = (
        "Harbour House: messages cost 4.00 EUR in the last 24 hours. You asked to hear above 2.50 EUR.\n"
        "Nothing is held back.\nhttps://circle.example.org/desk"
    )
    assert heard(dear) == [said, said]


def test_below_it_nobody_is_told(dear: World) -> None:
    Host.objects.update(spending_alarm="4.00")
    spend(dear)

    assert not look(dear)
    assert heard(dear) == []


@pytest.mark.parametrize("changes", [{"spending_alarm": None}, {"prices": {}}, {"prices": {"sms": "dear"}}])
def test_without_an_amount_or_a_price_there_is_no_alarm(dear: World, changes: dict[str, object]) -> None:
    Host.objects.update(**changes)
    spend(dear)

    assert not look(dear)


def test_it_is_told_once_a_day(dear: World) -> None:
    spend(dear)
    assert [look(dear) for _ in range(3)] == [True, False, False]

    dear.time += timedelta(hours=23, minutes=59)
    assert not look(dear)
    assert len(heard(dear)) == 2


def test_what_is_older_than_a_day_is_not_counted(dear: World) -> None:
    spend(dear)
    dear.time += timedelta(hours=25)

    assert not look(dear)


def test_when_no_way_takes_it_it_is_tried_again(dear: World) -> None:
    spend(dear)
    dear.mail.will(DESK_MAIL, TemporaryFailure("deferred_450"))
    dear.text.will(DESK_PHONE, TemporaryFailure("deferred_503"))

    assert not look(dear)
    assert not look(dear)
    dear.time += spending.TELLING
    assert look(dear)


def test_messages_outside_calls_count_too(dear: World) -> None:
    outside = NoticeWorld(dear)
    for person in (SAM, BO):
        tell_person(NoticePurpose.LINK, person, NOON, dear.on)
    Notice.objects.filter(contact_method__channel="sms").update(status="planned", due=NOON)
    outside.send_due()

    assert spending.units(NOON - timedelta(hours=24), dear.time) == {"sms": 4}
    assert look(dear)


def test_a_first_ask_goes_out_over_the_alarm(dear: World) -> None:
    """Nothing is ever held back for what it costs."""
    spend(dear)
    assert look(dear)
    Host.objects.update(spending_alarm="0.01")
    a_ladder((KIT,), of=NOA)
    a_way(KIT, "sms")
    dear.ana_calls(person=NOA)
    dear.send_due()

    assert [message.to for message in dear.text.handed].count(NUMBERS[KIT]) == 1


@pytest.mark.parametrize(
    ("price", "cost"),
    [("0.0450", "0.0900"), (None, "0"), ("-1", "0"), ("NaN", "0"), ("Infinity", "0"), ("", "0")],
)
def test_a_price_that_is_none_costs_nothing(price: str | None, cost: str) -> None:
    assert spending.cost({"sms": 2, "smtp": 7}, {"sms": price} if price is not None else {}) == Decimal(cost)
