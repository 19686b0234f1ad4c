"""What the ways out of here cost, as far as the host's page can say it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from nightlight.store.models import Attempt, Host
from tests.web.house import House, everything, words
from tests.web.ways_out import PAGE, card, sent, tried

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def keeps(house: House, status: int = 200, **fields: str) -> str:
    typed = {name.replace("_", "-"): value for name, value in fields.items()}
    return words(house.browser.post(PAGE, {"do": "prices", **typed}), status)


def test_units_are_counted_with_the_prices_the_host_typed(desk_of_ways: House) -> None:
    tried(
        sent("sms", "accepted", desk_of_ways.now),
        "sms-1",
        "accepted",
        desk_of_ways.now - timedelta(hours=2),
        units=2,
    )
    tried(
        sent("sms", "accepted", desk_of_ways.now),
        "sms-2",
        "accepted",
        desk_of_ways.now - timedelta(days=3),
        units=3,
    )
    tried(
        sent("sms", "accepted", desk_of_ways.now),
        "sms-2",
        "accepted",
        desk_of_ways.now - timedelta(days=31),
        units=9,
    )
    assert "5 parts of texts in the last 30 days. The price is not known." in card(desk_of_ways, "sms")

    page = keeps(desk_of_ways, price_sms="0,045", currency="eur", alarm="20")

    assert "0.23 EUR, of which 0.09 in the last 24 hours." in card(desk_of_ways, "sms", page)
    row = Host.objects.get()
    assert (row.prices, row.currency, row.spending_alarm) == ({"sms": "0.0450"}, "EUR", Decimal(20))
    assert 'value="0.0450"' in page
    assert 'value="20.00"' in page
    assert "More than your amount" not in page
    assert "More than your amount" in keeps(desk_of_ways, price_sms="0.045", currency="EUR", alarm="0.08")


def test_a_message_for_two_people_at_one_number_is_paid_for_once(desk_of_ways: House) -> None:
    for _ in range(2):
        tried(sent("sms", "accepted", desk_of_ways.now), "sms-1", "accepted", desk_of_ways.now, units=2)
    Attempt.objects.update(lease_token="one")

    assert "2 parts of texts in the last 30 days. 2.00 EUR" in card(
        desk_of_ways, "sms", keeps(desk_of_ways, price_sms="1", currency="EUR")
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"price_sms": "x", "currency": "EUR"},
        {"price_sms": "-1", "currency": "EUR"},
        {"price_sms": "0.00001", "currency": "EUR"},
        {"price_sms": "1001", "currency": "EUR"},
        {"price_sms": "nan", "currency": "EUR"},
        {"price_sms": "Infinity", "currency": "EUR"},
        {"price_sms": "1", "currency": "EUR", "alarm": "1e9"},
        {"price_sms": "1", "currency": "EUR", "alarm": "0.001"},
        {"price_sms": "1", "currency": "euro"},
        {"price_sms": "1", "currency": ""},
        {"price_sms": "1", "currency": "€€€"},
        {"alarm": "20", "currency": ""},
    ],
)
def test_what_is_no_price_is_not_kept_and_what_was_typed_is_still_there(
    desk_of_ways: House, fields: dict[str, str]
) -> None:
    before = everything()

    page = keeps(desk_of_ways, 422, **fields)

    assert everything() == before
    assert "Nothing has changed" in page
    assert f'value="{fields.get("price_sms", "")}"' in page
    assert 'aria-invalid="true"' in page


def test_an_amount_that_changed_is_told_of_anew_and_emptied_fields_are_forgotten(desk_of_ways: House) -> None:
    keeps(desk_of_ways, price_sms="1", currency="EUR", alarm="20")
    Host.objects.update(spending_told_at=desk_of_ways.now)
    keeps(desk_of_ways, price_sms="2", currency="EUR", alarm="20.00")
    assert Host.objects.get().spending_told_at == desk_of_ways.now

    keeps(desk_of_ways, price_sms="2", currency="EUR", alarm="30")
    assert Host.objects.get().spending_told_at is None

    page = keeps(desk_of_ways)
    row = Host.objects.get()
    assert (row.prices, row.currency, row.spending_alarm) == ({}, "", None)
    assert "No price is known yet" in page
    assert row.name == "Harbour House"
