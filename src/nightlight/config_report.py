"""The settings in force as people may see them: what opens a door is masked."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from nightlight.config import Settings


@dataclass(frozen=True, kw_only=True)
class InForce:
    """One setting as it stands, for people: secrets are masked."""

    name: str
    value: str
    source: str


def in_force(settings: Settings) -> tuple[InForce, ...]:
    """Every setting with its value and where it came from, in a fixed order, secrets masked."""
    values = {
        "NIGHTLIGHT_DATA": str(settings.data),
        "NIGHTLIGHT_KEY": f"{len(settings.keys)} given" if settings.keys else f"key file {settings.key_file}",
        "NIGHTLIGHT_DATABASE_URL": _masked(settings.database_url) or f"SQLite, {settings.database_file}",
        "NIGHTLIGHT_BASE_URL": settings.base_url,
        "NIGHTLIGHT_SMTP_URL": " ".join(map(_masked, settings.smtp_urls)) or "off",
        "NIGHTLIGHT_MAIL_FROM": settings.mail_from or "none",
        "NIGHTLIGHT_IMAP_URL": _masked(settings.imap_url) or "off",
        "NIGHTLIGHT_SMS_URL": " ".join(map(_masked, settings.sms_urls)) or "off",
        "NIGHTLIGHT_COUNTRIES": " ".join(sorted(settings.countries)) or "all",
        "NIGHTLIGHT_VOICE_URL": " ".join(map(_masked, settings.voice_urls)) or "off",
        "NIGHTLIGHT_PUSH_CONTACT": settings.push_contact or "off",
        "NIGHTLIGHT_NTFY_URL": _masked(settings.ntfy_url) or "off",
        "NIGHTLIGHT_UNIFIEDPUSH": "on" if settings.unifiedpush else "off",
        "NIGHTLIGHT_MATRIX_URL": _masked(settings.matrix_url) or "off",
        "NIGHTLIGHT_APPRISE": " ".join(settings.apprise) or "off",
        "NIGHTLIGHT_REACHABLE": " ".join(map(str, settings.reachable)) or "public addresses only",
        # The path of a watchdog's address is what proves to the watchdog who we are.
        "NIGHTLIGHT_WATCHDOG_URL": _host_only(settings.watchdog_url) or "off",
        "NIGHTLIGHT_NAME": settings.name,
        "NIGHTLIGHT_PROXIES": " ".join(map(str, settings.proxies)) or "none",
        "NIGHTLIGHT_EXIT_URL": settings.exit_url,
    }
    return tuple(
        InForce(name=name, value=value, source=settings.sources.get(name, "default"))
        for name, value in values.items()
    )


_SECRET_WORDS = ("pass", "secret", "token", "key")
_SECRET_PAIR = re.compile(
    rf"(\w*(?:{'|'.join(_SECRET_WORDS)})\w*\s*=\s*)('(?:[^'\\]|\\.)*'|\S*)", re.IGNORECASE
)
"""One of them in libpq's own form, `password='two words'`."""


def _masked(url: str) -> str:
    """*url* without the words that open a door: what stands before the @, and secrets in the query."""
    if "://" not in url:
        return _SECRET_PAIR.sub(r"\1***", url)
    parts = urlsplit(url)
    userinfo, at, place = parts.netloc.rpartition("@")
    query = urlencode(
        [
            (name, "***" if any(word in name.lower() for word in _SECRET_WORDS) else value)
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
        ],
        safe="*+,/",
    )
    return urlunsplit((parts.scheme, ("***@" if userinfo and at else "") + place, parts.path, query, ""))


def _host_only(url: str) -> str:
    if not url:
        return ""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/***"
