"""A template becomes a page: in the reader's language and time zone, with the numbers at its foot."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpResponse
from django.template import loader
from django.utils import timezone, translation

from nightlight import config
from nightlight.store.page_queries import Reader
from nightlight.web.numbers import Numbers, numbers

LANGUAGE_DEFAULT = "en"
ALONE = "alone.html"
"""The layout without a frame: what a page that is open already asks for."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """What to show: a template, what it says, and with which HTTP status."""

    template: str
    context: Mapping[str, Any]
    status: int = 200
    layout: str = "base.html"
    """What a template that may stand alone extends: the whole frame, or nothing around it."""


def render(
    page: Page, *, now: datetime | None = None, reader: Reader | None = None, shown: Numbers | None = None
) -> HttpResponse:
    """The finished page for *reader*, true at *now*; *shown* are the numbers when the database is away.

    A stranger reads it in the language their browser asks for, if there is one (`LanguageOfStrangers`).
    """
    language = _language(reader.language if reader else translation.get_language() or LANGUAGE_DEFAULT)
    context = {
        **page.context,
        "layout": page.layout,
        "now": now,
        "reader": reader,
        "language": language,
        "service": config.current().name,
        "exit_url": config.current().exit_url,
        "numbers": numbers() if shown is None else shown,
    }
    with translation.override(language), timezone.override(zone_of(reader)):
        text = loader.get_template(page.template).render(context)
    return HttpResponse(text, status=page.status)


def zone_of(reader: Reader | None) -> tzinfo:
    """The time zone *reader* lives in; UTC for strangers."""
    try:
        return ZoneInfo(reader.time_zone) if reader else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _language(tag: str) -> str:
    try:
        return translation.get_supported_language_variant(tag)
    except LookupError:
        return LANGUAGE_DEFAULT
