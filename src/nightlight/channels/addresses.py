"""Whether an address can be reached at all, and the one way it is written in the records."""

import re
from collections.abc import Collection

import phonenumbers

ADDRESS_CHARACTERS_MAX = 254

_LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
# A machine's own mailboxes are at localhost; any other domain without a dot is a slip.
_DOMAIN = re.compile(
    r"localhost\Z|([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z"
)


_MATRIX = re.compile(r"@[a-z0-9._=/+-]+:[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?\Z")


class AddressError(ValueError):
    """An address that cannot be used. The text says what is wrong with it and what would be right."""


class CountryError(AddressError):
    """A number of a country that this host does not reach."""


def check_number(address: str) -> str:
    """*address* as +, country and number (E.164). Raises AddressError."""
    written = address.strip()
    if len(written) > ADDRESS_CHARACTERS_MAX:
        raise AddressError("This is too long for a telephone number. Write it as +44 7700 900123.")
    if not written.startswith("+"):
        raise AddressError(
            f"{written!r} does not say its country. Write + and the country's number first, as +44 7700 900123."
        )
    try:
        number = phonenumbers.parse(written, None)
    except phonenumbers.NumberParseException:
        raise AddressError(f"{written!r} is not a telephone number. Write it as +44 7700 900123.") from None
    if number.extension:
        raise AddressError(f"{written!r} has an extension, which a text cannot reach. Leave it out.")
    # A number that only works within its own town is "possible" too, but no gateway reaches it.
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise AddressError(f"{written!r} is too short or too long for its country. Check the digits.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def check_country(number: str, countries: Collection[str]) -> None:
    """Refuse *number*, which is E.164, unless it is of one of *countries* ("PT"). Raises `CountryError`.

    Where the digits do not say which of several countries a number belongs to, each of them will do.
    """
    parsed = phonenumbers.parse(number, None)
    exactly = phonenumbers.region_code_for_number(parsed)
    perhaps = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    if not {exactly} & set(countries) and (exactly or not set(perhaps) & set(countries)):
        raise CountryError(
            f"{number} is a number of a country that is not reached from here. Write one of "
            f"{named_countries(countries)}."
        )


def named_countries(countries: Collection[str]) -> str:
    """*countries*, each by how its numbers begin, which reads the same in every language: `+351 (PT)`."""
    return ", ".join(f"{country_prefix(country)} ({country})".strip() for country in sorted(countries))


def suggested_number(address: str, country: str) -> str:
    """What *address* would be with the number of *country* ("PT") before it; empty when that is no number."""
    try:
        number = phonenumbers.parse(address, country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def country_prefix(country: str) -> str:
    """How numbers of *country* ("PT") begin: "+351"; empty when it is no country."""
    prefix = phonenumbers.country_code_for_region(country)
    return f"+{prefix}" if prefix else ""


def check_email(address: str) -> str:
    """*address* in small letters, its domain in plain ASCII. Raises AddressError.

    Small letters throughout, so that "never contact" finds the same mailbox however it was typed.
    """
    written = address.strip().lower()
    local, at, domain = written.rpartition("@")
    if not at:
        raise AddressError(f"{address!r} is not an email address. Write it as sam@example.org.")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise AddressError(f"{address!r} has something after the @ that cannot be a domain.") from None
    if len(local) > 64 or len(local) + len(domain) + 1 > ADDRESS_CHARACTERS_MAX:
        raise AddressError("This is too long for an email address.")
    if not _LOCAL_PART.match(local) or not _DOMAIN.match(domain):
        raise AddressError(
            f"{address!r} is not an email address. Write only the address, as sam@example.org."
        )
    return f"{local}@{domain}"


def check_matrix(address: str) -> str:
    """*address* as a Matrix id, `@sam:example.org`, in small letters. Raises AddressError."""
    written = address.strip().lower()
    if len(written) > ADDRESS_CHARACTERS_MAX or not _MATRIX.match(written):
        raise AddressError(
            f"{address[:ADDRESS_CHARACTERS_MAX]!r} is not a Matrix id. Write it as @sam:example.org."
        )
    return written
