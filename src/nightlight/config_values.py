"""How each setting is written, and what is said when it is written otherwise. Part of `config`."""

import ipaddress
import re
from urllib.parse import urlsplit

NAME_CHARACTERS_MAX = 40
EXIT_URL_DEFAULT = "https://www.bbc.com/weather"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingError(ValueError):
    """A setting is wrong. The message says which, what is wrong and what would be right, and no secret."""


def base_url(value: str) -> str:
    """The address of the site, without a slash at its end. Raises `SettingError`."""
    url = value.rstrip("/")
    good = _is_web_address(url)
    parts = urlsplit(url) if good else None
    if parts is None or parts.path or parts.query or parts.fragment or parts.username:
        raise SettingError(
            "NIGHTLIGHT_BASE_URL is not the plain address of a site; write it like https://circle.example.org"
            " or http://127.0.0.1:8000, without a path"
        )
    return url


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        # An impossible port shows only when it is asked for.
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def database_url(value: str) -> str:
    """The address of a PostgreSQL, as URL or as libpq's `host=a,b dbname=name`, or nothing. Raises `SettingError`."""
    if value and not re.match(r"postgres(ql)?://|\w+\s*=", value):
        raise SettingError(
            "NIGHTLIGHT_DATABASE_URL does not begin with postgresql://; write it like"
            " postgresql://user:password@host:5432/name, or leave it out to use SQLite"
        )
    return value


def provider_urls(name: str, value: str) -> tuple[str, ...]:
    """Addresses of providers, in the order they are tried. What each must hold, its channel knows. Raises `SettingError`."""
    urls = tuple(value.split())
    for number, url in enumerate(urls, start=1):
        try:
            parts = urlsplit(url)
            complete = bool(parts.scheme and parts.netloc)
        except ValueError:
            complete = False
        if not complete:
            raise SettingError(
                f"{name}: address {number} is not like scheme://host:port; several are separated by spaces,"
                " and odd characters in a password are written as %XX"
            )
    return urls


def mail_from(value: str) -> str:
    """One mail address, or nothing. Raises `SettingError`."""
    if value and not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", value):
        raise SettingError("NIGHTLIGHT_MAIL_FROM is not one mail address; write it like circle@example.org")
    return value


def watchdog_url(value: str) -> str:
    """A web address, or nothing. Raises `SettingError`."""
    if value and not _is_web_address(value):
        raise SettingError(
            "NIGHTLIGHT_WATCHDOG_URL is not a web address; write it like https://example.org/ping/1"
        )
    return value


def exit_url(value: str) -> str:
    """A web address. Raises `SettingError`."""
    if not _is_web_address(value):
        raise SettingError(
            "NIGHTLIGHT_EXIT_URL is not a web address; name a page that anybody might be reading,"
            f" like {EXIT_URL_DEFAULT}"
        )
    return value


def service_name(value: str) -> str:
    """One short line. Raises `SettingError`."""
    if len(value) > NAME_CHARACTERS_MAX or not value.isprintable():
        raise SettingError(
            f"NIGHTLIGHT_NAME must be one line of at most {NAME_CHARACTERS_MAX} characters, like Harbour House"
        )
    return value


def networks(name: str, value: str) -> tuple[Network, ...]:
    """Addresses and networks, separated by spaces or commas. Raises `SettingError`."""
    try:
        return tuple(ipaddress.ip_network(part) for part in re.split(r"[\s,]+", value) if part)
    except ValueError as error:
        raise SettingError(
            f"{name}: {error}; write addresses like 127.0.0.1 or networks like 192.0.2.0/24,"
            " separated by spaces"
        ) from error


def one_provider_url(name: str, value: str) -> str:
    """The address of one provider, or nothing. Raises `SettingError`."""
    urls = provider_urls(name, value)
    if len(urls) > 1:
        raise SettingError(f"{name} holds {len(urls)} addresses; give one")
    return urls[0] if urls else ""


def countries(value: str) -> frozenset[str]:
    """Two-letter codes of countries, in capitals. Raises `SettingError`."""
    codes = [part.upper() for part in re.split(r"[\s,]+", value) if part]
    for country in codes:
        if not re.fullmatch("[A-Z]{2}", country):
            raise SettingError(
                f"NIGHTLIGHT_COUNTRIES: {country} is no country; write two letters for each, like PT ES GB"
            )
    return frozenset(codes)


def push_contact(value: str) -> str:
    """A `mailto:` or web address, or nothing. Raises `SettingError`."""
    if value and not (_is_web_address(value) or re.fullmatch(r"mailto:[^@\s<>,;]+@[^@\s<>,;]+", value)):
        raise SettingError(
            "NIGHTLIGHT_PUSH_CONTACT is no address at which push services reach you; write it like"
            " mailto:desk@example.org or https://example.org/contact"
        )
    return value


def switch(name: str, value: str) -> bool:
    """Whether something is switched on. Raises `SettingError`."""
    if value.lower() not in ("", "on", "off"):
        raise SettingError(f"{name} is neither on nor off; write on, or leave it out")
    return value.lower() == "on"


def service_names(value: str) -> tuple[str, ...]:
    """Names of services, in small letters. Raises `SettingError`."""
    names = tuple(part.lower() for part in re.split(r"[\s,]+", value) if part)
    for name in names:
        if not re.fullmatch("[a-z][a-z0-9]*", name):
            raise SettingError(
                "NIGHTLIGHT_APPRISE holds names of services, separated by spaces, like tgram discord"
            )
    return names
