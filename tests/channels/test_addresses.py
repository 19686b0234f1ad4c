"""Which addresses are taken, and in which one form."""

import re

import pytest

from nightlight.channels.addresses import CountryError, check_country, named_countries
from nightlight.channels.registry import AddressError, check_address


@pytest.mark.parametrize("kind", ["sms", "sample-text"])
@pytest.mark.parametrize("written", ["+447700900102", "+44 7700 900102", " +44 (0)7700 900-102 "])
def test_a_number_has_one_form_however_it_was_typed(kind: str, written: str) -> None:
    assert check_address(kind, written) == "+447700900102"


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("07700 900102", "country"),
        ("447700900102", "country"),
        ("", "country"),
        ("+44 7700", "too short or too long"),
        ("+44 7700 900 102 333 44", "too short or too long"),
        ("+44 7700 900102 ext. 5", "extension"),
        ("+999 1234567", "not a telephone number"),
        ("+", "not a telephone number"),
        ("sam@example.org", "country"),
        ("+4" * 200, "too long"),
    ],
)
def test_a_number_nobody_can_text_is_refused_with_a_remedy(written: str, remedy: str) -> None:
    with pytest.raises(AddressError, match=remedy):
        check_address("sms", written)


@pytest.mark.parametrize("kind", ["smtp", "sample-mail"])
@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("sam@example.org", "sam@example.org"),
        (" Sam.Lee+night@Example.ORG ", "sam.lee+night@example.org"),
        ("sam@müller.example.org", "sam@xn--mller-kva.example.org"),
        ("desk@localhost", "desk@localhost"),
    ],
)
def test_a_mailbox_has_one_form_however_it_was_typed(kind: str, written: str, kept: str) -> None:
    assert check_address(kind, written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "",
        "sam",
        "@example.org",
        "sam@",
        "sam@example",
        "sam@example..org",
        "sam@-example.org",
        ".sam@example.org",
        "sa m@example.org",
        "Sam <sam@example.org>",
        "sam@example.org,noa@example.org",
        "sam@example.org\nBcc: noa@example.org",
        "sam\r\n@example.org",
        '"sam"@example.org',
        "säm@example.org",
        "sam@[127.0.0.1]",
        "s" * 65 + "@example.org",
        "sam@" + "e" * 64 + ".org",
        "sam@" + "example." * 40 + "org",
        "sam@example.org\x00",
    ],
)
def test_what_is_no_single_mailbox_is_refused(written: str) -> None:
    with pytest.raises(AddressError):
        check_address("smtp", written)


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(AddressError, match=r"'pigeon' is no channel. There are: sms, smtp"):
        check_address("pigeon", "sam@example.org")


@pytest.mark.parametrize(
    ("number", "countries"),
    [
        ("+351912345678", {"PT"}),
        ("+351912345678", {"ES", "PT"}),
        ("+33612345678", {"FR"}),
        ("+12125550123", {"US"}),
        ("+14165550123", {"CA"}),
        # No number that was given out, so the digits alone do not say whose it would be.
        ("+447700900102", {"GB"}),
        ("+447700900102", {"JE"}),
    ],
)
def test_a_number_of_a_country_that_is_reached_is_taken(number: str, countries: set[str]) -> None:
    check_country(number, countries)


@pytest.mark.parametrize(
    ("number", "countries"),
    [
        ("+34612345678", {"PT"}),
        ("+14165550123", {"US"}),
        ("+33612345678", {"JE"}),
        ("+447700900102", {"PT"}),
        ("+88213123456", {"PT"}),
        ("+351912345678", {"XX"}),
    ],
)
def test_a_number_of_another_country_is_refused_with_those_there_are(
    number: str, countries: set[str]
) -> None:
    with pytest.raises(CountryError, match=re.escape(f"Write one of {named_countries(countries)}.")):
        check_country(number, countries)


def test_a_country_is_named_by_how_its_numbers_begin() -> None:
    assert named_countries({"PT", "GB", "XX"}) == "+44 (GB), +351 (PT), (XX)"
